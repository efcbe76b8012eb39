"""Leaving out candidates that can hang on no other changes no finding."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from clew.chain.engine import Engine
from clew.chain.order import in_order
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.finding import Finding
from clew.runner.trial import tables
from clew.select.candidate import Candidate
from clew.select.reduction import reduce
from clew.select.selection import selections

[CHAIN] = load_text("""
analytic: AN0001
strategy: DET0001
technique: T1552.005
platform: windows
title: t
status: test
chain:
  scope: host.id
  within: 40s
  stages:
    write:
      on: file_creation
      bind: {file: file.path, hash: file.hash.sha256}
    run:
      any:
        - on: process_creation
          link: [process.executable = $file, process.hash.sha256 = $hash]
        - on: module_load
          link: dll.path = $file
      bind: {program: process.entity_id}
    child:
      on: process_creation
      link: process.parent.entity_id in tree of $program
    call:
      on: network_connection_creation
      link: process.entity_id in tree of $program and process.executable = $file
      new: {key: [host.id, process.entity_id], for: 10s}
    seen:
      on: network_traffic_flow
      after: run
      weak: medium
    quiet:
      on: file_deletion
      link: process.entity_id in tree of $program
  findings: {high: child and call, medium: run and not quiet or seen, low: run and call}
  per: [$file]
""")
_ANY = st.sampled_from
_PLACE = _ANY(["a", "A", "b", "c", None])
_EVENT = st.tuples(
    st.integers(0, 60),
    _ANY(["file_creation", "process_creation", "module_load", "network_connection_creation",
          "network_traffic_flow", "file_deletion"]),
    st.fixed_dictionaries(
        {
            "host.id": _ANY(["h", "g", None]), "file.path": _PLACE, "file.hash.sha256": _PLACE, "dll.path": _PLACE,
            "process.executable": _PLACE, "process.hash.sha256": _PLACE,
            "process.entity_id": _ANY(["1", "2", "3"]), "process.parent.entity_id": _ANY(["1", "2", "3", None]),
        }
    ),
)  # fmt: skip


def run(rows: list[Any]) -> tuple[list[Finding], int]:
    engine = Engine([CHAIN])
    for row in in_order(rows, [CHAIN]):
        engine.feed(row)
    engine.finish()
    return engine.take(), engine.counters.unplaced


@settings(max_examples=100, deadline=None)
@given(st.lists(_EVENT, max_size=40))
def test_the_findings_are_those_of_all_candidates(made: list[tuple[int, str, dict[str, Any]]]) -> None:
    events = [CaseEvent(at * 1_000_000, component, {**fields, "event.id": str(n)}) for n, (at, component, fields) in
              enumerate(made)]  # fmt: skip
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, [CHAIN], events)
        every = [row for _, row in candidates.rows()]
        candidates.few = 1
        linked = [row for _, row in candidates.rows(linked=True)]
    assert run(linked) == run(every)
    assert len(linked) <= len(every)


def test_what_hangs_on_nothing_is_left_out() -> None:
    fields = {"host.id": "h", "process.executable": "other", "process.entity_id": "9"}
    events = [CaseEvent(n, "process_creation", {**fields, "event.id": str(n)}) for n in range(30)]
    events += [CaseEvent(99, "file_creation", {"host.id": "h", "file.path": "a", "event.id": "w"})]
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, [CHAIN], events)
        assert not reduce(database, [CHAIN], selections([CHAIN]), few=1000)
        candidates.few = 1
        left = [row for _, row in candidates.rows(linked=True) if isinstance(row, Candidate)]
    assert {row.event.id for row in left} == {"w", "29"}  # the last one tells how far the input reaches
