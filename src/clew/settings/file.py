"""clew.toml with the places of its keys.

tomllib reads the values and tells no places, so the text is scanned once more for `key =` and `[table]`. The
scan knows less than TOML does; a place counts only where tomllib found the same key, and what has no place of
its own has that of the table or key above it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from clew.errors import Fault

#: Keys and indexes that lead to a value: ("host", 0, "match").
KeyPath: TypeAlias = "tuple[str | int, ...]"

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*(?P<path>{_PATH})\s*\]\]?\s*(?:#.*)?")
#: The beginning of a line that sets a key, up to its equals sign.
KEY = re.compile(rf"\s*(?P<path>{_PATH})\s*=")
_DECODE_PLACE = re.compile(r"(?P<message>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)")


class TomlFile(msgspec.Struct, frozen=True):
    """A settings file: its values, where its keys stand (line and column, from 1), and the folder it lies in."""

    path: str
    values: dict[str, Any]
    places: dict[KeyPath, tuple[int, int]]
    folder: Path = Path()

    def place(self, *keys: str | int) -> tuple[int, int]:
        """Where a value is set: its own place, else that of what it stands in, else (0, 0)."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.places:
                return self.places[keys[:length]]
        return (0, 0)

    def origin(self, *keys: str | int) -> str:
        """`clew.toml:12`."""
        line, _ = self.place(*keys)
        return f"{self.path}:{line}" if line else self.path

    def fault(self, keys: KeyPath, message: str, mend: str = "") -> Fault:
        """A fault at the place of a value."""
        return Fault(self.path, *self.place(*keys), message, mend)


def read_toml(path: Path, shown: str, faults: list[Fault]) -> TomlFile | None:
    """The file, called `shown` in messages; None where it is missing or, with a fault, cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return TomlFile(shown, values := tomllib.loads(text), places(text, values), path.parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        faults.append(Fault(shown, 0, 0, f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(Fault(shown, 0, 0, "not UTF-8 text", "save the file as UTF-8"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        faults.append(_syntax_fault(shown, str(error)))
    return None


def _syntax_fault(shown: str, message: str) -> Fault:
    found = _DECODE_PLACE.fullmatch(message)
    if found is None:
        return Fault(shown, 0, 0, f"not TOML: {message}")
    return Fault(shown, int(found["line"]), int(found["column"]), f"not TOML: {found['message']}")


def places(text: str, values: dict[str, Any]) -> dict[KeyPath, tuple[int, int]]:
    """Where the keys and tables of a text stand: line and column, from 1; `values` are what tomllib reads there."""
    found: dict[KeyPath, tuple[int, int]] = {}
    for keys, line, column in _scan(text):
        if keys not in found and _reaches(values, keys):
            found[keys] = (line, column)
    return found


def _scan(text: str) -> Iterator[tuple[KeyPath, int, int]]:
    """Everything that looks like a header or a key, outside of multi-line strings."""
    table: KeyPath = ()
    repeated: dict[KeyPath, int] = {}
    quoted = False
    for number, line in enumerate(text.splitlines(), 1):
        inside, quoted = quoted, quoted != _opens_or_closes(line)
        if inside:
            continue
        if header := _HEADER.fullmatch(line):
            path = _keys(header["path"])
            if header["open"] == "[[":
                array = _indexed(path[:-1], repeated) + path[-1:]
                repeated[array] = repeated.get(array, 0) + 1
            table = _indexed(path, repeated)
            yield table, number, header.start("path") + 1
        elif key := KEY.match(line):
            yield table + _keys(key["path"]), number, key.start("path") + 1


def _opens_or_closes(line: str) -> bool:
    """Whether a multi-line string begins or ends in the line."""
    return any(line.count(quotes) % 2 for quotes in ('"""', "'''"))


def _keys(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))


def _indexed(path: KeyPath, repeated: dict[KeyPath, int]) -> KeyPath:
    """The path with the index of the latest element after each name of an array of tables."""
    indexed: KeyPath = ()
    for key in path:
        indexed += (key,)
        if indexed in repeated:
            indexed += (repeated[indexed] - 1,)
    return indexed


def _reaches(value: Any, keys: KeyPath) -> bool:
    for key in keys:
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(inside, dict) or key not in inside:
            return False
        value = inside[key]
    return True
