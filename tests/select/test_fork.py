"""Forks feed lineage only (R9): who made a process is known by them, and nothing else comes of them."""

import json
from pathlib import Path
from typing import Any

import pytest

import clew
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.finding import Finding
from clew.runner.trial import tables, trial
from clew.select.candidate import Candidate, ProcessStart

TREE = """
analytic: AN0001
strategy: DET0001
technique: T1059.004
platform: linux
title: A shell whose tree calls out
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    start:
      on: process_creation
      where: {process.name: sh}
      bind: {shell: process.entity_id}
    call:
      on: network_connection_creation
      link: process.entity_id in tree of $shell
      traits:
        by_shell: {clew.process.ancestors: sh}
  findings: {high: call.by_shell, low: call}
  per: [$shell]
"""
SECOND = 1_000_000
DETECTION = load_text(TREE)


def event(seconds: float, component: str, process: str, parent: str = "", **columns: Any) -> CaseEvent:
    fields = {name.replace("__", "."): value for name, value in columns.items()}
    made_by = {"process.parent.entity_id": parent} if parent else {}
    return CaseEvent(
        round(seconds * SECOND),
        component,
        {"host.id": "h", "process.entity_id": process, **made_by, **fields},
    )


def fork(seconds: float, process: str, parent: str, action: str = "fork", **columns: Any) -> CaseEvent:
    told = {"event__action": action, "process__name": "sh", **columns}
    return event(seconds, "os_api_execution", process, parent, **told)


SHELL = event(0, "process_creation", "s", process__name="sh")
CHILD = event(2, "process_creation", "c", "f", process__name="curl")
CALL = event(3, "network_connection_creation", "c", process__name="curl", destination__ip="203.0.113.7")


def rows(*events: CaseEvent) -> list[Any]:
    with connect(Limits(threads=1)) as database:
        return [row for _, row in tables(database, DETECTION, events).rows()]


def levels(*events: CaseEvent) -> list[str]:
    return [finding.level for finding in trial(DETECTION, events)]


@pytest.mark.parametrize("action", ["fork", "clone"])
def test_the_child_of_a_forked_process_is_in_the_tree(action: str) -> None:
    assert levels(SHELL, fork(1, "f", "s", action), CHILD, CALL) == ["high"]
    assert levels(SHELL, CHILD, CALL) == []
    assert levels(SHELL, fork(1, "f", "s", "ptrace", process__name="gdb"), CHILD, CALL) == []


def test_what_a_forked_process_does_itself_is_in_the_tree() -> None:
    assert levels(SHELL, fork(1, "c", "s"), CALL) == ["high"]


def test_the_first_parent_stands() -> None:
    made = event(2, "process_creation", "c", "init", process__name="curl")
    assert levels(SHELL, fork(1, "c", "s"), made, CALL) == ["high"]
    assert levels(SHELL, fork(1, "c", "init"), event(2, "process_creation", "c", "s"), CALL) == []


def test_a_fork_alone_fires_nothing_and_is_no_creation() -> None:
    [start] = rows(fork(1, "f", "s", process__pid=7))
    assert isinstance(start, ProcessStart)
    assert (start.name, start.executable, start.event) == ("", "", "")
    assert rows(fork(1, "f", "s", host__id=None)) == []


def test_a_fork_leaves_the_name_of_its_process_as_it_is() -> None:
    """An exec of the same time, and one before: a fork that is told late does not undo it."""
    shell = event(0, "process_creation", "f", process__name="sh")
    for seconds in (0, 1):
        again = fork(seconds, "f", "x", process__name="other")
        assert levels(shell, again, CHILD, CALL) == ["high"]


def test_a_process_that_only_forked_gets_a_synthetic_creation_once_it_acts() -> None:
    wrote = event(5, "file_creation", "f", process__name="sh")
    [made] = [row for row in rows(fork(1, "f", "s"), wrote) if isinstance(row, Candidate)]
    assert made.event.fields["clew.synthetic"] is True
    assert made.event.keys["process.entity_id"] == "f"


def test_a_pid_is_whom_a_creation_says() -> None:
    """A fork has a pid, which a call without an entity id names: it was the process of the creation before."""
    shell = event(0, "process_creation", "s", process__name="sh", process__pid=7)
    call = CaseEvent(
        3 * SECOND, "network_connection_creation", {"host.id": "h", "process.pid": 7, "destination.ip": "::"}
    )
    assert levels(shell, fork(1, "f", "x", process__pid=7), call) == ["low"]


def test_a_parent_may_be_known_by_its_pid() -> None:
    shell = event(0, "process_creation", "s", process__name="sh", process__pid=7)
    assert levels(shell, fork(1, "f", "", process__parent__pid=7), CHILD, CALL) == ["high"]


def document(
    seconds: int, action: str, process: str, parent: str, name: str, **fields: Any
) -> dict[str, Any]:
    return {
        "@timestamp": f"2026-03-31T09:00:0{seconds}Z",
        "event": {"kind": "event", "category": ["process"], "type": ["start"], "action": action},
        "host": {"name": "h"},
        "process": {"entity_id": process, "name": name, "parent": {"entity_id": parent}},
        **fields,
    }


def test_forks_of_ecs_and_ocsf_are_read(tmp_path: Path) -> None:
    call = document(4, "connection_attempted", "c", "f", "curl", destination={"ip": "203.0.113.7"})
    call["event"] |= {"category": ["network"]}
    told = [document(0, "exec", "s", "i", "sh"), document(2, "exec", "c", "f", "curl"), call]
    forked = {
        "class_uid": 1007,
        "activity_id": 1,
        "launch_type_id": 2,
        "time": "2026-03-31T09:00:01Z",
        "device": {"hostname": "h"},
        "process": {"uid": "f", "parent_process": {"uid": "s"}},
    }
    assert found(tmp_path, *told) == []
    for fork_told in (
        document(1, "fork", "f", "s", "sh"),
        forked,
        forked | {"process": {"uid": "f"}} | by("s"),
    ):
        [finding] = found(tmp_path, *told, fork_told)
        assert finding.level == "high"


def by(process: str) -> dict[str, Any]:
    return {"actor": {"process": {"uid": process}}}


def found(folder: Path, *documents: dict[str, Any], detections: Any = DETECTION) -> list[Finding]:
    (folder / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in documents))
    result = clew.hunt([folder / "log.jsonl"], detections)
    assert result.tally.records["event"] == len(documents)
    return list(result.findings)


def test_a_hunt_sees_the_first_event_after_a_fork(tmp_path: Path) -> None:
    """The fork is the first that names its process, and gives no synthetic creation: what comes next does."""
    wrote = document(2, "creation", "f", "s", "sh", file={"path": "/tmp/a"})
    wrote["event"] |= {"category": ["file"], "type": ["creation"]}
    call = document(4, "connection_attempted", "f", "s", "sh", destination={"ip": "203.0.113.7"})
    call["event"] |= {"category": ["network"]}
    detections = load_text(
        TREE.replace(
            "  findings:",
            "    write:\n      on: file_creation\n      where: {file.path: none}\n"
            "      link: process.entity_id in tree of $shell\n  findings:",
        ).replace("low: call", "low: call, medium: call and write")
    )
    other = wrote | {"@timestamp": "2026-03-31T09:00:00Z", "process": {"entity_id": "z", "name": "z"}}
    told = (other, document(1, "fork", "f", "s", "sh"), wrote, call)
    [finding] = found(tmp_path, *told, detections=detections)
    [made] = finding.stages[0].events
    assert made.fields["clew.synthetic"] is True
    assert made.time.startswith("2026-03-31T09:00:02")
