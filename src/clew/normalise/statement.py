"""The SQL of a `Normaliser`: lines -> `scan` -> `event`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from clew.database import name, quote
from clew.normalise import table
from clew.normalise.dialect import DIALECTS, apart_shape, head_shape
from clew.normalise.mapping import Mapping
from clew.normalise.reads import every
from clew.normalise.shape import SYSTEM, Dialect, from_json

#: What a record is, for whoever wants to map it once more: where it stands, its text, and who maps it how.
_MAPPED = {
    **dict.fromkeys(("mapping", "dialect"), "INTEGER"),
    **{"code": "VARCHAR", "row": "BIGINT", "path": "VARCHAR", "position": "BIGINT", "reader": "VARCHAR"},
    "line": "VARCHAR",
}
#: And which of its events an event is.
RECORD = {**_MAPPED, "ordinal": "BIGINT"}


#: What a line is called that may be of a dialect which the short scan does not know.
UNSURE = "unsure"


def scan(
    shipped: Iterable[Mapping],
    components: frozenset[str] | None,
    taken: Collection[Mapping],
    short: bool = False,
) -> str:
    """SQL over `part` that gives for each line, in order, its status, its code, and who maps it.

    Records of a mapping that is not `taken` lie outside what is asked for. A `short` scan is planned faster: it leaves
    out the dialects that stand apart, and calls UNSURE what may be of one of them. Each step stands alone: where one
    uses the name of another in the same SELECT, DuckDB plans that anew for every use.
    """
    mappings = list(enumerate(shipped))
    claims = " ".join(
        f"WHEN {quote(who)} THEN {i}" for i, m in mappings for who in (m.provider, m.log) if who
    )
    wanted = " ".join(
        f"WHEN mapping = {i} AND code IN ({', '.join(map(quote, m.codes(components))) or 'NULL'}) THEN 'event'"
        if m in taken
        else f"WHEN mapping = {i} THEN 'outside'"
        for i, m in mappings
    )
    plain, apart = ([d for d in DIALECTS if bool(d.apart) is is_apart] for is_apart in (False, True))
    signs = dict.fromkeys(sign for dialect in apart for sign in dialect.signs)
    signed = f"plain IS NULL AND ({' OR '.join(f'contains(line, {quote(sign)})' for sign in signs)})"
    known = plain if short else DIALECTS
    return f"""
WITH unwrapped AS (
    SELECT "row", clew_unwrapped(line) AS line FROM part
), headed AS (
    SELECT *, {from_json("line", head_shape())} AS h FROM unwrapped
), looked AS (
    SELECT *, {_first(plain)} AS plain FROM headed
), opened AS (
    SELECT *, {signed if short else f"CASE WHEN {signed} THEN {from_json('line', apart_shape())} END"} AS e FROM looked
), named AS (
    SELECT *, {"plain" if short else f"coalesce(plain, {_first(apart)})"} AS dialect FROM opened
), told AS (
    SELECT *, {_by_dialect(known, lambda d: d.provider)} AS provider, {_by_dialect(known, lambda d: d.code)} AS code
    FROM named
), claimed AS (
    SELECT *, CASE provider {claims} END AS mapping FROM told
), judged AS (
    SELECT *, CASE
        {f"WHEN e THEN '{UNSURE}'" if short else ""}
        WHEN h IS NULL AND trim(line) = '' THEN 'blank'
        WHEN h IS NULL OR provider IS NULL AND NOT starts_with(ltrim(line), '{{') THEN 'rejected'
        WHEN mapping IS NULL THEN 'irrelevant'
        {wanted}
        ELSE 'not_parsed' END AS status
    FROM claimed
)
SELECT status, code, mapping, dialect FROM judged"""


#: The view `scan`: the lines with what they are.
SCAN = "CREATE OR REPLACE TEMP VIEW scan AS SELECT * REPLACE (clew_unwrapped(line) AS line) FROM judged"


def _first(dialects: Iterable[Dialect]) -> str:
    """SQL that gives the number of the first of these dialects that claims a line."""
    cases = " ".join(f"WHEN {dialect.is_this} THEN {DIALECTS.index(dialect)}" for dialect in dialects)
    return f"CASE {cases} END"


def _by_dialect(known: Iterable[Dialect], part: Callable[[Dialect], str]) -> str:
    """SQL that gives a part of the head of a line whose dialect is known."""
    same: dict[str, list[str]] = {}
    for dialect in known:
        same.setdefault(part(dialect), []).append(str(DIALECTS.index(dialect)))
    cases = " ".join(f"WHEN dialect IN ({', '.join(numbers)}) THEN {sql}" for sql, numbers in same.items())
    return f"CASE {cases} END"


def no_event(columns: Collection[str] | None, record: Collection[str] = RECORD) -> str:
    """SQL of no event at all, which has these columns of the schema, all for None, and `record`."""
    fields = ", ".join(f"{name(field)} {RECORD[field]}" for field in record)
    return f"(SELECT *, NULL::STRUCT({fields}) AS record FROM ({table.no_event(columns)}))"


def events(  # noqa: PLR0913, PLR0917 - whose, where they stand, and what is asked of them
    mapping: Mapping,
    index: int,
    dialect: int,
    records: str,
    reads: Collection[str],
    record: Collection[str] = RECORD,
) -> str:
    """SQL over `records`, which has all of RECORD but the ordinal, that gives one mapping's events in one dialect.

    `reads` is what it reads of a record, out of `every`; all else is null. Beside the columns that every event has
    there is `record`, a struct of these fields of RECORD.
    """
    shape = DIALECTS[dialect]
    fields = dict.fromkeys(every(mapping), "NULL::VARCHAR") | shape.fields(mapping, reads)
    places = ", ".join(f"{name(column)}: {name(column)}" for column in _MAPPED)
    told = {column: f"origin.{name(column)}" for column in _MAPPED}
    told["ordinal"] = "ordinal" if mapping.several else "1::BIGINT"
    system = ", ".join(f"{column}: {fields[column]}" for column in SYSTEM)
    columns = ", ".join(f"{sql} AS {name(field)}" for field, sql in fields.items())
    return f"""
