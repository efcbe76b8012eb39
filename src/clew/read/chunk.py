"""The chunks of a Windows event log: which records stand in one, and which must have been there.

The `evtx` library loses records without a word: those after a zeroed record, those of a chunk that is cut. So
each chunk is walked here, record header by record header, and compared with what its own header says.

A chunk is 64 KiB: a header of 512 bytes (numbers of the first and last record at 24 and 32, where the free
space begins at 48, checksums of the records at 52 and of the header at 124), then records, each with the
signature ``**\\0\\0``, its size, its number, its time, its content, and its size again.
Specification: https://github.com/libyal/libevtx/blob/main/documentation (Windows XML Event Log, EVTX).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

import msgspec

CHUNK_BYTES = 64 << 10
_SIGNATURE = b"ElfChnk\0"
RECORD = b"**\0\0"
FIRST = 512
_CONTENT = 24  # of a record's bytes, those before its binary XML
_SMALLEST = 28  # signature, size, number, time, size again
_ZEROS = bytes(CHUNK_BYTES)
_MOST = (CHUNK_BYTES - FIRST) // _SMALLEST


class Gap(msgspec.Struct, frozen=True):
    """Records that are not there: `count` from the number `first` on, or with `first` 0 nobody knows which."""

    first: int
    count: int
    at: int
    reason: str


class Chunk(msgspec.Struct, frozen=True):
    """One chunk as it can be parsed: `data` has every gap bridged, `records` are the numbers that stand in it.

    `offset` is where it stands in the file; a Gap's `at` is counted from there. `sound`: the checksums hold.
    `walked` is false where `records` is only what the header says; then `free` is where they end.
    """

    number: int
    offset: int
    data: bytes
    records: tuple[int, ...]
    gaps: tuple[Gap, ...]
    sound: bool
    walked: bool = True
    free: int = 0

    @property
    def hole(self) -> bool:
        """Whether nothing at all can be told of it, not even how many records it had."""
        return not self.records and not any(gap.first for gap in self.gaps)


def look(data: bytes, number: int, offset: int) -> Chunk:
    """Take a sound chunk at its header's word, which is ten times as fast as the walk that any other one needs.

    Whoever parses it compares what comes out with `records`, and walks the chunk where that is not the same.
    """
    if len(data) == CHUNK_BYTES and data.startswith(_SIGNATURE):
        first, last = struct.unpack_from("<QQ", data, 24)
        (free,) = struct.unpack_from("<I", data, 48)
        if _can_be(first, last, free) and not data.startswith(RECORD, free) and _sound(data, free):
            records = tuple(range(first, last + 1))
            return Chunk(number, offset, data, records, (), sound=True, walked=False, free=free)
    return walk(data, number, offset)


def only(chunk: Chunk, records: Sequence[int], gaps: Iterable[tuple[int, int]]) -> Chunk:
    """A sound chunk with some of its records, and bridges over the gaps between; without any, no data."""
    if not records:
        return msgspec.structs.replace(chunk, data=b"", records=())
    if len(records) == len(chunk.records):
        return chunk
    room = bytearray(chunk.data)
    for begin, end in gaps:
        bridge(room, begin, end)
    return msgspec.structs.replace(chunk, data=bytes(room), records=tuple(records))


def walk(data: bytes, number: int, offset: int) -> Chunk:
    """Look through a chunk. A cut one is read up to the cut; one of zeros has no records and no gaps."""
    if data == _ZEROS[: len(data)] or _is_begun(data):
        return Chunk(number, offset, b"", (), (), sound=True)
    room = bytearray(data.ljust(CHUNK_BYTES, b"\0"))
    walker = _Walker(room)
    walker.walk()
    sound = _sound(data, walker.free)
    walker.mend()
    return Chunk(number, offset, bytes(room), tuple(walker.records), tuple(walker.gaps), sound)


def _is_begun(data: bytes) -> bool:
    """Whether Windows has opened the chunk and written no record yet: all its numbers are -1.

    Behind its header may stand what was in the room before.
    """
    return data[8:40].endswith(_NOBODY * 3) and data[48:52] == _EMPTY and not data.startswith(RECORD, FIRST)


_NOBODY, _EMPTY = b"\xff" * 8, struct.pack("<I", FIRST)
_LAST = (1 << 64) - 1  # _NOBODY as a number


class _Walker:
    """Goes from record to record. Where the way is broken it looks for the next record, and bridges the gap."""

    def __init__(self, room: bytearray) -> None:
        self.room = room
        self.records: list[int] = []
        self.gaps: list[Gap] = []
        first: int
        last: int
        first, last = struct.unpack_from("<QQ", room, 24)
        self.free: int
        (self.free,) = struct.unpack_from("<I", room, 48)
        #: Whether the header can be believed. A dirty log's may be out of date, but it is never nonsense.
        self._told = _can_be(first, last, self.free)
        self._before = first - 1 if self._told else 0
        self._last = last if self._told else 0
        self._end = self.free if self._told else CHUNK_BYTES
        self._at = self._latest = FIRST

    def walk(self) -> None:
        """Fill `records` and `gaps`, up to where the header or the last record says that free space begins."""
        while self._at < self._end or self._goes_on():
            size = self._size(self._at)
            if size and self._fits(self._at):
                self._step(size)
            elif not self._told and not any(self.room[self._at :]):
                break
            else:
                self._leap()
        if self._told and self._before < self._last:
            self._miss(self._last + 1, self._at, "its records do not reach as far as its header says")

    def _goes_on(self) -> bool:
        """Whether a record stands where the header thinks that space is free: the log was not closed."""
        return self._size(self._at) > 0 and self._number(self._at) == self._before + 1

    def _size(self, at: int) -> int:
        """The size of the record that begins here, or 0 where none does."""
        if not self.room.startswith(RECORD, at) or at + _SMALLEST > CHUNK_BYTES:
            return 0
        (size,) = struct.unpack_from("<I", self.room, at + 4)
        if size < _SMALLEST or at + size > CHUNK_BYTES:
            return 0
        (again,) = struct.unpack_from("<I", self.room, at + size - 4)
        return int(size) if again == size else 0

    def _number(self, at: int) -> int:
        return int(struct.unpack_from("<Q", self.room, at + 8)[0])

    def _fits(self, at: int) -> bool:
        """Whether the record's number can follow the one before."""
        number = self._number(at)
        return number > self._before and (not self._told or at >= self.free or number <= int(self._last))

    def _step(self, size: int) -> None:
        number = self._number(self._at)
        if (self.records or self._told) and number > self._before + 1 and self._at < self._end:
            self._miss(number, self._at, "numbers are left out")
        self._before = number
        self.records.append(number)
        self._latest = self._at
        self._at += size

    def _leap(self) -> None:
        """Go on at the next record that can be told; what stands between is lost."""
        start, at = self._at, self.room.find(RECORD, self._at + _SMALLEST, self._end)
        while at >= 0 and not (self._size(at) and self._fits(at)):
            at = self.room.find(RECORD, at + 4, self._end)
        self._at = at if at >= 0 else self._end
        upto = self._number(at) if at >= 0 else self._last + 1 if self._told else 0
        self._miss(upto, start, "no record can be told here")
        if at >= 0:
            self._bridge(start, at)
            self._before = upto - 1

    def _miss(self, upto: int, at: int, reason: str) -> None:
        """Note that the records before number `upto` are missing."""
        known = self._told or bool(self.records)
        count = upto - self._before - 1
        if upto and known and count <= 0:
            return
        self.gaps.append(
            Gap(self._before + 1, count, at, reason) if upto and known else Gap(0, 0, at, reason)
        )
        if upto and known:
            self._before = upto - 1

    def _bridge(self, start: int, end: int) -> None:
        """Put a record of number 0 there that the library can pass over."""
        self.room[start:end] = bytes(end - start)
        bridge(self.room, start, end)

    def mend(self) -> None:
        """Make the header say what was found, so that the library stops neither too early nor too late."""
        if self.records:
            numbers = (self.records[0], self.records[-1])
            struct.pack_into("<8sQQQQ", self.room, 0, _SIGNATURE, 1, len(self.records), *numbers)
            struct.pack_into(
                "<III", self.room, 40, 128, self._latest, self._latest + self._size(self._latest)
            )


def bridge(room: bytearray, start: int, end: int) -> None:
    """Make a record of number 0 and without content of some bytes. What stands in them can still be referred to."""
    size = end - start
    struct.pack_into("<4sIQ", room, start, RECORD, size, 0)
    room[start + _CONTENT] = 0  # the end of the binary XML
    struct.pack_into("<I", room, end - 4, size)


def _can_be(first: int, last: int, free: int) -> bool:
    """Whether a header may say that: the numbers of the records, and where the free space begins."""
    return 0 < first <= last < min(first + _MOST, _LAST) and FIRST <= free <= CHUNK_BYTES


def _sound(data: bytes, free: int) -> bool:
    """Whether the checksums of the header and of the records hold."""
    if len(data) < CHUNK_BYTES or not FIRST <= free <= CHUNK_BYTES:
        return False
    (records,), (header,) = struct.unpack_from("<I", data, 52), struct.unpack_from("<I", data, 124)
    headers = zlib.crc32(data[128:512], zlib.crc32(data[:120]))
    return (zlib.crc32(memoryview(data)[FIRST:free]), headers) == (records, header)
