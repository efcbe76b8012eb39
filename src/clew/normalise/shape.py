"""What a dialect is: where a record's parts stand in a line of JSON, and how to read them into the one shape.

The one shape: code, SYSTEM, and the event's own data under the names that the log source gives it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from typing import TypeAlias

import msgspec

from clew.database import name, quote
from clew.normalise.mapping import Mapping as Source

#: As DuckDB's from_json takes it: objects, names of types, and lists of one type.
Shape: TypeAlias = "Mapping[str, str | list[str] | Shape]"

#: What every dialect gives of every record's body; its head has told provider and code.
SYSTEM = ("channel", "computer", "record_id", "written")


class Part(msgspec.Struct, frozen=True):
    """A part of a record that not every mapping reads: what is read of the body, and what that is, as SQL over `b`."""

    body: Shape
    sql: str


class UserData(msgspec.Struct, frozen=True):
    """Where the data stand of a provider that writes UserData in the place of EventData: an object at `place`.

    With `wrapped` there is one more object between, whose name is the provider's affair.
    """

    place: tuple[str, ...]
    prefix: str = ""
    wrapped: bool = False


class Dialect(msgspec.Struct, frozen=True):
    """One shape: what is read of it, and how that becomes the one shape.

    `provider`, `code` and `is_this` are SQL over the head `h`; `system` gives each of SYSTEM as SQL over the body
    `b`, `header` what only some mappings read of a record's header (`Source.header`). The event's data stand in the
    body's object `data`, a path, with `prefix` before their names; `codes` are the JSON keys whose value may be the
    code.

    `unnamed` is the list of those data that have no name; None where the dialect calls them param1, param2 ...
    `taken` are names of data that are the dialect's own where the SQL over `b` holds. `renamed` has, by provider,
    where data stand that do not stand among the data.

    In the names of data `dots` stands for each dot, or None where a dot leads into an object. A record that does not
    name its code is known by a key in `marks`, which has a field for each code that only its records have. `only` is
    the one provider whose records the dialect has, '' for any.

    Where the head's keys differ from those of other dialects by case alone, or are many, they stand in `apart`, and
    are read into `e`, of lines only that no dialect claims by `h` and that have one of `signs` in their text. With
    `mixed` each dot in a name may lead into an object or stand in the key. With `parted` a code is a/b, of which only
    a stands in the text, perhaps in a list.
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
    header: Mapping[str, Part] = {}
    user_data: UserData | None = None
    unnamed: tuple[str, ...] | None = None
    taken: Mapping[str, Part] = {}
    renamed: Mapping[str, Mapping[str, Part]] = {}
    dots: str | None = "."
    marks: Mapping[str, str] = {}
    only: str = ""
    apart: Shape = {}
    signs: tuple[str, ...] = ()
    mixed: bool = False
    parted: bool = False

    def parsed(self, line: str, source: Source, reads: Collection[str]) -> str:
        """SQL that reads a line's body into a struct or null, with what `fields` needs of it."""
        return from_json(line, reduce(merged, self._shapes(source, reads), self.body))

    def fields(self, source: Source, reads: Collection[str]) -> dict[str, str]:
        """SQL for each field of the one shape, over the body `b` that `parsed` gave and the `line`."""
        header = {field: self.header[field].sql for field in source.header if field in reads}
        data = {field: self._field(source, field) for field in source.reads if field in reads}
        return {**self.system, **header, **data}

    def _shapes(self, source: Source, reads: Collection[str]) -> Iterator[Shape]:
        data = [field for field in source.reads if field in reads]
        yield from (nested(place, "VARCHAR") for field in data for place in self._places(field))
        yield from (self.header[field].body for field in source.header if field in reads)
        names = {*data, *(source.spelt[field] for field in data if field in source.spelt)}
        yield from (part.body for field, part in self.taken.items() if field in names)
        if data and source.user_data and self.user_data:
            texts = dict.fromkeys((self.user_data.prefix + field for field in data), "VARCHAR")
            yield nested(self.user_data.place, _wrapped(texts) if self.user_data.wrapped else texts)
        if source.unnamed and self.unnamed:
            yield nested(self.unnamed[:-1], {self.unnamed[-1]: ["VARCHAR"]})
        yield from (
            part.body for field, part in self.renamed.get(source.provider, {}).items() if field in data
        )

    def _field(self, source: Source, field: str) -> str:
        ways = [self._plain(field), *self._elsewhere(source, field)]
        return f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]

    def _plain(self, field: str) -> str:
        ways = [path("b", *place) for place in self._places(field)]
        found = f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]
        return f"CASE WHEN NOT ({self.taken[field].sql}) THEN {found} END" if field in self.taken else found

    def _places(self, field: str) -> list[tuple[str, ...]]:
        if self.mixed:
            return [(*self.data, *keys) for keys in spellings(self.prefix + field)]
        return [(*self.data, *spelt(self.prefix + field, self.dots))]

    def _elsewhere(self, source: Source, field: str) -> Iterator[str]:
        """Where a field may stand that is not among the data by its name."""
        other = source.spelt.get(field)
        if other:
            unless = f" AND NOT ({self.taken[other].sql})" if other in self.taken else ""
            yield f"CASE WHEN {_may_have(other, field)}{unless} THEN {self.exactly(other)} END"
        if source.user_data and self.user_data:
            place = path("b", *self.user_data.place)
            wrapped = f"map_values({place})[1]" if self.user_data.wrapped else place
            yield f"{wrapped}.{name(self.user_data.prefix + field)}"
            if other:
                found = self._exactly_of_user(other, self.user_data)
                yield f"CASE WHEN {_may_have(other, field)} THEN {found} END"
        if source.unnamed and self.unnamed and field.startswith("param"):
            yield f"{path('b', *self.unnamed)}[{int(field.removeprefix('param'))}]"
        if part := self.renamed.get(source.provider, {}).get(field):
            yield part.sql

    def exactly(self, field: str) -> str:
        """SQL over the `line` for one of the data whose name differs from another's by case alone."""
        keys = "".join(f'."{key}"' for key in (*self.data, self.prefix + field))
        return f"json_extract_string(line, {quote('$' + keys)})"

    @staticmethod
    def _exactly_of_user(field: str, data: UserData) -> str:
        """The same in UserData."""
        keys = [f'."{key}"' for key in (*data.place, data.prefix + field)]
        if not data.wrapped:
            return f"json_extract_string(line, {quote('$' + ''.join(keys))})"
        keys.insert(-1, ".*")
        return f"json_extract_string(line, {quote('$' + ''.join(keys))})[1]"


