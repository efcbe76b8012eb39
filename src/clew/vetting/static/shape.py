"""How a text looks: what is hidden in it from whoever reads it, and whether it is minified or obfuscated.

Minified code has long lines and short names and still says what it does; obfuscated code hides its texts. Only the
second is a finding. Invisible characters: https://trojansource.codes/ , Unicode's tag characters and variation
selectors, which carry a byte each that no editor shows.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import re2

from clew.vetting.fact import Weight


class Oddity(msgspec.Struct, frozen=True):
    """Something odd about a text: the rule's name, what it weighs in code, and the line where it stands."""

    rule: str
    title: str
    evidence: str
    line: int
    technique: str
    weight: Weight


_BIDI_OPEN = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
_BIDI = re.compile(f"[{_BIDI_OPEN}]")
_BIDI_CLOSE = re.compile("[\u202c\u2069]")
_TAGS = re.compile("[\U000e0020-\U000e007e]{8,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}")
_NOTHING = re.compile("[\u200b-\u200d\u2060\u2062-\u2064\u3164\uffa0]{24,}")
_FAR = re2.compile(rb"[^\s][ \t]{160,}([^\s][^\n]{7,})")
_ESCAPES = re2.compile(rb"\\x[2-7][0-9a-fA-F]|\\u00[2-7][0-9a-fA-F]")


def oddities(data: bytes) -> Iterator[Oddity]:
    """All that is odd about a text."""
    if not data.isascii():
        yield from _invisible(data.decode("utf-8", "replace"))
    yield from _far_right(data)
    yield from _escaped(data)


def _invisible(text: str) -> Iterator[Oddity]:
    for number, line in enumerate(text.split("\n") if _BIDI.search(text) else (), 1):
        opened, closed = len(_BIDI.findall(line)), len(_BIDI_CLOSE.findall(line))
        if opened > closed:
            yield Oddity(
                "trojan-source",
                "holds characters that turn the order of what is read",
                line.strip(),
                number,
                "T1036.002",
                "review",
            )
            break
    for rule, pattern, title in _HIDDEN:
        if found := pattern.search(text):
            said = f"{len(found[0])} invisible characters in a row: {_carried(found[0]) or '(no text)'}"
            yield Oddity(rule, title, said, text.count("\n", 0, found.start()) + 1, "T1027", "review")


_HIDDEN = (
    ("tag-characters", _TAGS, "hides text in tag characters that nobody sees"),
    ("variation-selectors", _SELECTORS, "hides data in variation selectors that nobody sees"),
    ("zero-width", _NOTHING, "hides data in characters without width"),
)


def _carried(run: str) -> str:
    """The text that a run of invisible characters carries, as far as it is one."""
    codes = [_byte(ord(character)) for character in run]
    return bytes(code for code in codes if code is not None and 32 <= code < 127).decode("ascii")


def _byte(code: int) -> int | None:
    for first, last, shift in (
        (0xE0020, 0xE007E, 0xE0000),
        (0xFE00, 0xFE0F, 0xFE00),
        (0xE0100, 0xE01EF, 0xE00F0),
    ):
        if first <= code <= last:
            return code - shift
    return None


def revealed(data: bytes) -> Iterator[tuple[int, str]]:
    """What runs of invisible characters carry, each with the offset (in bytes) where it stands."""
    if data.isascii():
        return
    text = data.decode("utf-8", "replace")
    for pattern in (_TAGS, _SELECTORS):
        for found in pattern.finditer(text):
            yield len(text[: found.start()].encode()), _carried(found[0])


def _far_right(data: bytes) -> Iterator[Oddity]:
    for found in _FAR.finditer(data):
        code = found[1][:200].decode("utf-8", "replace")
        if not code.startswith(("//", "#", "*")) and any(sign in code for sign in "(=;"):
            line = data.count(b"\n", 0, found.start(1)) + 1
            title = "has code so far to the right that no editor shows it"
            yield Oddity("far-right", title, code, line, "T1027", "review")
            return


def _escaped(data: bytes) -> Iterator[Oddity]:
    """Printable letters written as escapes: no tool has a reason to, so many of them hide what they spell."""
    count = sum(1 for _ in _ESCAPES.finditer(data))
    if count >= 60 and count * 4 > len(data) * 0.15:
        first = _ESCAPES.search(data).start()
        shown = data[first : first + 80].decode("utf-8", "replace")
        said = f"{count} escapes in {len(data):,} bytes: {shown}"
        line = data.count(b"\n", 0, first) + 1
        yield Oddity("escaped-letters", "writes plain letters as escapes", said, line, "T1027", "review")


def is_minified(text: str) -> bool:
    """Whether it was made small: few line ends, hardly any blanks."""
    if len(text) < 1000:
        return False
    sample = text[:200_000]
    return len(sample) / (sample.count("\n") + 1) > 250 and sample.count(" ") / len(sample) < 0.15


def entropy(text: str) -> float:
    """Shannon's, in bits a character: English has about 4.2, base64 of packed data 6."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if size else 0.0
