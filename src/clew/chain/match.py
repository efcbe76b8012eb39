"""Which matches an event completes, and what they are made of (R3, R4, R11).

Matches are never listed one by one: a node's bits say in which ways it takes part in one, so only the stages
that decide which finding a match belongs to are gone through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clew.chain.entry import Entry
from clew.chain.episode import Episode
from clew.chain.layout import Layout
from clew.chain.node import Node
from clew.chain.standing import Standing

Pins = dict[int, Node]


class Completion:
    """The matches of one base and one set of `per` values that something has completed, in the ways of `mask`.

    All of them hold the nodes of `pins`: the path of `node`, which was added, and the skeleton. `entry` is the
    event that did it.
    """

    __slots__ = ("base", "entry", "mask", "node", "per", "pins")

    def __init__(self, base: Node, mask: int, pins: Pins, cause: Cause) -> None:
        self.base = base
        self.mask = mask
        self.pins = pins
        self.node, self.entry = cause.node, cause.entry
        self.per: tuple[str, ...] = ()


class Cause:
    """A node that was added, got one more event, or had an absence decided.

    `ways` are those in which that may complete a match: where an absence was decided, only the ways that had
    waited for it, since the matches of all others have joined their episodes already.
    """

    __slots__ = ("entry", "node", "ways")

    def __init__(self, node: Node, entry: Entry, ways: int = -1) -> None:
        self.node = node
        self.entry = entry
        self.ways = ways


class Matches:
    """Reads matches off the trees of one plan."""

    def __init__(self, layout: Layout, standing: Standing) -> None:
        self._layout = layout
        self._standing = standing
        self._moves = layout.plan.base != 0

    def completed(self, cause: Cause) -> Iterator[Completion]:
        """The matches that hold the cause's node, grouped."""
        for base, every in self._standing.bases(cause.node):
            mask = every & cause.ways
            path = cause.node.path() | base.path()
            for skeleton, ways in self._layout.skeletons:
                if not mask & ways:
                    continue
                free = sorted(skeleton - path.keys())
                for pins, kept in self._assign(free, path, mask & ways, base):
                    completion = Completion(base, kept, pins, cause)
                    completion.per = self._per(pins)
                    yield completion

    def _assign(self, free: Sequence[int], pins: Pins, mask: int, base: Node) -> Iterator[tuple[Pins, int]]:
        """Every choice of nodes for the free stages, with the ways that it leaves."""
        if not free:
            yield pins, mask
            return
        stage = free[0]
        for parent, ways in self._layout.hangs[stage]:
            if not mask & ways or parent not in pins:
                continue
            for node in pins[parent].children(stage):
                kept = self._standing.takes_part(node, mask & ways, base)
                if kept:
                    yield from self._assign(free[1:], {**pins, stage: node}, kept, base)

    def _per(self, pins: Pins) -> tuple[str, ...]:
        values = (pins[stage].values[position] for stage, position in self._layout.per)
        return tuple(pins[0].entry.event if value is None else value for value in values)

    def tally(self, completion: Completion, episode: Episode) -> None:
        """Count every event of the completed matches, once an episode."""
        self._walk(completion.pins[0], completion.mask, completion, episode)

    def _walk(self, node: Node, mask: int, completion: Completion, episode: Episode) -> None:
        """Down the pinned path, and off it where that has not been tallied yet."""
        _tally(node, completion.entry if node is completion.node else None, episode)
        for stage, ways in self._layout.levels[node.stage].needs:
            needed = mask & ways
            pinned = completion.pins.get(stage)
            if not needed or (pinned is not None and pinned.parent is not node):
                continue
            there = not self._moves and _is_tallied(node, stage, needed, episode)
            if pinned is not None:
                if not there:
                    _remember(node, stage, needed, episode, _is_all(node.children(stage), pinned, completion))
                self._walk(pinned, needed, completion, episode)
            elif not there:
                _remember(node, stage, needed, episode, True)
                self._spread(node.children(stage), needed, completion.base, episode)

    def _spread(self, nodes: Sequence[Node], mask: int, base: Node, episode: Episode) -> None:
        for node in nodes:
            taking = self._standing.takes_part(node, mask, base)
            if not taking:
                continue
            _tally(node, None, episode)
            for stage, ways in self._layout.levels[node.stage].needs:
                if taking & ways:
                    self._spread(node.children(stage), taking & ways, base, episode)


def _is_all(hanging: Sequence[Node], pinned: Node, completion: Completion) -> bool:
    """Whether a pinned node is all that hangs there, and is tallied whole: not just an event that came to share it."""
    return len(hanging) == 1 and (pinned is not completion.node or completion.entry is pinned.entry)


def _is_tallied(node: Node, stage: int, ways: int, episode: Episode) -> bool:
    """Whether all that hangs on a node in a stage, in these ways, has been tallied for the episode."""
    known = node.rare.tallied.get(stage) if node.rare else None
    return known is not None and known[0] is episode and not ways & ~known[1]


def _remember(node: Node, stage: int, ways: int, episode: Episode, every: bool) -> None:
    """All (`every`) or some of what hangs on a node in a stage is tallied for an episode now.

    What is tallied for some other episode only in part from now on is forgotten: it is tallied again.
    """
    tallied = node.more().tallied
    known = tallied.get(stage)
    same = known[1] if known is not None and known[0] is episode else 0
    if every:
        tallied[stage] = (episode, same | ways)
    elif known is not None and not same:
        del tallied[stage]


def _tally(node: Node, only: Entry | None, episode: Episode) -> None:
    """Count what fills the node; of a node that several events share, `only` the one that came."""
    entry = only or node.entry
    episode.tally(node.stage, entry.ordinal)
    episode.cover(entry.time)
    rare = node.rare
    if rare is None:
        return
    for counted in rare.counted:
        episode.cover(counted.time)
    if only is None or only is node.entry:
        for ordinal in rare.merged or ():
            episode.tally(node.stage, ordinal)
        episode.cover(node.last().time)
