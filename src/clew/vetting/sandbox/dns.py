"""Just enough of DNS (RFC 1035) to answer what a package asks.

Each name gets an address of its own out of ranges that are kept for benchmarks (RFC 2544, RFC 5180), so a later
connection tells which name it goes to and no reader of a report takes it for a real machine.
"""

from __future__ import annotations

import ipaddress
import struct

import msgspec

TYPES = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    65: "HTTPS",
}
_TEXT = b"v=spf1 -all"
_LONGEST = 253
_V4 = int(ipaddress.ip_address("198.18.0.0"))
_V6 = int(ipaddress.ip_address("2001:2::"))


class Question(msgspec.Struct, frozen=True):
    """What was asked: `name` as its labels joined by dots, unprintable bytes as ``\\xNN``."""

    identity: int
    name: str
    type: int
    raw: bytes

    @property
    def type_name(self) -> str:
        """``A``, ``TXT``, or ``TYPE257`` (RFC 3597)."""
        return TYPES.get(self.type, f"TYPE{self.type}")


class Names:
    """Which address stands for which name."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[str, str] = {}

    def addresses(self, name: str) -> tuple[bytes, bytes]:
        """The IPv4 and the IPv6 address of a name; names beyond 100,000 share the last."""
        number = self._numbers.setdefault(name.lower(), min(len(self._numbers) + 1, 100_000))
        four, six = ipaddress.IPv4Address(_V4 + number), ipaddress.IPv6Address(_V6 + number)
        self._names[str(four)] = self._names[str(six)] = name
        return four.packed, six.packed

    def name(self, address: str) -> str:
        """The name that an address was given out for, or nothing."""
        return self._names.get(address, "")


def read(message: bytes) -> Question:
    """The question of a message. Raises ValueError where it is none."""
    if len(message) < 17 or message[2] & 0x80:
        raise ValueError("no DNS question")
    at, labels, size = 12, [], 0
    while at < len(message) and (length := message[at]):
        if length > 63 or at + length >= len(message):
            raise ValueError("a label is cut")
        labels.append(message[at + 1 : at + 1 + length].decode("latin-1"))
        at, size = at + 1 + length, size + 1 + length
        if size > _LONGEST + 2:
            raise ValueError("the name is too long")
    if at + 5 > len(message):
        raise ValueError("the question is cut")
    name = "".join(c if c.isprintable() and c.isascii() else f"\\x{ord(c):02x}" for c in ".".join(labels))
    (kind,) = struct.unpack_from(">H", message, at + 1)
    (identity,) = struct.unpack_from(">H", message)
    return Question(identity, name, kind, message[12 : at + 5])


def answer(question: Question, names: Names) -> bytes:
    """The answer: an address, a harmless text, or none of that type."""
    four, six = names.addresses(question.name)
    data = {1: four, 28: six, 16: bytes([len(_TEXT)]) + _TEXT}.get(question.type)
    head = struct.pack(">HHHHHH", question.identity, 0x8180, 1, 1 if data else 0, 0, 0)
    if not data:
        return head + question.raw
    return head + question.raw + struct.pack(">HHHIH", 0xC00C, question.type, 1, 60, len(data)) + data
