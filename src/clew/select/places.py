"""Who is who: one id for each host, the host behind an address, the name of an address, the signer of a file, the
container of a process (R8, R9).

A sensor sees addresses. Where the tables know more, its events get `host.id` and `host.name`, and an event that
has only the address of a destination gets the name by which its host knew it. Facts are learned from events as
they stream in, and used when everything was gathered, since a later file may tell of an earlier time: until then
an event is kept that may pass once its columns are filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import duckdb
import msgspec
import pyarrow as pa

from clew.bounded import Bounded
from clew.database import name, quote
from clew.detection.model import Alternative, Detection
from clew.entity import addresses, containers, names, signatures
from clew.entity.hosts import fold
from clew.entity.inventory import NOTHING, Inventory
from clew.normalise.macro import Macros
from clew.select.expression import expression
from clew.select.pids import SKEW, found, identify
from clew.select.possible import gains, possible
from clew.select.selection import (
    ADDRESSES,
    CONTAINERS,
    NAMED,
    NAMES,
    NETWORK,
    SENSED,
    SIGNATURES,
    facts,
    reads_sensors,
    selections,
)
from clew.select.snapshot import Gathered

#: Columns that the host behind an address fills.
_PLACED = ("host.id", "host.name", "clew.host.placed_by", "clew.destination.own")
_LEARNED = {
    "address": (ADDRESSES, addresses.LEARNED),
    "naming": (NAMES, names.LEARNED),
    "signature": (SIGNATURES, signatures.LEARNED),
    "contained": (CONTAINERS, containers.LEARNED),
    "described": (CONTAINERS, containers.DESCRIBED),
}


class Known(msgspec.Struct):
    """What the tables knew, in numbers.

    `facts` were learned; `forgotten` of them, hosts, and processes without a creation, were gone before they could
    be used. `dropped` are candidates, creations and ends of processes, and numbers of events.
    `placed`, `named`, `signed` and `contained` are candidates, `folded` are short names of hosts. `unclear` has those
    that stay alone, with the full names.
    """

    facts: int = 0
    forgotten: int = 0
    dropped: int = 0
    placed: int = 0
    named: int = 0
    signed: int = 0
    contained: int = 0
    folded: int = 0
    unclear: dict[str, tuple[str, ...]] = {}


class Places:
    """The tables of hosts, addresses, names, signatures and containers; each keeps at most `cap` facts, the latest."""

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        detections: Sequence[Detection],
        inventory: Inventory = NOTHING,
        cap: int = 1_000_000,
    ) -> None:
        asked = facts(detections)
        self._database, self._inventory, self._cap = database, inventory, cap
        self._skew = max((detection.plan.skew for detection in detections), default=0)
        self._by_host = any(detection.hosts for detection in detections)
        self._learned = {table: sql for table, (fact, sql) in _LEARNED.items() if fact in asked}
        Macros(database).make(*self._learned.values(), *_FILLED.values())
        self._facts = {table: Bounded(database, table, "kept", cap) for table in self._learned}
        self._names, self._sensors = NAMES in asked, reads_sensors(detections)
        self._addresses, self._signatures = ADDRESSES in asked, SIGNATURES in asked
        self._containers = CONTAINERS in asked
        self.hosts: set[str] = set()
        #: Whether candidates were kept that may not pass.
        self._more = self._by_host or any(self._gains(s.asks) for s in selections(detections))
        #: The columns that it fills; `candidate` alone has them right.
        filled = (*NAMED * self._names, *_PLACED * self._sensors, *signatures.SIGNED * self._signatures)
        self.fills = tuple(dict.fromkeys(("host.id", *filled, *containers.CONTAINED * self._containers)))
        #: The columns that are asked of the table `event`.
        read = (*addresses.COLUMNS * self._addresses, *names.COLUMNS * self._names)
        read += (*signatures.COLUMNS * self._signatures, *containers.COLUMNS * self._containers)
        self.columns = frozenset((*self.fills, *read))
        self.known = Known()

    def make(self) -> None:
        """Make the tables of facts."""
        for table, learned in self._learned.items():
            self._facts[table].make(learned)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of facts."""
        return tuple(self._learned)

    def restore(self, state: Gathered) -> None:
        """Take up what was learned; the tables are filled already."""
        self.hosts = set(state.hosts)
        self.known.facts, self.known.forgotten = state.facts, state.forgotten
        if {table.name for table in state.tables}.issuperset(self._learned):
            for table in self._facts.values():
                table.recount()

    def add(self) -> None:
        """Learn from the table `event`."""
        self._meet()
        before = self._gone()
        for table, learned in self._learned.items():
            self.known.facts += self._facts[table].insert(learned)
        self.known.forgotten += self._gone() - before

    def _meet(self) -> None:
        """Remember the hosts; those beyond the cap keep the name that each of their records has."""
        seen = self._database.execute('SELECT DISTINCT "host.id" FROM event').fetchall()
        fresh = sorted({host for (host,) in seen if host is not None} - self.hosts)
        room = max(self._cap - len(self.hosts), 0)
        self.hosts.update(fresh[:room])
        self.known.forgotten += len(fresh[room:])

    def _gone(self) -> int:
        return sum(table.forgotten for table in self._facts.values())

    def may_pass(self, asks: Alternative) -> str:
        """SQL that tells of each event whether it passes a `where`, or may once its columns are filled."""
        assert asks.where is not None
        told = expression(asks.where).sql("duckdb")
        if not self._gains(asks):
            return told
        either = possible(asks.where, self._fillable(asks)).sql("duckdb")
        kinds = [_NAMELESS] * self._names + [_UNPLACED] * (asks.component in SENSED)
        kinds += [signatures.UNSIGNED] * self._signatures + [containers.UNCONTAINED] * self._containers
        return f"CASE WHEN {' OR '.join(kinds)} THEN {either} ELSE {told} END"

    def _gains(self, asks: Alternative) -> bool:
        """Whether an event may pass that would not without its columns filled."""
        return asks.where is not None and gains(asks.where, self._fillable(asks))

    def _fillable(self, asks: Alternative) -> frozenset[str]:
        names = NAMED if self._names and asks.component in NETWORK else ()
        signed = signatures.SIGNED if asks.component == "file_metadata" else ()
        inside = containers.CONTAINED * (self._containers and asks.component in containers.COMPONENTS)
        return frozenset((*names, *(_PLACED if asks.component in SENSED else ()), *signed, *inside))

    def settle(self, again: Callable[[str], str], keys: Sequence[str]) -> None:
        """Fill the columns of `candidate`, processes that have pids only, and the hosts of the other tables.

        `again` makes SQL that gives those of a relation's events that pass a selection, with its hits and `keys`.
        """
        before = self._gone()
        for table in self._facts.values():
            table.trim()
        self.known.forgotten += self._gone() - before
        self._fold("host.id" in keys)
        identify(self._database, tuple(keys))
        kinds = list(self._open())
        if not kinds:
            return
        open_now = f"SELECT rowid AS place, * FROM candidate WHERE {' OR '.join(kinds)}"
        self._database.execute(f"CREATE OR REPLACE TEMP TABLE open AS {self._asked(open_now)}").fetchall()
        self._place()
        self._name()
        self._sign()
        self._contain()
        if not self._more:
            self._database.execute(_LEAVE_THE_REST).fetchall()
        if not self._count("open"):
            return
        made = ", ".join(map(name, ("hits", *(f"key {key}" for key in keys))))
        filled = ", ".join(f"{_FILLED[column]} AS {name(column)}" for column in self.fills)
        relation = f"(SELECT c.* EXCLUDE ({made}) REPLACE ({filled}) FROM {_JOINED})"
        self._database.execute(f"CREATE OR REPLACE TEMP TABLE again AS {again(relation)}").fetchall()
        self._database.execute("DELETE FROM candidate WHERE rowid IN (SELECT place FROM open)").fetchall()
        self._database.execute("INSERT INTO candidate BY NAME FROM again").fetchall()
        self._database.execute("DROP TABLE again").fetchall()

    def _asked(self, candidates: str) -> str:
        """SQL of the candidates' rows, with what is asked of the tables."""
        source, destination = ('"source.ip"', '"destination.ip"') if self._addresses else ("NULL", "NULL")
        nameless = '"destination.domain" IS NULL' if self._names else "false"
        return f"""SELECT place, "event.id" AS id, "clew.component" AS component, epoch_us("@timestamp") AS time,
            "host.id" AS host, {source} AS source, {destination} AS destination, {nameless} AS nameless
            FROM ({candidates})"""

    def _open(self) -> Iterator[str]:
        """SQL of the kinds of candidates that are tested once more."""
        if self._names:
            yield f'"clew.component" IN {_sql(NETWORK)} AND {_NAMELESS}'
        if self._sensors:
            yield f'"clew.component" IN {_sql(SENSED)} AND {_UNPLACED}'
        if self._signatures:
            yield signatures.UNSIGNED
        if self._containers:
            yield containers.UNCONTAINED
        if self._by_host:
            yield f'{SHORT} OR "host.id" IN (SELECT host FROM same_host)'

    def _fold(self, keyed: bool) -> None:
        """Give each host one id, in all tables."""
        folding = fold(self.hosts, self._inventory.hosts)
        self.known.folded, self.known.unclear = len(folding.same), folding.unclear
        given = pa.table({"name": [*folding.same], "host": [*folding.same.values()]}, schema=_SAME)
        self._database.register("folding", given)
        self._database.execute("CREATE OR REPLACE TEMP TABLE same_host AS FROM folding").fetchall()
        self._database.unregister("folding")
        if not folding.same:
            return
        key = ', "key host.id" = same_host.host' if keyed else ""
        for table, column in (("candidate", "host.id"), *_SCOPES, *((t, "host") for t in self._learned)):
            values = f"{name(column)} = same_host.host{key if table == 'candidate' else ''}"
            also = " AND scoped = 'host.id'" if table == "recorded" else ""
            self._database.execute(
                f"UPDATE {table} SET {values} FROM same_host WHERE {table}.{name(column)} = same_host.name{also}"
            ).fetchall()

    def _place(self) -> None:
        """Find the hosts behind the addresses of what sensors saw: the source's, else the destination's."""
        self._database.execute(_NOT_PLACED).fetchall()
        if not self._addresses:
            return
        self._take_inventory()
        if not self._sensors:
            return
        unplaced = f"FROM open WHERE host IS NULL AND component IN {_sql(SENSED)}"
        source, destination = (
            addresses.held(f"SELECT place, {end} AS ip, time {unplaced}", self._skew)
            for end in ("source", "destination")
        )
        self._database.execute(
            "INSERT INTO placed SELECT place, s.host IS NULL AS receives, "
            "unnest(CASE WHEN s.host IS NULL THEN {host: d.host, name: d.name, teller: d.teller} "
            "ELSE {host: s.host, name: s.name, teller: s.teller} END) "
            f"FROM ({source}) AS s JOIN ({destination}) AS d USING (place) "
            "WHERE s.host IS NOT NULL OR d.host IS NOT NULL"
        ).fetchall()
        self.known.placed = self._count("placed")

    def _take_inventory(self) -> None:
        """Make the table `inventory`: what it says of each address that is asked for."""
        asked = ["SELECT source FROM open", "SELECT destination FROM open"]
        if self._names:
            asked.append("SELECT source FROM naming WHERE host IS NULL")
        rows = []
        if self._inventory.hosts:
            same = dict(self._database.execute("FROM same_host").fetchall())
            for (ip,) in self._database.execute(" UNION ".join(asked)).fetchall():
                rows += [
                    (ip, e.network.prefixlen, e.since, e.until, same.get(e.host, e.host))
                    for e in self._inventory.of(ip or "")
                ]
        columns = zip(*rows, strict=True) if rows else [[]] * len(_INVENTORY)
        given = pa.table(list(map(list, columns)), schema=_INVENTORY)
        self._database.register("listed", given)
        self._database.execute("CREATE OR REPLACE TEMP TABLE inventory AS FROM listed").fetchall()
        self._database.unregister("listed")

    def _name(self) -> None:
        """Find the names of destinations, by what the host behind the source was told, else the source itself."""
        self._database.execute(_NOT_NAMED).fetchall()
        if not self._names or not self._count("naming"):
            return
        asked = "SELECT rowid AS place, source AS ip, time FROM naming WHERE host IS NULL"
        self._database.execute(
            f"UPDATE naming SET host = found.host FROM ({addresses.held(asked, self._skew)}) AS found "
            "WHERE naming.rowid = found.place AND found.host IS NOT NULL"
        ).fetchall()
        self._database.execute(f"INSERT INTO called {names.called(_NAMELESS_NOW, self._skew)}").fetchall()
        self.known.named = self._count("called")

    def _sign(self) -> None:
        """Find the signatures of the files that were decided about."""
        known = signatures.SIGNATURES if self._signatures else _NO_SIGNATURE
        self._database.execute(
            f"CREATE OR REPLACE TEMP TABLE signed AS SELECT place, signature FROM ({known}) JOIN open USING (id)"
        ).fetchall()
        self.known.signed = self._count("signed")

    def _contain(self) -> None:
        """Find the containers of processes that the host's own log tells of."""
        self._database.execute(_NOT_CONTAINED).fetchall()
        if not self._containers or not self._count("contained"):
            return
        told = containers.processes(found, SKEW)
        self._database.execute(f"INSERT INTO held {_HELD.format(told)}").fetchall()
        self.known.contained = self._count("held")

    def _count(self, table: str) -> int:
        [(count,)] = self._database.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)


