"""Which mutable elements a detection uses, where, and whether a value that is added lets more events pass or fewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from clew.detection.condition import All, Condition, Either, FieldRef, Not, Test
from clew.detection.element import TYPES, ElementError, coerce, matcher
from clew.detection.matcher import AnyMatcher, Boolean, Exists, TimePart
from clew.detection.model import Detection
from clew.event import SCHEMA
from clew.finding import ElementValue


class Use(msgspec.Struct, frozen=True):
    """An element's values are compared with a column, in the `where` of a stage or of one of its traits.

    `negated`: an event that has one of the values does *not* pass, so a value more lets fewer pass.
    """

    element: str
    stage: int
    field: str
    negated: bool
    trait: str | None = None


def uses(detection: Detection) -> Iterator[Use]:
    """Every use of a mutable element in a condition of the detection."""
    elements = detection.mutable
    for stage in detection.plan.stages:
        for way in stage.alternatives:
            for test, negated in _tests(way.where):
                if name := element_of(test.field, test.matcher, elements):
                    yield Use(name, stage.index, test.field, negated)
        for trait in stage.traits:
            for test, negated in _tests(trait.where):
                if name := element_of(test.field, test.matcher, elements):
                    yield Use(name, stage.index, test.field, negated, trait.name)


def allow_lists(detection: Detection) -> dict[str, tuple[Use, ...]]:
    """The elements that only ever keep events out of a stage, with their uses."""
    found: dict[str, list[Use]] = {}
    for use in uses(detection):
        found.setdefault(use.element, []).append(use)
    return {
        name: tuple(mine)
        for name, mine in found.items()
        if all(use.negated and use.trait is None for use in mine)
    }


def _tests(condition: Condition | None, negated: bool = False) -> Iterator[tuple[Test, bool]]:
    match condition:
        case None | FieldRef():
            return
        case Test():
            yield condition, negated
        case Not(part):
            yield from _tests(part, not negated)
        case All(parts) | Either(parts):
            for part in parts:
                yield from _tests(part, negated)


def element_of(field: str, test: AnyMatcher, elements: Mapping[str, ElementValue]) -> str | None:
    """The element whose value, by one of the types, makes exactly this test."""
    column = SCHEMA.get(field)
    if column is None or isinstance(test, Exists | Boolean | TimePart):
        return None
    for name, element in elements.items():
        for type_ in TYPES:
            try:
                if matcher(type_, coerce(type_, element.value), column) == test:
                    return name
            except ElementError:
                continue
    return None
