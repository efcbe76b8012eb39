"""What a template of binary XML tells of every record that is made of it: its provider, and where its code stands.

    template  <next> <GUID> <size> 0F010100 <Event> <System> <Provider Name="..."> <EventID>value 3</EventID> ...
    element   01 (41: with attributes) <dependency> <size of the rest> <offset of its name> [its name]
              [<size of attributes> <attributes>] 02 <content> 04, or 03 where it has no content
    attribute 06 (46: one more follows) <offset of its name> [its name] <value>
    value     0D or 0E <its number> <its type>, or a text: 05 01 <length> <UTF-16>

A name stands in the chunk where it is first used.
Specification: https://github.com/libyal/libevtx/blob/main/documentation (Windows XML Event Log, EVTX).
"""

from __future__ import annotations

import struct

import msgspec

_TEMPLATE = struct.Struct("<20x I")
_FRAGMENT = b"\x0f\1\1\0"
_ELEMENT = struct.Struct("<B 2x I I")
_SIZED = 7  # of an element's bytes, those before what its size counts
_ATTRIBUTE = struct.Struct("<B I")
_NAME = 6  # of a name's bytes, those before its length
_TEXT = b"\x05\1"
_MORE = 0x40  # of an element: it has attributes; of an attribute: one more follows
_OPENED, _ENDED, _VALUE = (2, 3), (3, 4), (0x0D, 0x0E)


class Template(msgspec.Struct, frozen=True):
    """Which of the values is the code, who provides the records where that is told, and where the template ends."""

    place: int
    provider: str | None
    end: int


def template_at(data: bytes, at: int) -> Template | None:
    """The template at a byte of a chunk; None where it is not written in the one way that is known here."""
    try:
        return _template(data, at)
    except (_OtherwiseError, struct.error, IndexError):  # it is cut off at the end of the chunk
        return None


class _OtherwiseError(Exception):
    """The template is written otherwise."""


def _spelt(name: str) -> bytes:
    """A name as it is written: its length, its letters, a zero."""
    return struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0"


_EVENT, _SYSTEM, _PROVIDER, _CODE, _WHO = map(_spelt, ("Event", "System", "Provider", "EventID", "Name"))


def _template(data: bytes, template: int) -> Template:
    (size,) = _TEMPLATE.unpack_from(data, template)
    at = template + _TEMPLATE.size
    end = at + size
    _expect(data.startswith(_FRAGMENT, at) and end <= len(data))
    at, event = _element(data, at + len(_FRAGMENT), _EVENT)
    at, system = _element(data, at, _SYSTEM)
    provider = _provider(data, at)
    _, at = _element(data, at, _PROVIDER)
    at, code = _element(data, at, _CODE)
    value, place = struct.unpack_from("<BH", data, at)
    _expect(value in _VALUE and at + 5 == code)
    _expect_no_other(data, code, system, (_CODE, _PROVIDER))
    _expect_no_other(data, system, event, (_SYSTEM,))
    return Template(int(place), provider, end)


def _element(data: bytes, at: int, name: bytes) -> tuple[int, int]:
    """The element of this name that begins here: where its content begins, and its end."""
    kind, size, place = _ELEMENT.unpack_from(data, at)
    end = at + _SIZED + size
    _expect(kind & ~_MORE == 1 and data.startswith(name, place + _NAME))
    at = _behind(data, at + _ELEMENT.size, place)
    if kind & _MORE:
        at += 4 + int.from_bytes(data[at : at + 4], "little")
    _expect(at < end <= len(data) and data[at] in _OPENED and data[end - 1] in _ENDED)
    return at + 1, end


def _behind(data: bytes, at: int, name: int) -> int:
    """Where it goes on behind the offset of a name: the name itself may stand there."""
    return (
        at + _NAME + 4 + 2 * int.from_bytes(data[at + _NAME : at + _NAME + 2], "little") if name == at else at
    )


def _provider(data: bytes, at: int) -> str | None:
    """The provider's name, where the element that begins here has it as a plain text, once."""
    kind, _, place = _ELEMENT.unpack_from(data, at)
    if not kind & _MORE:
        return None
    at = _behind(data, at + _ELEMENT.size, place)
    end = at + 4 + int.from_bytes(data[at : at + 4], "little")
    at += 4
    names = []
    while at < end:
        token, place = _ATTRIBUTE.unpack_from(data, at)
        at = _behind(data, at + _ATTRIBUTE.size, place)
        text, at = _text(data, at)
        if token & ~_MORE != 6 or at > end:
            return None
        if data.startswith(_WHO, place + _NAME):
            names.append(text)
    name = names[0] if len(names) == 1 else None
    return name if name and name.isprintable() and name == name.strip() else None


def _text(data: bytes, at: int) -> tuple[str | None, int]:
    """The text that stands here, or None for one of the record's values; and where it goes on."""
    if data[at] in _VALUE:
        return None, at + 4
    _expect(data.startswith(_TEXT, at))
    begin = at + 4
    end = begin + 2 * int.from_bytes(data[at + 2 : begin], "little")
    return data[begin:end].decode("utf-16-le", "replace"), end


def _expect_no_other(data: bytes, at: int, end: int, names: tuple[bytes, ...]) -> None:
    """Up to the end of the element around it there must be elements of other names, and values."""
    while at < end - 1:
        if data[at] in _VALUE:
            at += 4
        else:
            kind, size, place = _ELEMENT.unpack_from(data, at)
            _expect(kind & ~_MORE == 1 and not data.startswith(names, place + _NAME))
            at += _SIZED + size
    _expect(at == end - 1)


def _expect(holds: bool) -> None:
    if not holds:
        raise _OtherwiseError
