"""Text logs whose records Clew writes anew: lines of bounded length in, JSON lines out, each with its position.

A line that is no UTF-8 is read as Latin-1 (ISO 8859-1), in which every byte is a letter; a note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeAlias

from clew.read.repair import BYTE_ORDER_MARK
from clew.read.source import Source
from clew.read.spool import Spool
from clew.record import LINE_BYTES, Item, Joined, Note, Reject

FIELDS = 1 << 16
TOO_LONG = f"longer than {LINE_BYTES >> 20} MiB"

#: A record as one line of JSON, with its position.
Record: TypeAlias = tuple[int, bytes]

#: What a line is as JSON; None where it separates records and is none.
Parse: TypeAlias = Callable[[str], bytes | None]


class NotARecord(ValueError):  # noqa: N818 (it becomes a Reject, not an error that anybody sees)
    """What stands there is no record of its format; its text is the reason."""


def spooled(
    source: Source, spool: Spool, found: Iterable[Record | Reject | Note | Joined], longest: int = LINE_BYTES
) -> Iterator[Item]:
    """Records in batches, and the rest as it comes. A record that grew longer than a line may be is rejected."""
    done = 0
    for item in found:
        if not isinstance(item, tuple):
            yield item
        elif len(item[1]) > longest:
            yield Reject(source.name, item[0], f"the record is {TOO_LONG} as JSON")
        else:
            spool.add(item[1], item[0])
            if spool.full and (batch := spool.take(source.stream.tell() - done)):
                done += batch.size
                yield batch
    if batch := spool.take(source.stream.tell() - done):
        yield batch


def read_lines(source: Source, spill: Path, name: str, size: int, parse: Parse) -> Iterator[Item]:
    """A log with one record a line: blank lines are none, and what `parse` refuses is rejected."""
    yield from spooled(source, Spool(spill, source.name, name, size), records(source, parse))


def records(source: Source, parse: Parse) -> Iterator[Record | Reject | Note]:
    """The records of such a log, and what is none."""
    legible = Legible()
    number, line = 0, b""
    for number, line in numbered(source.stream):
        if not line.strip():
            continue
        if len(line) > LINE_BYTES:
            yield Reject(source.name, number, f"the line is {TOO_LONG}")
            continue
        try:
            record = parse(legible.text(line, number).rstrip("\r\n"))
        except NotARecord as reason:
            cut = "the last line is cut: " if not line.endswith(b"\n") else ""
            yield Reject(source.name, number, f"{cut}{reason}")
        else:
            if record is not None:
                yield number, record
    if line.strip() and not line.endswith(b"\n"):
        yield Note(source.name, "its last line has no line end: if it is cut, values in it may be too")
    yield from legible.notes(source.name)


def numbered(stream: IO[bytes], longest: int = LINE_BYTES) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, from 1; of one that is too long only as much as shows that it is."""
    number = 0
    while line := stream.readline(longest + 1):
        number += 1
        rest = line
        while len(rest) > longest and not rest.endswith(b"\n"):
            rest = stream.readline(longest + 1)
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        yield number, line


class Fields:
    """The fields of a record: a name that comes again gets the suffix _1, _2, so that the first one keeps it."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self._repeats: dict[str, int] = {}

    def add(self, name: str, value: Any) -> None:
        """Another field. Raises NotARecord past all measure: a hostile line would take much memory."""
        if len(self.found) >= FIELDS:
            raise NotARecord(f"it has more than {FIELDS} fields")
        free = name
        while free in self.found:
            self._repeats[name] = self._repeats.get(name, 0) + 1
            free = f"{name}_{self._repeats[name]}"
        self.found[free] = value


class Legible:
    """Makes text of bytes, and counts what is no UTF-8."""

    def __init__(self) -> None:
        self._first = self._count = 0

    def text(self, data: bytes, position: int) -> str:
        """The bytes as text: UTF-8, or else Latin-1."""
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self._first = self._first or position
            self._count += 1
            return data.decode("latin-1")

    def notes(self, name: str) -> Iterator[Note]:
        """A note, where there was any."""
        if self._count:
            many = f"{self._count} record{'s'[: self._count > 1]}, the first is {self._first}"
            yield Note(name, f"not UTF-8, read as Latin-1: {many}")
