"""Exceptions of a site (R15)."""

from __future__ import annotations

import pytest

from chain.plans import ABSENCE, CALL, DROP, NEW, RUN, WRITE
from chain.story import detection, engine, levels, thread
from clew.detection.condition import Not, Test
from clew.detection.exception import Exemption
from clew.detection.glob import Glob
from clew.detection.matcher import Exists, Number, Text


def exemption(stage: str | None, field: str, value: str, detection_name: str = "AN0001") -> Exemption:
    where = Test(field, Text((Glob((value,)),)))
    return Exemption(detection_name, stage, where, "tested", 1 << 60, "clew.toml:1")


def test_an_event_that_is_excepted_cannot_fill_its_stage() -> None:
    held = exemption("call", "process.entity_id", "p1")
    made = engine(detection(DROP), [WRITE, RUN, CALL], exemptions=[held])
    (finding,) = made.take()
    assert finding.level == "low"
    assert [stage.name for stage in finding.stages] == ["write", "run"]
    assert made.counters.excepted == {0: 1}


def test_it_fills_other_stages_all_the_same() -> None:
    held = exemption("write", "process.entity_id", "p1")
    assert levels(detection(DROP), [WRITE, RUN, CALL]) == ["medium"]
    made = engine(detection(DROP), [WRITE, RUN, CALL], exemptions=[held])
    assert [finding.level for finding in made.take()] == ["medium"]
    assert made.counters.excepted == {}


def test_a_match_with_excepted_bindings_does_not_count() -> None:
    held = exemption(None, "$binary", r"c:\a.exe")
    made = engine(
        detection(DROP), [WRITE, RUN, CALL], exemptions=[exemption("run", "process.name", "never"), held]
    )
    assert made.take() == []
    assert made.counters.excepted == {1: 1}
    other = exemption(None, "$binary", r"c:\b.exe")
    assert [f.level for f in engine(detection(DROP), [WRITE, RUN, CALL], exemptions=[other]).take()] == [
        "medium"
    ]


def test_bindings_are_excepted_where_all_of_them_are_bound() -> None:
    """A match that does not bind the program is not held back by an exception over the program."""
    held = Exemption("AN0001", None, Not(Test("$program", Text((Glob(("never",)),)))), "tested", 1 << 60, "x")
    one = detection(DROP.replace("    low: run", "    low: write"))
    (finding,) = engine(one, [WRITE, RUN, CALL], exemptions=[held]).take()
    assert finding.level == "low"
    assert [stage.name for stage in finding.stages] == ["write"]


def test_a_variable_bound_to_an_empty_column_is_null() -> None:
    """A test on null is false, and its `not` is true."""
    one = detection(DROP.replace("{binary: file.path}", "{binary: file.path, hash: file.hash.sha256}"))
    for where, found in (
        (Test("$hash", Text((Glob(("ab12",)),))), ["medium"]),
        (Not(Test("$hash", Text((Glob(("ab12",)),)))), []),
        (Not(Test("$hash", Exists(True))), []),
    ):
        held = Exemption("AN0001", None, where, "tested", 1 << 60, "clew.toml:1")
        made = engine(one, [WRITE, RUN, CALL], exemptions=[held])
        assert [finding.level for finding in made.take()] == found


NESTED = """\
  scope: host.id
  within: 10m
  stages:
    install: {on: process_creation, bind: {p: process.entity_id}}
    call: {on: network_traffic_flow, link: process.entity_id in tree of $p}
  findings: {low: call}
"""
INSTALLS = [
    "i0 0 process_creation process.entity_id=p0",
    "i1 1 process_creation process.entity_id=p1",
    "start 0 p0 none event=i0",
    "start 1 p1 p0 event=i1",
    "c 2 network_traffic_flow process.entity_id=p1",
]


@pytest.mark.parametrize(("stage", "field"), [(None, "$p"), ("install", "process.entity_id")])
def test_no_opening_folds_into_one_that_an_exception_holds_back(stage: str | None, field: str) -> None:
    chains = engine(detection(NESTED), INSTALLS, exemptions=[exemption(stage, field, "p0")])
    assert [(finding.level, finding.stages[0].events[0].id) for finding in chains.take()] == [("low", "i1")]


