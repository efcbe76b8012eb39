"""Every detection that Clew ships: it loads, passes its own tests, and says of ATT&CK what ATT&CK says."""

from pathlib import Path

import pytest

from clew.attack.index import attack_index
from clew.detection.check import check
from clew.detection.load import load_detections, shipped
from clew.detection.model import Case, Detection
from clew.runner.explain.run import explain
from clew.runner.explain.source import WrittenEvents
from clew.runner.trial import run_case

DETECTIONS = load_detections([shipped()])
CASES = [
    pytest.param(detection, case, id=f"{detection.name}: {case.name}")
    for detection in DETECTIONS
    for case in detection.tests
]
#: While a detection is being made (status test) it may leave things out; what it does say must be right.
UNFINISHED = {"log_sources_empty", "log_source_forgotten", "log_source_partial", "element_forgotten"}

each = pytest.mark.parametrize("detection", DETECTIONS, ids=lambda detection: detection.name)


def test_there_are_some() -> None:
    assert DETECTIONS


@pytest.mark.parametrize(("detection", "case"), CASES)
def test_a_case_reaches_what_it_says(detection: Detection, case: Case) -> None:
    outcome = run_case(detection, case)
    assert outcome.level == case.expect, [finding.level for finding in outcome.findings]


@each
def test_each_level_is_reached_by_a_test_and_there_are_near_misses(detection: Detection) -> None:
    levels = {case.expect for case in detection.tests}
    assert {rule.level for rule in detection.plan.levels} <= levels
    assert None in levels


@each
def test_it_agrees_with_attack(detection: Detection) -> None:
    allowed = UNFINISHED if detection.status == "test" else set()
    remarks = [remark for remark in check(detection, attack_index()) if remark.severity == "warning"]
    assert [str(remark) for remark in remarks if remark.kind not in allowed] == []


@each
def test_it_stands_where_people_look_for_it(detection: Detection) -> None:
    path = Path(detection.path)
    assert path.parent.name == detection.platform
    assert path.name.startswith(f"{detection.analytic}_")
    assert detection.triage


#: Near misses of AN0862 that the language makes possible, by words of the names of its tests.
NEAR_MISSES = {
    "reversed order": "before it was written",
    "one microsecond past the window": "one microsecond past",
    "another host": "another host",
    "allow-listed": "approved update host",
    "unlinked process": "another process",
    "duplicate": "exported twice",
}


@pytest.mark.parametrize("words", NEAR_MISSES.values(), ids=NEAR_MISSES.keys())
def test_an0862_has_the_near_misses(words: str) -> None:
    [detection] = [one for one in DETECTIONS if one.name == "AN0862"]
    [case] = [case for case in detection.tests if words in case.name]
    if "twice" in words:
        assert len({event.fields.get("event.id") for event in case.events[-2:]}) == 1
    else:
        assert case.expect is None


def test_an0862_says_why_a_call_a_week_later_is_no_part_of_the_chain() -> None:
    [detection] = [one for one in DETECTIONS if one.name == "AN0862"]
    [case] = [case for case in detection.tests if "a week later" in case.name]
    explained = explain(detection, WrittenEvents(case.events, detection.path), level="critical")
    [lack] = [lack for lack in explained.partials[0].lacks if lack.name == "egress"]
    assert lack.only == {"time": 1}
    [failure] = lack.misses[0].failures
    assert failure.message == "too late by 6d22h30m: 7d after write, and the chain's window is 90m"
