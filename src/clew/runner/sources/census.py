"""The census: what each batch has of each kind of record, added up in DuckDB.

Three tables grow with the number of kinds, hosts and files, not with that of records: `tally_event` and
`tally_other` count records, `tally_clock` by how many seconds clocks differ from the event's time. A fourth, `twin`,
has what two logs may both tell, when; past so many rows it is thinned by keys, so that pairs stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from clew.database import name, quote
from clew.normalise.macro import Macros
from clew.record import Batch, Span
from clew.report.clock import Twins
from clew.report.inventory import Sample
from clew.runner.sources.envelope import CLOCKS, MACROS, statement
from clew.runner.twins import SAME, twins

#: Past this a table is added up again.
_ROWS = 200_000
_SAMPLE_CHARACTERS = 4096

_EVENT = ("log_source", "component", "code", "reader", "path", "host")
_OTHER = ("provider", "channel", "code", "keys", "reader", "claimed", "path", "host")
_CLOCK = ("host", "log_source", "field", "seconds")
_COUNTED = ("clew.log_source", "clew.component", "event.code", "clew.log.source", "log.file.path", "host.id")
#: The columns of the schema that are counted, and those by which two logs tell the same.
COLUMNS = (
    *(*_COUNTED, "clew.clock.offset", "process.pid", "process.parent.pid", "process.name"),
    *("source.port", "destination.ip", "destination.port"),
)
_COUNTS = "records BIGINT, first TIMESTAMP, last TIMESTAMP"


class Census:
    """Adds batches up, part by part: `part`, `scan` and `event` must be those of the part (see `normalise.scan`)."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self._database = database
        #: One record of each kind of the others: the first that was seen.
        self.samples: dict[tuple[object, ...], Sample] = {}
        Macros(database).make(MACROS)
        for macro in MACROS.split(";\n")[::-1]:  # what stands below is used above
            if macro.strip():
                database.execute(macro)
        for table, columns, counts in (
            ("event", _EVENT, _COUNTS),
            ("other", _OTHER, _COUNTS),
            ("clock", _CLOCK, "records BIGINT"),
        ):
            kinds = {"claimed": "BOOLEAN", "seconds": "BIGINT"}
            declared = ", ".join(f"{column} {kinds.get(column, 'VARCHAR')}" for column in columns)
            database.execute(f"CREATE TEMP TABLE tally_{table} ({declared}, {counts})")
        database.execute(
            "CREATE TEMP TABLE twin (host VARCHAR, log_source VARCHAR, component VARCHAR, key UBIGINT, time BIGINT, "
            "added BIGINT)"
        )
        self._share = 1

    def add(self, batch: Batch) -> None:
        """Count the part of a batch that was normalised last."""
        self._look(batch)
        self._database.execute(_COUNT_EVENTS)
        self._database.execute(_COUNT_OTHERS)
        self._database.execute(_COUNT_CLOCKS)
        self._pair()
        self._sample(batch)
        self._compact()

    def _look(self, batch: Batch) -> None:
        """The table `look`: what every record of the part says of itself; and the view that says where it stands."""
        self._database.execute(
            f"CREATE OR REPLACE TEMP TABLE look AS SELECT * EXCLUDE (line, found) FROM ({statement('part')})"
        ).fetchall()
        columns = {field: [getattr(span, field) for span in batch.spans] for field in Span.__struct_fields__}
        self._database.register("stretch", pa.table(columns))
        self._database.execute(_PLACED)

    def _sample(self, batch: Batch) -> None:
        """Keep a record of each kind that has none yet."""
        kinds = self._database.execute(_FIRST_OF_KIND).fetchall()
        rows = {row: tuple(kind) for *kind, row in kinds if tuple(kind) not in self.samples}
        if not rows:
            return
        for row, line in self._database.execute(_LINES, [list(rows)]).fetchall():
            span, position = batch.place(row)
            self.samples[rows[row]] = Sample(span.source, position, line.strip())

    def _pair(self) -> None:
        """Keep what two logs may both tell: of one key in so many all, of the others nothing."""
        for component, same in SAME.items():
            self._database.execute(
                'INSERT INTO twin SELECT "host.id", "clew.log_source", "clew.component", '
                f'hash({same}) AS key, epoch_us("@timestamp"), "clew.clock.offset" FROM event '
                f'WHERE "clew.component" = {quote(component)} AND "process.pid" IS NOT NULL AND key % {self._share} = 0'
            ).fetchall()
        [(rows,)] = self._database.execute("SELECT count(*) FROM twin").fetchall()
        if rows > _ROWS:
            self._share *= 2
            self._database.execute(f"DELETE FROM twin WHERE key % {self._share} <> 0").fetchall()

    def _compact(self) -> None:
        for table, columns in (("event", _EVENT), ("other", _OTHER), ("clock", _CLOCK)):
            if self._count(table) > _ROWS:
                counts = "sum(records)::BIGINT AS records"
                counts += ", min(first) AS first, max(last) AS last" if table != "clock" else ""
                self._database.execute(
                    f"CREATE OR REPLACE TEMP TABLE tally_{table} AS "
                    f"SELECT {', '.join(columns)}, {counts} FROM tally_{table} GROUP BY ALL"
                ).fetchall()

    def _count(self, table: str) -> int:
        [(rows,)] = self._database.execute(f"SELECT count(*) FROM tally_{table}").fetchall()
        return int(rows)

    def twins(self) -> Iterator[Twins]:
        """Log sources that record the same things as another one of their host."""
        return twins(self._database, "FROM twin")

    def rows(self, query: str) -> Iterator[dict[str, Any]]:
        """The rows of a query over the tallies, as dictionaries."""
        result = self._database.execute(query)
        names = [column[0] for column in result.description or ()]
        while rows := result.fetchmany(1000):
            yield from (dict(zip(names, row, strict=True)) for row in rows)


_COUNT_EVENTS = f"""
INSERT INTO tally_event
SELECT {", ".join(map(name, _COUNTED))}, count(*), min("@timestamp"), max("@timestamp")
FROM event WHERE record.ordinal = 1 GROUP BY ALL"""

_PLACED = """
CREATE OR REPLACE TEMP VIEW placed AS
SELECT look.*, scan.status, source, reader, look."row" - stretch."row" + stretch.first AS position
FROM look JOIN scan USING ("row") ASOF JOIN stretch ON look."row" >= stretch."row"
"""

_OTHERS = "FROM placed WHERE status IN ('irrelevant', 'not_parsed') GROUP BY ALL"
_OF_KIND = "provider, channel, code, keys, reader, status = 'not_parsed' AS claimed"

_COUNT_OTHERS = f"""
INSERT INTO tally_other
SELECT {_OF_KIND}, source, lower(host), count(*), min(time), max(time) {_OTHERS}"""

_FIRST_OF_KIND = f"SELECT {_OF_KIND}, min(row) {_OTHERS}"

_LINES = f'SELECT "row", left(line, {_SAMPLE_CHARACTERS}) FROM part WHERE "row" IN (SELECT unnest(?))'

_COUNT_CLOCKS = f"""
INSERT INTO tally_clock
WITH each AS (
    SELECT "host.id" AS host, "clew.log_source" AS log_source,
        "@timestamp" - to_microseconds(coalesce("clew.clock.offset", 0)) AS happened,
        unnest(clocks) AS clock, unnest([{", ".join(map(quote, CLOCKS))}]) AS field
    FROM event JOIN placed ON record."row" = placed."row"
)
SELECT host, log_source, field, round(epoch(clock - happened))::BIGINT AS seconds, count(*)
FROM each WHERE clock IS NOT NULL GROUP BY ALL"""
