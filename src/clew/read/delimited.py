r"""Delimited text with a header (CSV): comma, semicolon, tab or pipe between the fields, quotes around some.

::

    "ParentProcessId","ProcessId","ProcessName","Path"
    "0","4","System",
    "408","492","wininit.exe","C:\Windows\system32\wininit.exe"

A row becomes {"ParentProcessId":"408",...}: all values are text, empty ones are left out. Its position is the
line on which it begins, from 1: a quoted field may hold line ends. Before the header may stand what Windows
PowerShell (`#TYPE ...`) and Excel (`sep=;`) write there.

Specification: RFC 4180, which many writers stretch. What the format loses: types, and whether a value was empty
or not there. In a row with more or fewer fields than the header it is not known which is which: it is rejected.
But where all rows have one field more, as in CSV of the Windows event viewer, that is a column without a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.read.heading import PREAMBLE, Layout, layout_of, text_of, unique
from clew.read.repair import is_utf8
from clew.read.rows import Row, Rows
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "csv"
_COLUMNS = 10_000  # more are refused


def claims(head: bytes) -> bool:
    """Whether it begins with a header, and the rows after it are as wide; see `heading`."""
    return layout_of(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The rows of a table, and those that do not fit its header."""
    layout = layout_of(source.head) or Layout()
    rows = Rows(source.name, source.stream, layout.delimiter)
    every = rows.read()
    header = next((row for row in every if isinstance(row, Reject) or not PREAMBLE.fullmatch(row.text)), None)
    if refusal := _refusal(header):
        yield Reject(source.name, 0, f"its header cannot be read: {refusal}")
    if refusal or not isinstance(header, Row):
        return
    table = _Table(source.name, header, layout)
    yield from table.notes
    spool, told = Spool(spill, source.name, NAME, size), 0
    for row in every:
        yield from [row] if isinstance(row, Reject) else table.add(row, spool)
        if spool.full and (batch := spool.take(rows.taken - told)):
            told = rows.taken
            yield batch
    if batch := spool.take(rows.taken - told):
        yield batch
    yield from table.close()


def _refusal(header: Row | Reject | None) -> str:
    if isinstance(header, Reject):
        return header.reason
    if header and len(header.fields) > _COLUMNS:
        return f"it has more than {_COLUMNS:,} columns"
    return ""


class _Table:
    """What is known of a table from its header, and its books."""

    def __init__(self, name: str, header: Row, layout: Layout) -> None:
        self._name, self._delimiter, self._header = name, layout.delimiter, header.text
        names = [field if isinstance(field, str) else text_of(field) for field in header.fields]
        self._names, changes = unique(names, len(names) + layout.more)
        self.notes = [Note(name, change) for change in changes]
        self._keys = [msgspec.json.encode(column) + b':"' for column in self._names]
        self._plain = re.compile(rb"[ !#-\[\]-~%b]*+" % self._delimiter.encode())  # stands in JSON as it is
        self._latin: list[int] = []
        self._headers = 0

    def add(self, row: Row, spool: Spool) -> Iterator[Reject]:
        """Spool a row, or reject it."""
        width = len(self._names)
        if row.text == self._header:
            self._headers += 1
        elif len(row.fields) != width:
            fields = "1 field" if len(row.fields) == 1 else f"{len(row.fields)} fields"
            cut = "the last line is cut: " if row.cut and len(row.fields) < width else ""
            yield Reject(self._name, row.line, f"{cut}{fields}, and not {width} as the header")
        elif len(line := self._json(row)) > LINE_BYTES:
            yield Reject(self._name, row.line, f"the row is longer than {LINE_BYTES >> 20} MiB")
        else:
            spool.add(line, row.line)

    def _json(self, row: Row) -> bytes:
        fields = row.fields
        if isinstance(fields[0], bytes) and self._plain.fullmatch(row.text):
            members = [key + value + b'"' for key, value in zip(self._keys, fields, strict=True) if value]
            return b"{" + b",".join(members) + b"}"
        if not is_utf8(row.text):
            self._latin.append(row.line)
        texts = text_of(row.text).split(self._delimiter) if isinstance(fields[0], bytes) else fields
        return msgspec.json.encode(
            {name: text for name, text in zip(self._names, texts, strict=True) if text}
        )

    def close(self) -> Iterator[Note]:
        """What is odd about the whole table."""
        if self._latin:
            many = f"{len(self._latin)} row{'s'[: len(self._latin) > 1]}"
            yield Note(self._name, f"not UTF-8, read as Latin-1: {many}, the first in line {self._latin[0]}")
        if self._headers:
            many = f"{self._headers} line{'s'[: self._headers > 1]}"
            yield Note(self._name, f"its header stands again between the rows: in {many}")
