"""Since when each kind of event is recorded where: how long a baseline really is (R5), and what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import duckdb

from clew.database import quote
from clew.detection.model import Detection
from clew.event import Event
from clew.select.key import key
from clew.select.selection import Selection

#: When the first event was recorded, by data component, scope column and scope; None stands for all of them.
Since: TypeAlias = dict[tuple[str, str, str | None], int]


class Recorded:
    """The table `recorded`: a row for each data component and scope, now and then brought together."""

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        chosen: Sequence[Selection],
        detections: Sequence[Detection],
    ) -> None:
        self.statement = _statement(chosen, detections)
        self._database, self._detections = database, detections
        self._size, self._distinct = 0, _FEW

    def make(self) -> None:
        """Make the table."""
        self._database.execute(f"CREATE TABLE recorded AS {self.statement} LIMIT 0").fetchall()

    def add(self) -> None:
        """Take from the table `event` what it tells."""
        [(count,)] = self._database.execute(f"INSERT INTO recorded {self.statement}").fetchall()
        self._size += count
        if self._size > 2 * self._distinct:
            [(self._size,)] = self._database.execute(
                f"CREATE OR REPLACE TABLE recorded AS {_FIRST}"
            ).fetchall()
            self._distinct = max(self._size, _FEW)

    def since(self) -> Since:
        """What it holds."""
        rows = self._database.execute(
            "SELECT component, scoped, scope, min(since) FROM recorded GROUP BY GROUPING SETS "
            "((component, scoped, scope), (component, scoped))"
        )
        return {(component, by, scope): since for component, by, scope, since in rows.fetchall()}

    def before(self, selection: Selection, event: Event, since: Since) -> int | None:
        """Since when events of a selection's kind are recorded where this one stands; None where it has no `new`."""
        if selection.new is None:
            return None
        by = self._detections[selection.detection].plan.scope
        scope = event.keys.get(by) if by in selection.new.key else None
        recorded = since.get((selection.asks.component, by, scope))
        return recorded if recorded is not None else since.get((selection.asks.component, by, ""))


_FEW = 10_000
_FIRST = "SELECT component, scoped, scope, min(since) AS since FROM recorded GROUP BY ALL"


def _statement(chosen: Sequence[Selection], detections: Sequence[Detection]) -> str:
    """SQL of a table (component, scoped, scope, since): the first event of what a stage looks at, by scope."""
    asked: dict[str, set[str]] = {}
    for one in chosen:
        asked.setdefault(detections[one.detection].plan.scope, set()).add(one.asks.component)
    parts = [
        f"SELECT \"clew.component\" AS component, {quote(by)} AS scoped, coalesce({key(by)}, '') AS scope, "
        'epoch_us(min("@timestamp")) AS since FROM event '
        f'WHERE "clew.component" IN ({", ".join(map(quote, sorted(components)))}) '
        'AND "clew.synthetic" IS NOT TRUE GROUP BY ALL'
        for by, components in sorted(asked.items())
    ]
    none = "SELECT '' AS component, '' AS scoped, '' AS scope, 0::BIGINT AS since FROM event WHERE false"
    return " UNION ALL ".join([none, *parts])
