"""What a site's exceptions keep out of chains (R15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clew.chain.layout import Layout
from clew.chain.node import Node
from clew.detection.condition import compile as compile_condition
from clew.detection.condition import fields_of
from clew.detection.exception import Exemption
from clew.event import Event

Test = Callable[[dict[str, Any]], bool]
#: An exception's number among those of the engine, and its test.
Numbered = tuple[int, Test]


class Exempt:
    """The exceptions of one detection, by the stage where they are decided.

    One with a stage keeps events out of that stage. One over variables keeps matches from counting in which all
    of its variables are bound: it is decided at the deepest stage that binds one, so they must lie on one path.
    """

    def __init__(self, layout: Layout, exemptions: Iterable[tuple[int, Exemption]]) -> None:
        self._layout = layout
        self._events: dict[int, list[Numbered]] = {}
        self._nodes: dict[int, list[Numbered]] = {}
        names = {level.name: level.index for level in layout.levels}
        for number, one in exemptions:
            test = (number, compile_condition(one.where))
            if one.stage is not None:
                self._events.setdefault(names[one.stage], []).append(test)
            else:
                self._nodes.setdefault(self._deepest(one), []).append(test)
        self.any = bool(self._events or self._nodes)

    def event(self, stage: int, event: Event) -> int | None:
        """The exception that keeps an event out of a stage, if there is one."""
        tests = self._events.get(stage)
        return _first(tests, event.columns()) if tests else None

    def node(self, node: Node) -> int | None:
        """The exception that keeps a node out of matches for what is bound there, if there is one."""
        tests = self._nodes.get(node.stage)
        return _first(tests, self._bound(node)) if tests else None

    def _bound(self, node: Node) -> dict[str, Any]:
        return {
            f"${name}": value
            for one in node.path().values()
            for name, value in zip(self._layout.levels[one.stage].variables, one.values, strict=True)
            if value is not None
        }

    def _deepest(self, one: Exemption) -> int:
        asked = {field.removeprefix("$") for field in fields_of(one.where)}
        owners = {level.index for level in self._layout.levels if asked & set(level.variables)}
        deepest = max(owners, key=lambda stage: self._layout.plan.stages[stage].depth)
        if not all(owners - {deepest} <= above for above in self._above(deepest)):
            raise ValueError(f"{one.origin}: the variables of an exception must be bound on one path")
        return deepest

    def _above(self, stage: int) -> list[set[int]]:
        """The stages over a stage, for each way to hang there."""
        parents = [filling.parent for filling in self._layout.levels[stage].fillings]
        return [
            above | {parent} if parent is not None else set()
            for parent in parents
            for above in (self._above(parent) if parent is not None else [set()])
        ]


def _first(tests: Iterable[Numbered], fields: dict[str, Any]) -> int | None:
    return next((number for number, test in tests if test(fields)), None)
