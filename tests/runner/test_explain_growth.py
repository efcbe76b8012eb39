"""How far `explain` says that chains come, against the brute-force reading of the language and the engine."""

from random import Random

import pytest

from clew.chain.engine import Engine
from clew.chain.order import in_order
from clew.detection.condition import Not, Test
from clew.detection.exception import Exemption
from clew.detection.glob import Glob
from clew.detection.load import load_text
from clew.detection.matcher import Text
from clew.event import Event
from clew.finding import rank
from clew.runner.explain.ancestry import Ancestry
from clew.runner.explain.goal import goals
from clew.runner.explain.growth import Growth
from clew.runner.explain.judge import Judge, folders, span
from clew.runner.explain.node import Place, node_of
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart
from properties.generate import NAME, NAMES, PATH, PATHS, PROCESS, Case, case
from properties.oracle import Oracle, folding_variable


def comparable(one: Case) -> bool:
    """Not where a weak way lowers a level: `explain` says that in its own way."""
    return not any(way.weak for stage in one.detection.plan.stages for way in stage.alternatives)


def growth_of(one: Case, exemptions: list[Exemption]) -> Growth:
    facts = [row for row in one.rows if not isinstance(row, Candidate)]
    candidates = [row for row in one.rows if isinstance(row, Candidate)]
    return Growth(one.detection, candidates, Ancestry(facts), exemptions)


def completed(one: Case, exemptions: list[Exemption]) -> int | None:
    """The highest level at which a chain lacks nothing."""
    plan = one.detection.plan
    growth = growth_of(one, exemptions)
    levels = []
    for opening in growth.openings():
        for goal in goals(plan, None, None):
            found = growth.furthest(opening, goal)
            if found.keys() == goal.disjunct.stages and not growth.unmet(found, goal, found.get(goal.base)):
                levels.append(rank(goal.rule.level))
    return max(levels, default=None)


@pytest.mark.parametrize("hundred", range(12))
def test_a_chain_lacks_nothing_exactly_where_there_is_a_match(hundred: int) -> None:
    fired = 0
    for seed in range(100 * hundred, 100 * (hundred + 1)):
        one = case(seed)
        if comparable(one):
            expected = max((match.level for match in Oracle(one.detection, one.rows).matches()), default=None)
            assert completed(one, []) == expected, seed
            fired += expected is not None
    assert fired


def engine_of(one: Case, exemptions: list[Exemption]) -> Engine:
    engine = Engine([one.detection], exemptions=exemptions)
    for row in in_order(one.rows, [one.detection]):
        engine.feed(row)
    engine.finish()
    return engine


def exemptions_for(one: Case, seed: int) -> list[Exemption]:
    """An exception over the events of a stage, and one over a variable, each about one of few values."""
    random = Random(seed)
    values = {PATH: PATHS, NAME: NAMES, PROCESS: ("p0", "p1")}
    column = random.choice((PATH, NAME, PROCESS))
    stage = random.choice(one.detection.plan.stages)
    event = Test(column, Text((Glob((random.choice(values[column]),)),)))
    bound = [pair for s in one.detection.plan.stages for way in s.alternatives for pair in way.bind.items()]
    variable, column = random.choice(bound)
    match = Test(f"${variable}", Text((Glob((random.choice(values[column]),)),)))
    wheres = ((stage.name, event), (None, match if random.random() < 0.7 else Not(match)))
    return [Exemption("AN0001", s, w, "tested", 1 << 60, f"clew.toml:{n}") for n, (s, w) in enumerate(wheres)]


@pytest.mark.parametrize("part", range(6))
def test_exceptions_hold_back_exactly_what_the_engine_holds_back(part: int) -> None:
    held = 0
    for seed in range(200 * part, 200 * (part + 1)):
        one = case(seed)
        if comparable(one):
            exemptions = exemptions_for(one, seed)
            found = engine_of(one, exemptions).take()
            expected = max((rank(finding.level) for finding in found), default=None)
            assert completed(one, exemptions) == expected, seed
            held += expected != completed(one, [])
    assert held


