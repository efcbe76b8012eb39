"""A batch of lines -> the table `event` (one schema, no duplicates), part by part, with every line accounted for.

The tables `part` (the lines that were looked into), `scan` (what each of them is) and `event` live until the
next part.
Positions are exact: a line's row in the batch is known throughout, and the batch's spans say where that stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import duckdb
import msgspec
import pyarrow as pa

from clew.bounded import DEFAULT, Bounded
from clew.database import name, quote
from clew.normalise import statement
from clew.normalise.clock import RIGHT, Clocks
from clew.normalise.extent import EVERYTHING, Extent
from clew.normalise.lines import Part, parts
from clew.normalise.macro import Macros
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.normalise.reads import reads
from clew.record import Batch, Reject, Span, Tally

#: Without these columns events cannot be accounted for, and without these nobody knows where they stand.
_OWN = frozenset({"@timestamp", "event.id", "clew.component"})
_PLACE = frozenset({"log.file.path", "log.position"})
_FEW = 1_000
#: Which event of which record it is.
_WHICH = ("row", "ordinal")


class Sieve(msgspec.Struct, frozen=True):
    """Which of a part's events somebody needs: SQL over `event` for their row and ordinal, and the columns it reads."""

    columns: frozenset[str]
    needed: Callable[[], str]


