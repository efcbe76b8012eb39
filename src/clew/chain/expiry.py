"""When open chains are over, and which go first when there are too many (R3, R14)."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator

from clew.chain.absence import AFTER_ALL
from clew.chain.forest import Forest
from clew.chain.layout import Layout
from clew.chain.node import Node
from clew.entity.processes import Processes


class Expiry:
    """The lifetimes of one plan's nodes.

    A base lives until no event can come inside its window. A standing node lives until its process has ended
    and nothing that hangs on it is open; without a recorded end only the cap takes it.

    What is over changes nothing, since all that looks at nodes compares times: it only takes room. So bases go some
    at a time, each at most `patience` after its end.
    """

    def __init__(self, layout: Layout, forest: Forest, lineage: Processes) -> None:
        self._layout = layout
        self._base = layout.plan.base
        self._reach = layout.reach
        self.patience = layout.reach // 256
        self._forest = forest
        self._lineage = lineage
        self.bases: deque[Node] = deque()
        self.standing: dict[Node, tuple[str, str | None]] = {}
        self._by_process: dict[tuple[str, str], list[Node]] = {}
        self._leaving: list[tuple[int, int, Node]] = []
        self._number = 0

    def add(self, node: Node) -> int:
        """Watch a node that was planted on the path from the opening to the base; when that may be over."""
        if node.role.stage == self._base:
            self.bases.append(node)
            return node.entry.time + self._reach + self.patience
        process = node.entry.process
        self.standing[node] = (node.scope, process)
        if process is not None:
            self._by_process.setdefault((node.scope, process), []).append(node)
            end = self._lineage.ended(node.scope, process)
            if end is not None:
                self._leave(node, end)
        return self.due()

    def ended(self, scope: str, process: str, time: int) -> None:
        """A process ended."""
        for node in self._by_process.get((scope, process), ()):
            self._leave(node, time)

    def due(self) -> int:
        """The next time at which it is worth to look for what is over."""
        base = self.bases[0].entry.time + self._reach + self.patience if self.bases else AFTER_ALL
        return min(base, self._leaving[0][0]) if self._leaving else base

    def run(self, time: int) -> None:
        """Fell what is over, now that all rows before `time` have been seen."""
        bases, over = self.bases, time - self._reach
        while bases and bases[0].entry.time < over:
            base = bases.popleft()
            if base.live:
                self._forest.fell(base)
        while self._leaving and self._leaving[0][0] < time:
            _, _, node = heapq.heappop(self._leaving)
            if not node.live:
                self._forget(node)
            elif self._is_in_use(node):
                self._push(node, time + self._layout.plan.within)
            else:
                self.fell(node)

    def openings(self) -> Iterator[Node]:
        """The openings of all open chains, the oldest first; they may be felled on the way."""
        every = list(self.standing) if self._layout.plan.base else self.bases
        return (node for node in every if node.live and node.parent is None)

    def fell(self, node: Node) -> int:
        """Take a node and all below it away; how many that were."""
        dropped = self._forest.fell(node)
        self._forget(node)
        return dropped

    def sweep(self) -> None:
        """Forget the nodes that were felled with what they hung on."""
        for node in [node for node in self.standing if not node.live]:
            self._forget(node)
        self.bases = deque(node for node in self.bases if node.live)

    def _leave(self, node: Node, end: int) -> None:
        plan = self._layout.plan
        admitted = end + plan.skew * (1 + plan.depth)
        self._push(node, max(admitted, node.entry.time + self._layout.reach))

    def _push(self, node: Node, time: int) -> None:
        self._number += 1
        heapq.heappush(self._leaving, (time, self._number, node))

    def _is_in_use(self, node: Node) -> bool:
        """Whether a node of the path hangs on it, which goes before it does."""
        path = self._layout.path
        return bool(node.children(path[path.index(node.stage) + 1]))

    def _forget(self, node: Node) -> None:
        scope, process = self.standing.pop(node, ("", None))
        if process is None:
            return
        there = self._by_process[scope, process]
        there.remove(node)
        if not there:
            del self._by_process[scope, process]
