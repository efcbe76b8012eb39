"""When an absence is decided (R4): the events that could refute it have all gone by."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

from clew.chain.layout import Layout
from clew.chain.node import Node

#: After every time.
AFTER_ALL = 1 << 62


class Absences:
    """What waits for a time to pass, of one plan."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._heap: list[tuple[int, int, Node, int]] = []
        self._number = 0

    def due(self) -> int:
        """The next time after which something is decided."""
        return self._heap[0][0] if self._heap else AFTER_ALL

    @property
    def waiting(self) -> Sequence[tuple[int, int, Node, int]]:
        """What waits: until when, a number, the node and its ways."""
        return self._heap

    def resume(self, waiting: Iterable[tuple[int, int, Node, int]]) -> None:
        """Take up what waits in a snapshot."""
        self._heap = sorted(waiting, key=lambda one: one[:2])
        self._number = max((number for _, number, _, _ in self._heap), default=0)

    def wait(self, node: Node, now: int) -> int:
        """Take the ways that hang on an absence out of a node's own until its time has passed.

        The ways for which it has passed already are given back: a base may be much deeper than what is absent.
        """
        times: dict[int, int] = {}
        for stage, ways in self._layout.levels[node.stage].negates:
            for bit in _bits(ways & node.own & self._layout.based.get(node.anchor.stage, 0)):
                times[bit] = max(times.get(bit, 0), self._decided(node, stage))
        if node.anchor is node:
            for bit in _bits(node.own & self._layout.remote.get(node.stage, 0)):
                times[bit] = max(times.get(bit, 0), self._decided_elsewhere(node, bit))
        waiting = passed = 0
        for bit, time in times.items():
            if time < now:
                passed |= bit
                continue
            self._push(time, node, bit)
            waiting |= bit
        if waiting:
            node.own &= ~waiting
            node.more().waiting |= waiting
        return passed

    def refute(self, parent: Node, stage: int) -> None:
        """An event of the stage hangs on the parent: the ways that need it absent are lost."""
        if parent.rare is None or not parent.rare.waiting:
            return
        for negated, ways in self._layout.levels[parent.stage].negates:
            if negated == stage:
                parent.rare.waiting &= ~ways

    def decided(self, before: int | None) -> Iterator[list[tuple[Node, int]]]:
        """What has been decided before a time (None: everything), moment by moment: nodes and their ways.

        The ways of a node that were refuted meanwhile are left out.
        """
        while self._heap and (before is None or self._heap[0][0] < before):
            time = self._heap[0][0]
            ways: dict[Node, int] = {}
            while self._heap and self._heap[0][0] == time:
                _, _, node, bits = heapq.heappop(self._heap)
                ways[node] = ways.get(node, 0) | bits
            yield [(node, self._release(node, bits)) for node, bits in ways.items()]

    def _release(self, node: Node, bits: int) -> int:
        if node.rare is None:
            return 0
        bits &= node.rare.waiting
        node.rare.waiting &= ~bits
        return bits

    def _push(self, time: int, node: Node, ways: int) -> None:
        self._number += 1
        heapq.heappush(self._heap, (time, self._number, node, ways))

    def _decided(self, parent: Node, stage: int) -> int:
        """The order time of the last event of a stage that could hang on a parent at or below the base."""
        level = self._layout.levels[stage]
        end = parent.anchor.entry.time + self._layout.plan.within
        own = [filling.within for filling in level.fillings]
        if None not in own:
            end = min(end, parent.entry.time + max(within for within in own if within is not None))
        return end + level.delay

    def _decided_elsewhere(self, base: Node, bit: int) -> int:
        """The same for absences that hang above a base, or beside it: when the chain's whole window has passed."""
        layout = self._layout
        way = layout.ways[bit.bit_length() - 1]
        remote = [stage for stage, parent in way.absent if not layout.is_at_or_below(way, parent)]
        last = max(layout.levels[stage].delay for stage in remote)
        return base.entry.time + layout.plan.within + last


def _bits(mask: int) -> Iterator[int]:
    while mask:
        bit = mask & -mask
        yield bit
        mask ^= bit