def _sql(texts: Sequence[str]) -> str:
    return f"({', '.join(map(quote, texts))})"


#: SQL over events: the destination's name is not told; no host is; the host's full name is not.
_NAMELESS = '("destination.domain" IS NULL AND "destination.ip" IS NOT NULL)'
_UNPLACED = '("host.id" IS NULL AND coalesce("source.ip", "destination.ip") IS NOT NULL)'
SHORT = "coalesce(NOT contains(\"host.id\", '.'), true)"

#: Tables beside `candidate` that name hosts.
_SCOPES = (("lineage", "scope"), ("ended", "scope"), ("recorded", "scope"))

_SAME = pa.schema([("name", pa.string()), ("host", pa.string())])
_INVENTORY = pa.schema(
    [
        ("ip", pa.string()),
        ("bits", pa.int64()),
        ("since", pa.int64()),
        ("until", pa.int64()),
        ("host", pa.string()),
    ]
)

_NOT_PLACED = """CREATE OR REPLACE TEMP TABLE placed
    (place BIGINT, receives BOOLEAN, host VARCHAR, name VARCHAR, teller VARCHAR)"""
_LEAVE_THE_REST = """
DELETE FROM open WHERE place NOT IN (SELECT place FROM placed UNION SELECT place FROM called
    UNION SELECT place FROM signed UNION SELECT place FROM held)"""
