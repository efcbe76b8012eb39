"""Findings: a completed chain with its evidence, in version 1 of the JSON form (docs/finding.md).

A finding carries all that a report needs; whoever prints one needs neither the detection nor the logs.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Level: TypeAlias = Literal["low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high", "critical")
SCHEMA_VERSION = 1

Value: TypeAlias = str | int | float | bool | None


def rank(level: Level) -> int:
    """Place of a level, from 0 for low."""
    return LEVELS.index(level)


class LogPosition(msgspec.Struct, frozen=True):
    """Where the raw record of an event stands. `position` is a line or record number, from 1."""

    source: str
    path: str
    position: int


class EvidenceEvent(msgspec.Struct, frozen=True):
    """One event of the thread; `time` is ISO 8601, UTC, microseconds."""

    id: str
    component: str
    time: str = msgspec.field(name="@timestamp")
    fields: dict[str, Value]
    log: LogPosition


class EvidenceStage(msgspec.Struct, frozen=True):
    """One stage of the thread.

    `also`: the stage is not needed for the level but fits the same assignment.
    `count`: events that fill it over all matches; `events` is capped, `count` is not.
    `parent`: the stage on whose event this one hangs; null for the opening, and in findings of older versions.
    """

    name: str
    also: bool
    count: int
    events: tuple[EvidenceEvent, ...]
    parent: str | None = None


class Baseline(msgspec.Struct, frozen=True):
    """What a `new` stage of the thread rests on, in seconds.

    `asked` is the `for` of its `new`, `recorded` how much of that the log had been recorded when the chain's
    window began: its data component, in the chain's scope, or anywhere for a key without the scope's column.
    """

    stage: str
    asked: float
    recorded: float


class BlindStage(msgspec.Struct, frozen=True):
    """A stage that could not be seen: in the finding's scope none of these data components was recorded."""

    stage: str
    components: tuple[str, ...]


class Ancestor(msgspec.Struct, frozen=True):
    """One process in the lineage of a process of the thread, nearest first.

    `time` is empty and `event` null where its creation was not recorded.
    """

    of: str
    entity_id: str
    name: str
    executable: str
    time: str = msgspec.field(name="@timestamp", default="")
    event: str | None = None


class ElementValue(msgspec.Struct, frozen=True):
    """A mutable element as it was in force: its value, and where that came from."""

    value: Value | tuple[Value, ...]
    origin: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A completed chain.

    `id` is stable: the same chain in the same input has the same id in batch and live (R11).
    `first` and `last` are the times of the first and last event over all matches.
    `window_covered` is false where the input ended before an absence could be decided (R4).
    `baselines` are those of the `new` stages that the level needs (R5).
    `per` has null where the thread's event tells no value of a variable.
    `blind` are the stages that are not there because nothing could have told of them, in the order of the plan.
    `traits` are the traits that hold and `unknown` those that the telemetry could not decide, `stage.trait`.
    """

    schema: int = SCHEMA_VERSION
    id: str
    revision: int
    analytic: str
    variant: str | None
    strategy: str
    technique: str
    title: str
    level: Level
    scope: dict[str, Value]
    per: dict[str, Value]
    first: str
    last: str
    weak: tuple[str, ...]
    window_covered: bool
    stages: tuple[EvidenceStage, ...]
    traits: tuple[str, ...]
    unknown: tuple[str, ...]
    baselines: tuple[Baseline, ...] = ()
    lineage: tuple[Ancestor, ...]
    mutable: dict[str, ElementValue]
    triage: str
    blind: tuple[BlindStage, ...] = ()

    @property
    def bound(self) -> dict[str, Value]:
        """`per` without what is null."""
        return {name: value for name, value in self.per.items() if value is not None}