def test_openings_fold_exactly_where_the_engine_folds_them() -> None:
    folded = 0
    for seed in range(2000):
        one = case(seed)
        if folding_variable(one.detection.plan) is not None:
            growth = growth_of(one, [])
            openings = growth.openings()
            inside = sum(map(len, growth.nested.inside.values()))
            counters = engine_of(one, []).counters
            assert (len(openings), inside) == (counters.opened, counters.folded), seed
            folded += inside
    assert folded


def event(id_: str, time: int, **keys: str) -> Event:
    dotted = {name.replace("__", "."): value for name, value in keys.items()}
    return Event(id_, "process_creation", time, dict(dotted), {"host.id": "h", **dotted})


STANDING = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: t
status: test
chain:
  scope: host.id
  within: 1h
  from: below
  stages:
    service:
      on: process_creation
      bind: {service: process.entity_id}
    below:
      on: process_creation
      link: process.parent.entity_id in tree of $service
  findings: {low: below}
"""


def test_the_end_of_a_standing_process_is_said() -> None:
    (detection,) = load_text(STANDING)
    facts = [ProcessStart(0, "h", "c", "s"), ProcessEnd(10_000_000, "h", "s")]
    judge = Judge(detection, Ancestry(facts))
    way = detection.plan.stages[1].alternatives[0]
    service = node_of(
        event("e0", 0, process__entity_id="s"), 0, detection.plan.stages[0].alternatives[0], None, None
    )
    place = Place(service, None, standing=True)
    below = {"process__entity_id": "c", "process__parent__entity_id": "s"}
    assert judge.failures(event("e1", 12_000_000, **below), 1, way, place, None) == []
    [failure] = judge.failures(event("e2", 12_000_001, **below), 1, way, place, None)
    assert failure.message == "too late: the process of service ended 2s1us before"


def test_a_creation_that_was_not_recorded_is_said() -> None:
    (detection,) = load_text(STANDING.replace("  from: below\n", ""))
    judge = Judge(detection, Ancestry([ProcessStart(1, "h", "x", None, event="r")]))
    first, second = (stage.alternatives[0] for stage in detection.plan.stages)
    service = node_of(event("e0", 0, process__entity_id="s"), 0, first, None, None)
    made_up = event("e1", 5, process__entity_id="c", process__parent__entity_id="s")
    made_up.fields["clew.synthetic"] = True
    failures = judge.failures(made_up, 1, second, Place(service, service), None)
    assert [failure.message for failure in failures] == [
        "its creation is not recorded, and on this host others are recorded before it"
    ]


def test_ancestry_uses_no_later_facts() -> None:
    facts = [
        ProcessStart(5, "h", "c", "b", "c.exe", parent_name="b.exe"),
        ProcessStart(7, "h", "b", "a", "b2.exe"),
        ProcessStart(9, "h", "c", "z", "renamed.exe"),
    ]
    ancestry = Ancestry(facts)
    assert ancestry.line("h", "c", 4) == ["c"]
    assert ancestry.line("h", "c", 6) == ["c", "b"]
    assert ancestry.line("h", "c") == ["c", "b", "a"]
    assert ancestry.known_since("h", "c", "a") == 7
    assert ancestry.known_since("h", "c", "z") is None
    assert (ancestry.name("h", "b", 6), ancestry.name("h", "b", 8)) == ("b.exe", "b2.exe")
    assert (ancestry.name("h", "c", 8), ancestry.name("h", "c")) == ("c.exe", "renamed.exe")
    assert ancestry.ancestors("h", "c", 6) == ("b.exe",)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0s"),
        (1, "1us"),
        (5_400_000_001, "1h30m1us"),
        (604_806_000_001, "7d6s1us"),
        (90_061_001_001, "1d1h1m"),
    ],
)
def test_a_length_of_time(length: int, said: str) -> None:
    assert span(length) == said


def test_folders() -> None:
    assert folders(r"c:\a\b.exe") == ["c:", r"c:\a"]
    assert folders("/a/b") == ["", "/a"]
