"""The tree of events that open chains are made of.

A node says that an event fills a stage under one parent node. A chain's state is these nodes and little else,
so they are kept small: what only few nodes need stands in `Rare`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from clew.chain.entry import Entry, Values
from clew.event import Event

if TYPE_CHECKING:
    from clew.chain.count import Counted
    from clew.chain.episode import Episode

#: What a node, its place in its parent and its look-ups take, in bytes; bench/engine.py measures it.
NODE_BYTES = 484


class Branch:
    """The nodes of one stage under a node, and the ways in which at least one of them is satisfied."""

    __slots__ = ("nodes", "sat")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.sat = 0


class Rare:
    """What only few nodes have.

    `waiting`: ways that wait for an absence to be decided. `counts`: events counted under the node, by (stage,
    `count.number_of`). `merged`: numbers of further events that stand for the node, `latest` the last that shares it.
    `excepted`: an exception keeps it out of matches. `run` and `ended` as the node says, where the base moves.
    `counted`: of the events that a count took, those that may be shown. `shown`: episodes that show this node.
    `tallied`: by stage, the episode for which all that hangs there was tallied last, and in which ways; it is no
    part of a snapshot, since what is not known to be tallied is tallied again, to the same effect.
    """

    __slots__ = (
        "counted",
        "counts",
        "ended",
        "excepted",
        "latest",
        "merged",
        "run",
        "shown",
        "tallied",
        "waiting",
    )

    def __init__(self) -> None:
        self.waiting = 0
        self.excepted = False
        self.run: int | None = None
        self.ended = False
        self.counts: dict[tuple[int, int], Counted] = {}
        self.merged: array[int] | None = None
        self.latest: Entry | None = None
        self.counted: tuple[Entry, ...] = ()
        self.tallied: dict[int, tuple[Episode, int]] = {}
        self.shown: list[Episode] = []


#: Bit masks over a stage's traits: those that hold, and those that are unknown.
Answer: TypeAlias = "tuple[int, int]"
#: What fills a stage: scope, event, and what its traits say.
Filled: TypeAlias = "tuple[str, Entry, Answer]"


class Role(NamedTuple):
    """What many nodes have in common: the stage, the number of the alternative, what the traits say.

    `own` are the ways in which such a node does its part, as far as these go.
    """

    stage: int
    way: int
    traits: Answer
    own: int


class Node:
    """An event in a stage under a parent.

    `values` are what its alternative binds. `anchor` is the deepest node of the path from the opening to the stage
    named by `from` that stands above it or is it. `own` are the ways in which it does its part, `sat` those in
    which all below it does too.
    """

    __slots__ = (
        "anchor",
        "branches",
        "entry",
        "own",
        "parent",
        "rare",
        "role",
        "sat",
        "scope",
        "values",
    )

    def __init__(self, parent: Node | None, role: Role, scope: str, entry: Entry, values: Values) -> None:
        self.parent = parent
        self.role = role
        self.entry = entry
        self.values = values
        self.anchor: Node
        if parent is None:
            self.scope, self.anchor = scope, self
        else:
            self.scope, self.anchor = parent.scope, parent.anchor
        self.own = role.own
        self.sat = 0
        self.branches: dict[int, Branch] | None = None
        self.rare: Rare | None = None

    @property
    def stage(self) -> int:
        """The stage that it fills."""
        return self.role.stage

    @property
    def way(self) -> int:
        """The number of the alternative by which it does."""
        return self.role.way

    @property
    def traits(self) -> Answer:
        """What the stage's traits say of it."""
        return self.role.traits

    @property
    def live(self) -> bool:
        """Whether it has not been felled."""
        return self.scope != ""

    @property
    def run(self) -> int | None:
        """When the run of its `new` key began, where that is still needed."""
        return self.rare.run if self.rare else None

    @property
    def ended(self) -> bool:
        """Whether its parent's process had ended before, so that it hangs only where that is not standing."""
        return self.rare is not None and self.rare.ended

    def more(self) -> Rare:
        """The rare things, made when first asked for."""
        if self.rare is None:
            self.rare = Rare()
        return self.rare

    def children(self, stage: int) -> list[Node]:
        """The nodes of a stage that hang on this one, in the order of processing."""
        branch = self.branches.get(stage) if self.branches else None
        return branch.nodes if branch else []

    def at(self, stage: int) -> Node:
        """The node of a stage on the path from the opening to this one. Raises LookupError."""
        node: Node | None = self
        while node is not None:
            if node.role.stage == stage:
                return node
            node = node.parent
        raise LookupError(f"stage {stage} does not stand above")

    def path(self) -> dict[int, Node]:
        """The nodes from this one up to the opening, by stage."""
        found: dict[int, Node] = {}
        node: Node | None = self
        while node is not None:
            found[node.role.stage] = node
            node = node.parent
        return found

    def progress(self) -> int:
        """How many different stages are filled below it."""
        stages: set[int] = set()
        waiting = [self]
        while waiting:
            for stage, branch in (waiting.pop().branches or {}).items():
                if branch.nodes:
                    stages.add(stage)
                    waiting.extend(branch.nodes)
        return len(stages)

    def last(self) -> Entry:
        """The latest event of the node."""
        return self.rare.latest if self.rare and self.rare.latest else self.entry

    def fills(self, event: Event) -> bool:
        """Whether the event fills this node's stage or one above it."""
        node: Node | None = self
        while node is not None:
            if node.entry.time == event.time and node.entry.is_of(event):
                return True
            node = node.parent
        return False
