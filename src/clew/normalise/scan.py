"""A batch of lines -> the tables `scan` (every line and what it is) and `event` (one schema, no duplicates).

Both live until the next batch. Positions are exact: a row's rowid in `scan` is its row in the batch, and the
batch's spans say where that stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa

from clew.database import quote
from clew.normalise.dialect import DIALECTS, Dialect, from_json, head_shape
from clew.normalise.mapping import Mapping, macros, mappings
from clew.normalise.table import no_event
from clew.record import LINE_BYTES, Batch, Reject, Span, Tally


class Normaliser:
    """Brings batches into the schema, for the data components that somebody asks for."""

    def __init__(self, database: duckdb.DuckDBPyConnection, components: frozenset[str]) -> None:
        self._database = database
        self._mappings = mappings()
        self._components = components
        database.execute(macros())
        database.execute("CREATE TEMP TABLE seen (id VARCHAR)")
        self._scan = _scan_statement(self._mappings, components)
        parts = [no_event(), *(_event_select(i, mapping) for i, mapping in enumerate(self._mappings))]
        self._event = " UNION ALL BY NAME ".join(parts)

    def scan(self, batch: Batch) -> None:
        """Make `scan` of a batch. Raises duckdb.Error where the lines cannot be scanned as text."""
        self._database.execute(self._scan.replace("<lines>", quote(str(batch.lines)))).fetchall()

    def normalise(self, batch: Batch, tally: Tally) -> None:
        """Make `event` out of `scan`, and account for every line."""
        place, source = self._place(batch.spans)
        self._database.execute(
            f"CREATE OR REPLACE TEMP VIEW records AS SELECT {{row: line.row, {place}, digest: digest, "
            "channel: r.channel, code: r.code, record_id: r.record_id, computer: r.computer} AS origin, "
            f"mapping, unnest(r) FROM {source}"
        )
        self._database.execute(f"CREATE OR REPLACE TEMP TABLE mapped AS {self._event}").fetchall()
        self._account(batch, tally)
        self._drop_duplicates(tally)

    def _place(self, spans: tuple[Span, ...]) -> tuple[str, str]:
        """SQL that says where a row stands, and the relation of the rows that are events."""
        events = "(SELECT rowid AS row, * FROM scan WHERE status = 'event') AS line"
        if len(spans) == 1:
            [span] = spans
            place = (
                f"position: line.row + {span.first}, path: {quote(span.source)}, reader: {quote(span.reader)}"
            )
            return place, events
        columns = {name: [getattr(span, name) for span in spans] for name in Span.__struct_fields__}
        self._database.register("span", pa.table(columns))
        place = "position: line.row - span.row + span.first, path: span.source, reader: span.reader"
        return place, f"{events} ASOF JOIN span ON line.row >= span.row"

    def _account(self, batch: Batch, tally: Tally) -> None:
        rows = self._database.execute("SELECT status, count(*) FROM scan GROUP BY status").fetchall()
        for status, count in rows:
            if status not in ("blank", "rejected", "event"):
                tally.add(status, count)
        for reject in self._rejects(batch):
            tally.reject(reject)

    def _rejects(self, batch: Batch) -> Iterator[Reject]:
        """Lines that are no JSON object, and events that have no time."""
        (rows,) = self._one("SELECT count(*) FROM scan")
        ends = {span.row - 1 for span in batch.spans[1:]} | {rows - 1}
        faulty = self._database.execute(
            "SELECT rowid FROM scan WHERE status = 'rejected' ORDER BY rowid"
        ).fetchall()
        for (row,) in faulty:
            span, position = batch.place(row)
            reason = "the last line is cut" if span.cut and row in ends else "not a JSON object"
            yield Reject(span.source, position, reason)
        timeless = self._database.execute(
            'SELECT "log.file.path", "log.position" FROM mapped WHERE "@timestamp" IS NULL ORDER BY "row"'
        ).fetchall()
        for path, position in timeless:
            yield Reject(path, position, "no time that can be read")

    def _drop_duplicates(self, tally: Tally) -> None:
        """Keep the first copy of each event (R12) in `event`; the ids are remembered over all batches."""
        self._database.execute(
            'CREATE OR REPLACE TEMP TABLE event AS SELECT * EXCLUDE ("row") '
            'FROM mapped ANTI JOIN seen ON mapped."event.id" = seen.id WHERE "@timestamp" IS NOT NULL '
            'QUALIFY row_number() OVER (PARTITION BY "event.id" ORDER BY "row") = 1'
        ).fetchall()
        self._database.execute('INSERT INTO seen SELECT "event.id" FROM event').fetchall()
        rows = self._database.execute('SELECT "clew.component", count(*) FROM event GROUP BY 1').fetchall()
        for component, count in rows:
            tally.add("event", count)
            tally.components[component] = tally.components.get(component, 0) + count
        (mapped,) = self._one('SELECT count(*) FROM mapped WHERE "@timestamp" IS NOT NULL')
        tally.add("duplicate", mapped - sum(count for _, count in rows))

    def _one(self, statement: str) -> tuple[int]:
        row = self._database.execute(statement).fetchall()[0]
        return (int(row[0]),)


def _scan_statement(shipped: tuple[Mapping, ...], components: frozenset[str]) -> str:
    """SQL with a place <lines>: one row a line, in order, with its status and, for events, the one shape."""
    provider = _by_dialect(lambda dialect: dialect.provider)
    code = _by_dialect(lambda dialect: dialect.code)
    body = _by_dialect(lambda dialect: dialect.parsed("line"))
    return f"""