def test_an_exception_over_two_branches_is_refused() -> None:
    chain = """\
  scope: host.id
  within: 10m
  stages:
    a: {on: file_creation, bind: {p: process.entity_id}}
    b: {on: module_load, link: process.entity_id = $p, bind: {x: dll.path}}
    c: {on: file_deletion, link: process.entity_id = $p, bind: {y: file.path}}
  findings: {low: b and c}
"""
    from clew.detection.condition import All

    both = All((exemption(None, "$x", "1").where, exemption(None, "$y", "1").where))
    with pytest.raises(ValueError, match="one path"):
        engine(detection(chain), [], exemptions=[Exemption("AN0001", None, both, "", 1, "clew.toml:7")])


def test_other_detections_are_not_concerned() -> None:
    held = exemption("call", "process.entity_id", "p1", "AN0002")
    assert [f.level for f in engine(detection(DROP), [WRITE, RUN, CALL], exemptions=[held]).take()] == [
        "medium"
    ]


def test_an_excepted_event_refutes_no_absence_but_excepted_bindings_do() -> None:
    one = detection(
        ABSENCE.replace("in tree of $program", "in tree of $program\n      bind: {to: destination.address}")
    )
    call = CALL + " destination.address=good"
    end = "z 11m file_creation file.path=z"
    assert [f.level for f in engine(one, [WRITE, RUN, call, end]).take()] == ["low"]
    stage = exemption("call", "destination.address", "good")
    assert [f.level for f in engine(one, [WRITE, RUN, call, end], exemptions=[stage]).take()] == ["high"]
    bound = exemption(None, "$to", "good")
    assert [f.level for f in engine(one, [WRITE, RUN, call, end], exemptions=[bound]).take()] == ["low"]


def test_runs_see_excepted_events() -> None:
    call = CALL + " destination.address=evil"
    before = "b -5m network_traffic_flow process.entity_id=other destination.address=evil"
    held = exemption("call", "process.entity_id", "other")
    assert [
        f.level for f in engine(detection(NEW), [before, WRITE, RUN, call], exemptions=[held]).take()
    ] == ["low"]


FOLDING = """\
  scope: host.id
  within: 10m
  stages:
    install: {on: process_creation, where: {process.name: msiexec}, bind: {setup: process.entity_id}}
    call: {on: network_traffic_flow, link: process.entity_id in tree of $setup}
  findings: {low: call}
"""


def test_no_opening_folds_into_one_whose_matches_do_not_count() -> None:
    lines = [
        "start 0 outer -",
        "start 1 inner outer",
        "o 0 process_creation process.entity_id=outer process.name=msiexec",
        "i 1 process_creation process.entity_id=inner process.name=msiexec",
        "c 2 network_traffic_flow process.entity_id=inner",
    ]
    one = detection(FOLDING)
    made = engine(one, lines)
    assert [thread(f) for f in made.take()] == [{"install": "o", "call": "c"}]
    made = engine(one, lines, exemptions=[exemption(None, "$setup", "outer")])
    assert [thread(f) for f in made.take()] == [{"install": "i", "call": "c"}]


def test_what_is_null_is_tested_as_in_any_where() -> None:
    """The stage is filled and its variable empty: `not` holds, and `exists: false` can be asked."""
    one = detection(DROP)
    run = RUN.replace(" process.entity_id=p1", "")
    assert levels(one, [WRITE, run]) == ["low"]
    for where in (Not(Test("$program", Text((Glob(("p1",)),)))), Test("$program", Exists(False))):
        held = Exemption("AN0001", None, where, "tested", 1 << 60, "x")
        assert engine(one, [WRITE, run], exemptions=[held]).take() == []
        assert [f.level for f in engine(one, [WRITE, RUN], exemptions=[held]).take()] == ["low"]


def test_a_bound_number_is_tested_as_a_number() -> None:
    chain = """\
  scope: host.id
  within: 10m
  stages: {call: {on: network_traffic_flow, bind: {port: destination.port}}}
  findings: {low: call}
"""
    call = "c 2 network_traffic_flow destination.port="
    held = Exemption("AN0001", None, Test("$port", Number("lt", (1024,))), "tested", 1 << 60, "x")
    assert engine(detection(chain), [call + "443"], exemptions=[held]).take() == []
    assert len(engine(detection(chain), [call + "8443"], exemptions=[held]).take()) == 1
