"""JSON text as a stream: where a value ends, and what is wrong with one that does not end well.

msgspec's parser tells both: what it says of a value that has others behind it is where the second one begins.
"""

from __future__ import annotations

import re
from typing import IO

import msgspec

from clew.record import LINE_BYTES

#: The fault of a value that is sound as far as it goes, and does not end.
OPEN = "it is cut"
DEEP = "nested too deep"

_BLOCK = 4 << 20
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_PLACE = re.compile(r"(?:JSON is malformed: )?(.*?)(?: \(byte (\d+)\))?", re.DOTALL)
_MARGIN = b" " * 12  # so an escape that wants more digits is told from a text that is cut


def measure(text: bytes | memoryview, ended: bool = False) -> tuple[int, str]:
    """The length of the JSON value at the start, and its fault, or an empty text for none.

    `ended`: nothing will follow. Bytes that are no UTF-8 are no fault here.
    """
    try:
        _VALUE.decode(text)
    except RecursionError:
        return 0, DEEP
    except msgspec.DecodeError as error:
        fault, place = _told(error)
    else:
        return len(text), ""
    if fault == "trailing characters":
        return place - 1, ""
    if 0 <= place < len(text):
        return 0, f"not JSON: {fault} (byte {place})"
    return (0, OPEN) if not ended else (0, _fault_at_end(bytes(text)))


def _told(error: msgspec.DecodeError) -> tuple[str, int]:
    match = _PLACE.fullmatch(str(error))
    return (match[1], int(match[2] or -1)) if match else (str(error), -1)


def _fault_at_end(text: bytes) -> str:
    """Whether the last text is only cut: the parser says so of a lone surrogate at the very end as well."""
    try:
        _VALUE.decode(text + _MARGIN)
    except msgspec.DecodeError as error:
        fault, place = _told(error)
        return OPEN if not 0 <= place < len(text) else f"not JSON: {fault} (byte {place})"
    return OPEN


def balanced(text: bytes, start: int, stop: int) -> int:
    """The end of the brackets that open at `start`, 0 where they do not close before `stop`."""
    open_: list[bytes] = []
    for token in _TOKEN.finditer(text, start, stop):
        if closing := _PAIRS.get(sign := token[0]):
            open_.append(closing)
        elif sign in _SIGNS:
            if not open_ or open_.pop() != sign:
                return 0
            if not open_:
                return token.end()
    return 0


_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|["\][{}]')
_PAIRS = {b"{": b"}", b"[": b"]"}
_SIGNS = (b"}", b"]", b'"')  # a quote alone opens a text that does not end in its line


class Text:
    """The text of a stream, of which only a part is held: from `at` on, what is still to be read."""

    def __init__(self, stream: IO[bytes], longest: int = LINE_BYTES) -> None:
        self._stream, self._longest = stream, longest
        self.data = b""
        self.at = 0
        self.ended = False
        self.taken = 0  # bytes of the stream
        self._missed: tuple[re.Pattern[bytes], int] | None = None

    def more(self) -> bool:
        """Read on, and let go of what was read; False at the end."""
        block = self._stream.read(min(_BLOCK, self._longest))
        self.taken += len(block)
        self.ended = not block
        self.data = self.data[self.at :] + block
        self.at = 0
        return not self.ended

    def fill(self) -> None:
        """Hold as much as the longest value may have, where there is as much."""
        while len(self.data) - self.at <= self._longest and self.more():
            pass

    def measure(self) -> tuple[int, str]:
        """What `measure` says of the value that begins here; OPEN before the end: it is too long."""
        while True:
            length, fault = measure(memoryview(self.data)[self.at :], self.ended)
            held = len(self.data) - self.at
            sure = fault != OPEN and (fault or length < held)
            if sure or self.ended or held > self._longest:
                return length, fault
            self.more()

    def measure_before(self, pattern: re.Pattern[bytes]) -> tuple[int, str]:
        """The same, but the value ends before the pattern's next match."""
        self.fill()
        end = self.find(pattern)
        return measure(memoryview(self.data)[self.at : end]) if end else self.measure()

    def find(self, pattern: re.Pattern[bytes]) -> int:
        """Where in what is held the pattern ends next, after the first byte; 0: nowhere."""
        if self._missed == (pattern, self.taken):
            return 0
        if match := pattern.search(self.data, self.at + 1):
            return match.end()
        self._missed = (pattern, self.taken)
        return 0

    def skip_to(self, pattern: re.Pattern[bytes], overlap: int = 4096) -> bool:
        """Go to the end of the pattern's next match, reading on; False: to the end of the stream, there is none."""
        while not (end := self.find(pattern)):
            self.at = max(self.at, len(self.data) - overlap)
            if not self.more():
                self.at = len(self.data)
                return False
        self.at = end
        return True
