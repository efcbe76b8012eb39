"""Where the window counts from, and who takes part in a match of which base (R3).

By default the base is the opening, and a node's bits say all. With `from`, nodes above the base and beside it
may serve many bases, so that what their bits say is only necessary, and times are compared for each base.
"""

from __future__ import annotations

from collections.abc import Iterator

from clew.chain.layout import Filling, Layout
from clew.chain.node import Node


class Standing:
    """Answers for one plan."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._moves = layout.plan.base != 0
        self._within = layout.plan.within
        self._skew = layout.plan.skew

    def bases(self, node: Node) -> Iterator[tuple[Node, int]]:
        """The bases of the matches that hold a node, each with the ways of those matches."""
        anchor, mask, current = node.anchor, node.sat, node
        while mask and current is not anchor and current.parent is not None:
            current = current.parent
            if current is not anchor:
                mask &= current.sat
        mine = mask & anchor.sat & self._layout.based[anchor.stage]
        if mine and self._moves:
            mine = self._complete(anchor, mine)
        if mine:
            yield anchor, mine
        if self._moves and node is not anchor:
            yield from self._bases_beside(node, mask & self._layout.standing[anchor.stage])

    def takes_part(self, node: Node, mask: int, base: Node) -> int:
        """The ways of `mask` in which a node, with what hangs on it, is part of a match of a base."""
        if not self._moves or node.anchor is base:
            return node.sat & mask
        return self._fits(node, mask, base, None)

    def beside(self, node: Node, stage: int, time: int) -> bool:
        """Whether a node's event fits a match whose base is of that stage and time, by its own time."""
        if not self._moves:
            return True
        if node.entry.time > time + self._within:
            return False
        if self._layout.levels[node.stage].fillings[node.way].new and not _since(node, time - self._skew):
            return False
        parent = node.parent
        return not (node.ended and parent is not None and self._is_above(parent.stage, stage))

    def fits(self, node: Node, stage: int, time: int) -> bool:
        """Whether a node could be added to a match with that base: inside its window, and inside its own."""
        if not self._moves:
            return True
        is_based = node.anchor.stage == self._layout.plan.base
        return self.beside(node, stage, time) and (not is_based or self.near(node))

    def counts(self, filling: Filling, run: int | None, time: int) -> bool:
        """Whether an event of the stage that the window counts from is new where it stands, as a count asks."""
        if filling.stage != self._layout.plan.base or not filling.new:
            return True
        return run is not None and run >= time - self._skew

    def near(self, node: Node) -> bool:
        """Whether a node's event fits where the deepest stage of the path above it is the base."""
        time = node.anchor.entry.time
        if node is not node.anchor and node.entry.time > time + self._within:
            return False
        filling = self._layout.levels[node.stage].fillings[node.way]
        return not filling.new or _since(node, time - self._skew)

    def unrefuted(self, base: Node, ways: int) -> int:
        """The ways whose absences under standing stages hold for a base, now that they are decided."""
        remote = ways & self._layout.remote.get(base.stage, 0)
        for bit, way in enumerate(self._layout.ways):
            if not remote >> bit & 1:
                continue
            for stage, parent in way.absent:
                if parent in way.above and self._present(base.at(parent), stage, base):
                    ways &= ~(1 << bit)
        return ways

    def _bases_beside(self, node: Node, mask: int) -> Iterator[tuple[Node, int]]:
        """The bases below the standing node that a branch hangs on, beside that branch."""
        path = self._layout.path
        bases = [node.anchor]
        for stage in path[path.index(node.anchor.stage) + 1 :]:
            bases = [child for base in bases for child in base.children(stage)]
            for base in bases:
                ways = self._pinned(node, mask & base.sat & self._layout.based[stage], base)
                ways = self._complete(base, ways) if ways else 0
                if ways:
                    yield base, ways

    def _complete(self, base: Node, mask: int) -> int:
        """The ways in which all that stands above a base, and beside it, is there."""
        below, above = base, base.parent
        while mask and above is not None:
            mask = self._has_children(above, mask & above.own, base, below.stage)
            below, above = above, above.parent
        return mask

    def _pinned(self, node: Node, mask: int, base: Node) -> int:
        """The ways in which a branch fits a base with this node in it."""
        current, skip = node, None
        while mask and current is not node.anchor and current.parent is not None:
            mask = self._fits(current, mask, base, skip)
            current, skip = current.parent, current.stage
        return mask

    def _fits(self, node: Node, mask: int, base: Node, skip: int | None) -> int:
        mask &= node.own
        if not mask or not self.beside(node, base.stage, base.entry.time):
            return 0
        for stage, ways in self._layout.levels[node.stage].negates:
            if mask & ways and self._present(node, stage, base):
                mask &= ~ways
        return self._has_children(node, mask, base, skip)

    def _has_children(self, node: Node, mask: int, base: Node, skip: int | None) -> int:
        for stage, ways in self._layout.levels[node.stage].needs:
            missing = mask & ways if stage != skip else 0
            for child in node.children(stage) if missing else ():
                missing &= ~self.takes_part(child, missing, base)
                if not missing:
                    break
            mask &= ~missing
        return mask

    def _present(self, parent: Node, stage: int, base: Node) -> bool:
        return any(self.beside(x, base.stage, base.entry.time) for x in parent.children(stage))

    def _is_above(self, stage: int, base: int) -> bool:
        path = self._layout.path
        return stage in path and path.index(stage) < path.index(base)


def _since(node: Node, time: int) -> bool:
    return node.run is not None and node.run >= time
