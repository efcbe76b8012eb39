"""Writes Windows event logs (EVTX) for tests: real chunks and records, without templates."""

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

CHUNK = 65536
HEADER = 4096
FIRST = 512


class _Content:
    """Binary XML of one record; offsets of names are counted from the chunk's beginning."""

    def __init__(self, at: int) -> None:
        self.at, self.data = at, bytearray(b"\x0f\x01\x01\x00")

    def _name(self, name: str) -> None:
        self.data += struct.pack("<I", self.at + len(self.data) + 4)
        self.data += struct.pack("<IHH", 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def _text(self, value: str) -> None:
        self.data += b"\x05\x01" + struct.pack("<H", len(value)) + value.encode("utf-16-le")

    def element(self, name: str, attributes: dict[str, str], content: Any) -> None:
        self.data += b"\x41" if attributes else b"\x01"
        self.data += struct.pack("<I", 0)
        self._name(name)
        if attributes:
            self.data += struct.pack("<I", 0)
            for number, (key, value) in enumerate(attributes.items(), 1):
                self.data += b"\x06" if number == len(attributes) else b"\x46"
                self._name(key)
                self._text(value)
        self.data += b"\x02"
        if isinstance(content, dict):
            self.children(content)
        else:
            self._text(str(content))
        self.data += b"\x04"

    def children(self, content: dict[str, Any]) -> None:
        for key, value in content.items():
            if key != "#attributes":
                attributes = value.get("#attributes", {}) if isinstance(value, dict) else {}
                self.element(key, attributes, value)

    def event(self, event: dict[str, Any]) -> bytes:
        self.data += b"\x01" + struct.pack("<I", 0)
        self._name("Event")
        self.data += b"\x02"
        self.children({"System": event["Event"]["System"]})
        self.data += b"\x01" + struct.pack("<I", 0)
        self._name("EventData")
        self.data += b"\x02"
        for key, value in event["Event"]["EventData"].items():
            self.element("Data", {"Name": key}, value)
        self.data += b"\x04\x04\x00"
        return bytes(self.data)


def record(event: dict[str, Any], number: int, at: int) -> bytes:
    """One record of a chunk, which begins at byte `at` of it."""
    content = _Content(at + 24).event(event)
    content += bytes(-len(content) % 8 + 4)  # records are a multiple of 8 bytes long
    size = 24 + len(content) + 4
    return struct.pack("<4sIQQ", b"**\0\0", size, number, 0) + content + struct.pack("<I", size)


def chunk(events: Sequence[dict[str, Any]], first: int) -> bytes:
    """A chunk whose records are numbered from `first`."""
    data = bytearray(FIRST)
    for number, event in enumerate(events, first):
        latest = len(data)
        data += record(event, number, latest)
    return closed(data, first, len(events), latest)


def closed(data: bytearray, first: int, count: int, latest: int) -> bytes:
    """A chunk of its records, with its header."""
    last = first + count - 1
    free = len(data)
    struct.pack_into("<8sQQQQ", data, 0, b"ElfChnk\0", first, last, first, last)
    struct.pack_into("<IIII", data, 40, 128, latest, free, zlib.crc32(data[FIRST:]))
    struct.pack_into("<I", data, 124, zlib.crc32(data[128:FIRST], zlib.crc32(data[:120])))
    return bytes(data.ljust(CHUNK, b"\0"))


def log(events: Iterable[dict[str, Any]], per_chunk: int = 4, first: int = 1, flags: int = 0) -> bytes:
    """A whole log with a clean header, or with flags: 1 is dirty."""
    held = list(events)
    chunks = [chunk(held[i : i + per_chunk], first + i) for i in range(0, len(held), per_chunk)]
    return joined(chunks, first + len(held), flags)


def joined(chunks: Sequence[bytes], following: int, flags: int = 0) -> bytes:
    """A log of these chunks, whose next record would have the number `following`."""
    header = bytearray(HEADER)
    fields = (b"ElfFile\0", 0, max(len(chunks) - 1, 0), following, 128, 1, 3, HEADER, len(chunks))
    struct.pack_into("<8sQQQIHHHH", header, 0, *fields)
    struct.pack_into("<II", header, 120, flags, zlib.crc32(header[:120]))
    return bytes(header) + b"".join(chunks)


def spot(data: bytes, number: int) -> tuple[int, int]:
    """Where the record of a number begins and ends in a log."""
    at = data.index(b"**\0\0")
    while struct.unpack_from("<Q", data, at + 8)[0] != number:
        at = data.index(b"**\0\0", at + 4)
    return at, at + struct.unpack_from("<I", data, at + 4)[0]
