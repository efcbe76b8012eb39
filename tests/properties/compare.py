"""Running the engine on a case, and bringing its findings to the oracle's form."""

from __future__ import annotations

from collections.abc import Iterable

from clew.chain.engine import Engine
from clew.chain.episode import finding_id
from clew.chain.iso import iso
from clew.chain.order import in_order
from clew.detection.model import Detection
from clew.finding import Finding, rank
from properties.generate import Case
from properties.oracle import expected


def engine_of(one: Case) -> Engine:
    """A new engine for a case."""
    return Engine([one.detection], exemptions=one.exemptions)


def run(one: Case) -> list[Finding]:
    """The engine's findings on a batch."""
    if one.found is None:
        engine = engine_of(one)
        for row in in_order(one.rows, [one.detection]):
            engine.feed(row)
        engine.finish()
        one.found = latest(engine.take())
    return one.found


def latest(findings: Iterable[Finding]) -> list[Finding]:
    """The last that was said of each finding, by id."""
    return sorted({finding.id: finding for finding in findings}.values(), key=lambda one: one.id)


def view(detection: Detection, finding: Finding) -> tuple:
    """What can be compared of a finding."""
    number = {stage.name: stage.index for stage in detection.plan.stages}
    stages = [(number[s.name], s.also, s.events[0].id, s.count) for s in finding.stages]
    traits = []
    for index, *_ in stages:
        name, every = f"s{index}", detection.plan.stages[index].traits
        states = [_state(finding, f"{name}.{trait.name}") for trait in every]
        traits.append((index, tuple(states)))
    return (
        (
            *finding.scope.values(),
            finding.id,
            rank(finding.level),
            finding.revision,
            finding.window_covered,
            finding.first,
            finding.last,
        ),
        tuple(stages),
        tuple(sorted(number[name] for name in finding.weak)),
        tuple(traits),
        tuple(
            (number[one.stage], round(one.asked * 1_000_000), round(one.recorded * 1_000_000))
            for one in finding.baselines
        ),
    )


def _state(finding: Finding, name: str) -> bool | None:
    return True if name in finding.traits else None if name in finding.unknown else False


def oracle_view(one: Case) -> list[tuple]:
    """The oracle's findings, in the form of `view`."""
    detection, found = one.detection, []
    every = expected(detection, one.rows, one.exemptions)
    for (scope, per, began, level, revision, covered, first, last), *rest in every:
        identity = finding_id(detection.analytic, detection.variant, scope, per, began)
        found.append(((scope, identity, level, revision, covered, iso(first), iso(last)), *rest))
    return sorted(found, key=lambda one: one[0][1])
