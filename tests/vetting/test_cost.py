"""What the detections of vetted packages cost a hunt through other logs: nothing of theirs is even looked at."""

from __future__ import annotations

from clew.database import Limits, connect
from clew.detection.load import load_detections, shipped
from clew.detection.model import CaseEvent
from clew.runner.trial import tables
from clew.select.candidate import Candidate
from clew.select.selection import components

VETTED = [one for one in load_detections([shipped()]) if one.plan.scope == "package.id"]


def event(component: str, **fields: str) -> CaseEvent:
    return CaseEvent(0, component, fields, 1)


def test_events_of_hosts_are_no_candidates() -> None:
    """They pass most of the stages, which ask for any process or any connection of a package."""
    found = [
        event(
            "process_creation", **{"host.id": "h", "process.entity_id": "a", "process.executable": "/bin/sh"}
        ),
        event("network_connection_creation", **{"host.id": "h", "destination.address": "c2.example.com"}),
    ]
    with connect(Limits(threads=1)) as database:
        rows = [row for _, row in tables(database, VETTED, found).rows()]
    assert [row for row in rows if isinstance(row, Candidate)] == []


def test_beside_a_package_they_are_none_either() -> None:
    found = [
        event("network_connection_creation", **{"host.id": "h", "destination.address": "c2.example.com"}),
        event("network_connection_creation", **{"package.id": "p", "destination.address": "c2.example.com"}),
    ]
    with connect(Limits(threads=1)) as database:
        rows = [row for _, row in tables(database, VETTED, found).rows()]
    assert {row.event.fields["package.id"] for row in rows if isinstance(row, Candidate)} == {"p"}


def test_other_logs_are_not_asked_for_what_they_read() -> None:
    assert components(VETTED) == {"process_creation", "forks"} | {
        f"{way.component} within package.id"
        for one in VETTED
        for stage in one.plan.stages
        for way in stage.alternatives
    }
