"""Delimited text -> rows, each with the line on which it begins; what is no row is told with its line.

A quoted field may hold line ends, and a quote that opens by mistake would take in the rest of the file. So a
row that does not end well is given up: its first line is rejected, and reading goes on with its second one.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import IO

import msgspec

from clew.read.heading import text_of
from clew.read.repair import BYTE_ORDER_MARK, bounded
from clew.record import LINE_BYTES, Reject

_PATIENCE = (
    100  # rows of many lines are given up line by line; later ones as a whole, or it could take forever
)


class Row(msgspec.Struct):
    """One row as it was written, and the line on which it begins. `cut`: its last line has no line end."""

    line: int
    text: bytes
    fields: list[bytes] | list[str]
    cut: bool


class Rows:
    """The rows of a stream; `taken` counts the bytes that went into them."""

    def __init__(self, name: str, stream: IO[bytes], delimiter: str) -> None:
        self.taken = 0
        self._name, self._delimiter = name, delimiter
        self._lines = enumerate(bounded(stream, LINE_BYTES), 1)
        self._again: deque[tuple[int, bytes]] = deque()
        self._given_up = 0
        mark = re.escape(delimiter.encode())
        inside = rb'[^"]*+(?:""[^"]*+)*+'
        outside = rb'(?:(?:"%b"|[^"%b][^%b]*+)?%b)*+"%b' % (inside, mark, mark, mark, inside)
        self._opens = re.compile(outside)  # a line that ends in a quoted field
        self._stays = re.compile(rb'%b(?:"%b%b)?' % (inside, mark, outside))  # and so does one after it
        csv.field_size_limit(LINE_BYTES)  # of all the process; the default is 128 KiB

    def read(self) -> Iterator[Row | Reject]:
        """Every row, and every line that is none."""
        mark = self._delimiter.encode()
        while taken := self._next():
            number, line = taken
            if len(line) > LINE_BYTES:
                yield Reject(self._name, number, f"the line is longer than {LINE_BYTES >> 20} MiB")
            elif b'"' in line:
                yield from self._quoted(number, line)
            elif (text := line.rstrip(b"\r\n")) and text.strip(b" "):
                yield Row(number, text, text.split(mark), cut=len(text) == len(line))

    def _next(self) -> tuple[int, bytes] | None:
        if self._again:
            return self._again.popleft()
        for number, line in self._lines:
            self.taken += len(line)
            return number, line.removeprefix(BYTE_ORDER_MARK)
        return None

    def _quoted(self, number: int, line: bytes) -> Iterator[Row | Reject]:
        """The row that begins in a line with quotes."""
        lines, size = [(number, line)], len(line)
        opens = self._opens.fullmatch(line) is not None
        while opens:
            following = self._next()
            size += len(following[1]) if following else 0
            if not following or size > LINE_BYTES:
                self._again.extendleft([following] if following else [])
                reason = "a quote opens that does not close"
                yield self._give_up(
                    lines, reason if following else f"{reason}: the table is cut, or it is stray"
                )
                return
            lines.append(following)
            opens = b'"' not in following[1] or self._stays.fullmatch(following[1]) is not None
        text = b"".join([line for _, line in lines])
        row = text.rstrip(b"\r\n")
        try:
            [fields] = csv.reader([text_of(row)], delimiter=self._delimiter, strict=True)
        except csv.Error as error:
            yield self._give_up(lines, f"not CSV: {error}")
        else:
            yield Row(number, row, fields, cut=len(row) == len(text))

    def _give_up(self, lines: list[tuple[int, bytes]], reason: str) -> Reject:
        (first, _), *others = lines
        self._given_up += bool(others)
        if self._given_up > _PATIENCE:
            return Reject(self._name, first, f"{reason}; {len(lines)} lines are given up", len(lines))
        self._again.extendleft(reversed(others))
        return Reject(self._name, first, reason)
