"""Put a value into clew.toml and change nothing else of it: comments, order and the other tables stay as they are.

Python reads TOML and does not write it. So a piece of text is put where it seems to belong, and the result counts only
where, read again, it holds what the file held and the new value.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clew.settings.file import KEY, KeyPath, places

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BOM = "\ufeff"


class EditError(ValueError):
    """The value cannot be put there without touching more than it; the text says what to write by hand."""


def put(text: str, keys: tuple[str, ...], value: Any) -> str:
    """The text of a TOML file with one value set, under tables that need not be there yet.

    A table's entries are set one by one where it does not stand on one line. Raises EditError.
    """
    mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    values = tomllib.loads(text)
    meant = _with(values, keys, value)
    for edited in _ways(text, values, keys, value):
        if _reads_as(edited, meant):
            return mark + edited
    present = _at(values, keys)
    if isinstance(value, dict) and isinstance(present, dict):
        for name, part in value.items():
            if present.get(name) != part:
                text = put(text, (*keys, name), part)
        if _reads_as(text, meant):
            return mark + text
    raise EditError(f"write it by hand: {'.'.join(map(_key, keys))} = {literal(value)}")


def replace(file: Path, text: str) -> None:
    """Write a file anew, all or nothing: whoever reads it meanwhile has the old one or the new one."""
    file = file.resolve()
    with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=f".{file.name}-", delete=False) as new:
        try:
            new.write(text.encode())
            new.flush()
            os.fsync(new.fileno())
            if file.exists():
                shutil.copymode(file, new.name)
            else:
                Path(new.name).chmod(0o666 & ~_umask())
            Path(new.name).replace(file)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


def literal(value: Any) -> str:
    """A value as TOML writes it, on one line; a text with backslashes between single quotes where that is possible."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case dict():
            return "{" + ", ".join(f"{_key(name)} = {literal(part)}" for name, part in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(literal, value)) + "]"


def _text(value: str) -> str:
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return _quoted(value)


def _quoted(text: str) -> str:
    """As JSON writes it, with escapes for all that cannot be seen or would end a line."""
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return json.dumps(sign, ensure_ascii=False)[1:-1]
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _ways(text: str, values: dict[str, Any], keys: tuple[str, ...], value: Any) -> Iterator[str]:
    """The text with the value on the line of its key, else in its table, else in a new table at the end."""
    known = places(text, values)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    new = f"{_key(keys[-1])} = {literal(value)}{end}"
    if keys in known:
        line = known[keys][0] - 1
        yield "".join([*lines[:line], _replaced(lines[line], value, end), *lines[line + 1 :]])
    elif keys[:-1] in known:
        line = _end_of_table(lines, known, keys[:-1])
        above = lines[line - 1]
        lines[line - 1] = above if above.endswith("\n") else above + end
        yield "".join([*lines[:line], new, *lines[line:]])
    gap = "" if not text else end if text.endswith("\n") else end * 2
    yield f"{text}{gap}[{'.'.join(map(_key, keys[:-1]))}]{end}{new}"


def _replaced(line: str, value: Any, end: str) -> str:
    """The line of a key with another value, and with its comment."""
    found = KEY.match(line)
    head = line[: found.end()] if found else line
    return f"{head} {literal(value)}{_comment(line.rstrip())}{end}"


def _comment(line: str) -> str:
    """What stands behind a value, from the blanks before its `#` on."""
    for place in (number for number, sign in enumerate(line) if sign == "#"):
        try:
            tomllib.loads(line[:place])
        except tomllib.TOMLDecodeError:
            continue
        return line[len(line[:place].rstrip()) :]
    return ""


def _end_of_table(lines: list[str], known: dict[KeyPath, tuple[int, int]], table: KeyPath) -> int:
    """How many lines stand up to the last value of a table, without the comment and the gap before the next one."""
    first = known[table][0]
    heads = [
        number for number, line in enumerate(lines, 1) if number > first and line.lstrip().startswith("[")
    ]
    inside = lines[: heads[0] - 1] if heads else lines
    while len(inside) > first and (not inside[-1].strip() or inside[-1].lstrip().startswith("#")):
        inside = inside[:-1]
    return len(inside)


def _with(values: dict[str, Any], keys: tuple[str, ...], value: Any) -> dict[str, Any]:
    meant = copy.deepcopy(values)
    table = meant
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise EditError(f"'{key}' is no table there: write it by hand")
    table[keys[-1]] = value
    return meant


def _at(values: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _reads_as(text: str, meant: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == meant
    except tomllib.TOMLDecodeError:
        return False


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