class Normaliser:
    """Brings batches into the schema, for the data components (and the facts) that somebody asks for.

    `components` None: every record is looked into, and all that a mapping knows becomes an event. `columns` are
    those of the schema that `event` is to have, None for all. It has `record` beside them, from which `whole` makes
    the rest. What lies outside the `extent` becomes no event, and is counted as that. Times are corrected by the
    `clocks` before that. With a `sieve` all events are counted, but only those that it lets pass are made in full.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what of the logs, and what of each event
        self,
        database: duckdb.DuckDBPyConnection,
        components: frozenset[str] | None = None,
        columns: Collection[str] | None = None,
        extent: Extent = EVERYTHING,
        clocks: Clocks = RIGHT,
        sieve: Sieve | None = None,
        rows: int = DEFAULT.rows,
    ) -> None:
        self._database = database
        self._clocks = clocks
        self._mappings = mappings()
        taken = [mapping for mapping in self._mappings if extent.takes(mapping.log_sources)]
        self.pretest = None if components is None else pretest(taken, components)
        self._outside = extent.outside()
        self._columns = None if columns is None else _OWN.union(_PLACE, columns, extent.columns())
        self._sieve = sieve
        self._first = _OWN.union(() if sieve is None else sieve.columns, extent.columns())
        #: So many lines are not sifted: a second statement is planned longer than their columns take.
        self.few = _FEW
        self._reads: dict[tuple[int, frozenset[str] | None], tuple[str, ...]] = {}
        #: The numbers of all events: the newest that may be kept.
        self.seen = Bounded(database, "seen", "rowid", rows)
        self.seen.make("SELECT NULL::UHUGEINT AS id")
        self._macros = Macros(database)
        self._short, self._scan = (
            statement.scan(self._mappings, components, taken, short) for short in (True, False)
        )
        #: Whether a line was seen that the short scan does not know.
        self._apart = False
        self._macros.make(self._scan, statement.SCAN)
        self._strange = "" if components is None else statement.strange(taken, components)

    def normalise(self, batch: Batch, tally: Tally, start: int = 0) -> Iterator[int]:
        """Make `event` out of each part of a batch, from a row on, and account for its lines.

        Gives the row where the next part begins; nothing for a part without lines to look into. Raises
        UnscannableError where lines need repair before that.
        """
        for part in parts(self._database, batch, self.pretest, start):
            tally.add("not_parsed", part.skipped)
            if len(part.lines):
                self._normalise(batch, part, tally)
                yield part.end
            del part  # its lines need not stand in memory beside those of the next

    def forget(self) -> None:
        """Free the memory of a part once it is done with: its lines stand in there several times."""
        self._database.unregister("part")
        self._database.unregister("judged")
        self._database.execute("DROP TABLE event").fetchall()

    def whole(self, relation: str) -> str:
        """SQL that gives the events of a relation's `record` column once more, with all columns of the schema."""
        kinds = f"SELECT DISTINCT record.mapping, record.dialect FROM {relation} WHERE record IS NOT NULL"
        found = self._database.execute(kinds).fetchall()
        records = f"(SELECT unnest(record) FROM {relation})"
        if any(self._mappings[mapping].several for mapping, _ in found):
            once = f"SELECT DISTINCT ON (record.path, record.position) record FROM {relation}"
            records = f"(SELECT unnest(record) FROM ({once}))"
        return f"SELECT * EXCLUDE (record) FROM ({self._union(found, records, None)})"

    def _normalise(self, batch: Batch, part: Part, tally: Tally) -> None:
        self._look(part)
        found = self._account(batch, part, tally)
        records = self._placed(batch.spans)
        sieve = self._sieve if len(part.lines) > self.few else None
        first, record = (self._first, _WHICH) if sieve else (self._columns, statement.RECORD)
        self._make(self._union(found, records, first, record), first)
        self._drop_strange(tally)
        self._drop_timeless(batch, tally)
        self._drop_outside(tally)
        self._drop_duplicates(tally)
        if sieve:
            self._database.execute(f"CREATE OR REPLACE TEMP TABLE needed AS {sieve.needed()}").fetchall()
            of_needed = f'(FROM {records} SEMI JOIN needed USING ("row"))'
            union = self._union(found, of_needed, self._columns)
            needed = 'record."row" = needed."row" AND record.ordinal = needed.ordinal'
            self._make(f"FROM ({union}) SEMI JOIN needed ON {needed}", self._columns)

    def _look(self, part: Part) -> None:
        """Make `scan`. The lines stay where they are, in Arrow: DuckDB scans that on all threads and copies none."""
        self._database.register("part", part.lines)
        told, lines = self._told(), part.lines
        for column in told.column_names:
            lines = lines.append_column(column, told[column])
        self._database.register("judged", lines)
        self._database.execute(statement.SCAN)

    def _told(self) -> pa.Table:
        """What each line of the part is; by the short scan, as long as that knows all of them."""
        while True:
            # As a relation it would be planned twice: once to tell its columns, and once to run.
            scan = self._scan if self._apart else self._short
            self._database.execute(f"CREATE OR REPLACE TEMP TABLE told AS {scan}").fetchall()
            told = self._database.sql("FROM told").to_arrow_table()
            if self._apart or statement.UNSURE not in told["status"].unique().to_pylist():
                return told
            self._apart = True

    def _make(self, events: str, columns: Collection[str] | None) -> None:
        """Make `event` of the SQL of events, with these columns and the `record`."""
        names = "*" if columns is None else ", ".join((*map(name, sorted(columns)), "record"))
        self._database.execute(
            f"CREATE OR REPLACE TEMP TABLE event AS SELECT {names} FROM ({events})"
        ).fetchall()

    def _union(
        self,
        found: Collection[tuple[int, int]],
        records: str,
        columns: Collection[str] | None,
        record: Collection[str] = statement.RECORD,
    ) -> str:
        """SQL of the events of all these (mapping, dialect) in a relation."""
        selects = []
        for number, dialect in sorted(found):
            mapping = self._mappings[number]
            wanted = self._needed(number, columns)
            events = statement.events(mapping, number, dialect, records, wanted, record)
            selects.append(self._clocks.corrected(mapping.log_source, events))
        self._macros.make(*selects)
        return " UNION ALL BY NAME ".join([statement.no_event(columns, record), *selects])

    def _needed(self, mapping: int, columns: Collection[str] | None) -> tuple[str, ...]:
        """What is read of a mapping's records for these columns; worked out when the first of them comes."""
        asked = (mapping, None if columns is None else frozenset(columns))
        if asked not in self._reads:
            self._reads[asked] = reads(self._database, self._mappings[mapping], columns)
        return self._reads[asked]

    def _placed(self, spans: tuple[Span, ...]) -> str:
        """SQL of the rows that are events, each with where it stands."""
        events = "(SELECT * FROM scan WHERE status = 'event') AS line"
        if len(spans) == 1:
            [span] = spans
            return (
                f'(SELECT *, line."row" + {span.first} AS position, {quote(span.source)} AS path, '
                f"{quote(span.reader)} AS reader FROM {events})"
            )
        columns = {column: [getattr(span, column) for span in spans] for column in Span.__struct_fields__}
        self._database.register("span", pa.table(columns))
        return (
            '(SELECT line.*, line."row" - span."row" + span.first AS position, span.source AS path, span.reader '
            f'FROM {events} ASOF JOIN span ON line."row" >= span."row")'
        )

    def _account(self, batch: Batch, part: Part, tally: Tally) -> set[tuple[int, int]]:
        """Count what is no event; tell which mappings and dialects the events need."""
        rows = self._database.execute(
            "SELECT status, mapping, dialect, count(*) FROM scan GROUP BY ALL"
        ).fetchall()
        for status, _, _, count in rows:
            if status not in ("blank", "rejected", "event"):
                tally.add(status, count)
        if any(status == "rejected" for status, *_ in rows):
            for reject in self._rejects(batch, part.end):
                tally.reject(reject)
        return {(mapping, dialect) for status, mapping, dialect, _ in rows if status == "event"}

    def _rejects(self, batch: Batch, end: int) -> Iterator[Reject]:
        """Lines that are no JSON object. A part that ends within a span ends at a line end."""
        ends = {span.row - 1 for span in batch.spans[1:]} | {end - 1}
        faulty = self._database.execute(
            'SELECT "row" FROM scan WHERE status = \'rejected\' ORDER BY "row"'
        ).fetchall()
        for (row,) in faulty:
            span, position = batch.place(row)
            reason = "the last line is cut" if span.cut and row in ends else "not a JSON object"
            yield Reject(span.source, position, reason)

    def _drop_strange(self, tally: Tally) -> None:
        """Leave out records that share their code with those that are asked for, and are told by their action."""
        if self._strange:
            tally.add("not_parsed", self._records(self._strange))
            self._database.execute(f"DELETE FROM event WHERE {self._strange}").fetchall()

    def _drop_timeless(self, batch: Batch, tally: Tally) -> None:
        timeless = self._database.execute(
            'SELECT DISTINCT record."row" FROM event WHERE "@timestamp" IS NULL ORDER BY ALL'
        ).fetchall()
        for (row,) in timeless:
            span, position = batch.place(row)
            tally.reject(Reject(span.source, position, "no time that can be read"))
        if timeless:
            self._database.execute('DELETE FROM event WHERE "@timestamp" IS NULL').fetchall()

    def _drop_outside(self, tally: Tally) -> None:
        if self._outside:
            tally.add("outside", self._records(self._outside))
            self._database.execute(f"DELETE FROM event WHERE {self._outside}").fetchall()

    def _drop_duplicates(self, tally: Tally) -> None:
        """Keep the first copy of each event (R12) in `event`; the ids are remembered over all batches."""
        [(every, fresh)] = self._database.execute(
            f"WITH copied AS MATERIALIZED ({_COPIED}) SELECT count(*), "
            'count(DISTINCT "event.id") FILTER (md5_number("event.id") NOT IN (FROM copied)) FROM event '
            "WHERE record.ordinal = 1"
        ).fetchall()
        if every > fresh:
            tally.add("duplicate", every - fresh)
            self._database.execute(
                f"DELETE FROM event WHERE rowid IN (SELECT place FROM ({_COPIES}) "
                f"WHERE nth > 1 OR md5_number(id) IN ({_COPIED}))"
            ).fetchall()
        self.seen.insert(_NUMBERS)
        tally.add("event", self._records("true"))
        rows = self._database.execute('SELECT "clew.component", count(*) FROM event GROUP BY 1').fetchall()
        for component, count in rows:
            tally.components[component] = tally.components.get(component, 0) + count

    def _records(self, which: str) -> int:
        """How many records such events came of: one may hold several."""
        [(count,)] = self._database.execute(
            f"SELECT count(*) FROM event WHERE record.ordinal = 1 AND ({which})"
        ).fetchall()
        return int(count)


_NUMBERS = 'SELECT md5_number("event.id") AS id FROM event'
#: The numbers of `event` that were seen before. What was seen is much, so it is what is read through.
_COPIED = f"SELECT DISTINCT seen.id FROM seen SEMI JOIN ({_NUMBERS}) AS here ON seen.id = here.id"
_COPIES = """
SELECT rowid AS place, "event.id" AS id, row_number() OVER (PARTITION BY "event.id" ORDER BY record."row") AS nth
FROM event"""
