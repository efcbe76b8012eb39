"""Synthetic creations of processes that events name but whose creation was not recorded (R9).

Such a process is new to nobody's knowledge at the time of its first event: it gets a creation then, with what that
event says of it. `named` holds the events that may be a process's first: few, since most creations are recorded and
stand before whatever else names the process. Everything must have been gathered before it is known which of them stay.
"""

from __future__ import annotations

import duckdb

from clew.database import name
from clew.event import SCHEMA
from clew.normalise.table import TYPES
from clew.select.fork import FORKED
from clew.select.pids import SKEW

#: What an event tells of the process that acts, and not of what it does, by the beginning of the column's name.
_ITS_OWN = ("host.", "user.", "process.", "container.", "orchestrator.", "log.")
_ITS_OWN_TOO = (
    *("@timestamp", "clew.log.source", "clew.log_source", "clew.clock.offset", "clew.logon.id"),
    *(
        "clew.process.integrity_level",
        "clew.process.token_elevation",
        "clew.process.script",
        "clew.process.renamed",
    ),
)
#: Facts of a moment, not of the process.
_PASSING = ("process.thread.id", "process.exit_code")

#: A process of a log that has only pids goes by that, until it is known who had it (see `pids`).
_PID = '"process.pid" IS NOT NULL AND "process.entity_id" IS NULL'
_NAMES = f"""
    "host.id" AS scope, "process.entity_id" AS entity, CASE WHEN {_PID} THEN "process.pid" END AS pid"""
#: Events that name a process as the one who acts; a fork's has done nothing yet.
_NAMING = f""""clew.component" <> 'process_creation' AND NOT {FORKED}"""


class Unrecorded:
    """The table `named`, for one skew in microseconds, and what comes of it in the end; at most `cap` processes."""

    def __init__(self, database: duckdb.DuckDBPyConnection, skew: int, cap: int = 1_000_000) -> None:
        self._database, self._skew, self._cap = database, skew, cap
        self._made = False
        self._size = 0

    def add(self) -> int:
        """Take the first event of each process out of `event`, unless `lineage` has a creation for it already.

        Gives how many processes were forgotten for it: those that were named first.
        """
        if not self._made:
            self._database.execute("CREATE TABLE named AS FROM event LIMIT 0").fetchall()
            self._made = True
        [(count,)] = self._database.execute(f"INSERT INTO named {_first(self._skew)}").fetchall()
        self._size += count
        return self._forget() if self._size > self._cap * 5 // 4 else 0

    def _forget(self) -> int:
        """Keep the first event of each process that still lacks a creation, of at most `cap` of them."""
        self._database.execute(
            f"CREATE OR REPLACE TEMP TABLE lacking AS SELECT place, happened FROM ({_unrecorded(self._skew)})"
        ).fetchall()
        self._database.execute(
            "DELETE FROM named WHERE rowid NOT IN "
            f"(SELECT place FROM lacking ORDER BY happened DESC, place DESC LIMIT {self._cap})"
        ).fetchall()
        [(lacking,)] = self._database.execute("SELECT count(*) FROM lacking").fetchall()
        self._size = min(lacking, self._cap)
        return int(lacking - self._size)

    def restore(self) -> None:
        """Go on with the table as it stands."""
        [(self._size,)] = self._database.execute("SELECT count(*) FROM named").fetchall()
        self._made = True

    def creations(self) -> str:
        """SQL of the synthetic creations, with the columns of `event`, once everything was added.

        Their `origin` is the id of the event that the process is known by.
        """
        columns = self._database.table("named").columns
        values = ", ".join(f"{_value(column)} AS {name(column)}" for column in columns)
        return f'(SELECT {values}, "event.id" AS origin FROM ({_unrecorded(self._skew)}))'


def is_its_own(column: str) -> bool:
    """Whether a column tells of the process and of where that is known from, not of what the process did."""
    return column in _ITS_OWN_TOO or (column.startswith(_ITS_OWN) and column not in _PASSING)


_SYNTHETIC = {
    "event.id": """md5(concat_ws('|', 'synthetic', "host.id", named, epoch_us("@timestamp")))""",
    "process.entity_id": "named",
    "clew.component": "'process_creation'",
    "clew.synthetic": "true",
}


def _value(column: str) -> str:
    if column in _SYNTHETIC or column not in SCHEMA:  # as the record, of which the whole event is made
        return _SYNTHETIC.get(column, column)
    return name(column) if is_its_own(column) else f"NULL::{TYPES[SCHEMA[column].type]}"


def _first(skew: int) -> str:
    """SQL of the events that come first for a process, of those that are not known to come after its creation."""
    return f"""
WITH first AS (
    SELECT {_NAMES}, min("@timestamp") AS happened, epoch_us(happened) AS time FROM event
    WHERE {_NAMING} AND "host.id" IS NOT NULL
        AND ("process.entity_id" IS NOT NULL OR "process.pid" IS NOT NULL)
    GROUP BY ALL
), lacking AS (
    FROM first WHERE {_is_lacking("first", skew)} AND NOT EXISTS (
        FROM named WHERE "host.id" = first.scope AND "process.entity_id" IS NOT DISTINCT FROM first.entity
            AND (first.pid IS NULL OR "process.pid" = first.pid) AND "@timestamp" < first.happened)
)
SELECT event.* FROM event JOIN lacking ON "host.id" = scope AND "@timestamp" = happened
    AND ("process.entity_id" = entity OR {_PID} AND "process.pid" = pid)
WHERE {_NAMING}"""


def _unrecorded(skew: int) -> str:
    """SQL of the first event of each process without a creation, with `named`, the process."""
    return f"""
WITH told AS (
    SELECT *, {_NAMES}, epoch_us("@timestamp") AS time, rowid AS place FROM named
)
SELECT * EXCLUDE (scope, entity, pid, time), time AS happened, coalesce(entity, scope || '/' || pid || '/0') AS named
FROM told WHERE {_is_lacking("told", skew)}
QUALIFY row_number() OVER (
    PARTITION BY scope, named ORDER BY time, coalesce("event.sequence", -1), "event.id"
) = 1"""


def _is_lacking(process: str, skew: int) -> str:
    """SQL that is true for a process without a creation up to its event and the skew."""
    return f"""NOT EXISTS (
        FROM lineage AS l WHERE l.scope = {process}.scope AND l.entity_id = {process}.entity
            AND l.event <> '' AND l.time <= {process}.time + {skew}
    ) AND NOT EXISTS (
        FROM lineage AS l WHERE l.scope = {process}.scope AND l.pid = {process}.pid
            AND l.time <= {process}.time + {SKEW})"""
