"""Runs: for how long the key of a `new` has been seen again and again (R5)."""

from __future__ import annotations

from clew.database import name
from clew.detection.model import New
from clew.select.selection import Selection


def run_statement(selection: Selection, new: New) -> str:
    """SQL of a table (id, began): a run ends where the key is not seen for longer than the gap.

    A synthetic creation is in no run, and is new where it would begin one.
    """
    keys = [name("key " + column) for column in new.key]
    same = " AND ".join(f"seen.{key} = recorded.{key}" for key in keys)
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    over = f"OVER (PARTITION BY {', '.join(keys)} ORDER BY time, id)"
    return f"""
CREATE OR REPLACE TABLE run_{selection.number} AS
WITH seen AS (
    SELECT "event.id" AS id, epoch_us("@timestamp") AS time, "clew.synthetic" IS TRUE AS made, {", ".join(keys)}
    FROM candidate WHERE list_contains(hits, {selection.number}) AND {known}
), begun AS (
    SELECT *, coalesce(time - lag(time) {over} <= {new.gap}, false) AS goes_on FROM seen WHERE NOT made
), numbered AS (
    SELECT *, count(*) FILTER (NOT goes_on) {over} AS run FROM begun
), recorded AS (
    SELECT *, min(time) OVER (PARTITION BY {", ".join(keys)}, run) AS began FROM numbered
)
SELECT id, began FROM recorded UNION ALL
SELECT seen.id, CASE WHEN seen.time - recorded.time <= {new.gap} THEN began ELSE seen.time END
FROM seen ASOF LEFT JOIN recorded ON {same} AND seen.time >= recorded.time WHERE seen.made"""
