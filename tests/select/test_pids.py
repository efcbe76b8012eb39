"""Logs that have only pids: each event gets the process that had the pid then."""

import json
from pathlib import Path
from typing import Any

import clew
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.runner.trial import tables
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart
from normalise.windows_dialects import HOST, Log, Record, written

DETECTION = """
analytic: AN0001
strategy: DET0001
technique: T1059.001
platform: windows
title: A program whose child runs a script
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    start:
      on: process_creation
      where: {process.name: tool.exe}
      bind: {program: process.entity_id}
    script:
      on: command_execution
      link: process.entity_id in tree of $program
  findings: {low: script}
  per: [$program]
"""


def event(seconds: float, component: str, pid: int, **columns: Any) -> CaseEvent:
    fields = {name.replace("__", "."): value for name, value in columns.items()}
    return CaseEvent(round(seconds * 1_000_000), component, {"host.id": "h", "process.pid": pid, **fields})


def made(seconds: float, pid: int, parent: int, name: str, entity: str = "") -> CaseEvent:
    return event(
        seconds,
        "process_creation",
        pid,
        process__name=name,
        process__parent__pid=parent,
        process__entity_id=entity or f"h/{pid}/{round(seconds * 1_000_000)}",
    )


def rows(*events: CaseEvent) -> list[Any]:
    with connect(Limits(threads=1)) as database:
        return [row for _, row in tables(database, load_text(DETECTION), events).rows()]


def processes(*events: CaseEvent) -> list[str | None]:
    """The processes of the scripts, in order of time."""
    found = [row.event for row in rows(*events) if isinstance(row, Candidate)]
    scripts = [one for one in found if one.component == "command_execution"]
    assert all(one.fields.get("process.entity_id") == one.keys.get("process.entity_id") for one in scripts)
    return [one.keys.get("process.entity_id") for one in scripts]


def test_a_pid_is_the_process_that_had_it_last() -> None:
    scripts = (event(second, "command_execution", 7) for second in (1, 15, 25))
    assert processes(made(20, 7, 1, "b.exe"), made(10, 7, 1, "a.exe"), *scripts) == [
        "h/7/0",
        "h/7/10000000",
        "h/7/20000000",
    ]


def test_an_event_just_before_its_creation_belongs_to_it() -> None:
    creation = made(10, 7, 1, "a.exe")
    assert processes(creation, event(8, "command_execution", 7)) == ["h/7/10000000"]
    assert processes(creation, event(7.9, "command_execution", 7)) == ["h/7/0"]


def test_a_pid_on_another_host_is_another_process() -> None:
    other = event(15, "command_execution", 7, host__id="g")
    assert processes(made(10, 7, 1, "a.exe"), other) == ["g/7/0"]


def test_the_guid_of_sysmon_stands_for_both_logs() -> None:
    creations = made(10, 7, 1, "a.exe", "guid"), made(10.3, 7, 1, "a.exe")
    assert processes(*creations, event(15, "command_execution", 7)) == ["guid"]
    assert {row.entity_id for row in rows(*creations) if isinstance(row, ProcessStart)} == {"guid"}


def test_parents_are_found_by_pid_too() -> None:
    starts = [
        row
        for row in rows(made(1, 5, 4, "tool.exe"), made(10, 7, 5, "a.exe"))
        if isinstance(row, ProcessStart)
    ]
    assert [(row.entity_id, row.parent_entity_id) for row in starts] == [
        ("h/5/1000000", "h/4/0"),
        ("h/7/10000000", "h/5/1000000"),
    ]


def test_a_termination_ends_the_process_that_had_the_pid() -> None:
    creations = (made(10, 7, 1, "a.exe"), made(30, 7, 1, "b.exe"))
    ends = [
        one for one in rows(event(20, "process_termination", 7), *creations) if isinstance(one, ProcessEnd)
    ]
    assert [end.entity_id for end in ends] == ["h/7/10000000"]


def test_what_has_its_own_id_keeps_it() -> None:
    own = event(15, "command_execution", 7, process__entity_id="guid")
    assert processes(made(10, 7, 1, "a.exe"), own) == ["guid"]


def _creation(pid: int, parent: int, name: str) -> Record:
    return Record(
        4688,
        {
            "NewProcessId": hex(pid),
            "ProcessId": hex(parent),
            "NewProcessName": f"C:\\{name}",
            "TargetUserName": "-",
        },
    )


