"""What passes into candidates, with which keys, and when runs of keys began."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from clew.bounded import Caps
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent, Detection
from clew.entity.inventory import NOTHING
from clew.runner.trial import START, tables, trial
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart
from clew.select.selection import components

FRAME = """
analytic: AN0001
strategy: DET0001
technique: T1552.005
platform: {platform}
title: t
status: test
mutable:
  Names: {{type: strings, default: [a.exe], about: names}}
chain:
  scope: host.id
  within: 1h
  stages:
    write:
      on: file_creation
      where: {{process.name|expand: '%Names%'}}
      bind: {{file: file.path}}
    run:
      on: process_creation
      link: process.executable = $file
      new: {{key: [host.id, process.executable], for: 10s}}
  findings: {{low: run}}
  per: [$file]
"""
BASE = int(START.timestamp()) * 1_000_000


def detection(platform: str = "windows") -> Detection:
    [loaded] = load_text(FRAME.format(platform=platform))
    return loaded


def event(seconds: float, component: str, **columns: Any) -> CaseEvent:
    fields = {name.replace("__", "."): value for name, value in columns.items()}
    return CaseEvent(round(seconds * 1_000_000), component, {"host.id": "h", **fields})


def rows(events: list[CaseEvent], *detections: Detection) -> list[Any]:
    with connect(Limits(threads=1)) as database:
        return [row for _, row in tables(database, detections or (detection(),), events).rows()]


def test_only_what_passes_a_selection_comes_through_in_order_of_time() -> None:
    found = rows(
        [
            event(3, "file_creation", process__name="A.EXE", file__path="x"),
            event(2, "file_creation", process__name="b.exe", file__path="x"),
            event(1, "process_creation", process__entity_id="p", process__parent__entity_id="q"),
            event(0, "network_connection_creation", process__name="a.exe"),
        ]
    )
    assert [type(row) for row in found] == [ProcessStart, Candidate, Candidate]
    start, run, write = found
    assert (start.time - BASE, start.scope, start.entity_id, start.parent_entity_id) == (
        1_000_000,
        "h",
        "p",
        "q",
    )
    assert (run.stage, write.stage) == (1, 0)
    shown = {"process.name": "A.EXE", "file.path": "x", "host.id": "h", "host.os.type": "windows"}
    assert write.event.fields == shown
    assert write.event.columns()["@timestamp"] == write.event.time == BASE + 3_000_000


def test_keys_fold_where_the_system_does() -> None:
    windows = rows([event(0, "file_creation", process__name="a.exe", file__path=r"\\?\C:/Tool\A.exe")])
    assert windows[0].event.keys["file.path"] == r"c:\tool\a.exe"
    linux = rows(
        [event(0, "file_creation", process__name="a.exe", file__path="/opt/A", host__os__type="linux")]
    )
    assert linux[0].event.keys["file.path"] == "/opt/A"
    assert "process.executable" not in linux[0].event.keys  # null never links


def test_an_event_without_its_host_keeps_no_scope() -> None:
    [write] = rows([event(0, "file_creation", process__name="a.exe", host__id=None)])
    assert "host.id" not in write.event.keys


def test_one_event_may_be_a_candidate_of_several_detections() -> None:
    found = rows([event(0, "file_creation", process__name="a.exe", file__path="x")], detection(), detection())
    assert [(row.detection, row.stage) for row in found] == [(0, 0), (1, 0)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 80), st.sampled_from(["A", "a", "b", None])), max_size=12))
def test_runs_begin_as_the_language_says(seen: list[tuple[int, str | None]]) -> None:
    """A run is the longest series of events of one key with gaps of at most ten seconds (R5)."""
    events = [
        event(seconds, "process_creation", process__executable=key, event__id=str(number))
        for number, (seconds, key) in enumerate(seen)
    ]
    found = {row.event.id: row.fits[0].run_began for row in rows(events) if isinstance(row, Candidate)}
    for number, (seconds, key) in enumerate(seen):
        began = None
        if key is not None:
            began = seconds
            earlier = sorted(
                (s for s, k in seen if k and k.lower() == key.lower() and s <= seconds), reverse=True
            )
            for other in earlier:
                if began - other > 10:
                    break
                began = other
        assert found[str(number)] == (None if began is None else BASE + began * 1_000_000)


def since(events: list[CaseEvent], one: Detection) -> set[int | None]:
    """When the record of process creations begins, as the candidates of stage `run` have it."""
    found = [row for row in rows(events, one) if isinstance(row, Candidate) and row.stage == 1]
    return {s and s - BASE for row in found for s in [row.fits[0].recorded_since]}


def test_a_record_begins_with_the_first_event_of_the_component_in_its_scope() -> None:
    [fleet] = load_text(FRAME.format(platform="windows").replace("[host.id, process", "[process"))
    events = [
        event(3, "process_creation", process__executable="x", host__id="H"),
        event(4, "process_creation", process__executable="y"),
        event(2, "process_creation", process__executable="x", host__id="other"),
        event(1, "file_creation", process__name="a.exe"),
        event(1, "process_creation", process__executable="x", clew__synthetic=True),
    ]
    assert since(events, detection()) == {3_000_000, 2_000_000}
    assert since(events, fleet) == {2_000_000}
    [write] = [r for r in rows(events) if isinstance(r, Candidate) and r.stage == 0]
    assert write.fits[0].recorded_since is None


TRAITS = """
analytic: AN0001
strategy: DET0001
technique: T1552.005
platform: windows
title: t
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    write:
      on: file_creation
      bind: {file: file.path}
      traits:
        at_night: {'@timestamp|hour|lt': 6}
        on_server: {host.id|startswith: srv}
  findings: {medium: write.at_night and write.on_server, low: write}
  per: [$file]