def _may_have(key: str, other: str) -> str:
    """SQL that is true for each line that has a key, by the end in which it differs from another: few lines have that.

    A search leaps to the first sign of what it is for, so the shorter that is and the rarer its first sign, the better.
    """
    differs = next((at for at, (mine, its) in enumerate(zip(key, other, strict=False)) if mine != its), 0)
    return f"contains(line, {quote(key[max(differs - 1, 0) :])})"


def _wrapped(texts: Iterable[str]) -> str:
    """The type of an object that holds one object with these texts, under whatever name."""
    return f"MAP(VARCHAR, STRUCT({', '.join(f'{name(text)} VARCHAR' for text in texts)}))"


def spelt(field: str, dots: str | None) -> tuple[str, ...]:
    """The keys that lead to a field, where `dots` stands for a dot in its name, or None for an object in another."""
    return tuple(field.split(".")) if dots is None else (field.replace(".", dots),)


def spellings(field: str) -> list[tuple[str, ...]]:
    """Every way to spell a field in keys: a.b is b in a, or the key a.b."""
    first, dot, rest = field.partition(".")
    if not dot:
        return [(field,)]
    return [
        keys
        for one, *others in spellings(rest)
        for keys in ((first, one, *others), (f"{first}.{one}", *others))
    ]


def nested(place: Iterable[str], inner: Shape | str | list[str]) -> Shape:
    """The shape of an object that has another at a place."""
    found: Shape | str | list[str] = inner
    for key in reversed(tuple(place)):
        found = {key: found}
    assert not isinstance(found, (str, list))
    return found


def path(*keys: str) -> str:
    """SQL for a field within structs: path('b', 'Event', 'a b') gives b.Event."a b"."""
    whole, *rest = keys
    return ".".join((whole, *map(name, rest)))


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