(WITH parsed AS (
    SELECT *, {shape.parsed("line", mapping, reads)} AS b FROM {records}
    WHERE mapping = {index} AND dialect = {dialect}
), record AS (
    SELECT {{{places}, {system}}} AS origin, code, {columns} FROM parsed
)
SELECT * EXCLUDE (origin{", ordinal" if mapping.several else ""}),
    {_event_id(mapping)} AS "event.id",
    {_component(mapping)} AS "clew.component",
    {_log_source(mapping)} AS "clew.log_source",
    rtrim(lower("host.name"), '.') AS "host.id",
    {_given(mapping)}
    origin.reader AS "clew.log.source",
    origin.path AS "log.file.path",
    origin.position AS "log.position",
    {{{", ".join(f"{name(column)}: {told[column]}" for column in record)}}} AS record
FROM ({mapping.select}))"""


def strange(taken: Iterable[Mapping], components: frozenset[str]) -> str:
    """SQL over events that is true for those that nobody asks for, though their records' codes are wanted."""
    wanted = {c.component for mapping in taken for c in mapping.channels if mapping.wants(c, components)}
    return (
        f'coalesce("clew.component" NOT IN ({", ".join(map(quote, sorted(wanted)))}), true)'
        if wanted
        else "true"
    )


def _event_id(mapping: Mapping) -> str:
    """SQL that gives the id of an event (R12): that of its record, with its ordinal where that is not the first."""
    of_record = """CASE WHEN origin.record_id IS NOT NULL
        THEN md5(concat_ws('|', lower(origin.computer), lower(origin.channel), origin.record_id, "@timestamp"))
        ELSE md5(origin.line) END"""
    if not mapping.several:
        return of_record
    return f"CASE WHEN ordinal > 1 THEN md5({of_record} || '#' || ordinal) ELSE {of_record} END"


def _log_source(mapping: Mapping) -> str:
    """SQL that gives the log source: the mapping's, or that of the program that wrote the record, or of its code."""
    cases = " ".join(
        f"WHEN {quote(producer)} THEN {quote(source)}" for producer, source in mapping.producers.items()
    )
    if cases:
        return f'CASE lower("event.provider") {cases} ELSE {quote(mapping.log_source)} END'
    coded = " ".join(f"WHEN {quote(code)} THEN {quote(source)}" for code, source in mapping.by_code.items())
    return (
        f"CASE origin.code {coded} ELSE {quote(mapping.log_source)} END"
        if coded
        else quote(mapping.log_source)
    )


def _given(mapping: Mapping) -> str:
    """SQL of the columns that every event has and that the mapping's SELECT does not give."""
    columns = {
        "event.provider": quote(mapping.provider),
        "host.os.type": quote(mapping.os) if mapping.os else "NULL::VARCHAR",
    }
    return "".join(
        f"{sql} AS {name(column)},\n    "
        for column, sql in columns.items()
        if f"AS {name(column)}" not in mapping.select
    )


def _component(mapping: Mapping) -> str:
    """SQL that gives the data component: by the code, or where a channel names an action by that as well."""
    by_code = " ".join(f"WHEN '{c.code}' THEN {quote(c.component)}" for c in mapping.channels if not c.action)
    cases = "".join(
        f"WHEN origin.code = '{c.code}' AND \"event.action\" = {quote(c.action)} THEN {quote(c.component)} "
        for c in mapping.channels
        if c.action
    )
    plain = f"CASE origin.code {by_code} END"
    return f"CASE {cases}ELSE {plain} END" if cases else plain