_NOT_NAMED = "CREATE OR REPLACE TEMP TABLE called (place BIGINT, teller VARCHAR, domain VARCHAR)"
_NO_SIGNATURE = f"""
SELECT NULL::VARCHAR AS id, {{{", ".join(f"{name(column)}: NULL" for column in signatures.SIGNED)}}} AS signature"""
_NOT_CONTAINED = (
    "CREATE OR REPLACE TEMP TABLE held (place BIGINT, container VARCHAR, called VARCHAR, image VARCHAR)"
)
#: SQL of the candidates of processes that are in containers, with what the engine says of those.
_HELD = f"""
SELECT c.rowid, inside.container, told.called, told.image FROM candidate AS c JOIN ({{0}}) AS inside
ON inside.scope = "host.id" AND inside.entity = "process.entity_id" LEFT JOIN (
    SELECT host, container, arg_max(called, time) AS called, arg_max(image, time) AS image FROM described GROUP BY ALL
) AS told ON told.host = inside.scope AND told.container = inside.container
WHERE {containers.UNCONTAINED} AND (since IS NULL OR epoch_us("@timestamp") >= since)"""
_NAMELESS_NOW = """SELECT place, coalesce(open.host, placed.host) AS host, source, destination AS ip, time
    FROM open LEFT JOIN placed USING (place) WHERE nameless AND destination IS NOT NULL"""

