"""The state of an engine as bytes: msgpack, with a version and the print of the detections (see `rows`)."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

import msgspec

from clew.chain.chain import Chain
from clew.chain.count import Counted
from clew.chain.entry import Entry
from clew.chain.episode import Episode, Shown, Tally
from clew.chain.node import Node, Role
from clew.chain.rows import (
    VERSION,
    ChainRow,
    CountRow,
    EngineRow,
    EntryColumns,
    EpisodeRow,
    Head,
    Kind,
    Mask,
    NodeColumns,
    RareRow,
    ShownRow,
)
from clew.detection.model import Detection
from clew.errors import UsageError


def print_of(detections: Sequence[Detection]) -> str:
    """What two engines must have in common to take up each other's state: what their detections look for."""
    said = [(one.analytic, one.variant, one.plan) for one in detections]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def encode(row: EngineRow) -> bytes:
    """The state as bytes."""
    return msgspec.msgpack.encode(row)


def decode(data: bytes, detections: Sequence[Detection]) -> EngineRow:
    """The state from bytes. Raises UsageError where it is not one, or of another version or other detections."""
    try:
        version = msgspec.msgpack.decode(data, type=Head).version
        if version != VERSION:
            raise UsageError(f"the snapshot has format {version}, this Clew reads {VERSION}")
        row = msgspec.msgpack.decode(data, type=EngineRow)
    except msgspec.MsgspecError as error:
        raise UsageError(f"the snapshot is damaged: {error}") from error
    if row.print != print_of(detections):
        raise UsageError(
            "the snapshot was made with other detections, or with other values of their elements"
        )
    return row


def chain_row(chain: Chain) -> ChainRow:
    """The state of a chain."""
    return _Writer(chain).row()


def restore_chain(chain: Chain, row: ChainRow) -> None:
    """Put a state into a new chain."""
    _Reader(chain, row).restore()


class _Writer:
    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._entries: dict[Entry, int] = {}
        self._nodes = {node: place for place, node in enumerate(sorted(_nodes(chain), key=_ordinal))}
        self._episodes = {one: place for place, one in enumerate(chain.settlement.episodes)}

    def row(self) -> ChainRow:
        chain = self._chain
        return ChainRow(
            now=chain.now,
            ordinal=chain.ordinal,
            started=chain.settlement.episodes.started,
            shapes=chain.packing.shapes,
            nodes=self._columns(),
            rare=[self._rare(node) for node in self._nodes if node.rare is not None],
            episodes=[self._episode(one) for one in self._episodes],
            absences=[
                (time, number, self._nodes[node], _mask(ways))
                for time, number, node, ways in chain.absences.waiting
                if node.live
            ],
            counting=[(key, self._count(counted)) for key, counted in chain.counting.items()],
            placed=chain.placed,
            since=[(*key, time) for key, time in chain.settlement.since.items()],
            entries=_entry_columns(self._entries),
        )

    def _entry(self, entry: Entry) -> int:
        return self._entries.setdefault(entry, len(self._entries))

    def _columns(self) -> NodeColumns:
        kinds: dict[tuple[object, ...], int] = {}
        columns = NodeColumns([], [], [], [], [])
        for node in self._nodes:
            parent, entry = node.parent, node.entry
            scope = node.scope if parent is None else ""
            said = (scope, *node.role[:3], node.own, node.sat)
            kind = kinds.get(said)
            if kind is None:
                kind = kinds[said] = len(kinds)
                columns.kinds.append(Kind(*said[:4], _mask(node.own), _mask(node.sat)))
            columns.kind.append(kind)
            columns.entries.append(self._entry(entry))
            columns.parents.append(-1 if parent is None else self._nodes[parent])
            columns.values.append(None if node.values == entry.bound else node.values)
        return columns

    def _rare(self, node: Node) -> RareRow:
        rare = node.more()
        return RareRow(
            node=self._nodes[node],
            waiting=_mask(rare.waiting),
            excepted=rare.excepted,
            run=rare.run,
            ended=rare.ended,
            merged=rare.merged.tobytes() if rare.merged is not None else b"",
            latest=self._entry(rare.latest) if rare.latest is not None else -1,
            counted=[self._entry(entry) for entry in rare.counted],
            counts=[(stage, way, self._count(counted)) for (stage, way), counted in rare.counts.items()],
        )

    def _count(self, counted: Counted) -> CountRow:
        entries = [self._entry(entry) for entry in counted.entries.values()]
        return CountRow(counted.filled, list(counted.entries), entries)

    def _episode(self, one: Episode) -> EpisodeRow:
        return EpisodeRow(
            *one.key,
            number=one.number,
            began=one.began,
            start=one.start,
            end=one.end,
            level=one.level,
            revision=one.revision,
            covered=one.covered,
            first=one.first,
            last=one.last,
            base=one.base,
            shown=[self._shown(stage, shown) for stage, shown in one.shown.items()],
            hooks=[self._nodes[node] for node in one.hooks if node.live],
            tallies={stage: tally.ordinals.tobytes() for stage, tally in one.tallies.items()},
            lineage=one.lineage,
            touched=one in self._chain.settlement.touched,
        )

    def _shown(self, stage: int, one: Shown) -> ShownRow:
        counted = [self._entry(entry) for entry in one.counted]
        entry = self._entry(one.entry)
        return ShownRow(stage, entry, one.way, one.held, one.unknown, counted, one.also, one.count, one.last)


