"""What a site's exceptions keep out of chains (R15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clew.chain.layout import Layout
from clew.chain.node import Node
from clew.detection.condition import compile as compile_condition
from clew.detection.exception import Exemption
from clew.event import SCHEMA, Event

Test = Callable[[dict[str, Any]], bool]
#: An exception's number among those of the engine, and its test.
Numbered = tuple[int, Test]


class Exempt:
    """The exceptions of one detection, by the stage where they are decided.

    One with a stage keeps events out of that stage. One over variables keeps matches from counting in which the
    stages that bind them are filled: it is decided at the deepest of these, so they must lie on one path.
    """

    def __init__(self, layout: Layout, exemptions: Iterable[tuple[int, Exemption]]) -> None:
        self._layout = layout
        self._events: dict[int, list[Numbered]] = {}
        self._nodes: dict[int, list[Numbered]] = {}
        for number, one in exemptions:
            tests = self._nodes if one.stage is None else self._events
            tests.setdefault(one.decided_in(layout.plan), []).append((number, compile_condition(one.where)))
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
        bound: dict[str, Any] = {}
        for one in node.path().values():
            level = self._layout.levels[one.stage]
            columns = level.fillings[one.way].columns
            for name, column, value in zip(level.variables, columns, one.values, strict=True):
                if value is not None:
                    bound[f"${name}"] = typed(column, value)
        return bound


def typed(column: str, value: str) -> str | int | bool:
    """What was bound, as conditions test it: keys are texts."""
    kind = SCHEMA[column].type
    return int(value) if kind == "number" else value == "true" if kind == "boolean" else value


def _first(tests: Iterable[Numbered], fields: dict[str, Any]) -> int | None:
    return next((number for number, test in tests if test(fields)), None)
