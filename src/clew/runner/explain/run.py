"""Explaining a detection: hunt, grow the chains that were begun, put all events to what the furthest lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from clew import pipeline
from clew.chain.engine import Engine
from clew.detection.exception import Exemption
from clew.detection.model import Alternative, Detection, HostSet, Plan, Stage
from clew.event import Event
from clew.finding import Finding, Level, rank
from clew.report.explanation import Explanation
from clew.runner.explain.ancestry import Ancestry
from clew.runner.explain.begun import Begun, begun
from clew.runner.explain.goal import goals
from clew.runner.explain.growth import MOST_STEPS, Growth
from clew.runner.explain.lack import Lacks
from clew.runner.explain.question import Passes
from clew.runner.explain.source import Source
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart
from clew.select.tables import Row

#: Chains that are shown, and those among which the nearest are sought.
SHOWN = 3
SEARCHED = 8
#: Events that are put to what the chains lack.
MOST_EVENTS = 200_000


class _Hunted(NamedTuple):
    findings: list[Finding]
    candidates: list[Candidate]
    ancestry: Ancestry


def explain(
    detection: Detection,
    source: Source,
    *,
    level: Level | None = None,
    scope: str | None = None,
    exemptions: Sequence[Exemption] = (),
) -> Explanation:
    """Why the detection reached no more than it did on the events of a source.

    `level` asks for that level alone, of chains that did not reach it; else all levels above the one that was
    reached count. `scope` looks at one scope (a host) alone. `exemptions` are the site's that are in force.
    Raises UsageError and DetectionError as a hunt does.
    """
    mine = [one for one in exemptions if one.concerns(detection)]
    hunted = _hunt(detection, source, scope, mine)
    reached = max((finding.level for finding in hunted.findings), key=rank, default=None)
    growth = Growth(detection, hunted.candidates, hunted.ancestry, mine)
    wanted = goals(detection.plan, reached, level)
    chains = begun(growth, wanted) if wanted else []
    lacks = Lacks(detection, growth, scope)
    searched = chains[:SEARCHED]
    for chain in searched:
        lacks.raise_for(chain)
    left_out = [*_not_grown(growth), *_ask(detection, source, scope, hunted, lacks)]
    shown = sorted(searched, key=lambda chain: (*chain.order[:2], lacks.cost(chain)))[:SHOWN]
    return Explanation(
        detection=detection.name,
        title=detection.title,
        hosts=str(detection.hosts or ""),
        reached=reached,
        findings=len(hunted.findings),
        partials=tuple(lacks.told(chain) for chain in shown),
        others=sum(chain.order[0] == shown[0].order[0] for chain in chains) - _as_far(shown) if shown else 0,
        left_out=tuple(left_out),
    )


def _as_far(shown: Sequence[Begun]) -> int:
    return sum(chain.order[0] == shown[0].order[0] for chain in shown)


def _hunt(
    detection: Detection, source: Source, scope: str | None, exemptions: Sequence[Exemption]
) -> _Hunted:
    column = detection.plan.scope
    with source.gather([detection]) as candidates:
        findings = [
            f
            for f in pipeline.chain(candidates, Engine(candidates.detections, exemptions=exemptions))
            if scope is None or _is(f.scope[column], scope)
        ]
        rows = [row for _, row in candidates.rows()]
    facts = [row for row in rows if isinstance(row, ProcessStart | ProcessEnd)]
    passed = [
        row for row in rows if isinstance(row, Candidate) and _lives_in(row.event, detection.plan, scope)
    ]
    return _Hunted(findings, passed, Ancestry(facts))


def _is(value: object, scope: str) -> bool:
    return str(value).casefold() == scope.casefold()


def _lives_in(event: Event, plan: Plan, scope: str | None) -> bool:
    return scope is None or _is(event.keys.get(plan.scope), scope)


def _ask(
    detection: Detection, source: Source, scope: str | None, hunted: _Hunted, lacks: Lacks
) -> Iterator[str]:
    """Put the events to the questions, those from before the chains began last of all; say what was left out."""
    questions = lacks.questions
    components = {component for question in questions for component in question.components}
    if not components:
        return
    passes = _passes(hunted.candidates)
    looked = skipped = 0
    with source.gather([detection, _witness(detection, sorted(components), scope)]) as candidates:
        for event in _events((row for _, row in candidates.rows()), detection.plan, scope):
            if looked < MOST_EVENTS:
                looked += 1
                for question in questions:
                    question.put(event, passes)
            else:
                skipped += 1
    if skipped:
        yield f"{skipped:,} of {looked + skipped:,} events of {', '.join(sorted(components))} were not looked at"


def _not_grown(growth: Growth) -> Iterator[str]:
    if growth.exhausted:
        yield f"after {MOST_STEPS:,} steps no more chains were grown: look at one host alone, or at fewer files"


def _passes(candidates: Sequence[Candidate]) -> Passes:
    return {
        (candidate.event.id, candidate.stage, fit.alternative): fit.run_began
        for candidate in candidates
        for fit in candidate.fits
    }


def _witness(detection: Detection, components: Sequence[str], scope: str | None) -> Detection:
    """A detection that every event of the data components is a candidate of, on the hosts of the other."""
    plan, hosts = detection.plan, detection.hosts
    ways = tuple(Alternative(component=component) for component in components)
    seeing = msgspec.structs.replace(plan, stages=(Stage("event", 0, 1, ways),), levels=(), per=(), base=0)
    if scope is not None and plan.scope == "host.id":
        hosts = HostSet(((scope, hosts is None or hosts.holds(scope)),), False)
    return Detection(
        analytic="",
        strategy="",
        technique="",
        platform="",
        title="",
        status="test",
        plan=seeing,
        hosts=hosts,
    )


def _events(rows: Iterator[Row], plan: Plan, scope: str | None) -> Iterator[Event]:
    """The events of the witness."""
    for row in rows:
        if isinstance(row, Candidate) and row.detection == 1 and _lives_in(row.event, plan, scope):
            yield row.event
