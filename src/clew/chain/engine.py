"""The engine: candidates and lineage in, findings out. Pure: no files, no clock, no printing."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from clew.chain import snapshot
from clew.chain.chain import NEVER, Chain
from clew.chain.garbage import seldom_collected
from clew.chain.limits import DEFAULT, Counters, Limits
from clew.chain.node import Node
from clew.chain.rows import VERSION, EngineRow
from clew.detection.exception import Exemption
from clew.detection.model import Detection
from clew.entity.processes import Made, Processes
from clew.errors import UsageError
from clew.finding import Finding
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart

#: Candidates between two looks at what all chains hold.
_LOOK = 4096


class Engine:
    """Runs detections over rows in stage-delayed order (R12).

    Rows must come as `order.in_order` or `order.Reorder` give them; a row that comes too late for that raises
    ValueError, since its effect could not be exact. Exceptions that have expired are the caller's to leave out:
    the engine knows no date. Raises ValueError for an exception over variables of different branches.
    """

    def __init__(
        self,
        detections: Sequence[Detection],
        limits: Limits = DEFAULT,
        exemptions: Sequence[Exemption] = (),
    ) -> None:
        self.detections = tuple(detections)
        self.counters = Counters()
        self.lineage = Processes(limits.processes)
        self.limits = limits
        numbered = list(enumerate(exemptions))
        self.chains = tuple(
            Chain(one, self.lineage, limits, self.counters, [(n, e) for n, e in numbered if e.concerns(one)])
            for one in self.detections
        )
        self._seats = tuple((chain, tuple(one.delay for one in chain.layout.levels)) for chain in self.chains)
        self._waiting = tuple(c for c in self.chains if any(level.waits for level in c.layout.levels))
        self._moving = tuple(chain for chain in self.chains if chain.layout.plan.base)
        self.now = NEVER

    def feed(self, row: Candidate | ProcessStart | ProcessEnd) -> None:
        """Take one row. Raises ValueError where it is out of order."""
        if not isinstance(row, Candidate):
            self._learn(row)
            return
        chain, delays = self._seats[row.detection]
        order: int = row.event.time + delays[row.stage]
        if order < self.now:
            raise _disorder(order, self.now)
        self.now = order
        chain.feed(row, order)
        counters = self.counters
        counters.candidates += 1
        if not counters.candidates % _LOOK:
            self._look()

    def advance(self, time: int) -> None:
        """All rows whose order time is before `time` have been fed: decide absences, drop what is over."""
        self.now = max(self.now, time)
        self._look()

    def finish(self) -> None:
        """The end of a batch: absences that are still open are decided with `window_covered: false`."""
        self._look()
        for chain in self.chains:
            chain.finish()

    def take(self) -> list[Finding]:
        """The findings that are new or have changed since they were last taken, by detection."""
        return [finding for chain in self.chains for finding in chain.take()]

    def snapshot(self) -> bytes:
        """The whole state. With it, a new engine of the same detections goes on as this one would."""
        made = snapshot.print_of(self.detections)
        with seldom_collected():
            chains = [snapshot.chain_row(chain) for chain in self.chains]
            lineage = self.lineage.snapshot()
            return snapshot.encode(EngineRow(VERSION, made, self.now, self.counters, lineage, chains))

    def restore(self, data: bytes) -> None:
        """Take up a snapshot; for a new engine. Raises UsageError where it is damaged or of other detections."""
        with seldom_collected():
            state = snapshot.decode(data, self.detections)
            try:
                self._restore(state)
            except (
                LookupError,
                ValueError,
                TypeError,
                msgspec.MsgspecError,
            ) as error:  # parts that do not fit
                raise UsageError(f"the snapshot is damaged: {error}") from error

    def _restore(self, state: EngineRow) -> None:
        self.now = state.now
        for name in state.counters.__struct_fields__:
            setattr(self.counters, name, getattr(state.counters, name))
        self.lineage.restore(state.lineage)
        for chain, row in zip(self.chains, state.chains, strict=True):
            snapshot.restore_chain(chain, row)

    @property
    def size(self) -> int:
        """Bytes that open chains take, estimated."""
        return sum(chain.forest.size for chain in self.chains)

    @property
    def nodes(self) -> int:
        """Live nodes: events that stand in an open chain, once for each parent."""
        return sum(chain.forest.nodes for chain in self.chains)

    def _learn(self, row: ProcessStart | ProcessEnd) -> None:
        if row.time < self.now:
            raise _disorder(row.time, self.now)
        self.now = row.time
        for chain in self._waiting:  # what is decided before this fact must not know it
            if chain.absences.due() < row.time:
                chain.advance(row.time)
        if isinstance(row, ProcessEnd):
            self.lineage.end(row.scope, row.entity_id, row.time)
            for chain in self._moving:
                chain.expiry.ended(row.scope, row.entity_id, row.time)
            return
        parent = row.parent_entity_id
        made = Made(row.time, parent, row.name, row.executable, row.event)
        self.lineage.start(row.scope, row.entity_id, made)
        if parent is not None and (row.parent_name or row.parent_executable):
            self.lineage.named(row.scope, parent, row.parent_name, row.parent_executable)

    def _look(self) -> None:
        """Let chains that had no row of their own see the time, and keep the whole under its cap."""
        for chain in self.chains:
            chain.advance(self.now)
        if self.size > self.limits.state_bytes:
            self._evict()

    def _evict(self) -> None:
        """Drop a tenth: the openings with the least progress first, of those the oldest (R14)."""
        # Nearly always openings on which nothing hangs are enough, and those stand in order already.
        if not self._fell(heapq.merge(*map(_untouched, self.chains), key=_age)):
            rest = [one for chain in self.chains for one in _openings(chain)]
            rest.sort(key=lambda one: (one[1].progress(), _age(one)))
            self._fell(rest)
        for chain in self.chains:
            chain.expiry.sweep()

    def _fell(self, openings: Iterable[tuple[Chain, Node]]) -> bool:
        """Fell these in their order until a tenth of the cap is free; whether they sufficed."""
        enough = self.limits.state_bytes * 9 // 10
        for chain, opening in openings:
            if self.size <= enough:
                return True
            self.counters.evicted += chain.expiry.fell(opening)
        return self.size <= enough


def _openings(chain: Chain) -> Iterator[tuple[Chain, Node]]:
    return ((chain, opening) for opening in chain.expiry.openings())


def _untouched(chain: Chain) -> Iterator[tuple[Chain, Node]]:
    return ((chain, opening) for opening in chain.expiry.openings() if not opening.progress())


def _age(one: tuple[Chain, Node]) -> int:
    return one[1].entry.time


def _disorder(order: int, now: int) -> ValueError:
    return ValueError(f"a row of order time {order} after {now}: feed rows in stage-delayed order")
