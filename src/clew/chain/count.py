"""Counting events until a stage is filled (R6)."""

from __future__ import annotations

from typing import TypeAlias

from clew.chain.entry import Entry
from clew.detection.model import Count
from clew.event import Event

#: What makes two events one to a count: the distinct value, else the event's number.
Value: TypeAlias = "str | int"

#: The number of a count that stands beside `any`, among those of the alternatives.
TOGETHER = -1


def number_of(count: Count, alternative: int) -> int:
    """Which count of its stage an alternative takes part in: its own, or that of all together."""
    return TOGETHER if count.together else alternative


class Counted:
    """The events that have been counted in one place: under a parent, or for one set of `by` values.

    `entries` are those that count, in order. Of equal distinct values the first counts under a parent, and the
    latest in a sliding window, which forgets the others sooner.
    """

    __slots__ = ("entries", "filled")

    def __init__(self) -> None:
        self.entries: dict[Value, Entry] = {}
        self.filled = False


def value_of(count: Count, event: Event, entry: Entry) -> Value | None:
    """What the event is to the count; None where its distinct column is null, so that it does not count."""
    if count.distinct is None:
        return entry.ordinal
    value = event.keys.get(count.distinct, event.fields.get(count.distinct))
    return None if value is None else str(value)


def count_under(counted: Counted, count: Count, entry: Entry, value: Value) -> bool:
    """Count an event under a parent; whether it is the one that fills the stage, which happens once."""
    if counted.filled or value in counted.entries:
        return False
    counted.entries[value] = entry
    counted.filled = len(counted.entries) >= count.at_least
    return counted.filled


def count_sliding(counted: Counted, count: Count, entry: Entry, value: Value) -> tuple[Entry, ...]:
    """Count an event that may open a chain; those that made the number when it is reached, else nothing."""
    entries = counted.entries
    entries.pop(value, None)
    entries[value] = entry
    if count.within is not None:
        for old in [v for v, one in entries.items() if one.time < entry.time - count.within]:
            del entries[old]
    if len(entries) < count.at_least:
        return ()
    counted.entries = {}
    return tuple(entries.values())
