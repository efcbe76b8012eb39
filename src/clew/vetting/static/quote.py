"""Quoting code: where a match stands, in lines from 1, and so much of it as one can read."""

from __future__ import annotations

import re
from bisect import bisect_right

from clew.vetting.static.rules import Span

_WIDTH = 160
_COMMENT = {
    "javascript": re.compile(rb"(?m)^[ \t]*(//[^\n]*|/\*(?s:.*?)\*/)"),
    "python": re.compile(rb"(?m)^[ \t]*#(?!!)[^\n]*"),
    "shell": re.compile(rb"(?m)^[ \t]*(#(?!!)|::|rem )[^\n]*"),
}


def without_comments(data: bytes, language: str) -> bytes:
    """The text with comments that begin a line blanked out, every other byte where it was.

    Comments behind code stay: to tell them from what looks like one, the text would have to be parsed.
    """
    return _COMMENT[language].sub(lambda found: re.sub(rb"[^\n]", b" ", found[0]), data)


class Quoted:
    """A text that knows its lines."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *(found.end() for found in re.finditer(rb"\n", data))]

    def line(self, offset: int) -> int:
        """The line, from 1, in which a byte stands."""
        return bisect_right(self._starts, offset)

    def quote(self, span: Span) -> str:
        """The line of a match, or as much of it around the match as can be shown."""
        at = self.line(span[0]) - 1
        end = self._starts[at + 1] - 1 if at + 1 < len(self._starts) else len(self._data)
        start = max(self._starts[at], span[0] - 40)
        text = self._data[start : min(end, start + _WIDTH * 2)].decode("utf-8", "replace").strip()
        return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