CREATE OR REPLACE TEMP TABLE scan AS
WITH line AS (
    SELECT line FROM read_csv(<lines>, columns = {{'line': 'VARCHAR'}}, delim = chr(1), quote = '', escape = '',
        comment = '', header = false, auto_detect = false, max_line_size = {LINE_BYTES}, buffer_size = {2 * LINE_BYTES})
), headed AS (
    SELECT line, {from_json("line", head_shape())} AS h FROM line
), claimed AS (
    SELECT line, h, {provider} AS provider, {code} AS code,
        CASE {" ".join(f"WHEN provider = {quote(m.provider)} THEN {i}" for i, m in enumerate(shipped))} END AS mapping
    FROM headed
), judged AS (
    -- trim() is dear: it is asked only of the few lines that gave no head.
    SELECT line, h, mapping, CASE
        WHEN h IS NULL AND coalesce(trim(line), '') = '' THEN 'blank'
        WHEN h IS NULL OR provider IS NULL AND NOT starts_with(ltrim(line), '{{') THEN 'rejected'
        WHEN mapping IS NULL THEN 'irrelevant'
        {" ".join(_wanted(i, m, components) for i, m in enumerate(shipped))}
        ELSE 'not_parsed' END AS status
    FROM claimed
)
SELECT status, mapping,
    CASE WHEN status = 'event' THEN md5(line) END AS digest,
    CASE WHEN status = 'event' THEN {body} END AS r
FROM judged"""


def _wanted(index: int, mapping: Mapping, components: frozenset[str]) -> str:
    codes = ", ".join(quote(code) for code in mapping.codes(components)) or "NULL"
    return f"WHEN mapping = {index} AND code IN ({codes}) THEN 'event'"


def _by_dialect(part: Callable[[Dialect], str]) -> str:
    cases = " ".join(f"WHEN {dialect.is_this} THEN {part(dialect)}" for dialect in DIALECTS)
    return f"CASE {cases} END"


def _event_select(index: int, mapping: Mapping) -> str:
    """SQL over `records` that gives the events of one mapping with the columns that every event has."""
    component = " ".join(f"WHEN '{c.code}' THEN {quote(c.component)}" for c in mapping.channels)
    return f"""
(WITH record AS (SELECT * EXCLUDE (mapping) FROM records WHERE mapping = {index})
SELECT * EXCLUDE (origin),
    CASE WHEN origin.record_id IS NOT NULL
        THEN md5(concat_ws('|', lower(origin.computer), lower(origin.channel), origin.record_id, "@timestamp"))
        ELSE origin.digest END AS "event.id",
    {quote(mapping.provider)} AS "event.provider",
    CASE origin.code {component} END AS "clew.component",
    {quote(mapping.log_source)} AS "clew.log_source",
    lower("host.name") AS "host.id",
    {quote(mapping.os)} AS "host.os.type",
    origin.row AS "row",
    origin.reader AS "clew.log.source",
    origin.path AS "log.file.path",
    origin.position AS "log.position"
FROM ({mapping.select}))"""
