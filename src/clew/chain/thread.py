"""The thread that a finding shows: one match of its level, and what else fits it (R11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clew.chain.entry import Entry
from clew.chain.episode import Episode, Shown
from clew.chain.iso import iso
from clew.chain.layout import Layout
from clew.chain.match import Completion
from clew.chain.node import Node
from clew.chain.standing import Standing
from clew.entity.processes import Processes
from clew.finding import Ancestor

#: A match while it is being chosen: a node for each stage so far, and the ways that still fit.
Partial = tuple[dict[int, Node], int]


class Threads:
    """Chooses what is shown, for one plan."""

    def __init__(self, layout: Layout, standing: Standing, lineage: Processes) -> None:
        self._layout = layout
        self._standing = standing
        self._lineage = lineage

    def show(self, episode: Episode, completions: Sequence[Completion], ways: int) -> None:
        """Show the best match that was completed just now in one of the ways."""
        newest = max(c.pins[0].entry.ordinal for c in completions)
        chosen = [
            (*self._choose(completion, completion.mask & ways), completion)
            for completion in completions
            if completion.pins[0].entry.ordinal == newest
        ]
        _, nodes, completion = max(chosen, key=lambda one: (one[0], self._strength(one[1])))
        self._take(episode, nodes, completion)

    def extend(self, episode: Episode, node: Node, entry: Entry) -> bool:
        """An event came to hang on a shown node; whether the finding changes for it."""
        if not self._fits(node, episode):
            return False
        shown = episode.shown.get(node.stage)
        if shown is None:
            shown = self._add(episode, node, entry)
            shown.also = True
        elif not shown.also or entry.ordinal <= shown.last:
            return False
        shown.count += 1
        shown.last = entry.ordinal
        return True

    def _choose(self, completion: Completion, ways: int) -> tuple[tuple[int, ...], dict[int, Node]]:
        """Stage by stage in file order, the latest event among the matches that agree so far."""
        opening = completion.pins[0]
        partials: list[Partial] = [({0: opening}, ways)]
        key = [opening.entry.ordinal]
        for stage in range(1, len(self._layout.levels)):
            options = [o for partial in partials for o in self._options(stage, partial, completion)]
            best = max((ordinal for ordinal, _ in options), default=-1)
            if options:
                partials = [partial for ordinal, partial in options if ordinal == best]
            key.append(best)
        return tuple(key), max((nodes for nodes, _ in partials), key=self._strength)

    def _strength(self, nodes: dict[int, Node]) -> tuple[tuple[int, int], ...]:
        """Of matches with the same events, that with the stronger, then the first alternatives is the greatest."""
        levels = self._layout.levels
        return tuple(
            (levels[stage].fillings[nodes[stage].way].strength, -nodes[stage].way) for stage in sorted(nodes)
        )

    def _options(self, stage: int, partial: Partial, completion: Completion) -> Iterator[tuple[int, Partial]]:
        nodes, mask = partial
        for parent, ways in self._layout.hangs[stage]:
            if not mask & ways or parent not in nodes:
                continue
            pinned = completion.pins.get(stage)
            if pinned is not None:
                if pinned.parent is nodes[parent]:
                    yield _latest(pinned, completion).ordinal, ({**nodes, stage: pinned}, mask & ways)
                continue
            for node, taking in self._newest(nodes[parent].children(stage), mask & ways, completion.base):
                yield node.last().ordinal, ({**nodes, stage: node}, taking)

    def _newest(self, nodes: Sequence[Node], mask: int, base: Node) -> Iterator[tuple[Node, int]]:
        """Those of the nodes that take part, from the last; what shares a node may be later than its place."""
        shared = bool(nodes) and self._layout.levels[nodes[0].stage].merges
        newest = -1
        for node in reversed(nodes):
            if not shared and node.entry.ordinal < newest:
                return
            taking = self._standing.takes_part(node, mask, base)
            if taking:
                newest = max(newest, node.entry.ordinal)
                yield node, taking

    def _take(self, episode: Episode, nodes: dict[int, Node], completion: Completion) -> None:
        episode.unhook()
        episode.shown, episode.lineage = {}, {}
        episode.base = (completion.base.stage, completion.base.entry.time)
        for stage in sorted(nodes):
            self._add(episode, nodes[stage], _latest(nodes[stage], completion))
        for level in self._layout.levels[1:]:
            if level.index not in episode.shown:
                self._also(episode, level.index)

    def _add(self, episode: Episode, node: Node, entry: Entry) -> Shown:
        counted = node.rare.counted if node.rare else ()
        shown = episode.shown[node.stage] = Shown(entry, node.way, *node.traits, counted)
        node.more().shown.append(episode)
        episode.hooks.append(node)
        process = entry.process
        if process is not None and process not in episode.lineage:
            episode.lineage[process] = tuple(self._ancestry(node.scope, process))
        return shown

    def _also(self, episode: Episode, stage: int) -> None:
        """Show the earliest event of another stage that fits the assignment, if there is one."""
        hanging = [
            node for parent in episode.hooks for node in parent.children(stage) if self._fits(node, episode)
        ]
        if not hanging:
            return
        node = min(hanging, key=lambda one: (one.entry.ordinal, one.way))
        shown = self._add(episode, node, node.entry)
        ordinals = {ordinal for one in hanging for ordinal in _ordinals(one)}
        shown.also, shown.count, shown.last = True, len(ordinals), max(ordinals)

    def _fits(self, node: Node, episode: Episode) -> bool:
        if node.rare is not None and node.rare.excepted:
            return False
        return self._standing.fits(node, *episode.base)

    def _ancestry(self, scope: str, process: str) -> Iterator[Ancestor]:
        """The process itself, where anything is known of it, and its ancestors."""
        for one in self._lineage.line(scope, process):
            known = self._lineage.get(scope, one)
            if known is None:
                if one != process:
                    yield Ancestor(process, one, "", "")
                continue
            time = "" if known.time is None else iso(known.time)
            yield Ancestor(process, one, known.name, known.executable, time, known.event or None)


def _latest(node: Node, completion: Completion) -> Entry:
    return completion.entry if node is completion.node else node.last()


def _ordinals(node: Node) -> Iterator[int]:
    yield node.entry.ordinal
    if node.rare is not None and node.rare.latest is not None:
        yield from node.rare.merged or ()
