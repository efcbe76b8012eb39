"""What can be told of code that has no source: WebAssembly modules, and V8's bytecode."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STRINGS = re.compile(rb"[\t\n\r\x20-\x7e]+")
_KINDS = ("function", "table", "memory", "global", "tag")
_MOST = 4096


class _MalformedError(Exception):
    """The bytes end too early, or a number has no end."""


def told_of(data: bytes) -> str:
    """Imports and exports where it is WebAssembly, and every printable string of four characters or more."""
    lines: list[str] = []
    if data.startswith(b"\0asm"):
        try:
            lines += _interface(data)
        except _MalformedError:
            lines.append(";; the module is malformed")
    return "\n".join([*lines, ";; strings", *strings(data, 4)])


def strings(data: bytes, least: int) -> list[str]:
    """The runs of at least so many printable characters."""
    return [match.group().decode("ascii") for match in _STRINGS.finditer(data) if len(match.group()) >= least]


def _interface(data: bytes) -> Iterator[str]:
    """https://webassembly.github.io/spec/core/binary/modules.html: sections 2 (imports) and 7 (exports)."""
    at = 8
    while at < len(data):
        kind = data[at]
        size, at = _number(data, at + 1)
        if kind == 2:
            yield from _imports(data[at : at + size])
        elif kind == 7:
            yield from _exports(data[at : at + size])
        at += size


def _imports(data: bytes) -> Iterator[str]:
    count, at = _number(data, 0)
    for _ in range(min(count, _MOST)):
        module, at = _name(data, at)
        name, at = _name(data, at)
        kind, at = _number(data, at)
        yield f';; import {_kind(kind)} "{module}" "{name}"'
        at = _after(data, at, kind)


def _after(data: bytes, at: int, kind: int) -> int:
    """Past the description of an import: a type's index, a table, a memory, a global or a tag."""
    if kind == 0:
        return _number(data, at)[1]
    if kind == 3:
        return at + 2
    if kind == 4:
        return _number(data, at + 1)[1]
    flags, at = _number(data, at + (kind == 1))
    at = _number(data, at)[1]
    return _number(data, at)[1] if flags & 1 else at


def _exports(data: bytes) -> Iterator[str]:
    count, at = _number(data, 0)
    for _ in range(min(count, _MOST)):
        name, at = _name(data, at)
        kind, at = _number(data, at)
        _, at = _number(data, at)
        yield f';; export {_kind(kind)} "{name}"'


def _kind(number: int) -> str:
    return _KINDS[number] if number < len(_KINDS) else str(number)


def _name(data: bytes, at: int) -> tuple[str, int]:
    size, at = _number(data, at)
    return data[at : at + size].decode("utf-8", "replace"), at + size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number of at most five bytes, and where it ends."""
    value = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            raise _MalformedError
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _MalformedError
