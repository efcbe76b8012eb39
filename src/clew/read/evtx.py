r"""Windows event logs (EVTX): what Windows keeps under winevt\\Logs, and what `wevtutil epl` exports.

Binary: a header of 4 KiB, then chunks of 64 KiB, each with its own templates, so each can be read alone::

    ElfFile\0 ... ElfChnk\0 ... **\0\0 <size> <number> <time> <binary XML> <size> **\0\0 ...

A record becomes the JSON that the `evtx` library writes of it: {"Event":{"System":{...},"EventData":{...}}}.
Its position is its record number: from 1 in file order in an exported log, Windows' own in a live one.

What the format loses: fields are as the provider's template names them, texts of messages are not in the file,
and the oldest records are overwritten when the log is full.
Specification: https://github.com/libyal/libevtx/blob/main/documentation (Windows XML Event Log, EVTX).

Groups of chunks go through the library, and what comes out must be what `chunk.look` found; where it is not,
each chunk of the group is walked and goes alone, and every record that is missing is told with its chunk, offset
and cause. Records that nobody wants are counted, and go no further: most are told from their binary XML and never
become JSON (see `binxml`), the others from their text.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Collection, Container, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
from evtx import PyEvtxParser

from clew.read.binxml import Sieve
from clew.read.chunk import CHUNK_BYTES, Chunk, Gap, look, only, walk
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import LINE_BYTES, Item, Note, Pretest, Reject, Skipped

NAME = "evtx"
_SIGNATURE = b"ElfFile\0"
_HEADER_BYTES = 4096
_GROUP = 8  # chunks at a time: a parser for each chunk alone takes half as long again


def claims(head: bytes) -> bool:
    """Whether the file's signature is that of an event log."""
    return head.startswith(_SIGNATURE)


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The log's records; notes on a log that was not closed or whose checksums do not hold."""
    header = source.stream.read(_HEADER_BYTES)
    if len(header) < 128:
        yield Reject(source.name, 0, "cut in the header of the event log: no record is left")
        return
    log = _Log(source.name, Spool(spill, source.name, NAME, size), source.pretest)
    for chunks in _groups(source.stream):
        yield from log.take_in(chunks)
        if log.spool.full and (batch := log.spool.take()):
            yield batch
    if batch := log.spool.take():
        yield batch
    yield from log.close(_Header(header))


class _Header:
    """The file header: what it says of the log. That of a dirty log is out of date."""

    def __init__(self, data: bytes) -> None:
        (self.next_record,) = struct.unpack_from("<Q", data, 24)
        (self.chunks,) = struct.unpack_from("<H", data, 42)
        (flags, checksum) = struct.unpack_from("<II", data, 120)
        self.valid = zlib.crc32(data[:120]) == checksum
        self.dirty = bool(flags & 1)


def _groups(stream: IO[bytes]) -> Iterator[list[Chunk]]:
    """All chunks, some at a time."""
    number, group = 0, []
    while data := stream.read(CHUNK_BYTES):
        group.append(look(data, number, _HEADER_BYTES + number * CHUNK_BYTES))
        number += 1
        if len(group) == _GROUP:
            yield group
            group = []
    yield group


