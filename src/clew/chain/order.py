"""Stage-delayed order (R12), and how arrival order becomes it (R13)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from clew.chain.absence import AFTER_ALL
from clew.detection.model import Detection
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart

Row: TypeAlias = Candidate | ProcessStart | ProcessEnd
#: Order time, depth, clock, the source's sequence, id, and what else tells rows of one event apart.
Key: TypeAlias = tuple[int, int, str, int, str, int, int]


class Order:
    """The keys of rows, for one set of detections."""

    def __init__(self, detections: Sequence[Detection]) -> None:
        self._depths = tuple(tuple(stage.depth for stage in one.plan.stages) for one in detections)
        self._delays = tuple(
            tuple(stage.depth * one.plan.skew for stage in one.plan.stages) for one in detections
        )

    def time(self, row: Row) -> int:
        """The order time, which keys begin with: the row's own, for a candidate with the skew of its depth."""
        if isinstance(row, Candidate):
            return row.event.time + self._delays[row.detection][row.stage]
        return row.time

    def key(self, row: Row) -> Key:
        """Sorts rows: facts of lineage at their time, candidates at their time plus the skew of their depth."""
        if isinstance(row, Candidate):
            event, depth = row.event, self._depths[row.detection][row.stage]
            sequence = -1 if event.sequence is None else event.sequence
            return self.time(row), depth, event.clock, sequence, event.id, row.detection, row.stage
        if isinstance(row, ProcessStart):
            made = (row.entity_id, row.event, row.parent_entity_id or "")
            said = (row.name, row.executable, row.parent_name, row.parent_executable)
            return row.time, 0, row.scope, 0, "\0".join(made + said), 0, 0
        return row.time, 0, row.scope, 1, row.entity_id, 0, 0


def order_key(row: Row, detections: Sequence[Detection]) -> Key:
    """The key of one row; for many use `Order`."""
    return Order(detections).key(row)


def in_order(rows: Iterable[Row], detections: Sequence[Detection]) -> list[Row]:
    """The rows of a batch in stage-delayed order."""
    return sorted(rows, key=Order(detections).key)


def delayed(rows: Iterable[Row], detections: Sequence[Detection]) -> Iterator[Row]:
    """Rows in order of event time -> stage-delayed order, holding back no more than the skew makes necessary."""
    held = Held(detections)
    for row in rows:
        time = row.event.time if isinstance(row, Candidate) else row.time
        if held.first < time:
            yield from held.before(time)
        held.push(row)
    yield from held.before(AFTER_ALL)


class Held:
    """Rows that wait for their order time, by that; `first` is the next. Only rows of one time need whole keys."""

    def __init__(self, detections: Sequence[Detection]) -> None:
        self._order = Order(detections)
        self._rows: dict[int, list[Row]] = {}
        self._times: list[int] = []
        self.first = AFTER_ALL

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def push(self, row: Row) -> None:
        """Take a row."""
        time = self._order.time(row)
        there = self._rows.get(time)
        if there is not None:
            there.append(row)
            return
        self._rows[time] = [row]
        heapq.heappush(self._times, time)
        self.first = self._times[0]

    def before(self, time: int) -> list[Row]:
        """Give the rows back whose order time is before `time`, in order."""
        ready: list[Row] = []
        while self.first < time:
            there = self._rows.pop(heapq.heappop(self._times))
            self.first = self._times[0] if self._times else AFTER_ALL
            ready += there if len(there) == 1 else sorted(there, key=self._order.key)
        return ready


class Clock:
    """One source of events on one host: how far it has come, and how late its events may be."""

    __slots__ = ("idle", "lateness", "newest")

    def __init__(self, lateness: int) -> None:
        self.lateness = lateness
        self.newest: int | None = None
        self.idle = False


class Reorder:
    """Holds rows back until the watermark passes their order time.

    The watermark is the lowest over all clocks that are awake of the newest event seen, less the lateness; it
    never goes back. A row whose event time lies before it is late: it is counted and handed back, and all rows
    of one event share that fate as long as no clock moves between them.
    """

    def __init__(self, detections: Sequence[Detection], lateness: int) -> None:
        self._held = Held(detections)
        self._lateness = lateness
        self._clocks: dict[str, Clock] = {}
        self.late = 0
        self.watermark = -(1 << 62)

    def __len__(self) -> int:
        return len(self._held)

    def saw(self, clock: str, time: int, lateness: int | None = None) -> None:
        """An event of a clock was seen, whether any row came of it or not; it wakes the clock."""
        one = self._clocks.get(clock)
        if one is None:
            one = self._clocks[clock] = Clock(self._lateness if lateness is None else lateness)
        one.idle = False
        one.newest = time if one.newest is None else max(one.newest, time)

    def idle(self, clock: str) -> None:
        """Wait for this clock no more, until an event of it is seen."""
        if clock in self._clocks:
            self._clocks[clock].idle = True

    def push(self, row: Row) -> bool:
        """Take a row; false where it is late, and then it is the caller's again."""
        time = row.event.time if isinstance(row, Candidate) else row.time
        if time < self.watermark:
            self.late += 1
            return False
        self._held.push(row)
        return True

    def ready(self) -> Iterator[Row]:
        """Move the watermark to where the clocks stand, and give the rows that it has passed, in order."""
        awake = [c.newest - c.lateness for c in self._clocks.values() if not c.idle and c.newest is not None]
        if awake:
            self.watermark = max(self.watermark, min(awake))
        yield from self._held.before(self.watermark)

    def drain(self) -> Iterator[Row]:
        """Everything that is left, in order: the input has ended."""
        yield from self._held.before(AFTER_ALL)
