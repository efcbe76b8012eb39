"""Quoting code: where a match stands, in lines from 1, and so much of it as one can read."""

from __future__ import annotations

import re

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

    def line(self, offset: int) -> int:
        """The line, from 1, in which a byte stands."""
        return self._data.count(b"\n", 0, self._begun(offset)) + 1

    def _begun(self, offset: int) -> int:
        """A match may begin with the end of the line before."""
        return offset + 1 if self._data[offset : offset + 1] == b"\n" else offset

    def quote(self, span: Span) -> str:
        """The line of a match, or as much of it around the match as can be shown."""
        data, at = self._data, self._begun(span[0])
        end = data.find(b"\n", at)
        start = max(data.rfind(b"\n", 0, at) + 1, at - 40)
        shown = data[start : min(end if end >= 0 else len(data), start + _WIDTH * 2)]
        text = shown.decode("utf-8", "replace").strip()
        return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
