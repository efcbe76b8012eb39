"""Raw records once more, from where they stand: a source is read again, and the rows at some positions are taken.

It goes through the same archives and readers as a hunt, so it knows every format that they know. Each source is
read once, up to the last position that is asked for.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from math import inf
from pathlib import Path
from typing import Any

import msgspec

from clew.archive import Found, Leaf, Trouble, leaves
from clew.archive.stream import BUFFER_BYTES
from clew.read import read_source
from clew.read.files import STDIN
from clew.read.repair import BYTE_ORDER_MARK, lines_at
from clew.record import Batch, Reject, Span


class Place(msgspec.Struct, frozen=True):
    """Where a record stands: its source's path as a hunt named it, its position there, and who read it."""

    path: str
    position: int
    reader: str


class Fetched(msgspec.Struct, frozen=True):
    """The record at a place, as one line without its end, just as the reader hands it on.

    `missing` says why there is none.
    """

    place: Place
    record: bytes = b""
    missing: str = ""


#: What is wanted of one source: the places by position.
_Wanted = dict[int, list[Place]]


def fetch(
    places: Iterable[Place], spill: Path, moved: Callable[[str], str] = lambda path: path
) -> Iterator[Fetched]:
    """Each place once, with its record or with what stands in the way; in the order of the sources.

    `moved` tells where the source of a path stands now. Raises OSError only where our own disk is full.
    """
    files: dict[Path, dict[str, _Wanted]] = {}
    for place in dict.fromkeys(places):
        file, name = _file_of(moved(place.path))
        files.setdefault(file, {}).setdefault(name, {}).setdefault(place.position, []).append(place)
    for file, sources in files.items():
        yield from _from_file(file, sources, spill)


def _file_of(path: str) -> tuple[Path, str]:
    """The file in which a source stands, and the source's name; a member of an archive is `archive.zip!path/in/it`."""
    parts = path.split("!")
    for upto in (len(parts), *range(1, len(parts))):
        file = Path("!".join(parts[:upto]))
        if file.is_file():
            return file, "!".join((str(file), *parts[upto:]))
    return Path(path), str(Path(path))


def _from_file(file: Path, sources: dict[str, _Wanted], spill: Path) -> Iterator[Fetched]:
    """What is wanted of the sources in one file; those that are done are taken out of `sources`."""
    why = "the file has changed: there is no such source in it"
    try:
        for found in _open(file, spill):
            if isinstance(found, Leaf) and found.name in sources:
                yield from _from_source(found, sources.pop(found.name), spill)
            elif isinstance(found, Trouble):
                why = found.reason
            if not sources:
                return
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        why = error.strerror or str(error)
    for wanted in sources.values():
        for places in wanted.values():
            yield from _missing(places, why)


def _open(file: Path, spill: Path) -> Iterator[Found]:
    """Every log in a file."""
    if file == STDIN:
        yield Trouble("-", "it came from standard input, which is gone")
        return
    with file.open("rb", buffering=0) as raw:
        stream: io.BufferedReader[Any] = io.BufferedReader(raw, BUFFER_BYTES)
        yield from leaves(str(file), stream, spill, file)


def _from_source(leaf: Leaf, wanted: _Wanted, spill: Path) -> Iterator[Fetched]:
    """What is wanted of one source; it is read no further than that."""
    rejects: list[Reject] = []
    for item in read_source(leaf, spill):
        if isinstance(item, Batch):
            for reader, position, record in _rows(item, wanted):
                yield from _checked(wanted.pop(position, ()), reader, record)
            item.done()
        elif isinstance(item, Reject):
            rejects.append(item)
        if not wanted:
            return
    for position, places in wanted.items():
        yield from _missing(places, _why(position, rejects))


def _rows(batch: Batch, wanted: _Wanted) -> Iterator[tuple[str, int, bytes]]:
    """The rows of a batch that are wanted, each with its reader and position; no line after the last one is read."""
    rows = dict(_numbers(batch.spans, wanted.keys()))
    for row, line in lines_at(batch, rows):
        span = rows[row]
        mark = BYTE_ORDER_MARK if row == 0 else b""
        yield span.reader, span.first + row - span.row, line.rstrip(b"\r\n").removeprefix(mark)


def _numbers(spans: Sequence[Span], wanted: Set[int]) -> Iterator[tuple[int, Span]]:
    """The rows at which the positions would stand, each with its span; the last span has no end.

    A source whose records are few among its lines has a span for each of them: those are asked for theirs alone.
    """
    ends: list[float] = [*(span.row for span in spans[1:]), inf]
    for span, end in zip(spans, ends, strict=True):
        for position in wanted if end - span.row > 1 else wanted & {span.first}:
            row = span.row + position - span.first
            if span.row <= row < end:
                yield row, span


def _checked(places: Iterable[Place], reader: str, record: bytes) -> Iterator[Fetched]:
    for place in places:
        if place.reader != reader:
            yield Fetched(place, missing=f"the source has changed: {reader} reads it now, not {place.reader}")
        elif not record.strip():
            yield Fetched(place, missing="the source has changed: nothing stands there")
        else:
            yield Fetched(place, record)


def _missing(places: Iterable[Place], why: str) -> Iterator[Fetched]:
    for place in places:
        yield Fetched(place, missing=why)


def _why(position: int, rejects: Iterable[Reject]) -> str:
    """Why a source that was read to its end gave no record of a position."""
    for reject in rejects:
        if reject.position <= position < reject.position + reject.count or not reject.position:
            return reject.reason
    return "the source has changed: it holds no such record"
