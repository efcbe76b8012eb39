"""What a dialect is: where a record's parts stand in a line of JSON, and how to read them into the one shape.

The one shape: code, SYSTEM, and the event's own data under the names that the log source gives it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TypeAlias

import msgspec

from clew.database import name, quote

#: As DuckDB's from_json takes it: objects, names of types, and lists of one type.
Shape: TypeAlias = "Mapping[str, str | list[str] | Shape]"

#: What every dialect gives of every record's body; its head has told provider and code.
SYSTEM = ("channel", "computer", "record_id", "written")


class Dialect(msgspec.Struct, frozen=True):
    """One shape: what is read of it, and how that becomes the one shape.

    `provider`, `code` and `is_this` are SQL over the head `h`; `system` gives each of SYSTEM as SQL over the body
    `b`. The event's data stand in the body's object `data`, a path, with `prefix` before their names, in which `dots`
    stands for each dot, or None where a dot leads into an object; those that may stand elsewhere are in `renamed`, as
    SQL over `b`. `codes` are the JSON keys whose value may be the code; a record that does not name its code is known
    by a key in `marks`, a code for each. `only` is the one provider whose records it has, '' for any.
    """

    name: str
    head: Shape
    is_this: str
    provider: str
    code: str
    codes: tuple[str, ...]
    body: Shape
    system: Mapping[str, str]
    data: tuple[str, ...]
    prefix: str = ""
    renamed: Mapping[str, str] = {}
    dots: str | None = "."
    marks: Mapping[str, str] = {}
    only: str = ""

    def parsed(self, line: str, data: Iterable[str]) -> str:
        """SQL that reads a line's body, with these data fields, into a struct or null."""
        places = (spelt(self.prefix + field, self.dots) for field in data)
        return from_json(line, reduce(merged, (at((*self.data, *place)) for place in places), self.body))

    def fields(self, data: Iterable[str], spelt: Mapping[str, str]) -> dict[str, str]:
        """SQL for each field of the one shape, over the body `b` that `parsed` gave and, for those with a
        second spelling in `spelt`, over the `line`.
        """
        return {**self.system, **{field: self._field(field, spelt.get(field)) for field in data}}

    def _field(self, field: str, other: str | None) -> str:
        ways = [".".join(("b", *map(name, (*self.data, *spelt(self.prefix + field, self.dots)))))]
        if other:
            path = "$" + "".join(f'."{key}"' for key in (*self.data, self.prefix + other))
            ways.append(
                f"CASE WHEN contains(line, {quote(other)}) THEN json_extract_string(line, {quote(path)}) END"
            )
        if field in self.renamed:
            ways.append(self.renamed[field])
        return f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]


def spelt(field: str, dots: str | None) -> tuple[str, ...]:
    """The keys that lead to a field, where `dots` stands for a dot in its name, or None for an object in another."""
    return tuple(field.split(".")) if dots is None else (field.replace(".", dots),)


def at(place: tuple[str, ...]) -> Shape:
    """A text at these keys."""
    *parents, last = place
    found: Shape = {last: "VARCHAR"}
    for key in reversed(parents):
        found = {key: found}
    return found


def from_json(line: str, shape: Shape) -> str:
    """SQL that reads JSON text into a struct, or null where it is no JSON."""
    return f"try(from_json({line}, {quote(json.dumps(shape))}))"


def merged(shape: Shape, other: Shape) -> Shape:
    """Both shapes in one: objects of the same key are merged."""
    found = dict(shape)
    for key, value in other.items():
        mine = found.get(key)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        found[key] = merged(mine, value) if both else value  # type: ignore[arg-type]
    return found
