"""Openings inside the process tree of another that fold into it (R10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from clew.chain.layout import layout_of
from clew.detection.model import Plan
from clew.event import Event
from clew.runner.explain.ancestry import Ancestry
from clew.runner.explain.node import Node
from clew.runner.explain.trait import TraitTests


class Nested:
    """Folds the openings of one plan. `inside` are the events that folded, by the id of the outer one's."""

    def __init__(self, plan: Plan, ancestry: Ancestry, traits: TraitTests) -> None:
        self._plan = plan
        self._ancestry = ancestry
        self._traits = traits
        self._process = _folding_variable(plan)
        self.inside: dict[str, list[Event]] = {}

    def outermost(self, openings: Sequence[Node]) -> Iterator[Node]:
        """Those that stand for themselves, in order; give all, in the order in which the engine takes them."""
        self.inside = defaultdict(list)
        there: dict[tuple[str, str], list[Node]] = defaultdict(list)
        for node in openings:
            process = node.values.get(self._process) if self._process else None
            if process is None or _is_barred(node):
                yield node
                continue
            scope = node.event.keys.get(self._plan.scope, "")
            line = self._ancestry.line(scope, process, node.event.time + self._plan.skew)
            outer = self._outer(node, (one for above in line for one in there.get((scope, above), ())))
            if outer is None:
                there[scope, process].append(node)
                yield node
            else:
                self.inside[outer.event.id].append(node.event)

    def _outer(self, node: Node, above: Iterable[Node]) -> Node | None:
        return next((outer for outer in above if self._takes(outer, node)), None)

    def _takes(self, outer: Node, node: Node) -> bool:
        """Whether they say the same otherwise, and the outer one is still open, and no exception holds it back."""
        answers = (self._traits.answers(0, outer.event), self._traits.answers(0, node.event))
        return (
            outer.event.id != node.event.id
            and outer.held is None
            and answers[0] == answers[1]
            and outer.way.weak == node.way.weak
            and self._other_values(outer) == self._other_values(node)
            and self._is_open(outer, node.event.time)
        )

    def _other_values(self, node: Node) -> dict[str, str]:
        values = node.values.items()
        return {name: value for name, value in values if value is not None and name != self._process}

    def _is_open(self, outer: Node, time: int) -> bool:
        if self._plan.base == 0:
            return time <= outer.event.time + self._plan.within
        scope = outer.event.keys.get(self._plan.scope, "")
        end = self._ancestry.ended(scope, outer.values[self._process or ""])
        return end is None or time <= end + self._plan.skew


def _is_barred(node: Node) -> bool:
    """Whether an exception bars it from the opening: it folds into nothing then."""
    return node.held is not None and node.held.stage is not None


def _folding_variable(plan: Plan) -> str | None:
    """The variable of the opening's process, where nested openings fold."""
    layout = layout_of(plan)
    if layout.folds is None or layout.folds.own is None:
        return None
    return layout.levels[0].variables[layout.folds.own]
