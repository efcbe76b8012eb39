"""Trial: run detections over a few events that are written down, the same way as a hunt runs over logs.

The detections' own `tests` are such events; `clew detections test` runs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from clew import pipeline
from clew.chain.engine import Engine
from clew.database import Limits, connect, name
from clew.detection.model import Case, CaseEvent, Detection
from clew.event import COLUMNS
from clew.finding import Finding, Level, rank
from clew.normalise.table import no_event
from clew.select.tables import Candidates

#: The moment from which the offsets of a case count.
START = datetime(2026, 1, 1, tzinfo=UTC)


class Outcome(msgspec.Struct, frozen=True):
    """What came of one case: the highest level that was reached, and whether that is the one expected."""

    case: Case
    level: Level | None
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """The case reached exactly what it says."""
        return self.level == self.case.expect


def run_cases(detections: Sequence[Detection]) -> list[tuple[Detection, Outcome]]:
    """Every case of every detection, each by itself."""
    return [(detection, run_case(detection, case)) for detection in detections for case in detection.tests]


def run_case(detection: Detection, case: Case) -> Outcome:
    """One case of a detection."""
    findings = tuple(trial([detection], case.events))
    level = max((finding.level for finding in findings), key=rank, default=None)
    return Outcome(case, level, findings)


def trial(detections: Sequence[Detection], events: Sequence[CaseEvent]) -> list[Finding]:
    """Run detections over events."""
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, detections, events)
        return pipeline.chain(candidates, Engine(detections))


def tables(
    database: duckdb.DuckDBPyConnection,
    detections: Sequence[Detection],
    events: Sequence[CaseEvent],
    *known: Any,
) -> Candidates:
    """The candidates among the events, as a hunt would gather them; `known` is what else it gives to Candidates."""
    database.execute(f"CREATE TABLE event AS {no_event()}")
    rows = {row["event.id"]: row for row in reversed([_row(i, e, detections) for i, e in enumerate(events)])}
    given = pa.Table.from_pylist(list(rows.values()), schema=_schema())
    columns = ", ".join(name(field.name) for field in given.schema)
    database.register("given", given)
    database.execute(f"INSERT INTO event ({columns}) SELECT {columns} FROM given").fetchall()
    candidates = Candidates(database, detections, *known)
    candidates.add()
    return candidates


def _row(number: int, event: CaseEvent, detections: Sequence[Detection]) -> dict[str, Any]:
    """An event with all the columns that every event has; `event.id` of a copy is that of the first."""
    return {
        "event.id": f"event {number + 1}",
        "host.os.type": detections[0].platform.lower() if detections else None,
        "clew.log.source": "trial",
        "log.file.path": detections[0].path if detections else "",
        "log.position": event.line,
        **event.fields,
        "@timestamp": (START + timedelta(microseconds=event.offset)).replace(tzinfo=None),
        "clew.component": event.component,
    }


def _schema() -> pa.Schema:
    types = {"text": pa.string(), "number": pa.int64(), "boolean": pa.bool_(), "time": pa.timestamp("us")}
    return pa.schema([(c.name, types[c.type]) for c in COLUMNS if not c.lineage])
