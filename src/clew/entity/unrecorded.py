"""Processes that events name but whose creation was not recorded: who gets a synthetic one, and when (R9).

This decides; whoever fills the table of events makes the event, with `clew.synthetic: true`, the time that
stands here, and what the first event that named the process says of it. Such an event then goes the way of all
others, and the chain engine knows where it may stand.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple


class Unseen(NamedTuple):
    """A process without a recorded creation, and the time of the first event that named it."""

    time: int
    scope: str
    entity: str


class Unrecorded:
    """Watches events in order of time, up to the skew by which a process's creation may come after them.

    `limit` bounds the processes that are remembered as settled; beyond it those that were settled first are
    forgotten, and would get a second synthetic creation if they were named again, so `forgotten` counts them.
    """

    def __init__(self, skew: int, limit: int = 1_000_000) -> None:
        self._skew = skew
        self._limit = limit
        self._first: dict[tuple[str, str], int] = {}
        self._waiting: list[Unseen] = []
        self._settled: dict[tuple[str, str], None] = {}
        self.forgotten = 0

    def created(self, scope: str, entity: str, time: int) -> None:
        """A recorded process creation; it settles the process unless it comes more than the skew too late."""
        first = self._first.get((scope, entity))
        if first is None or time <= first + self._skew:
            self._first.pop((scope, entity), None)
            self._settle((scope, entity))

    def named(self, scope: str, entity: str, time: int) -> None:
        """An event has this process; being named as a parent does not count."""
        process = (scope, entity)
        if process in self._settled:
            return
        first = self._first.get(process)
        if first is None or time < first:
            self._first[process] = time
            heapq.heappush(self._waiting, Unseen(time, scope, entity))

    def due(self, time: int) -> list[Unseen]:
        """Those that are certain now that all events before `time` were seen: each gets its synthetic creation."""
        certain: list[Unseen] = []
        while self._waiting and self._waiting[0].time + self._skew < time:
            one = heapq.heappop(self._waiting)
            process = (one.scope, one.entity)
            if self._first.get(process) == one.time:
                del self._first[process]
                self._settle(process)
                certain.append(one)
        return certain

    def _settle(self, process: tuple[str, str]) -> None:
        self._settled[process] = None
        if len(self._settled) > self._limit:
            del self._settled[next(iter(self._settled))]
            self.forgotten += 1
