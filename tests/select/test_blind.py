"""What a finding says of stages that nobody could see."""

import pytest

from clew.detection.load import load_text
from clew.detection.model import Case
from clew.finding import BlindStage
from clew.runner.trial import trial

HEAD = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: A program is written and may run, call and be deleted
status: test
chain:
  scope: host.id
  within: 10m
  stages:
    write: {on: file_creation, bind: {binary: file.path}}
    run: {on: process_creation, link: process.executable = $binary, bind: {program: process.entity_id}}
    call:
      any:
        - {on: network_connection_creation, link: process.entity_id = $program}
        - {on: network_traffic_flow, after: write, weak: low}
    load: {on: module_load, link: process.entity_id = $program}
    gone: {on: file_deletion, link: file.path = $binary}
  findings: {low: write}
tests:
  - name: this
    expect: none
    events:
      - +0s file_creation: {host.id: ws1.example, file.path: 'C:\\a.exe'}
"""
RUN = BlindStage("run", ("process_creation",))
CALL = BlindStage("call", ("process_creation", "network_traffic_flow"))
UNCALLED = BlindStage("call", ("network_connection_creation", "network_traffic_flow"))
LOAD, UNLOADED = BlindStage("load", ("process_creation",)), BlindStage("load", ("module_load",))
GONE = BlindStage("gone", ("file_deletion",))


@pytest.mark.parametrize(
    ("beside", "blind"),
    [
        # What hangs on a blind stage is blind for want of the same, whatever was recorded.
        (["module_load: {}", "network_connection_creation: {}"], [RUN, CALL, LOAD, GONE]),
        # Another program ran, or this one: then both would have been seen.
        (["process_creation: {process.executable: 'C:\\b.exe'}"], [UNCALLED, UNLOADED, GONE]),
        (["process_creation: {process.executable: 'C:\\a.exe'}"], [UNCALLED, UNLOADED, GONE]),
        # One of several ways is enough. A sensor's flow may be this host's.
        (["process_creation: {}", "network_connection_creation: {}", "module_load: {}"], [GONE]),
        (["network_traffic_flow: {host.id: null, source.ip: 10.0.0.9}"], [RUN, UNLOADED, GONE]),
        # Another host's records say nothing of this one; its own short name's do.
        (["process_creation: {host.id: ws2.example}"], [RUN, UNCALLED, UNLOADED, GONE]),
        (["process_creation: {host.id: ws1}"], [UNCALLED, UNLOADED, GONE]),
    ],
)
def test_what_was_blind(beside: list[str], blind: list[BlindStage]) -> None:
    assert blind_of(*(f"+1m {one}" for one in beside)) == blind


def test_what_was_recorded_too_late_was_not_recorded() -> None:
    assert GONE not in blind_of("+10m file_deletion: {file.path: 'C:\\b.exe'}")
    assert GONE in blind_of("+10m1us file_deletion: {file.path: 'C:\\b.exe'}")


def blind_of(*beside: str) -> list[BlindStage]:
    """The blind stages of the one finding, with these events beside its opening."""
    events = "".join(f"      - {_placed(one)}\n" for one in beside)
    (detection,) = load_text(HEAD + events, "d.yaml")
    case: Case = detection.tests[0]
    [finding] = trial([detection], case.events)
    return list(finding.blind)


def _placed(event: str) -> str:
    """The event on the host of the opening, where it names none."""
    if "host.id" in event:
        return event.replace("host.id: null, ", "host.id: '', ")
    return event.replace("{", "{host.id: ws1.example, ")
