"""Clocks that disagree: log sources of one host that record the same things at different times.

Sysmon's id 1 and id 4688 of the Security log both tell that a process was made, with its pid, its parent's and its
name; id 3 and id 5156 both tell of a connection. What each of two logs tells exactly once gives a pair. Where nearly
all pairs are apart by the same time, the clock of one of the logs is wrong: by a time zone that an exporter left out,
as a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from clew.database import quote
from clew.report.clock import Twins

#: Fewer pairs tell nothing.
_PAIRS = 5
#: Of so many pairs in a hundred the difference must be that of the median, give or take the tolerance.
_ALIKE = 90
#: What two logs may differ by though their clocks are right, in microseconds: the skew that everything is joined with.
_TOLERANCE = 2_000_000
#: Its times are taken for right: it tells when something happened, other logs when they wrote it.
_REFERENCE = "WinEventLog:Sysmon"

_CREATION = "process_creation"
#: What makes a record of each component the same as another log's.
SAME = {
    _CREATION: '"process.pid", "process.parent.pid", lower("process.name")',
    "network_connection_creation": '"process.pid", "source.port", "destination.ip", "destination.port"',
}


def twins(database: duckdb.DuckDBPyConnection, told: str) -> Iterator[Twins]:
    """Each log source of a host that has enough pairs with another one, whether they agree or not.

    `told` is SQL of (host, log_source, component, key, time, added): what happened, when by the log's corrected
    clock, and what was added to that; times in microseconds.
    """
    result = database.execute(_statement(told))
    names = [column[0] for column in result.description or ()]
    for row in result.fetchall():
        found: dict[str, Any] = dict(zip(names, row, strict=True))
        yield Twins(**found)


def _statement(told: str) -> str:
    rank = "({0}.log_source <> " + quote(_REFERENCE) + ", {0}.log_source)"
    return f"""
WITH once AS (
    SELECT host, log_source, component, key, min(time) AS time, coalesce(min(added), 0) AS added
    FROM ({told}) WHERE host IS NOT NULL GROUP BY ALL HAVING count(*) = 1
), pair AS (
    SELECT host, b.log_source AS log_source, a.log_source AS reference, component,
        a.time - b.time AS rest, a.time - b.time + b.added AS behind
    FROM once AS a JOIN once AS b USING (host, component, key) WHERE {rank.format("a")} < {rank.format("b")}
), middle AS (
    SELECT *, quantile_disc(behind, 0.5) OVER (PARTITION BY host, log_source, reference, component) AS median FROM pair
)
SELECT host, log_source, reference, component, count(*) AS pairs, median, quantile_disc(behind, 0.05) AS low,
    quantile_disc(behind, 0.95) AS high, abs(quantile_disc(rest, 0.5)) <= {_TOLERANCE} AS agree
FROM middle GROUP BY host, log_source, reference, component, median
HAVING count(*) >= {_PAIRS}
    AND count(*) FILTER (abs(behind - median) <= {_TOLERANCE}) * 100 >= {_ALIKE} * count(*)
QUALIFY row_number() OVER (
    PARTITION BY host, log_source ORDER BY component <> {quote(_CREATION)}, reference <> {quote(_REFERENCE)}, pairs DESC
) = 1
ORDER BY host, log_source"""
