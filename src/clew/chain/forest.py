"""Growing and felling the trees of nodes, with the ways in which each node is satisfied (R4)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from clew.chain.entry import ENTRY_BYTES, Entry
from clew.chain.layout import Layout
from clew.chain.link import Links
from clew.chain.node import NODE_BYTES, Branch, Node, Rare


class Forest:
    """All open chains of one plan. `size` is in bytes, estimated."""

    def __init__(self, layout: Layout, links: Links) -> None:
        self._levels = layout.levels
        self._links = links
        self.size = 0
        self.nodes = 0

    def grow(self, node: Node) -> None:
        """Put a node in its place; its `own` ways are known."""
        self.place(node)
        if node.own & self._levels[node.role.stage].alone:
            self.rise(node)

    def place(self, node: Node) -> None:
        """Let a node be found and counted; its ways are left as they are."""
        parent, entry = node.parent, node.entry
        if parent is not None:
            branch = _branch(parent, node.role.stage)
            branch.nodes.append(node)
            branch.sat |= node.sat
        self._links.add(node)
        self.nodes += 1
        self.size += NODE_BYTES if entry.uses else NODE_BYTES + ENTRY_BYTES + len(entry.packed)
        entry.uses += 1
        if node.rare is not None:
            self.size += _merged_bytes(node.rare)
            for other in _rare_entries(node.rare):
                self.hold(other)

    def merge(self, node: Node, entry: Entry) -> None:
        """Let an event share a node with an equal one: it is counted, and the latest may be shown (R14)."""
        rare = node.more()
        if rare.merged is None:
            rare.merged = array("q")
        rare.merged.append(entry.ordinal)
        self.size += rare.merged.itemsize
        if rare.latest is not None:
            self.release(rare.latest)
        rare.latest = entry
        self.hold(entry)

    def rise(self, node: Node) -> bool:
        """A node's own ways have changed: work out what becomes satisfied at it and above. Whether it gained."""
        current = node
        rose = gained = self._satisfied(node) & ~node.sat
        while gained:
            current.sat |= gained
            parent = current.parent
            if parent is None:
                break
            _branch(parent, current.stage).sat |= gained
            gained = self._satisfied(parent) & ~parent.sat
            current = parent
        return bool(rose)

    def fell(self, node: Node) -> int:
        """Take a node and all below it away; how many nodes that were."""
        if node.parent is not None and node.parent.branches is not None:
            node.parent.branches[node.stage].nodes.remove(node)
        return self._drop(node)

    def hold(self, entry: Entry) -> None:
        """Something refers to an event."""
        if not entry.uses:
            self.size += entry.size
        entry.uses += 1

    def release(self, entry: Entry) -> None:
        """Something refers to it no more."""
        entry.uses -= 1
        if not entry.uses:
            self.size -= entry.size

    def _satisfied(self, node: Node) -> int:
        """The ways in which a node does its part and all that must hang on it is there."""
        sat = node.own
        for stage, mask in self._levels[node.role.stage].needs:
            if sat & mask:
                branch = node.branches.get(stage) if node.branches else None
                sat &= ~mask | (branch.sat if branch else 0)
        return sat

    def _drop(self, node: Node) -> int:
        dropped = 1
        if node.branches:
            for branch in node.branches.values():
                dropped += sum(self._drop(child) for child in branch.nodes)
        self._links.remove(node)
        entry = node.entry
        entry.uses -= 1
        self.nodes -= 1
        self.size -= NODE_BYTES if entry.uses else NODE_BYTES + ENTRY_BYTES + len(entry.packed)
        if node.rare is not None:
            node.rare.waiting = 0
            self.size -= _merged_bytes(node.rare)
            for entry in _rare_entries(node.rare):
                self.release(entry)
        node.scope, node.branches = "", None
        del node.anchor  # an opening is its own: without this it would wait for the garbage collector
        return dropped


def _merged_bytes(rare: Rare) -> int:
    return 0 if rare.merged is None else len(rare.merged) * rare.merged.itemsize


def _rare_entries(rare: Rare) -> Iterable[Entry]:
    yield from rare.counted
    if rare.latest is not None:
        yield rare.latest
    for counted in rare.counts.values():
        yield from counted.entries.values()


def _branch(parent: Node, stage: int) -> Branch:
    if parent.branches is None:
        parent.branches = {}
    branch = parent.branches.get(stage)
    if branch is None:
        branch = parent.branches[stage] = Branch()
    return branch
