"""What the site's exceptions hold back of a chain (R15): told, where the engine leaves it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from clew.chain.exempt import typed
from clew.chain.iso import iso
from clew.detection.condition import Fields
from clew.detection.condition import compile as compile_condition
from clew.detection.exception import Exemption
from clew.detection.model import Plan
from clew.event import Event
from clew.runner.explain.node import Node

_Test = tuple[Exemption, Callable[[Fields], bool]]


class Exempt:
    """The exceptions of one detection, by the stage where they are decided: that of the event, or the deepest
    that binds one of the variables.
    """

    def __init__(self, plan: Plan, exemptions: Iterable[Exemption]) -> None:
        self._events: dict[int, list[_Test]] = defaultdict(list)
        self._bound: dict[int, list[_Test]] = defaultdict(list)
        for one in exemptions:
            tests = self._bound if one.stage is None else self._events
            tests[one.decided_in(plan)].append((one, compile_condition(one.where)))

    def event(self, stage: int, event: Event) -> Exemption | None:
        """The exception that bars an event from a stage."""
        tests = self._events.get(stage)
        return _first(tests, dict(event.columns())) if tests else None

    def node(self, node: Node) -> Exemption | None:
        """The exception that keeps a match from counting for what is bound down to a node."""
        tests = self._bound.get(node.stage)
        if not tests:
            return None
        bound = {
            f"${name}": typed(one.way.bind[name], value)
            for one in node.path()
            for name, value in one.values.items()
            if value is not None
        }
        return _first(tests, bound)


def last_day(one: Exemption) -> str:
    """The last day on which it counts: 2027-03-31."""
    return iso(one.until - 1)[:10]


def called(one: Exemption) -> str:
    """`the exception at clew.toml:3 until 2027-03-31: in-house installer`."""
    return f"the exception at {one.origin} until {last_day(one)}: {one.because}"


def _first(tests: Iterable[_Test], fields: Fields) -> Exemption | None:
    return next((one for one, holds in tests if holds(fields)), None)
