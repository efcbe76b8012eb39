import msgspec
import pytest

from clew.detection.load import load_text
from clew.detection.model import Detection
from clew.runner.trial import run_case, run_cases, trial

TEXT = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: A program is written and run often
status: test
chain:
  scope: host.id
  within: 10m
  stages:
    write:
      on: file_creation
      bind: {binary: file.path}
    runs:
      on: process_creation
      link: process.executable = $binary
      count: {at_least: 2}
  findings: {low: runs}
  per: [$binary]
tests:
  - name: twice
    expect: low
    events:
      - +0s file_creation: {file.path: 'C:\\a.exe'}
      - +1m process_creation: &run {process.executable: 'C:\\a.exe'}
      - +2m process_creation: *run
  - name: wrong on purpose
    expect: high
    events:
      - +0s file_creation: {file.path: 'C:\\a.exe'}
      - +1m process_creation: *run
      - +2m process_creation: *run
  - name: a copy of one record
    expect: none
    events:
      - +0s file_creation: {file.path: 'C:\\a.exe'}
      - +1m process_creation: &copy {event.id: r1, process.executable: 'C:\\a.exe'}
      - +1m process_creation: *copy
  - name: before it was written, but within the skew
    expect: low
    events:
      - +2s file_creation: {file.path: 'C:\\a.exe'}
      - +0s process_creation: *run
      - +1s process_creation: *run
"""


@pytest.fixture
def detection() -> Detection:
    (one,) = load_text(TEXT, "d.yaml")
    return one


def test_cases_are_run_each_by_itself(detection: Detection) -> None:
    outcomes = [outcome for _, outcome in run_cases([detection])]
    assert [outcome.level for outcome in outcomes] == ["low", "low", None, "low"]
    assert [outcome.passed for outcome in outcomes] == [True, False, True, True]
    assert [len(outcome.findings) for outcome in outcomes] == [1, 1, 0, 1]


def test_a_finding_says_where_the_event_is_written(detection: Detection) -> None:
    [finding] = run_case(detection, detection.tests[0]).findings
    logs = {stage.name: stage.events[0].log for stage in finding.stages}
    assert logs["write"].path == "d.yaml"
    assert TEXT.splitlines()[logs["write"].position - 1].strip().startswith("- +0s file_creation")


def test_order_of_events_does_not_matter(detection: Detection) -> None:
    case = detection.tests[0]
    shuffled = msgspec.structs.replace(case, events=case.events[::-1])
    assert run_case(detection, shuffled).level == "low"


def test_several_detections_see_the_same_events(detection: Detection) -> None:
    other = msgspec.structs.replace(detection, analytic="AN0001")
    findings = trial([detection, other], detection.tests[0].events)
    assert sorted(finding.analytic for finding in findings) == ["AN0001", "AN0862"]


def test_no_events_find_nothing(detection: Detection) -> None:
    assert trial([detection], []) == []
