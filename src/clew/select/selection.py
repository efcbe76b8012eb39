"""What the detections ask of single events, numbered: one selection for each alternative of each stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from clew.detection.condition import fields_of
from clew.detection.model import Alternative, Detection, New


class Selection(msgspec.Struct, frozen=True):
    """One alternative of one stage of one detection, by its indexes; `number` is its place in the list."""

    number: int
    detection: int
    stage: int
    alternative: int
    asks: Alternative

    @property
    def new(self) -> New | None:
        """The first-seen condition, where there is one."""
        return self.asks.new


def selections(detections: Sequence[Detection]) -> tuple[Selection, ...]:
    """All selections of the detections, in order."""
    found = (
        (d, stage.index, a, alternative)
        for d, detection in enumerate(detections)
        for stage in detection.plan.stages
        for a, alternative in enumerate(stage.alternatives)
    )
    return tuple(Selection(number, *parts) for number, parts in enumerate(found))


def components(detections: Sequence[Detection]) -> frozenset[str]:
    """The data components that the detections read.

    Process creations feed the lineage of all of them, terminations that of those with standing stages.
    """
    read = {selection.asks.component for selection in selections(detections)}
    lineage = {"process_creation"}
    if any(detection.plan.base for detection in detections):
        lineage.add("process_termination")
    return frozenset(read | lineage)


def compared(detections: Sequence[Detection]) -> tuple[str, ...]:
    """The columns that links, binds, scopes and `new` compare: each of them needs a key."""
    columns = {detection.plan.scope for detection in detections}
    for selection in selections(detections):
        columns.update(_compared_by(selection.asks))
    return tuple(sorted(columns))


def tested(detections: Sequence[Detection]) -> frozenset[str]:
    """The columns that decide whether an event passes a selection."""
    wheres = (s.asks.where for s in selections(detections) if s.asks.where is not None)
    return frozenset(column for where in wheres for column in fields_of(where))


def _compared_by(asks: Alternative) -> Iterator[str]:
    yield from asks.bind.values()
    for line in asks.link:
        yield from (term.field for term in line)
    if asks.new:
        yield from asks.new.key
    if asks.count:
        yield from asks.count.by
        if asks.count.distinct:
            yield asks.count.distinct