"""


def test_a_trait_may_read_any_column() -> None:
    [asked] = load_text(TRAITS)
    [night] = trial([asked], [event(0, "file_creation", file__path="x", host__id="srv1")])
    assert night.level == "medium"
    [day] = trial([asked], [event(10 * 3600, "file_creation", file__path="x", host__id="srv1")])
    assert (day.level, day.unknown) == ("low", ())


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
      on: file_creation
      link: process.entity_id = $service
  findings: {low: below}
"""


def test_a_recorded_termination_ends_a_standing_stage() -> None:
    [standing] = load_text(STANDING)
    who = {"host__id": "h", "process__entity_id": "p"}
    started = event(0, "process_creation", **who)
    late = event(100, "file_creation", **who)
    ends = [event(50, "process_termination", **who), event(50, "process_termination", event__code="5", **who)]
    assert [type(row) for row in rows([late, *ends, started], standing)].count(ProcessEnd) == 1
    assert len(trial([standing], [started, late])) == 1
    assert trial([standing], [started, late, *ends]) == []
    assert "process_termination" in components([standing])
    assert "process_termination" not in components([detection()])


def test_many_candidates_become_events_a_few_at_a_time() -> None:
    events = [
        event(n // 3, "file_creation", process__name="a.exe", file__path=f"x{n}", event__id=f"{n:02}")
        for n in range(20)
    ] + [event(9, "process_creation", process__executable="x7", process__entity_id="p", event__id="run")]
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, (detection(),), events)
        every = list(candidates.rows())
        candidates.at_once = 4
        assert list(candidates.rows()) == every
        candidates.few = 1
        linked = list(candidates.rows(linked=True))
        candidates.at_once = 1000
        assert list(candidates.rows(linked=True)) == linked
        assert len(linked) == len(every) == 22


def test_no_selection_is_forgotten_where_there_are_many() -> None:
    """Of fifty detections two find their names; the candidates are those of each of them alone."""
    many = [
        loaded
        for n in range(50)
        for loaded in load_text(
            FRAME.format(platform="windows").replace("a.exe", f"{n}.exe").replace("AN0001", f"AN{n:04}")
        )
    ]
    events = [
        event(1, "file_creation", process__name="7.EXE", file__path="x", event__id="seven"),
        event(2, "file_creation", process__name="31.exe", file__path="y", event__id="other"),
        event(3, "file_creation", process__name="99.exe", file__path="z", event__id="none"),
        event(4, "process_creation", process__executable="x", process__entity_id="p", event__id="run"),
    ]
    found = [row for row in rows(events, *many) if isinstance(row, Candidate)]
    assert [(row.detection, row.event.id) for row in found if row.stage == 0] == [(7, "seven"), (31, "other")]
    assert {row.detection for row in found if row.stage == 1} == set(range(50))


def test_of_what_is_gathered_the_oldest_goes_and_that_is_counted() -> None:
    """A cap of four on ten writes, the runs of what was written, and their ends; each candidate is one of its kind."""
    events = [
        one
        for n in range(10)
        for one in (
            event(n, "file_creation", process__name="a.exe", file__path=f"x{n}"),
            event(n, "process_creation", process__entity_id=f"p{n}", process__executable=f"x{n}"),
            event(n, "process_termination", process__entity_id=f"p{n}"),
        )
    ]
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, [detection()], events, NOTHING, Caps(rows=4))
        found = [row for _, row in candidates.rows()]
        assert candidates.known.dropped == 16 + 6 + 6
    assert [row.entity_id for row in found if isinstance(row, ProcessStart)] == ["p6", "p7", "p8", "p9"]
    assert [row.entity_id for row in found if isinstance(row, ProcessEnd)] == ["p6", "p7", "p8", "p9"]
    recorded = [
        row.event
        for row in found
        if isinstance(row, Candidate) and not row.event.fields.get("clew.synthetic")
    ]
    assert {(one.time - BASE) // 1_000_000 for one in recorded} == {8, 9}