def test_a_chain_over_two_logs_without_guids(tmp_path: Path) -> None:
    """The script's file is read first, and its process is a grandchild by pids alone."""
    security = Log(
        "Microsoft-Windows-Security-Auditing",
        "Security",
        (_creation(5, 4, "tool.exe"), _creation(6, 5, "cmd.exe"), _creation(7, 6, "powershell.exe")),
    )
    block = {"MessageNumber": "1", "MessageTotal": "1", "ScriptBlockText": "iwr", "ScriptBlockId": "{1}"}
    scripts = tuple(Record(4104, block, writer=pid) for pid in (9, 9, 9, 7))
    powershell = Log("Microsoft-Windows-PowerShell", "Microsoft-Windows-PowerShell/Operational", scripts)
    first, second = (tmp_path / name for name in ("a", "b"))
    first.mkdir(), second.mkdir()
    paths = [written(powershell, "evtx", first), written(security, "nxlog", second)]
    [finding] = clew.hunt(paths, detections=load_text(DETECTION)).findings
    assert finding.level == "low"
    shown = json.dumps([event.fields for stage in finding.stages for event in stage.events])
    assert "iwr" in shown
    assert f"{HOST}/7/" in shown


def executed(seconds: float, pid: int, parent: int, name: str, **columns: Any) -> CaseEvent:
    """An execution, as the Linux audit log tells it."""
    fields = {"clew.log_source": "auditd:SYSCALL", **made(seconds, pid, parent, name).fields, **columns}
    return CaseEvent(round(seconds * 1_000_000), "process_creation", fields)


def forked(seconds: float, pid: int, parent: int) -> CaseEvent:
    fields = {**executed(seconds, pid, parent, "sh").fields, "event.action": "fork"}
    return CaseEvent(round(seconds * 1_000_000), "os_api_execution", fields)


def lineage(*events: CaseEvent) -> list[tuple[str, str | None, str]]:
    """Process, parent and name, in order of time."""
    return [
        (row.entity_id, row.parent_entity_id, row.name)
        for row in rows(*events)
        if isinstance(row, ProcessStart)
    ]


def test_an_execution_goes_on_with_the_process_of_the_pid() -> None:
    first = ("h/7/10000000", "h/1/0", "sh")
    again = ("h/7/10000000", "h/1/0", "env")
    assert lineage(executed(10, 7, 1, "sh"), executed(11, 7, 1, "env")) == [first, again]
    child = lineage(executed(10, 7, 1, "sh"), executed(11, 7, 1, "env"), executed(12, 8, 7, "id"))[-1]
    assert child == ("h/8/12000000", "h/7/10000000", "id")


def test_a_fork_is_where_its_process_begins() -> None:
    shell = executed(1, 6, 1, "sh")
    assert lineage(shell, forked(10, 7, 6), executed(11, 7, 6, "id"))[1:] == [
        ("h/7/10000000", "h/6/1000000", ""),
        ("h/7/10000000", "h/6/1000000", "id"),
    ]
    assert processes(shell, forked(10, 7, 6), event(12, "command_execution", 7)) == ["h/7/10000000"]


def test_a_process_whose_maker_has_gone_goes_on() -> None:
    found = lineage(executed(1, 6, 1, "sh"), executed(10, 7, 6, "sh"), executed(11, 7, 1, "id"))
    assert {entity for entity, _, _ in found[1:]} == {"h/7/10000000"}


def test_a_pid_that_is_used_again_is_another_process() -> None:
    shell, other = executed(1, 6, 1, "sh"), executed(20, 7, 9, "id")
    ended = event(12, "process_termination", 7)
    made_again = ["h/6/1000000", "h/7/10000000", "h/7/20000000"]
    for events in (
        (shell, executed(10, 7, 6, "id"), other),
        (shell, executed(10, 7, 6, "id"), ended, executed(20, 7, 6, "id")),
        (shell, executed(10, 7, 6, "id"), forked(20, 7, 6), executed(21, 7, 6, "id")),
    ):
        assert list(dict.fromkeys(entity for entity, _, _ in lineage(*events))) == made_again


def test_other_logs_tell_of_creations() -> None:
    assert {entity for entity, _, _ in lineage(made(10, 7, 1, "a"), made(11, 7, 1, "a"))} == {
        "h/7/10000000",
        "h/7/11000000",
    }
