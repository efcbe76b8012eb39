r"""Zeek's own logs: tab-separated, with a header that names the fields and their types.

::

    #separator \x09
    #set_separator	,
    #empty_field	(empty)
    #unset_field	-
    #path	conn
    #fields	ts	uid	id.orig_h	id.orig_p	tunnel_parents
    #types	time	string	addr	port	set[string]
    1517422326.539915	CxHo3m4N8uGxrMlcl2	10.55.100.100	61843	(empty)
    #close	2018-01-31-19-00-00

A row becomes what Zeek's JSON writer makes of it, with the name of the log before it:
{"_path":"conn","ts":1517422326.539915,"uid":"CxHo3m4N8uGxrMlcl2",...}. Numbers keep the digits as they were
written; what is unset is left out. A row's position is its line, from 1. A header holds for the rows up to the
next one: logs may have been put together.

What the format loses: whether a time or an interval had more than six digits, and the types of records' members.
Specification: https://docs.zeek.org/en/master/log-formats.html; escapes as in Zeek's formatters Ascii.cc, JSON.cc.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from clew.read.repair import BYTE_ORDER_MARK, bounded
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "zeek"
_SIGNATURE = (b"#separator ", b"#separator\t")


def claims(head: bytes) -> bool:
    """Whether it begins as every header does."""
    return head.removeprefix(BYTE_ORDER_MARK).startswith(_SIGNATURE)


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The rows of a log, and those that do not fit its header."""
    log = _Log(source.name, Spool(spill, source.name, NAME, size))
    taken = told = 0
    for number, line in enumerate(bounded(source.stream, LINE_BYTES), 1):
        taken += len(line)
        yield from log.take_in(line, number)
        if log.spool.full and (batch := log.spool.take(taken - told)):
            told = taken
            yield batch
    if batch := log.spool.take(taken - told):
        yield batch
    yield from log.notes()


class _Log:
    """One log while it is read."""

    def __init__(self, name: str, spool: Spool) -> None:
        self.spool = spool
        self._name = name
        self._header = _Header()
        self._row: _Row | None = None
        self._strange: list[tuple[int, str]] = []  # values that are not of their type
        self._notes: list[str] = []

    def take_in(self, line: bytes, number: int) -> Iterator[Reject]:
        """Spool a row, or reject it; follow a line of the header."""
        text = line.rstrip(b"\r\n").removeprefix(BYTE_ORDER_MARK)
        cut = not line.endswith(b"\n")
        if len(line) > LINE_BYTES:
            yield Reject(self._name, number, _TOO_LONG)
        elif text.startswith(b"#"):
            self._follow(text)
            if cut and not (self._header.types and b"#close\t".startswith(text[:7])):
                yield Reject(self._name, 0, f"line {number}: the log is cut in its header")
        elif text.strip():
            yield from self._add(text, number, cut)

    def _follow(self, text: bytes) -> None:
        """A line of a header."""
        self._header.follow(text)
        self._row = None

    def _add(self, text: bytes, number: int, cut: bool) -> Iterator[Reject]:
        row = self._row = self._row or _Row(self._header)
        values = text.split(self._header.separator)
        if len(values) == row.width:
            json = row.json(text, values)
            if len(json) > LINE_BYTES:
                yield Reject(self._name, number, _TOO_LONG)
                return
            self.spool.add(json, number)
            self._strange += [(number, name) for name in row.strange]
            row.strange.clear()
            if cut:
                self._notes.append("its last line has no line end: the last value may be cut")
        elif not row.width:
            yield Reject(self._name, number, "no line #fields stands before it")
        elif cut:
            yield Reject(self._name, number, "the last line is cut")
        else:
            yield Reject(self._name, number, f"{_fields(values)}, and not the {row.width} of its header")

    def notes(self) -> Iterator[Note]:
        """What is odd about the log."""
        if self._strange:
            count, (line, name) = len(self._strange), self._strange[0]
            many = f"{count} values are" if count > 1 else "1 value is"
            yield Note(
                self._name, f"{many} not of the type in #types, and kept as text: first {name} in line {line}"
            )
        for text in self._notes:
            yield Note(self._name, text)


class _Header:
    """What the lines of the header have said so far, in bytes as they were written."""

    def __init__(self) -> None:
        self.separator, self.set_separator = b"\t", b","
        self.empty, self.unset = b"(empty)", b"-"
        self.path = b""
        self.fields: list[bytes] = []
        self.types: list[bytes] = []

    def follow(self, line: bytes) -> None:
        """Take in a line. One that is not known says nothing of the rows."""
        if line.startswith(_SIGNATURE):
            self.__init__()  # type: ignore[misc]
            self.separator = _unescape(line[len(_SIGNATURE[0]) :]) or b"\t"
            return
        key, *values = line[1:].split(self.separator)
        value = values[0] if values else b""
        match key:
            case b"set_separator":
                self.set_separator = _unescape(value) or b","
            case b"empty_field":
                self.empty = value
            case b"unset_field":
                self.unset = value
            case b"path":
                self.path = value
            case b"fields":
                self.fields = values
            case b"types":
                self.types = values


