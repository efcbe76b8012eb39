"""Events -> candidates: in DuckDB, column by column; only what passes a selection becomes an object.

The tables `candidate` and `lineage` grow with what is rare; `event` is replaced by every part of a batch. It needs
`Candidates.columns` alone: what else an event has is made for those only that are left in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from operator import itemgetter
from typing import Any, TypeAlias

import duckdb
import msgspec
import pyarrow as pa

from clew.bounded import DEFAULT, Bounded, Caps
from clew.database import beside, name, streaming
from clew.detection.model import Detection
from clew.entity import tables as entity_tables
from clew.entity.inventory import NOTHING, Inventory
from clew.event import COLUMNS, OWN, SCHEMA, Event
from clew.normalise.macro import Macros
from clew.normalise.scan import Sieve
from clew.select import lineage, snapshot
from clew.select.candidate import Candidate, Fit, ProcessEnd, ProcessStart
from clew.select.key import key
from clew.select.needed import sieve
from clew.select.passing import Passing
from clew.select.places import Known, Places
from clew.select.recorded import Recorded, Since
from clew.select.reduction import FEW, reduce
from clew.select.runs import run_statement
from clew.select.selection import (
    Selection,
    follows_packages,
    of_hosts,
    reads_owners,
    selections,
    tested,
)
from clew.select.snapshot import VERSION, Gathered
from clew.select.unrecorded import Unrecorded, is_its_own

Row: TypeAlias = Candidate | ProcessStart | ProcessEnd

#: Rows that are Python objects at a time: wide ones, of 10 KB each.
_CHUNK = 1_000


class Candidates:
    """Gathers candidates and lineage from batches of events, and gives them back in order of time."""

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        detections: Sequence[Detection],
        inventory: Inventory = NOTHING,
        caps: Caps = DEFAULT,
    ) -> None:
        self._database = database
        self.detections = detections
        self._places = Places(database, detections, inventory, caps.facts)
        self._passing = Passing(database, detections, self._places)
        self._selections, self._keys = self._passing.selections, self._passing.keys
        owners = reads_owners(detections)
        Macros(database).make(*map(key, self._keys))
        self._lineage = lineage.statement(owners, follows_packages(detections))
        #: The columns that are asked of the table `event`.
        self.columns = frozenset(
            {*_OWN, *tested(detections), *self._keys, *self._places.columns, *lineage.OF_OWNERS * owners}
        )
        #: SQL over a relation with the column `record` of `event` that gives its events with all columns; None where
        #: `event` has them all.
        self.whole: Callable[[str], str] | None = None
        #: Which events have to be in the table `event`; None where all of them are.
        self.sieve: Sieve | None = sieve(detections, self._passing.each)
        self._unrecorded = self._unrecorded_of(database, caps.facts)
        self._complete = False
        self._recorded = Recorded(database, self._selections, detections)
        #: What grows with the input; the oldest go.
        self._gathered = {
            table: Bounded(database, table, order, caps.rows) for table, order in _GATHERED.items()
        }
        #: Fewer candidates of one selection than this are not reduced by their links.
        self.few = FEW
        #: So many candidates become events with all their columns at a time.
        self.at_once = _AT_ONCE
        #: Lets tables leave memory for their file, where they take much of it.
        self.shelve: Callable[[], None] = lambda: None
        self._made = False

    def add(self) -> None:
        """Take what matters out of the table `event`."""
        gathered = self._gathered
        if not self._made:
            self._make()
        if possible := self._passing.possible("event"):
            gathered["candidate"].insert(self._passing.hits(_RECORDED, self._passing.may_pass, possible))
        gathered["lineage"].insert(self._lineage)
        gathered["ended"].insert(lineage.ENDED)
        self._recorded.add()
        if self._unrecorded:
            self.known.forgotten += self._unrecorded.add()
        self._places.add()

    def _make(self) -> None:
        statements = {
            "candidate": self._passing.hits(_RECORDED, self._passing.may_pass, self._selections[:1]),
            "lineage": self._lineage,
            "ended": lineage.ENDED,
        }
        for table, rows in statements.items():
            self._gathered[table].make(rows)
        self._recorded.make()
        self._places.make()
        self._made = True

    def snapshot(self) -> bytes:
        """All that was gathered, and which records were read; before `rows`, which settle it."""
        gathered = ("seen", *_GATHERED, "recorded", "named", *self._places.tables)
        known, hosts = self.known, tuple(sorted(self._places.hosts))
        kept = entity_tables.export(self._database, gathered)
        return msgspec.msgpack.encode(
            Gathered(VERSION, self._print, kept, hosts, known.facts, known.forgotten)
        )

    def restore(self, data: bytes) -> None:
        """Take up a snapshot, in a new database; what is gathered afterwards adds to it.

        Raises UsageError where it is damaged, or of other detections.
        """
        state = snapshot.decode(data, self._print)
        snapshot.restore(self._database, state)
        named = {table.name for table in state.tables}
        self._made = "candidate" in named
        for table in self._gathered.values() if self._made else ():
            table.recount()
        if self._unrecorded and "named" in named:
            self._unrecorded.restore()
        self._places.restore(state)

    @property
    def _print(self) -> str:
        every = self._passing.hits(_RECORDED, self._passing.may_pass, self._selections)
        return snapshot.print_of((every, self._lineage, self._recorded.statement))

    def creations(self) -> str:
        """SQL of (host, log_source, component, key, time, added) of all process creations that name pids.

        Two logs have the same key for the same creation; times and what was added to them in microseconds.
        """
        columns = "scope AS host, log_source, 'process_creation' AS component, time, added"
        key = "hash(pid, parent_pid, lower(name)) AS key"
        rows = "lineage" if self._made else f"(SELECT {lineage.NO_CREATION} WHERE false)"
        return f"SELECT {columns}, {key} FROM {rows} WHERE pid IS NOT NULL AND name <> ''"

    @property
    def known(self) -> Known:
        """What the tables of hosts, addresses and names knew of the candidates."""
        return self._places.known

    def since(self) -> Since:
        """Since when what stages look at is recorded, by scope; hosts have one id each after `rows`."""
        return self._recorded.since() if self._made else {}

    def rows(self, linked: bool = False) -> Iterator[tuple[int, Row]]:
        """Everything with its event time, in order of that, facts of lineage first at equal times.

        `linked` leaves out candidates that can hang on no other, which changes no finding.
        """
        if not self._made:
            return iter(())
        for table in self._gathered.values():
            table.trim()
            self.known.dropped += table.forgotten
        self._add_synthetic()
        self._places.settle(lambda relation: self._passing.made(relation, self._passing.passes), self._keys)
        self.shelve()
        return merge(
            self._process_starts(), self._process_ends(), self._candidates(linked), key=itemgetter(0)
        )

    def _unrecorded_of(self, database: duckdb.DuckDBPyConnection, cap: int) -> Unrecorded | None:
        """Who finds processes without a creation, where a stage asks for creations at all."""
        asked = selections(of_hosts(self.detections))
        if any(selection.asks.component == "process_creation" for selection in asked):
            return Unrecorded(database, max(detection.plan.skew for detection in self.detections), cap)
        return None

    def _add_synthetic(self) -> None:
        """Take the synthetic creations that may pass a selection, as those that were recorded (R9); once."""
        if self._unrecorded and not self._complete:
            made = self._passing.made(self._unrecorded.creations(), self._passing.may_pass)
            self._database.execute(f"INSERT INTO candidate BY NAME {made}").fetchall()
            self._complete = True

    def _process_starts(self) -> Iterator[tuple[int, ProcessStart]]:
        for batch in self._batches(f"SELECT * EXCLUDE ({_OF_PIDS}) FROM lineage ORDER BY time, event"):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield row[0], ProcessStart(*row)

    def _process_ends(self) -> Iterator[tuple[int, ProcessEnd]]:
        for batch in self._batches("SELECT DISTINCT time, scope, entity_id FROM ended ORDER BY ALL"):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield row[0], ProcessEnd(*row)

    def _candidates(self, linked: bool) -> Iterator[tuple[int, Candidate]]:
        filled = self._database.execute("SELECT DISTINCT unnest(hits) FROM candidate").fetchall()
        runs = [s for s in self._selections if s.new and (s.number,) in filled]
        for selection in runs:
            self._make_runs(selection)
        since = self._recorded.since()
        for table in self._slices(linked):
            for batch in self._batches(self._rows_statement(table, runs)):
                shown = [c for c in batch.schema.names if batch.column(c).null_count < len(batch)]
                for row in batch.select(shown).to_pylist():
                    for candidate in self._expand(row, since):
                        yield candidate.event.time, candidate

    def _slices(self, linked: bool) -> Iterator[str]:
        """Tables like `candidate` with all that is handed on, one after another in order of time.

        What an event is once more with all of its columns takes 15 KB until it is sorted, so few are made at a time.
        """
        whole = "candidate"
        if linked and reduce(self._database, self.detections, self._selections, self.few):
            whole = f"(SELECT candidate.* REPLACE (linked.hits AS hits) FROM {_LINKED})"
        rows = "candidate" if whole == "candidate" else _LINKED
        ends = self._database.execute(_ENDS.format(rows, self.at_once)).fetchall()
        if whole == "candidate" and len(ends) == 1:
            yield whole
            return
        start = ""
        for (end,) in ends:
            here = f'"@timestamp" <= make_timestamp({end}){start}'
            self._database.execute(f"CREATE OR REPLACE TABLE slice AS FROM {whole} WHERE {here}").fetchall()
            self.shelve()
            yield "slice"
            start = f' AND "@timestamp" > make_timestamp({end})'

    def _rows_statement(self, hits: str, runs: Sequence[Selection]) -> str:
        """SQL of the rows of a table like `candidate`, in order of time, with all columns and when runs began."""
        began = "".join(f", run_{s.number}.began AS {name(f'run {s.number}')}" for s in runs)
        joins = "".join(f' LEFT JOIN run_{s.number} ON run_{s.number}.id = c."event.id"' for s in runs)
        keys = "".join(f", c.{name('key ' + column)}" for column in self._keys)
        events, same = "candidate", 'c."event.id"'
        if self.whole:
            [(synthetic,)] = self._database.execute(f"SELECT count(origin) FROM {hits}").fetchall()
            once = f'(SELECT DISTINCT ON (coalesce(origin, "event.id")) record FROM {hits})'
            events = f"({self.whole(once if synthetic else hits)})"
            same = 'coalesce(c.origin, c."event.id")' if synthetic else same
        filled = {*_CANDIDATES, *self._places.fills}
        columns = ", ".join(
            f"{'c' if c.name in filled else 'e'}.{name(c.name)}"
            for c in COLUMNS
            if not c.lineage and c.name != "@timestamp"
        )
        return (
            f'SELECT epoch_us(e."@timestamp") AS "@timestamp", {columns}{keys}, c.hits, c.origin{began} '
            f'FROM {hits} c JOIN {events} e ON e."event.id" = {same}{joins} '
            'ORDER BY e."@timestamp", e."event.sequence", e."event.id"'
        )

    def _expand(self, row: dict[str, Any], since: Since) -> Iterator[Candidate]:
        """One candidate for each stage that the event may fill."""
        event = _event(row, self._keys)
        fits: dict[tuple[int, int], list[Fit]] = {}
        for number in row["hits"]:
            selection = self._selections[number]
            fit = Fit(
                selection.alternative,
                row.get(f"run {number}"),
                self._recorded.before(selection, event, since),
            )
            fits.setdefault((selection.detection, selection.stage), []).append(fit)
        for (detection, stage), ways in fits.items():
            yield Candidate(detection, stage, tuple(ways), event)

    def _make_runs(self, selection: Selection) -> None:
        """For each event of a selection, when the run of its key began (R5), over all that was gathered."""
        assert selection.new
        self._database.execute(run_statement(selection, selection.new)).fetchall()

    def _batches(self, statement: str) -> Iterator[pa.RecordBatch]:
        with streaming():
            yield from beside(self._database).sql(statement).to_arrow_reader(_CHUNK)


#: Candidates that become events with all their columns at a time.
_AT_ONCE = 10_000
_LINKED = "candidate JOIN linked ON candidate.rowid = linked.place"
#: SQL of the times at which slices of these rows end.
_ENDS = """
SELECT DISTINCT max(time) FROM (
    SELECT epoch_us("@timestamp") AS time, (row_number() OVER (ORDER BY time) - 1) // {1} AS slice FROM {0}
) GROUP BY slice ORDER BY ALL"""

#: SQL of the recorded events; `origin` is the id of the event that a synthetic creation was made from.
_RECORDED = "(SELECT *, NULL::VARCHAR AS origin FROM event)"
#: What every candidate and every fact of lineage needs.
_OWN = (
    *("@timestamp", "event.id", "event.sequence", "event.action", "clew.component", "clew.synthetic"),
    *("host.id", "host.os.type"),
    *("process.entity_id", "process.name", "process.executable"),
    *("process.parent.entity_id", "process.parent.name", "process.parent.executable"),
    *("process.pid", "process.parent.pid"),
    *("clew.log_source", "clew.clock.offset"),
)
#: What is gathered for any detections and grows with the input, and what goes first of it.
_GATHERED = {"candidate": '"@timestamp", "event.id"', "lineage": "kept", "ended": "kept"}
#: What is told of pids once everything is gathered (see `pids`), and what a synthetic creation has for itself (see
#: `unrecorded`): it stands in `candidate` only.
_IDENTIFIED = ("process.entity_id", "process.parent.entity_id")
_CANDIDATES = (*_IDENTIFIED, "event.id", "event.sequence", "clew.component", "clew.synthetic")

#: What of lineage serves to tell pids and clocks, and is no affair of the engine.
_OF_PIDS = "pid, parent_pid, log_source, added"


def _event(row: dict[str, Any], keys: Sequence[str]) -> Event:
    shown = {c: v for c, v in row.items() if v is not None and c in SCHEMA and c not in OWN}
    if row.get("origin"):
        shown = {c: v for c, v in shown.items() if c in _CANDIDATES or is_its_own(c)}
    return Event(
        id=row["event.id"],
        component=row["clew.component"],
        time=row["@timestamp"],
        fields=shown,
        keys={column: value for column in keys if (value := row.get("key " + column)) is not None},
        clock=row.get("host.id") or "",
        sequence=row.get("event.sequence"),
        source=row["clew.log.source"],
        path=row["log.file.path"],
        position=row["log.position"],
    )