class _Reader:
    def __init__(self, chain: Chain, row: ChainRow) -> None:
        self._chain = chain
        self._row = row
        e = row.entries
        self._entries = list(map(Entry, accumulate(e.times), e.bound, e.packed))
        self._nodes: list[Node] = []
        self._episodes = [self._episode(one) for one in row.episodes]

    def restore(self) -> None:
        chain, row = self._chain, self._row
        chain.now, chain.ordinal = row.now, row.ordinal
        chain.placed = row.placed
        chain.packing.resume(row.shapes)
        self._nodes.extend(self._grown(row.nodes))
        for rare in row.rare:
            self._rare(rare)
        for node in self._nodes:
            chain.plant(node)
        chain.absences.resume((t, n, self._nodes[node], _unmask(ways)) for t, n, node, ways in row.absences)
        chain.counting = {key: self._count(counted) for key, counted in row.counting}
        chain.settlement.episodes.resume(self._episodes, row.started)
        chain.settlement.since = {(stage, way, scope): time for stage, way, scope, time in row.since}
        for episode, one in zip(self._episodes, row.episodes, strict=True):
            self._hook(episode, one)

    def _grown(self, nodes: NodeColumns) -> Iterator[Node]:
        made: list[Node] = []
        path = self._chain.layout.path if self._chain.layout.plan.base else ()
        kinds = [self._kind(kind) for kind in nodes.kinds]
        for kind, entry, above, values in zip(
            nodes.kind, nodes.entries, nodes.parents, nodes.values, strict=True
        ):
            scope, role, own, sat = kinds[kind]
            parent, one = made[above] if above >= 0 else None, self._entries[entry]
            node = Node(parent, role, scope, one, one.bound if values is None else values)
            if role.stage in path:
                node.anchor = node
            node.own, node.sat = own, sat
            made.append(node)
            yield node

    def _kind(self, kind: Kind) -> tuple[str, Role, int, int]:
        filling = self._chain.layout.levels[kind.stage].fillings[kind.way]
        return kind.scope, self._chain.role(filling, kind.traits), _unmask(kind.own), _unmask(kind.sat)

    def _rare(self, row: RareRow) -> None:
        rare = self._nodes[row.node].more()
        rare.waiting, rare.excepted = _unmask(row.waiting), row.excepted
        rare.run, rare.ended = row.run, row.ended
        rare.merged = array("q", row.merged) if row.merged else None
        rare.latest = self._entries[row.latest] if row.latest >= 0 else None
        rare.counted = tuple(self._entries[entry] for entry in row.counted)
        rare.counts = {(stage, way): self._count(counted) for stage, way, counted in row.counts}

    def _count(self, row: CountRow) -> Counted:
        counted = Counted()
        counted.filled = row.filled
        counted.entries = {v: self._entries[e] for v, e in zip(row.values, row.entries, strict=True)}
        return counted

    def _episode(self, row: EpisodeRow) -> Episode:
        one = Episode((row.scope, row.per), row.number, row.began, row.end)
        one.start, one.level, one.revision, one.covered = row.start, row.level, row.revision, row.covered
        one.first, one.last, one.base = row.first, row.last, row.base
        one.shown = {shown.stage: self._shown(shown) for shown in row.shown}
        one.tallies = {stage: Tally(array("q", ordinals)) for stage, ordinals in row.tallies.items()}
        one.lineage = row.lineage
        return one

    def _shown(self, row: ShownRow) -> Shown:
        counted = tuple(self._entries[entry] for entry in row.counted)
        one = Shown(self._entries[row.entry], row.way, row.held, row.unknown, counted)
        one.also, one.count, one.last = row.also, row.count, row.last
        return one

    def _hook(self, episode: Episode, row: EpisodeRow) -> None:
        for place in row.hooks:
            node = self._nodes[place]
            episode.hooks.append(node)
            node.more().shown.append(episode)
        if row.touched:
            self._chain.settlement.touched[episode] = None


def _entry_columns(entries: Iterable[Entry]) -> EntryColumns:
    every = list(entries)
    return EntryColumns(
        times=_differences([entry.time for entry in every]),
        bound=[entry.bound for entry in every],
        packed=[entry.packed for entry in every],
    )


def _differences(numbers: Sequence[int]) -> list[int]:
    return [*numbers[:1], *(after - before for before, after in pairwise(numbers))]


def _nodes(chain: Chain) -> Iterator[Node]:
    waiting = list(chain.expiry.openings())
    while waiting:
        node = waiting.pop()
        yield node
        for branch in (node.branches or {}).values():
            waiting.extend(reversed(branch.nodes))


def _ordinal(node: Node) -> int:
    return node.entry.ordinal


def _mask(ways: int) -> Mask:
    return ways if ways < 1 << 63 else hex(ways)


def _unmask(ways: Mask) -> int:
    return int(ways, 16) if isinstance(ways, str) else ways
