"""A condition as a tree: what is tested, apart from who tests it (DuckDB in `select`, Python in `chain`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from clew.detection.glob import fold
from clew.detection.matcher import AnyMatcher, Exists, Matcher, joined

__all__ = [
    "All",
    "Condition",
    "Either",
    "FieldRef",
    "Fields",
    "Matcher",
    "Not",
    "Test",
    "compile",
    "either",
    "fields_of",
    "holds",
    "only_existence",
]

#: An event's columns that are not null; a lineage column holds a tuple of texts, of which one must pass.
Fields: TypeAlias = Mapping[str, Any]


class Test(msgspec.Struct, frozen=True, tag=True):
    """A column is put to a test."""

    __test__ = False  # not a test case for pytest

    field: str
    matcher: AnyMatcher


class FieldRef(msgspec.Struct, frozen=True, tag=True):
    """A column holds what another column holds: as a whole, or for texts at its start, end or anywhere.

    False where either is null. Texts compare without regard to case unless `cased`.
    """

    field: str
    other: str
    place: Literal["whole", "start", "end", "within"] = "whole"
    cased: bool = False


class All(msgspec.Struct, frozen=True, tag=True):
    """Every part holds; an empty one is true."""

    parts: tuple[Condition, ...]


class Either(msgspec.Struct, frozen=True, tag=True):
    """At least one part holds; an empty one is false."""

    parts: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The part does not hold; where the part is unknown for null, that is true."""

    part: Condition


Condition: TypeAlias = Test | FieldRef | All | Either | Not


def either(parts: Iterable[Condition]) -> Condition:
    """An Either with tests of one kind on one column joined into one: `[a, b]` is one test, not two."""
    flat: list[Condition] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Either) else (part,):
            _add(flat, piece)
    return flat[0] if len(flat) == 1 else Either(tuple(flat))


def _add(flat: list[Condition], piece: Condition) -> None:
    last = flat[-1] if flat else None
    if isinstance(piece, Test) and isinstance(last, Test) and piece.field == last.field:
        both = joined(last.matcher, piece.matcher)
        if both is not None:
            flat[-1] = Test(piece.field, both)
            return
    flat.append(piece)


def holds(condition: Condition, fields: Fields) -> bool:
    """Whether an event's columns fulfil the condition. Compiles each time: use `compile` for many events."""
    return compile(condition)(fields)


def compile(condition: Condition) -> Callable[[Fields], bool]:
    """The condition as a function of an event's columns; two-valued, never raises on what a log holds."""
    match condition:
        case Test():
            return _test(condition)
        case FieldRef():
            return _field_ref(condition)
        case Not(part):
            inner = compile(part)
            return lambda fields: not inner(fields)
        case All(parts) | Either(parts):
            return _connected([compile(part) for part in parts], isinstance(condition, All))


def _connected(parts: list[Callable[[Fields], bool]], every: bool) -> Callable[[Fields], bool]:
    """Loops rather than all() and any(): their generators cost as much as the tests."""
    if len(parts) == 1:
        return parts[0]

    def run(fields: Fields) -> bool:
        for part in parts:
            if part(fields) is not every:
                return not every
        return every

    return run


def _test(test: Test) -> Callable[[Fields], bool]:
    field, matcher = test.field, test.matcher
    if isinstance(matcher, Exists):
        return lambda fields: matcher.matches(fields.get(field))
    accept, values = matcher.predicate(), matcher.values

    def run(fields: Fields) -> bool:
        value = fields.get(field)
        if isinstance(value, values):
            return accept(value)
        if isinstance(value, tuple | list):
            return any(accept(one) for one in value if isinstance(one, values))
        return False

    return run


def _field_ref(ref: FieldRef) -> Callable[[Fields], bool]:
    def run(fields: Fields) -> bool:
        others = list(_each(fields.get(ref.other)))
        return any(_alike(ref, one, other) for one in _each(fields.get(ref.field)) for other in others)

    return run


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple | list):
        yield from value
    elif value is not None:
        yield value


def _alike(ref: FieldRef, one: Any, other: Any) -> bool:
    if not (isinstance(one, str) and isinstance(other, str)):
        return ref.place == "whole" and type(one) is type(other) and bool(one == other)
    left, right = (one, other) if ref.cased else (fold(one), fold(other))
    match ref.place:
        case "whole":
            return left == right
        case "start":
            return left.startswith(right)
        case "end":
            return left.endswith(right)
        case "within":
            return right in left


def fields_of(condition: Condition) -> tuple[str, ...]:
    """The columns that the condition reads, each once, in the order of their first appearance."""
    return tuple(dict.fromkeys(_fields(condition)))


def _fields(condition: Condition) -> Iterator[str]:
    match condition:
        case Test(field, _):
            yield field
        case FieldRef(field, other):
            yield from (field, other)
        case Not(part):
            yield from _fields(part)
        case All(parts) | Either(parts):
            for part in parts:
                yield from _fields(part)


def only_existence(condition: Condition) -> bool:
    """Whether it only asks which columns are there, so that it is never unknown for nulls (R16)."""
    match condition:
        case Test(_, matcher):
            return isinstance(matcher, Exists)
        case FieldRef():
            return False
        case Not(part):
            return only_existence(part)
        case All(parts) | Either(parts):
            return all(only_existence(part) for part in parts)
