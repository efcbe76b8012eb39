"""Fewer candidates by the links of the plan: what can hang on nothing need not become an object.

A safe over-estimate, which ignores time: a candidate of a stage stays where, for some line of its link, every
value is one that a candidate of the stage above binds (`=`), or a process in the tree of one (`in tree of`). What
no link tells stays: openings, `after`, `under`, events without a scope (they are counted as unplaced). The very
last candidate stays as well: up to its time absences count as covered (R4).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from clew.database import name
from clew.detection.model import Alternative, Detection, Plan, Term
from clew.select.selection import Selection

#: So few candidates are not worth a plan.
FEW = 1000


def reduce(
    database: duckdb.DuckDBPyConnection,
    detections: Sequence[Detection],
    selections: Sequence[Selection],
    few: int = FEW,
) -> bool:
    """Make `linked`, the (place, hits) that are left of `candidate`; false where that is not worth the while."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE hit AS SELECT rowid AS place, unnest(hits) AS number FROM candidate"
    ).fetchall()
    counts = dict(database.execute("SELECT number, count(*) FROM hit GROUP BY number").fetchall())
    many = [s for s in selections if counts.get(s.number, 0) >= few and _is_linked(s.asks)]
    if not many:
        return False
    last = _last(database, detections, selections)
    for selection in many:  # parents come first, so their candidates are already fewer
        plan = detections[selection.detection].plan
        numbers = _numbers(selections, selection.detection)
        kept = _kept(plan, selection.asks, numbers)
        database.execute(
            f"DELETE FROM hit WHERE number = {selection.number} AND place <> {last} AND place NOT IN ({kept})"
        ).fetchall()
    database.execute(
        "CREATE OR REPLACE TABLE linked AS SELECT place, list(number ORDER BY number) AS hits FROM hit GROUP BY place"
    ).fetchall()
    database.execute("DROP TABLE hit").fetchall()
    return True


def _is_linked(asks: Alternative) -> bool:
    """Whether every line of the link has a term that can be looked up."""
    return bool(asks.link) and all(any(term.operator != "under" for term in line) for line in asks.link)


def _last(
    database: duckdb.DuckDBPyConnection, detections: Sequence[Detection], selections: Sequence[Selection]
) -> int:
    """The row of `candidate` that the engine gets last."""
    plans = [detections[s.detection].plan for s in selections]
    delays = [plan.skew * plan.stages[s.stage].depth for plan, s in zip(plans, selections, strict=True)]
    [(row,)] = database.execute(
        f'SELECT arg_max(place, epoch_us("@timestamp") + {delays}[number + 1]) '
        "FROM hit JOIN candidate ON candidate.rowid = place"
    ).fetchall()
    return int(row)


def _numbers(selections: Sequence[Selection], detection: int) -> dict[tuple[int, int], int]:
    """The numbers of a detection's selections, by stage and alternative."""
    return {(s.stage, s.alternative): s.number for s in selections if s.detection == detection}


def _kept(plan: Plan, asks: Alternative, numbers: dict[tuple[int, int], int]) -> str:
    """SQL of the rows of `candidate` that may hang on another by these links, or have no scope."""
    scope = name("key " + plan.scope)
    lines = [
        " AND ".join(_may_hold(plan, term, numbers) for term in line if term.operator != "under")
        for line in asks.link
    ]
    return f"SELECT rowid FROM candidate WHERE {scope} IS NULL OR " + " OR ".join(
        f"({line})" for line in lines
    )


def _may_hold(plan: Plan, term: Term, numbers: dict[tuple[int, int], int]) -> str:
    scope, values = name("key " + plan.scope), _bound(plan, term.variable, numbers)
    if term.operator == "tree":
        values = f"""
WITH RECURSIVE tree(scope, value) AS (
    {values} UNION
    SELECT lineage.scope, lineage.entity_id FROM lineage JOIN tree
    ON lineage.scope = tree.scope AND lineage.parent_entity_id = tree.value
) FROM tree"""
    return f"({scope}, {name('key ' + term.field)}) IN ({values})"


def _bound(plan: Plan, variable: str, numbers: dict[tuple[int, int], int]) -> str:
    """SQL of (scope, value) for each value that a candidate binds the variable to."""
    scope = name("key " + plan.scope)
    ways = [
        f"SELECT {scope} AS scope, {key} AS value FROM candidate JOIN hit ON candidate.rowid = place "
        f"WHERE number = {numbers[stage.index, number]} AND {scope} IS NOT NULL AND {key} IS NOT NULL"
        for stage in plan.stages
        for number, way in enumerate(stage.alternatives)
        if variable in way.bind
        for key in (name("key " + way.bind[variable]),)
    ]
    return " UNION ALL ".join(ways)
