"""From an episode to a finding in its public form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from clew.chain.entry import Entry, Packing
from clew.chain.episode import Episode, Shown, finding_id
from clew.chain.iso import iso
from clew.chain.layout import Layout, Level
from clew.chain.ways import STRONG
from clew.detection.model import Detection
from clew.finding import LEVELS, Baseline, EvidenceEvent, EvidenceStage, Finding, LogPosition, Value

_SECOND = 1_000_000


#: When the log was first recorded that a `new` looks at, by stage, alternative and scope.
Since: TypeAlias = dict[tuple[int, int, str], int]


def finding_of(
    detection: Detection, layout: Layout, packing: Packing, episode: Episode, since: Since
) -> Finding:
    """The finding as it stands now."""
    scope, per = episode.key
    shown = sorted(episode.shown.items())
    return Finding(
        id=finding_id(detection.analytic, detection.variant, scope, per, episode.began),
        revision=episode.revision,
        analytic=detection.analytic,
        variant=detection.variant,
        strategy=detection.strategy,
        technique=detection.technique,
        title=detection.title,
        level=LEVELS[episode.level],
        scope={layout.plan.scope: scope},
        per={name: _per(layout, packing, episode, number) for number, name in enumerate(layout.plan.per)},
        first=iso(episode.first or 0),
        last=iso(episode.last or 0),
        weak=tuple(layout.levels[stage].name for stage, one in shown if _is_weak(layout.levels[stage], one)),
        window_covered=episode.covered,
        stages=tuple(_stage(layout, stage, packing, episode) for stage, _ in shown),
        traits=tuple(name for stage, one in shown for name in _named(layout.levels[stage], one.held)),
        unknown=tuple(name for stage, one in shown for name in _named(layout.levels[stage], one.unknown)),
        baselines=tuple(_baselines(layout, episode, since)),
        lineage=tuple(ancestor for line in episode.lineage.values() for ancestor in line),
        mutable=detection.mutable,
        triage=detection.triage,
    )


def _baselines(layout: Layout, episode: Episode, since: Since) -> Iterator[Baseline]:
    """How long the log had been recorded before t(b) of the match that is shown, for what it takes as new (R5)."""
    scope, began = episode.key[0], episode.base[1]
    for stage, shown in sorted(episode.shown.items()):
        new = layout.plan.stages[stage].alternatives[shown.way].new
        if new is not None and not shown.also:
            recorded = began - since.get((stage, shown.way, scope), began)
            length = min(max(recorded, 0), new.gap)
            yield Baseline(layout.levels[stage].name, new.gap / _SECOND, length / _SECOND)


def _per(layout: Layout, packing: Packing, episode: Episode, number: int) -> Value:
    """The value as the event that is shown has it, null where it has none; the identity goes by the comparable form."""
    stage, position = layout.per[number]
    shown = episode.shown[stage]
    column = layout.levels[stage].fillings[shown.way].columns[position]
    return packing.unpack(shown.entry).fields.get(column)


def _is_weak(level: Level, shown: Shown) -> bool:
    return not shown.also and level.fillings[shown.way].strength != STRONG


def _named(level: Level, mask: int) -> list[str]:
    return [f"{level.name}.{trait.name}" for number, trait in enumerate(level.traits) if mask >> number & 1]


def _stage(layout: Layout, stage: int, packing: Packing, episode: Episode) -> EvidenceStage:
    level, shown = layout.levels[stage], episode.shown[stage]
    tally = episode.tallies.get(stage)
    parent = level.fillings[shown.way].parent
    entries = [shown.entry, *(one for one in shown.counted if one is not shown.entry)]
    return EvidenceStage(
        name=level.name,
        also=shown.also,
        count=len(tally.ordinals) if tally else shown.count,
        events=tuple(_event(packing, entry) for entry in entries),
        parent=None if parent is None else layout.levels[parent].name,
    )


def _event(packing: Packing, entry: Entry) -> EvidenceEvent:
    columns = packing.unpack(entry)
    return EvidenceEvent(
        id=entry.event,
        component=columns.component,
        time=iso(entry.time),
        fields=columns.fields,
        log=LogPosition(columns.source, columns.path, columns.position),
    )