class _Row:
    """How rows under one header become JSON: at once where nothing in a row must be escaped, else value by value."""

    def __init__(self, header: _Header) -> None:
        self.strange: list[str] = []  # names of fields of the last row whose values are not of their type
        self.width = len(header.fields)
        self._header = header
        kinds = [*header.types, *[b"string"] * self.width][: self.width]
        named = b"_path" in header.fields or header.path in (b"", header.unset)
        self._start = [] if named else [b'"_path":' + _string(header.path)]
        self._keys = [_string(_unescape(name)) + b":" for name in header.fields]
        self._converters = [self._converter(*column) for column in zip(header.fields, kinds, strict=True)]
        self._numbers = [i for i, kind in enumerate(kinds) if kind in _NUMBERS]
        self._others = [i for i, kind in enumerate(kinds) if kind == b"bool" or b"[" in kind]
        numeric = {*self._numbers, *self._others}
        self._around = [
            (key, b"") if i in numeric else (key + b'"', b'"') for i, key in enumerate(self._keys)
        ]

    def json(self, line: bytes, values: list[bytes]) -> bytes:
        """The row as an object. Fields that are unset are left out."""
        parts = (_PLAIN.fullmatch(line) and self._quick(values.copy())) or self._careful(values)
        return b"{" + b",".join(self._start + parts) + b"}"

    def _quick(self, values: list[bytes]) -> list[bytes] | None:
        """The members of a plain row; None where a value wants more care."""
        unset = self._header.unset
        for i in self._others:
            if values[i] != unset:
                values[i] = self._converters[i](values[i])
        numbers = [value for i in self._numbers if (value := values[i]) != unset]
        if self._header.empty in values or (numbers and not _ALL_NUMBERS.fullmatch(b"\t".join(numbers))):
            return None
        around = zip(self._around, values, strict=True)
        return [before + value + after for (before, after), value in around if value != unset]

    def _careful(self, values: list[bytes]) -> list[bytes]:
        unset = self._header.unset
        self.strange.clear()
        columns = zip(self._keys, self._converters, values, strict=True)
        return [key + convert(value) for key, convert, value in columns if value != unset]

    def _converter(self, name: bytes, kind: bytes) -> Callable[[bytes], bytes]:
        """What makes JSON of a field's values."""
        kind, _, rest = kind.partition(b"[")
        if rest and b"[" not in rest:  # Zeek writes no containers of containers
            return self._list(self._converter(name, rest.removesuffix(b"]")))
        convert = _number if kind in _NUMBERS else _BOOL.get if kind == b"bool" else self._text

        def checked(value: bytes) -> bytes:
            if (json := convert(value)) is None:
                self.strange.append(name.decode("utf-8", "backslashreplace"))
                return self._text(value)
            return json

        return checked

    def _text(self, value: bytes) -> bytes:
        return b'""' if value == self._header.empty else _string(_unescape(value))

    def _list(self, convert: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        header = self._header

        def listed(value: bytes) -> bytes:
            if value == header.empty:
                return b"[]"
            items = value.split(header.set_separator)
            return b"[" + b",".join([b"null" if i == header.unset else convert(i) for i in items]) + b"]"

        return listed


def _fields(values: list[bytes]) -> str:
    return f"{len(values)} field{'s'[: len(values) > 1]}"


_NUMBERS = (b"count", b"int", b"port", b"time", b"interval", b"double", b"counter")
_DIGITS = rb"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?"
_NUMBER = re.compile(_DIGITS)
_ALL_NUMBERS = re.compile(rb"%b(?:\t%b)*+" % (_DIGITS, _DIGITS))
_BOOL = {b"T": b"true", b"F": b"false"}
_TOO_LONG = f"the line is longer than {LINE_BYTES >> 20} MiB"


def _number(value: bytes) -> bytes | None:
    if _NUMBER.fullmatch(value):
        return value
    return b"null" if value.lstrip(b"-") in (b"nan", b"inf") else None  # as Zeek's JSON has them


def _unescape(value: bytes) -> bytes:
    r"""The bytes behind \x09 and the like; a backslash stands doubled."""
    if b"\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]) if match[1] else b"\\", value)


_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|\\)")


def _string(value: bytes) -> bytes:
    r"""A JSON text. Bytes that are no UTF-8 become \xff, as in Zeek's own JSON."""
    if _PLAIN.fullmatch(value) and b"\t" not in value:
        return b'"' + value + b'"'
    return msgspec.json.encode(value.decode("utf-8", "backslashreplace"))


_PLAIN = re.compile(rb"[\t !#-\[\]-~]*+")
