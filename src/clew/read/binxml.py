"""Which records of a sound chunk may be wanted, told from their binary XML: the others need no rendering.

A record names a template and gives its values. The template says which of the values is the event's code::

    record    **00 <size> <number> <time> 0F010100 0C01 <id> <offset of the template> [the template]
              <count of values> (<size> <type> 00) ... <values>
    template  <next> <GUID> <size> 0F010100 <Event> <System> <Provider> <EventID>value 3</EventID> ...
    element   01 (41: with attributes) <dependency> <size of the rest> <offset of its name> [its name]
              [<size of attributes> <attributes>] 02 <content> 04, or 03 where it has no content
    value     0D or 0E <its number> <its type>

A template, or a name, stands in the chunk where it is first used. What is written in any other way may be wanted.
Specification: https://github.com/libyal/libevtx/blob/main/documentation (Windows XML Event Log, EVTX).
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from functools import cache

from clew.read.chunk import FIRST, RECORD, Chunk

_RECORD = struct.Struct("<4s I Q 8x 6s 4x I")
_BEGIN = b"\x0f\1\1\0\x0c\1"
_TEMPLATE = struct.Struct("<20x I")
_FRAGMENT = b"\x0f\1\1\0"
_ELEMENT = struct.Struct("<B 2x I I")
_SIZED = 7  # of an element's bytes, those before what its size counts
_NAME = 6  # of a name's bytes, those before its length
_EVENT, _SYSTEM, _PROVIDER, _CODE = (
    struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0"
    for name in ("Event", "System", "Provider", "EventID")
)
_ATTRIBUTES = 0x40
_OPENED, _ENDED, _VALUE = (2, 3), (3, 4), (0x0D, 0x0E)
_UINT16 = 6


def wanted(chunk: Chunk, codes: Collection[int]) -> list[tuple[int, int, int]] | None:
    """Number, begin and end of each record whose code is one of these or cannot be told.

    None where the records are not those that the chunk's header tells, one behind the other.
    """
    data, free = chunk.data, chunk.free
    places: dict[int, int | None] = {}
    found = []
    end = FIRST
    for number in chunk.records:
        at = end
        if at + _RECORD.size > free:
            return None
        signature, size, told, begin, template = _RECORD.unpack_from(data, at)
        end = at + size
        if signature != RECORD or told != number or size < _RECORD.size or end > free:
            return None
        if begin == _BEGIN:
            if template not in places:
                places[template] = _place(data, template)
            code = _code(data, at + _RECORD.size, end, template, places[template])
            if code is not None and code not in codes:
                continue
        found.append((number, at, end))
    return found if end == free else None


def _code(data: bytes, at: int, end: int, template: int, place: int | None) -> int | None:
    """The code of the record whose template, or else values, begin at a byte; None where it cannot be told."""
    if place is None:
        return None
    if template == at:
        at += _TEMPLATE.size + int(_TEMPLATE.unpack_from(data, at)[0])
    elif template > at:
        return None
    layout = _layout(place)
    if at + layout.size > end:
        return None
    count, *sizes, size, kind = layout.unpack_from(data, at)
    at += 4 + 4 * count + sum(sizes)
    if count <= place or size != 2 or kind != _UINT16 or at + 2 > end:
        return None
    return data[at] | data[at + 1] << 8


@cache
def _layout(place: int) -> struct.Struct:
    """How many values there are, the sizes of those before one, its own size and type."""
    return struct.Struct("<I" + "Hxx" * place + "HB")


class _OtherwiseError(Exception):
    """The template is not written in the one way that is known here."""


def _place(data: bytes, template: int) -> int | None:
    """Which of a template's values is the event's code; None where that cannot be told."""
    try:
        return _told_place(data, template)
    except (_OtherwiseError, struct.error):
        return None


def _told_place(data: bytes, template: int) -> int:
    (size,) = _TEMPLATE.unpack_from(data, template)
    at = template + _TEMPLATE.size
    _expect(data.startswith(_FRAGMENT, at) and at + size <= len(data))
    at, event = _element(data, at + len(_FRAGMENT), _EVENT)
    at, system = _element(data, at, _SYSTEM)
    _, at = _element(data, at, _PROVIDER)
    at, code = _element(data, at, _CODE)
    value, place = struct.unpack_from("<BH", data, at)
    _expect(value in _VALUE and at + 5 == code)
    _expect_no_other(data, code, system, _CODE)
    _expect_no_other(data, system, event, _SYSTEM)
    return int(place)


def _element(data: bytes, at: int, name: bytes) -> tuple[int, int]:
    """The element of this name that begins here: where its content begins, and its end."""
    kind, size, place = _ELEMENT.unpack_from(data, at)
    end = at + _SIZED + size
    _expect(kind & ~_ATTRIBUTES == 1 and data.startswith(name, place + _NAME))
    at += _ELEMENT.size
    if place == at:
        at += _NAME + len(name)
    if kind & _ATTRIBUTES:
        at += 4 + int.from_bytes(data[at : at + 4], "little")
    _expect(at < end <= len(data) and data[at] in _OPENED and data[end - 1] in _ENDED)
    return at + 1, end


def _expect_no_other(data: bytes, at: int, end: int, name: bytes) -> None:
    """Up to the end of the element around it there must be elements of other names, and values."""
    while at < end - 1:
        if data[at] in _VALUE:
            at += 4
        else:
            kind, size, place = _ELEMENT.unpack_from(data, at)
            _expect(kind & ~_ATTRIBUTES == 1 and not data.startswith(name, place + _NAME))
            at += _SIZED + size
    _expect(at == end - 1)


def _expect(holds: bool) -> None:
    if not holds:
        raise _OtherwiseError
