"""Processes whose creation was not recorded get one at their first event, in a batch as live (R9)."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

import clew
import sysmon
from clew.bounded import Caps
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.entity.inventory import NOTHING
from clew.entity.unrecorded import Unrecorded, Unseen
from clew.runner.trial import START, tables
from clew.select.candidate import Candidate
from clew.select.tables import Candidates

SECOND = 1_000_000
BEGAN = int(START.timestamp()) * SECOND
ANY = """
analytic: AN0001
strategy: DET0001
technique: T1059.001
platform: windows
title: A program that writes a file
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    start:
      on: process_creation
      where: {process.name: tool.exe}
      bind: {program: process.entity_id}
    write:
      on: file_creation
      link: process.entity_id in tree of $program
  findings: {low: write}
  per: [$program]
"""
BELOW = ANY.replace(
    "    start:", "    drop: {on: file_creation, bind: {file: file.path}}\n    start:"
).replace("      bind: {program", "      link: process.executable = $file\n      bind: {program")


def event(seconds: float, component: str, number: int | None, **columns: Any) -> CaseEvent:
    fields = {name.replace("__", "."): value for name, value in columns.items()}
    who = {} if number is None else {"process.entity_id": f"p{number}"}
    names = {"host.id": "h", "process.name": "tool.exe", **who, **fields}
    return CaseEvent(round(seconds * SECOND), component, {k: v for k, v in names.items() if v is not None})


def synthetic(*parts: list[CaseEvent]) -> list[Candidate]:
    """The synthetic creations among the candidates, of events that come in several parts."""
    detections = load_text(ANY)
    with connect(Limits(threads=1)) as database:
        first, *more = parts
        candidates = tables(database, detections, first)
        for number, part in enumerate(more):
            _replace(database, candidates, part, 100 * (number + 1))
        rows = [row for _, row in candidates.rows()]
        assert [row for _, row in candidates.rows()] == rows
    return [row for row in rows if isinstance(row, Candidate) and "clew.synthetic" in row.event.fields]


def _replace(database: Any, candidates: Candidates, events: list[CaseEvent], number: int) -> None:
    """The next part of a batch, in the table `event`."""
    with connect(Limits(threads=1)) as other:
        tables(other, load_text(ANY), events)
        part = other.sql("FROM event").to_arrow_table()
    database.register("next", part)
    database.execute(
        f'CREATE OR REPLACE TABLE event AS SELECT * REPLACE ("event.id" || \' {number}\' AS "event.id") FROM next'
    )
    candidates.add()


def unseen(rows: list[Candidate]) -> list[Unseen]:
    return [
        Unseen(row.event.time - BEGAN, row.event.keys["host.id"], row.event.keys["process.entity_id"])
        for row in rows
    ]


def test_the_first_event_tells_what_is_known_of_the_process_and_nothing_else() -> None:
    first = event(5, "file_creation", 1, process__executable=r"C:\A\Tool.exe", process__pid=7, file__path=r"C:\x",
                  user__name="kim", process__exit_code=3)  # fmt: skip
    [row] = synthetic([event(6, "file_creation", 1, user__name="other"), first])
    assert row.event.component == "process_creation"
    assert row.event.time == BEGAN + 5 * SECOND
    assert row.event.keys["process.entity_id"] == "p1"
    assert row.event.fields == {
        "clew.synthetic": True, "host.id": "h", "host.os.type": "windows", "process.entity_id": "p1", "process.pid": 7,
        "process.name": "tool.exe", "process.executable": r"C:\A\Tool.exe", "user.name": "kim",
    }  # fmt: skip
    [again] = synthetic([first])
    assert row.event.id == again.event.id
    assert not row.event.id.startswith("event")


def test_who_gets_none() -> None:
    assert synthetic([event(5, "file_creation", 1, process__name="other.exe")]) == []  # the stage's own test
    assert synthetic([event(5, "file_creation", 1, host__id=None)]) == []
    assert synthetic([event(5, "file_creation", None)]) == []
    parent = {"process__parent__entity_id": "p2", "process__parent__name": "tool.exe"}
    assert synthetic([event(5, "process_creation", 1, **parent)]) == []
    assert synthetic([event(5, "module_load", 1, process__exit_code=1)])  # any event names it


@pytest.mark.parametrize(("created", "expected"), [(0, 0), (5, 0), (7, 0), (7.001, 1)])
def test_a_recorded_creation_up_to_the_skew_later_takes_its_place(created: float, expected: int) -> None:
    named, made = event(5, "file_creation", 1), event(created, "process_creation", 1)
    for parts in ([named, made],), ([named], [made]), ([made], [named]):
        assert len(synthetic(*parts)) == expected


def test_pids_without_a_creation_are_one_process() -> None:
    def only_pid(seconds: float, component: str = "file_creation", **columns: Any) -> CaseEvent:
        return event(seconds, component, None, process__pid=7, **columns)

    assert unseen(synthetic([only_pid(6), only_pid(5)])) == [Unseen(5 * SECOND, "h", "h/7/0")]
    made = only_pid(8, "process_creation", process__entity_id="h/7/8000000")
    assert synthetic([only_pid(6), made]) == []
    assert unseen(synthetic([only_pid(6)], [made, only_pid(5.9)])) == [Unseen(5_900_000, "h", "h/7/0")]


def test_a_synthetic_creation_is_no_event_of_a_run_and_new_where_it_would_begin_one() -> None:
    new = ANY.replace(
        "{process.name: tool.exe}", "{process.name: tool.exe}\n      new: {key: [process.name], for: 10s}"
    )
    events = [event(0, "process_creation", 1), event(5, "file_creation", 2), event(13, "file_creation", 3),
              event(14, "process_creation", 4)]  # fmt: skip
    with connect(Limits(threads=1)) as database:
        rows = [row for _, row in tables(database, load_text(new), events).rows()]
    began = {
        row.event.keys["process.entity_id"]: (row.fits[0].run_began or 0) - BEGAN
        for row in rows
        if isinstance(row, Candidate) and row.stage == 0
    }
    assert began == {"p1": 0, "p2": 0, "p3": 13 * SECOND, "p4": 14 * SECOND}


@pytest.mark.parametrize("seed", range(30))
def test_a_batch_finds_those_that_a_stream_finds(seed: int) -> None:
    random = Random(seed)
    events = [
        event(random.randint(0, 20), random.choice(("process_creation", "file_creation", "module_load")),
              random.randint(1, 6), host__id=random.choice("hg"))
        for _ in range(random.randint(1, 25))
    ]  # fmt: skip
    watch = Unrecorded(skew=2 * SECOND)
    for one in sorted(events, key=lambda one: one.offset):
        scope, entity = one.fields["host.id"], one.fields["process.entity_id"]
        told = watch.created if one.component == "process_creation" else watch.named
        told(str(scope), str(entity), one.offset)
    cut = random.randint(0, len(events))
    parts = [part for part in (events[:cut], events[cut:]) if part]
    assert sorted(unseen(synthetic(*parts))) == sorted(watch.due(1_000 * SECOND))


TOOL = {"Image": sysmon.PROGRAM, "ProcessGuid": sysmon.guid(2), "ProcessId": 200}


def hunted(folder: Path, detection: str, *records: dict[str, Any]) -> list[Any]:
    (folder / "log.jsonl").write_text(sysmon.lines(*records))
    result = clew.hunt([folder / "log.jsonl"], load_text(detection))
    assert result.tally.records["event"] == len(records)
    return list(result.findings)


def written(seconds: float, record: int, name: str, **data: Any) -> dict[str, Any]:
    return sysmon.flat(11, seconds, record, TargetFilename=name, **{**TOOL, **data})


def test_a_log_that_begins_after_the_process_gives_its_finding_and_says_so(tmp_path: Path) -> None:
    [finding] = hunted(tmp_path, ANY, written(5, 1, r"C:\a"), written(9, 2, r"C:\b"))
    start, write = (stage.events[0] for stage in finding.stages)
    assert start.fields["clew.synthetic"] is True
    assert (start.fields["process.executable"], start.fields["process.pid"]) == (sysmon.PROGRAM, 200)
    assert "file.path" not in start.fields
    assert write.fields["file.path"] == r"C:\a"
    assert (start.time, start.log) == (write.time, write.log)
    assert start.id != write.id


def test_below_an_opening_only_where_no_real_creation_stands_before(tmp_path: Path) -> None:
    drop = written(1, 1, sysmon.PROGRAM, ProcessGuid=sysmon.guid(7), ProcessId=700, Image=sysmon.INSTALLER)
    write = written(9, 2, r"C:\b")
    other = sysmon.flat(1, 0, 3, ProcessGuid=sysmon.guid(8), ProcessId=800, Image=sysmon.CMD)
    assert [f.level for f in hunted(tmp_path, BELOW, drop, write)] == ["low"]
    assert hunted(tmp_path, BELOW, other, drop, write) == []
    assert [f.level for f in hunted(tmp_path, ANY, other, drop, write)] == ["low"]


def test_a_table_shows_that_a_start_was_not_recorded(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(written(5, 1, r"C:\a")))
    Path("d.yaml").write_text(ANY)
    ran = clew("hunt", "log.jsonl", "--detections", "d.yaml")
    assert "tool.exe was running, its start was not recorded: C:\\ProgramData\\Tool\\tool.exe" in ran.out
    found = json.loads(clew("hunt", "log.jsonl", "--detections", "d.yaml", "-f", "jsonl").out)
    Path("found.jsonl").write_text(json.dumps(found) + "\n")
    assert "C:\\\\a" in clew("show", "found.jsonl").out


def test_no_more_processes_are_kept_than_the_cap_and_the_rest_is_counted() -> None:
    """Of ten without a creation the latest four; those whose creation came later do not count against them."""
    parts = [
        [
            event(10 * n, "file_creation", n),
            event(10 * n, "file_creation", 100 + n),
            event(10 * n - 9, "process_creation", 99 + n),
        ]
        for n in range(1, 11)
    ]
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, load_text(ANY), [], NOTHING, Caps(facts=4))
        for number, part in enumerate(parts):
            _replace(database, candidates, part, number)
        found = [row for _, row in candidates.rows() if isinstance(row, Candidate)]
        forgotten, [(kept,)] = (
            candidates.known.forgotten,
            database.sql("SELECT count(*) FROM named").fetchall(),
        )
    made = [row.event.keys["process.entity_id"] for row in found if "clew.synthetic" in row.event.fields]
    assert made == ["p8", "p9", "p10", "p110"]
    assert (kept, forgotten) == (4, 7)
