"""Entries of allow lists that would fit what was seen in the threads of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from clew.chain.iso import iso
from clew.detection.model import Detection
from clew.detection.usage import Use, allow_lists, uses
from clew.finding import LEVELS, Finding, Level, Value, rank
from clew.report.tuning import Change, Seen
from clew.select.candidate import Candidate
from clew.select.tables import Row

#: Proposals for one element that are tried, those of most findings first.
MOST = 5

#: A process, by scope and entity id.
_Process: TypeAlias = tuple[str, Value]
#: A value that an element might have, and when it was seen (ISO).
_Sight: TypeAlias = tuple[str, Value, str]


class Proposal(msgspec.Struct, frozen=True):
    """A value more for an element, and where it was seen."""

    change: Change
    seen: Seen


class Proposals(msgspec.Struct, frozen=True):
    """Proposals, those of most findings first; by element: findings with what no entry can stand for, and how many
    proposals were left out."""

    chosen: tuple[Proposal, ...]
    unnamed: dict[str, int]
    left_out: dict[str, int]


class Watcher:
    """Looks on at the rows of a hunt, and keeps what allow lists are compared with, by process."""

    def __init__(self, detections: Sequence[Detection]) -> None:
        self._scopes = [one.plan.scope for one in detections]
        self._uses = [[use for mine in allow_lists(one).values() for use in mine] for one in detections]
        self.sights: dict[tuple[Use, Value], dict[_Process, list[int]]] = {}

    def __call__(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Hand the rows on."""
        for row in rows:
            if isinstance(row, Candidate):
                for use in self._uses[row.detection]:
                    if use.stage == row.stage:
                        self._see(use, row)
            yield row

    def _see(self, use: Use, row: Candidate) -> None:
        event = row.event
        process = event.keys.get(self._scopes[row.detection], ""), event.fields.get("process.entity_id")
        if process[1] is not None:
            value = event.fields.get(use.field)
            self.sights.setdefault((use, value), {}).setdefault(process, []).append(event.time)


class _Gathered:
    """What is gathered of one value: when it was seen in which scope, and which findings have it."""

    def __init__(self) -> None:
        self.times: set[tuple[str, str]] = set()
        self.findings: dict[str, Level] = {}

    def seen(self) -> Seen:
        levels = Counter(self.findings.values())
        return Seen(
            count=len(self.times),
            first=min(time for time, _ in self.times),
            hosts=tuple(sorted({scope for _, scope in self.times})),
            findings={level: levels[level] for level in reversed(LEVELS) if levels[level]},
        )


def proposals(detections: Sequence[Detection], findings: Sequence[Finding], watcher: Watcher) -> Proposals:
    """What might be added to the allow lists, and to the lists that traits of the opening read.

    Only what the processes of findings did counts.
    """
    gathered: dict[tuple[str, Value], _Gathered] = {}
    for finding in findings:
        scope = _scope(finding)
        of = [d for d in detections if (d.analytic, d.variant) == (finding.analytic, finding.variant)]
        sights = {sight for one in of for sight in (*_evident(one, finding), *_openers(one, finding))}
        for element, value, time in sights | set(_allowed(finding, watcher)):
            mine = gathered.setdefault((element, value), _Gathered())
            mine.times.add((time, scope))
            mine.findings[finding.id] = finding.level
    return _chosen(gathered, {name for d in detections for name, e in d.mutable.items() if _is_list(e.value)})


def _allowed(finding: Finding, watcher: Watcher) -> Iterator[_Sight]:
    """What the processes of a thread did that an allow list might let pass.

    Without the opening's, which is who wrote or brought what the thread is about.
    """
    mine = {
        (_scope(finding), event.fields.get("process.entity_id"))
        for stage in finding.stages[1:]
        for event in stage.events
    }
    for (use, value), seen in watcher.sights.items():
        for process in mine & seen.keys():
            yield from ((use.element, value, iso(time)) for time in seen[process])


def _evident(detection: Detection, finding: Finding) -> Iterator[_Sight]:
    """The same of the events that the finding shows, whoever did them."""
    stages = {stage.name: stage for stage in finding.stages}
    for use in (use for mine in allow_lists(detection).values() for use in mine):
        shown = stages.get(detection.plan.stages[use.stage].name)
        for event in shown.events if shown else ():
            yield use.element, event.fields.get(use.field), event.time


def _openers(detection: Detection, finding: Finding) -> Iterator[_Sight]:
    """Who opened the chain, where a trait of the opening lists such and does not hold."""
    opening = detection.plan.stages[0]
    shown = next((stage for stage in finding.stages if stage.name == opening.name), None)
    for use in uses(detection):
        if shown is None or use.trait is None or use.stage != opening.index or use.negated:
            continue
        if f"{opening.name}.{use.trait}" not in finding.traits:
            known = (event for event in shown.events if use.field in event.fields)
            yield from ((use.element, event.fields[use.field], event.time) for event in known)


def _chosen(gathered: Mapping[tuple[str, Value], _Gathered], lists: set[str]) -> Proposals:
    chosen: dict[str, list[Proposal]] = {}
    unnamed: Counter[str] = Counter()
    for (element, value), mine in gathered.items():
        if element not in lists:
            continue
        if _is_entry(value):
            chosen.setdefault(element, []).append(Proposal(Change(element, "add", value), mine.seen()))
        else:
            unnamed[element] += len(mine.findings)
    ordered = [sorted(mine, key=_order) for mine in chosen.values()]
    left_out = {name: len(mine) - MOST for name, mine in chosen.items() if len(mine) > MOST}
    return Proposals(tuple(one for mine in ordered for one in mine[:MOST]), dict(unnamed), left_out)


def _order(proposal: Proposal) -> tuple[int, int, str]:
    """Those of most findings first, and of the least grave among equals."""
    gravest = max(map(rank, proposal.seen.findings))
    return -sum(proposal.seen.findings.values()), gravest, str(proposal.change)


def _scope(finding: Finding) -> str:
    return str(next(iter(finding.scope.values())))


def _is_list(value: object) -> bool:
    return isinstance(value, tuple)


def _is_entry(value: Value) -> bool:
    """Whether a value can stand in a list and mean only itself."""
    return isinstance(value, str) and not any(sign in value for sign in "*?")