class _Log:
    """One event log while it is read, and its books."""

    def __init__(self, name: str, spool: Spool, test: Pretest | None) -> None:
        self.name, self.spool, self.test = name, spool, test
        self.sieve = Sieve(test) if test else None
        self.used = 0  # chunks up to the last one that is not all zeros
        self.highest = 0  # number of a record
        self.holes: list[Chunk] = []  # chunks since the last one of which anything can be told
        self.unsound: list[tuple[int, int]] = []  # number and offset of chunks

    def take_in(self, chunks: Sequence[Chunk]) -> Iterator[Reject | Skipped]:
        """Spool the records of some chunks; what is missing of them, and how many nobody wants."""
        legible = [chunk for chunk in chunks if not chunk.hole]
        thin = [self._thin(chunk) for chunk in legible]
        records = [number for chunk, _ in thin for number in chunk.records]
        parsed = _parse([chunk for chunk, _ in thin if chunk.records])
        whole = not parsed.errors and parsed.numbers == records
        for chunk in chunks:
            if not whole and not chunk.walked:
                chunk = walk(chunk.data, chunk.number, chunk.offset)  # noqa: PLW2901
            yield from self._follow(chunk)
            if chunk.records and not whole:
                yield from self._take_alone(chunk)
        if whole:
            kept = self._wanted(parsed, {number for _, unsure in thin for number in unsure})
            if skipped := sum(len(chunk.records) for chunk in legible) - len(kept.numbers):
                yield Skipped(self.name, NAME, skipped)
            yield from self._add(kept)

    def _thin(self, chunk: Chunk) -> tuple[Chunk, Collection[int]]:
        """The chunk without what by its binary XML nobody wants; of which records left that cannot be told."""
        sifted = None if chunk.walked or not self.sieve else self.sieve.sift(chunk)
        if sifted is None:
            return chunk, chunk.records
        return only(chunk, sifted.records, sifted.gaps), sifted.unsure

    def _wanted(self, parsed: _Parsed, unsure: Container[int]) -> _Parsed:
        """The records that are wanted, which of the unsure ones their text tells."""
        test = self.test
        if test is None or not unsure:
            return parsed
        kept = _Parsed()
        for number, text in zip(parsed.numbers, parsed.texts, strict=True):
            if number not in unsure or _passes(text, test):
                kept.numbers.append(number)
                kept.texts.append(text)
        return kept

    def _follow(self, chunk: Chunk) -> Iterator[Reject]:
        """The books of one chunk after the one before: gaps in it, and holes that it ends."""
        if chunk.data:
            self.used = chunk.number + 1
            if not chunk.sound:
                self.unsound.append((chunk.number, chunk.offset))
        if chunk.hole:
            self.holes.append(chunk)
            return
        numbers = [*chunk.records, *(gap.first for gap in chunk.gaps if gap.first)]
        yield from self._close_holes(min(numbers))
        ends = (gap.first + gap.count - 1 for gap in chunk.gaps)
        self.highest = max(self.highest, *chunk.records[-1:], *ends)
        for gap in chunk.gaps:
            yield _lost(self.name, chunk, gap)

    def _close_holes(self, upto: int) -> Iterator[Reject]:
        """What was lost in the chunks of which nothing can be told, before the record `upto`."""
        if self.holes:
            count = upto - self.highest - 1 if self.highest else 0
            first = self.highest + 1 if count > 0 else 0
            what = "all zeros" if not self.holes[0].data else "nothing in it is legible"
            many = f" (and {len(self.holes) - 1} more)" if len(self.holes) > 1 else ""
            yield _lost(self.name, self.holes[0], Gap(first, max(count, 1), 0, what + many))
        self.holes = []

    def _take_alone(self, chunk: Chunk) -> Iterator[Reject | Skipped]:
        """Spool what the library makes of one chunk; runs of records that it cannot make anything of."""
        parsed = _parse([chunk])
        missing = dict.fromkeys(chunk.records, parsed.errors.get(0, "the evtx library does not say why"))
        found = _Parsed()
        for number, text in zip(parsed.numbers, parsed.texts, strict=True):
            if missing.pop(number, ""):
                found.numbers.append(number)
                found.texts.append(text)
        kept = self._wanted(found, set(found.numbers))
        if skipped := len(found.numbers) - len(kept.numbers):
            yield Skipped(self.name, NAME, skipped)
        yield from self._add(kept)
        first = count = 0
        for number in (*missing, 0):
            if number != first + count:
                if count:
                    reason = f"cannot be decoded: {parsed.errors.get(first) or missing[first]}"
                    yield _lost(self.name, chunk, Gap(first, count, 0, reason))
                first, count = number, 0
            count += 1

    def _add(self, parsed: _Parsed) -> Iterator[Reject]:
        """Spool records, all at once where their lines are sound: each write costs as much as a record's decoding."""
        data = "\n".join(parsed.texts).encode("utf-8", "replace")
        if len(data) <= LINE_BYTES and data.count(b"\n") == max(len(parsed.texts) - 1, 0):
            self.spool.extend(data, parsed.numbers)
            return
        for number, text in zip(parsed.numbers, parsed.texts, strict=True):
            # A line end may stand in a name that is broken.
            line = text.encode("utf-8", "replace").replace(b"\n", b" ")
            if len(line) > LINE_BYTES:
                yield Reject(self.name, number, f"the record is longer than {LINE_BYTES >> 20} MiB")
            else:
                self.spool.extend(line, (number,))

    def close(self, header: _Header) -> Iterator[Item]:
        """What the header says that the chunks did not hold, and notes on the whole log."""
        missing = header.next_record - 1 - self.highest
        if not header.valid:
            yield Note(
                self.name, "the checksum of its header does not hold; its chunks were read all the same"
            )
        elif header.dirty:
            yield Note(self.name, "the log was not closed (dirty); its chunks were read all the same")
        elif missing > 0:
            reason = f"the file holds {self.used} of {header.chunks} chunks; {missing} records are lost"
            yield Reject(self.name, self.highest + 1, reason, missing)
            self.holes = []
        while self.holes and not self.holes[-1].data:  # room that was not used yet
            self.holes.pop()
        yield from self._close_holes(0)
        if self.unsound:
            number, offset = self.unsound[0]
            yield Note(
                self.name,
                f"checksums of {len(self.unsound)} chunks do not hold (the first: chunk {number} at byte {offset}); "
                "their records may not be what was written",
            )


