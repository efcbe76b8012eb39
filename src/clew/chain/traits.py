"""Putting the traits of a stage to an event: holds, does not hold, or unknown (R6)."""

from __future__ import annotations

from typing import Any

from clew.chain.entry import process_of, reader
from clew.chain.layout import Level
from clew.chain.node import Answer
from clew.entity.processes import Processes
from clew.event import OWN, SCHEMA, Event

LINEAGE = frozenset(column.name for column in SCHEMA.values() if column.lineage)

#: Answers kept for a stage: the same program in the same place asks the same again and again.
_KEPT = 4096


class Traits:
    """The traits of one stage."""

    def __init__(self, level: Level, lineage: Processes) -> None:
        self._traits = level.traits
        self._lineage = lineage
        self._columns = tuple(dict.fromkeys(column for trait in level.traits for column in trait.fields))
        self._read = reader(self._columns)
        self._reads_lineage = not LINEAGE.isdisjoint(self._columns)
        self._reads_own = not set(OWN).isdisjoint(self._columns)
        self._kept: dict[tuple[Any, ...], Answer] = {}

    def test(self, event: Event, scope: str) -> Answer:
        """Which traits the event has, by what is known of lineage now."""
        fields: dict[str, Any] = event.columns() if self._reads_own else event.fields
        if self._reads_lineage:
            fields = fields | self._of_lineage(event, scope)
        key = self._read(fields)
        answer = self._kept.get(key)
        if answer is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            answer = self._kept[key] = self._answer(fields)
        return answer

    def _of_lineage(self, event: Event, scope: str) -> dict[str, Any]:
        process = process_of(event)
        names = self._lineage.ancestors(scope, process) if process else ()
        return {"clew.process.ancestors": names} if names else {}

    def _answer(self, fields: dict[str, Any]) -> Answer:
        held = unknown = 0
        for number, trait in enumerate(self._traits):
            if not trait.existence and all(fields.get(column) is None for column in trait.fields):
                unknown |= 1 << number
            elif trait.holds(fields):
                held |= 1 << number
        return held, unknown
