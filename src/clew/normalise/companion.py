"""Companions: records that tell more of another one, as CodeIntegrity's signer tells of its decision.

A companion has the activity of the record that it belongs to, and stands behind it: it belongs to the last record
of its activity, on its host, that is no companion. Of several the first one is taken. They are looked for among the
lines that are normalised together (a part of a batch), so one that stands in the next part is not found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from clew.database import name, quote
from clew.normalise.dialect import DIALECTS
from clew.normalise.mapping import Companion, Mapping

#: SQL of no companions.
NONE = 'SELECT NULL::BIGINT AS "row", NULL::VARCHAR AS beside WHERE false'


def companions(mappings: tuple[Mapping, ...], found: Collection[tuple[int, int]]) -> str:
    """SQL over `scan` that gives the row of each record that has a companion, and that one's data, as JSON.

    `found` are the mappings and dialects of the records, by number.
    """
    return " UNION ALL ".join([NONE, *_each(mappings, found)])


def _each(mappings: tuple[Mapping, ...], found: Collection[tuple[int, int]]) -> Iterator[str]:
    for number, dialect in sorted(found):
        mapping = mappings[number]
        if mapping.companion:
            yield _companions(mapping, mapping.companion, number, dialect)


def _companions(mapping: Mapping, companion: Companion, number: int, dialect: int) -> str:
    shape, reads = DIALECTS[dialect], ("time", "activity", *companion.reads)
    fields = shape.fields(mapping, reads)
    data = ", ".join(f"{name(field)}: {fields[field]}" for field in companion.reads)
    is_one = f"code = {quote(str(companion.code))}"
    return f"""
(WITH parsed AS (
    SELECT "row", code, line, {shape.parsed("line", mapping, reads)} AS b FROM scan
    WHERE status = 'event' AND mapping = {number} AND dialect = {dialect}
), told AS (
    SELECT "row", {is_one} AS is_one, CASE WHEN {is_one} THEN to_json({{{data}}}) END AS beside,
        clew_guid({fields["activity"]}) AS activity, lower({fields["computer"]}) AS computer,
        coalesce(try_cast({fields["record_id"]} AS BIGINT), epoch_us(clew_time(clew_cut({fields["time"]})))) AS n
    FROM parsed
), placed AS (
    SELECT *, last_value(CASE WHEN NOT is_one THEN "row" END IGNORE NULLS) OVER (
        PARTITION BY computer, activity ORDER BY n, "row" ROWS UNBOUNDED PRECEDING) AS owner
    FROM told WHERE activity IS NOT NULL
)
SELECT owner AS "row", arg_min(beside, n)::VARCHAR AS beside FROM placed
WHERE is_one AND owner IS NOT NULL GROUP BY owner)"""