_JOINED = """candidate AS c JOIN open ON c.rowid = open.place LEFT JOIN placed ON placed.place = open.place
    LEFT JOIN called ON called.place = open.place LEFT JOIN signed ON signed.place = open.place
    LEFT JOIN held ON held.place = open.place"""

#: SQL over _JOINED of the columns that are filled. What the host receives goes to itself.
_FILLED = {
    "host.id": 'coalesce(c."host.id", placed.host)',
    "host.name": 'coalesce(c."host.name", placed.name)',
    "clew.host.placed_by": "placed.teller",
    "destination.domain": 'coalesce(c."destination.domain", called.domain)',
    "destination.address": 'coalesce(called.domain, c."destination.address")',
    "clew.destination.named_by": "called.teller",
    "clew.destination.own": """c."clew.destination.own" OR coalesce(placed.receives, false)
        OR coalesce(clew_own_name(called.domain, coalesce(c."host.name", placed.name)), false)
        AND NOT coalesce(clew_public(c."destination.ip"), false)""",
    "container.id": 'coalesce(c."container.id", held.container)',
    "container.name": 'coalesce(c."container.name", held.called)',
    "container.image.name": 'coalesce(c."container.image.name", held.image)',
    **{
        column: f"coalesce(c.{name(column)}, signed.signature.{name(column)})" for column in signatures.SIGNED
    },
}
