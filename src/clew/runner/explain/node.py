"""An event in its place of a chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clew.detection.exception import Exemption
from clew.detection.model import Alternative
from clew.event import Event


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An event that fills a stage by one of its alternatives, under a parent.

    `run_began` is of its `new` key. `values` are the comparable forms of what it binds. `held` is the exception
    that keeps it out of matches, if there is one.
    """

    event: Event
    stage: int
    way: Alternative
    parent: Node | None = None
    run_began: int | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    held: Exemption | None = None

    def path(self) -> Iterator[Node]:
        """This node and those above it, up to the opening."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def bound(self, variable: str) -> str | None:
        """The comparable value of a variable of the path; None where it is null."""
        for node in self.path():
            if variable in node.values:
                return node.values[variable]
        return None

    def shown(self, variable: str) -> str:
        """The value of a variable as its event has it."""
        for node in self.path():
            if variable in node.way.bind:
                column = node.way.bind[variable]
                return str(node.event.fields.get(column) or node.event.keys.get(column) or "null")
        return "null"


def node_of(event: Event, stage: int, way: Alternative, parent: Node | None, run_began: int | None) -> Node:
    """The event in its place, with what it binds."""
    values = {variable: event.keys.get(column) for variable, column in way.bind.items()}
    return Node(event, stage, way, parent, run_began, values)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event may come to stand: under a parent.

    `base` is the node that the window counts from, None where no window bounds the stage. `standing`: the
    parent stands above the base, so that the end of its process bounds what hangs on it.
    """

    parent: Node
    base: Node | None
    standing: bool = False
