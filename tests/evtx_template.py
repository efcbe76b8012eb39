"""Writes chunks as Windows does: a template where it is first used, and records that only give its values."""

import struct
from collections.abc import Sequence
from typing import Any

import evtx_file

PROVIDER = "Microsoft-Windows-Sysmon"


class Written:
    """The content of a template whose code is one of its values, or a text where `place` is None."""

    def __init__(
        self,
        at: int,
        place: int | None = 3,
        again: bool = False,
        sized: int = 0,
        provider: dict[str, str] | None = None,
    ) -> None:
        self.at, self.data, self.sized = at, bytearray(b"\x0f\1\1\0"), sized
        code = b"\x05\1\2\0001\0001\0" if place is None else struct.pack("<BHB", 0x0E, place, 6)
        text = [struct.pack("<BHB", 0x0D, place, 1) for place in (4, 5)]
        event, system = self.opened("Event"), self.opened("System")
        self.close(self.opened("Provider", {"Name": PROVIDER} if provider is None else provider))
        for name in ("EventID", "EventID")[: 1 + again]:
            self.close(self.opened(name), code)
        for name, value in zip(("Channel", "Computer"), text, strict=True):
            self.close(self.opened(name), value)
        self.close(system)
        self.close(event)
        self.data += b"\0"

    def name(self, name: str) -> None:
        self.data += struct.pack("<I", self.at + len(self.data) + 4)
        self.data += struct.pack("<IHH", 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def opened(self, name: str, attributes: dict[str, str] | None = None) -> int:
        """Begin an element; where its size is to be written."""
        self.data += b"\x41\0\0" if attributes else b"\1\0\0"
        place = len(self.data)
        self.data += bytes(4)
        self.name(name)
        if attributes:
            begin = len(self.data)
            self.data += bytes(4)
            for key, value in attributes.items():
                self.data += b"\x06" if key == [*attributes][-1] else b"\x46"
                self.name(key)
                self.data += b"\x05\1" + struct.pack("<H", len(value)) + value.encode("utf-16-le")
            struct.pack_into("<I", self.data, begin, len(self.data) - begin - 4)
        self.data += b"\2"
        return place

    def close(self, place: int, content: bytes = b"") -> None:
        self.data += content + b"\4"
        struct.pack_into("<I", self.data, place, len(self.data) - place - 4 + self.sized)


def chunk(codes: Sequence[int | None], first: int = 1, **template: Any) -> bytes:
    """A chunk of records with these codes; None is a code that has no value."""
    data = bytearray(evtx_file.FIRST)
    defined = 0
    for number, code in enumerate(codes, first):
        latest = len(data)
        begin = latest + 24 + 14
        content = b"\x0f\1\1\0\x0c\1" + struct.pack("<II", 7, defined or begin)
        if not defined:
            defined = begin
            written = bytes(Written(begin + 24, **template).data)
            content += struct.pack("<I16sI", 0, b"\7" + bytes(15), len(written)) + written
        content += values(code)
        content += bytes(-len(content) % 8 + 4)
        size = 24 + len(content) + 4
        data += struct.pack("<4sIQQ", b"**\0\0", size, number, 0) + content + struct.pack("<I", size)
    return evtx_file.closed(data, first, len(codes), latest)


def values(code: int | None) -> bytes:
    """Six values, of which the fourth is the code."""
    texts = ["Here".encode("utf-16-le"), "ws1".encode("utf-16-le")]
    told = b"" if code is None else struct.pack("<H", code)
    given = [(4, b"\4"), (0, b""), (6, b"\1\0"), (6 if told else 0, told), *((1, text) for text in texts)]
    layout = b"".join(struct.pack("<HBB", len(value), kind, 0) for kind, value in given)
    return struct.pack("<I", len(given)) + layout + b"".join(value for _, value in given) + b"\0"