def _lost(path: str, chunk: Chunk, gap: Gap) -> Reject:
    where = f"chunk {chunk.number} at byte {chunk.offset + gap.at}: {gap.reason}"
    if not gap.first:
        return Reject(path, 0, f"{where}; how many records are lost is not known")
    what = f"{gap.count} records are" if gap.count > 1 else "1 record is"
    return Reject(path, gap.first, f"{where}; {what} lost", gap.count)


class _Parsed(msgspec.Struct):
    """Numbers of records in order, the JSON of each, and the library's complaints by number, 0 where it names none."""

    numbers: list[int] = []
    texts: list[str] = []
    errors: dict[int, str] = {}


def _parse(chunks: Sequence[Chunk]) -> _Parsed:
    """What the library makes of some chunks."""
    parsed = _Parsed()
    records = iter(PyEvtxParser(io.BytesIO(_file(chunks)), 1).records_json())
    while True:
        try:
            _take(records, parsed)
        except RuntimeError as error:  # of one record or chunk: the library goes on with the next
            number, reason = _complaint(str(error))
            parsed.errors.setdefault(number, reason)
        else:
            return parsed


def _take(records: Iterator[dict[str, Any] | None], parsed: _Parsed) -> None:
    numbers, texts = parsed.numbers, parsed.texts
    for record in records:
        if record and (number := record["event_record_id"]):  # a bridge over a gap has the number 0
            numbers.append(number)
            texts.append(record["data"])


#: How the library's JSON begins. What stands before the code has no escapes, so the code is the one of System.
_BEGIN = re.compile(
    r'\{"Event":\{(?:"#attributes":\{"xmlns":"[^"\\]*"\},)?"System":\{"Provider":\{"#attributes":\{'
    r'(?:"\w+":"[^"\\]*",?)*\}\},"EventID":'
    r'(?:"?(\d+)"?,|\{"#attributes":\{"Qualifiers":"?\d+"?\},"#text":"?(\d+)"?\},)'
)


def _passes(text: str, test: Pretest) -> bool:
    """The pretest; where the code stands at its place and no second one anywhere, that alone, which is faster."""
    begin = _BEGIN.match(text)
    if begin and text.find('"EventID":', begin.end()) < 0:
        return (begin[1] or begin[2]) in test.codes
    return test.passes(text)


def _file(chunks: Sequence[Chunk]) -> bytes:
    """The chunks as a log of their own, with a header that is clean."""
    header = bytearray(_HEADER_BYTES)
    last = max(len(chunks) - 1, 0)
    struct.pack_into("<8sQQQIHHHH", header, 0, _SIGNATURE, 0, last, 1, 128, 1, 3, _HEADER_BYTES, len(chunks))
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return b"".join((header, *(chunk.data for chunk in chunks)))


def _complaint(text: str) -> tuple[int, str]:
    """The number of the record that the library complains of, and its reason in short."""
    match = _COMPLAINT.match(text)
    return (int(match[1]), match[2]) if match else (0, text)


_COMPLAINT = re.compile(r"Failed to parse record number (\d+): (?:[^:]*, reason: )?(.*)", re.DOTALL)
