"""Who a pid was: events of logs that name processes by pid alone get the entity id of the process (R9).

A pid is, on its host, the process whose creation is the last one recorded up to the event, or the next one within
the skew, since a process's first events may precede its creation record. With no such creation it is one process that
began before the recording: host/pid/0. Where two logs tell one creation, Sysmon's GUID stands for both.

exec keeps the process. The Linux audit log tells of each one as if it were a creation: it goes on with the process
that the pid had, unless that ended or has another parent. A process whose maker has gone has init for a parent.

Everything must have been gathered: a creation may stand in a later file than the events.
"""

from __future__ import annotations

import duckdb

from clew.select.fork import MADE

#: By how much events may precede the record of their process's creation, and two logs differ: microseconds.
SKEW = 2_000_000


def identify(database: duckdb.DuckDBPyConnection, keys: tuple[str, ...]) -> None:
    """Fill the entity ids that `candidate`, `lineage` and `ended` lack; `keys` are those columns that have a key."""
    [(any_pid,)] = database.execute(
        f"SELECT count(*) FROM candidate WHERE {_NAMELESS} OR regexp_full_match({_OWN}, {MADE})"
    ).fetchall()
    [(any_made,)] = database.execute(
        f"SELECT count(*) FROM lineage WHERE regexp_full_match(entity_id, {MADE}) OR parent_entity_id IS NULL "
        "AND parent_pid IS NOT NULL"
    ).fetchall()
    [(any_end,)] = database.execute("SELECT count(*) FROM ended WHERE entity_id IS NULL").fetchall()
    if not (any_pid or any_made or any_end):
        database.execute(_CREATIONS).fetchall()
        return
    database.execute(_EXECUTED).fetchall()
    database.execute(_SAME).fetchall()
    database.execute("INSERT INTO same FROM executed WHERE made NOT IN (SELECT made FROM same)").fetchall()
    database.execute(
        "UPDATE lineage SET entity_id = same.guid FROM same WHERE entity_id = same.made"
    ).fetchall()
    database.execute(_CREATIONS).fetchall()
    database.execute(
        f"UPDATE lineage SET parent_entity_id = found.entity_id FROM ({found(_PARENTS)}) AS found "
        "WHERE lineage.rowid = found.place"
    ).fetchall()
    database.execute(
        f"UPDATE ended SET entity_id = found.entity_id FROM ({found(_ENDS)}) AS found WHERE ended.rowid = found.place"
    ).fetchall()
    for column, pid in (
        ("process.entity_id", "process.pid"),
        ("process.parent.entity_id", "process.parent.pid"),
    ):
        _fill(database, column, pid, column in keys)


_OWN = '"process.entity_id"'
_NAMELESS = """"host.id" IS NOT NULL AND (
    "process.entity_id" IS NULL AND "process.pid" IS NOT NULL
    OR "process.parent.entity_id" IS NULL AND "process.parent.pid" IS NOT NULL)"""

#: The ids that were made of pids, each with the GUID of the same creation in another log.
_SAME = f"""
CREATE OR REPLACE TEMP TABLE same AS
SELECT a.entity_id AS made, arg_min(b.entity_id, abs(a.time - b.time)) AS guid
FROM lineage AS a JOIN lineage AS b ON a.scope = b.scope AND a.pid = b.pid AND abs(a.time - b.time) <= {SKEW}
WHERE regexp_full_match(a.entity_id, {MADE}) AND NOT regexp_full_match(b.entity_id, {MADE})
GROUP BY a.entity_id"""

#: The ids of executions by a process that was there before, each with that of the process. A fork makes a new one.
_EXECUTED = f"""
CREATE OR REPLACE TEMP TABLE executed AS
WITH told AS (
    SELECT scope, pid, time, entity_id AS made, parent_pid, event <> '' AS runs, false AS ends FROM lineage
    WHERE pid IS NOT NULL AND starts_with(log_source, 'auditd:') AND regexp_full_match(entity_id, {MADE})
    UNION ALL SELECT scope, pid, time, NULL, NULL, false, true FROM ended WHERE pid IS NOT NULL
), placed AS (
    SELECT *, coalesce(runs AND NOT lag(ends) OVER pids
        AND (lag(parent_pid) OVER pids = parent_pid OR parent_pid = 1), false) AS goes_on
    FROM told WINDOW pids AS (PARTITION BY scope, pid ORDER BY time, ends, runs, made)
), numbered AS (
    SELECT *, count(*) FILTER (NOT goes_on) OVER (PARTITION BY scope, pid ORDER BY time, ends, runs, made) AS process
    FROM placed
)
SELECT made, guid FROM (
    SELECT made, first_value(made) OVER (PARTITION BY scope, pid, process ORDER BY time, ends, runs, made) AS guid
    FROM numbered WHERE NOT ends
) WHERE made <> guid"""

_CREATIONS = """
CREATE OR REPLACE TEMP TABLE creation AS
SELECT scope, pid, time, min(entity_id) AS entity_id FROM lineage WHERE pid IS NOT NULL GROUP BY ALL"""

_PARENTS = """SELECT rowid AS place, scope, parent_pid AS pid, time FROM lineage
    WHERE parent_entity_id IS NULL AND parent_pid IS NOT NULL"""

_ENDS = "SELECT rowid AS place, scope, pid, time FROM ended WHERE entity_id IS NULL"


def found(asked: str) -> str:
    """SQL of the process (place, entity_id) for each (place, scope, pid, time) that is asked for; see `identify`."""
    return f"""
WITH asked AS ({asked}), last AS (
    SELECT asked.*, creation.entity_id AS before FROM asked ASOF LEFT JOIN creation
    ON asked.scope = creation.scope AND asked.pid = creation.pid AND asked.time >= creation.time
)
SELECT place, coalesce(before, CASE WHEN creation.time <= last.time + {SKEW} THEN creation.entity_id END,
    last.scope || '/' || last.pid || '/0') AS entity_id
FROM last ASOF LEFT JOIN creation
ON last.scope = creation.scope AND last.pid = creation.pid AND last.time < creation.time"""


def _fill(database: duckdb.DuckDBPyConnection, column: str, pid: str, keyed: bool) -> None:
    """The same for a column of `candidate`; ids that another log has a GUID for become that."""
    values = 'SET "{0}" = found.entity_id' + (', "key {0}" = found.entity_id' if keyed else "")
    asked = f"""SELECT rowid AS place, "host.id" AS scope, "{pid}" AS pid, epoch_us("@timestamp") AS time
        FROM candidate WHERE "{column}" IS NULL AND "{pid}" IS NOT NULL AND "host.id" IS NOT NULL"""
    told = f'SELECT candidate.rowid AS place, guid AS entity_id FROM candidate JOIN same ON "{column}" = made'
    for one in (told, found(asked)):
        database.execute(
            f"UPDATE candidate {values.format(column)} FROM ({one}) AS found WHERE candidate.rowid = found.place"
        ).fetchall()
