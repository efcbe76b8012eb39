"""The traits of stages: which of them an event holds, and what a goal asks of them (R6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from clew.detection.condition import compile as compile_condition
from clew.detection.exception import Exemption
from clew.detection.model import Disjunct, Plan, Trait
from clew.event import SCHEMA, Event
from clew.runner.explain.ancestry import Ancestry
from clew.runner.explain.node import Node


class Unmet(NamedTuple):
    """Something that a level asks of an event that fills a stage, by the name that the condition gives it.

    `trait` is the number of the one trait that it is about; `present`: the event fills a stage that must be
    absent; `held`: an exception holds back what has the event there.
    """

    name: str
    node: Node
    trait: int | None = None
    present: bool = False
    held: Exemption | None = None


class TraitTests:
    """Tests the traits of one plan."""

    def __init__(self, plan: Plan, ancestry: Ancestry) -> None:
        self._plan = plan
        self._ancestry = ancestry
        self._holds = [[compile_condition(trait.where) for trait in stage.traits] for stage in plan.stages]
        self._kept: dict[tuple[int, str], tuple[bool | None, ...]] = {}

    def held(self, stage: int, event: Event) -> list[str]:
        """The names of the traits that hold."""
        pairs = zip(self._plan.stages[stage].traits, self.answers(stage, event), strict=True)
        return [trait.name for trait, answer in pairs if answer]

    def answers(self, stage: int, event: Event) -> tuple[bool | None, ...]:
        """For each trait of the stage whether it holds; None is unknown."""
        key = (stage, event.id)
        if key not in self._kept:
            fields = self.fields(stage, event)
            traits = zip(self._plan.stages[stage].traits, self._holds[stage], strict=True)
            self._kept[key] = tuple(holds(fields) if _known(t, fields) else None for t, holds in traits)
        return self._kept[key]

    def fields(self, stage: int, event: Event) -> dict[str, Any]:
        """The event's columns, with what lineage knew of its process when the event could stand there."""
        fields: dict[str, Any] = dict(event.fields)
        process = event.keys.get("process.entity_id") or event.fields.get("process.entity_id")
        scope = event.keys.get(self._plan.scope, "")
        until = event.time + self._plan.skew * self._plan.stages[stage].depth
        names = self._ancestry.ancestors(scope, str(process), until) if process else ()
        return fields | ({"clew.process.ancestors": names} if names else {})

    def unmet(self, node: Node, disjunct: Disjunct) -> Iterator[Unmet]:
        """What the disjunct asks of a node's traits and it does not have."""
        stage = self._plan.stages[node.stage]
        answers = self.answers(node.stage, node.event)
        for number, trait in enumerate(stage.traits):
            if (node.stage, number) in disjunct.traits and answers[number] is not True:
                yield Unmet(f"{stage.name}.{trait.name}", node, number)
            if (node.stage, number) in disjunct.not_traits and answers[number] is not False:
                yield Unmet(f"not {stage.name}.{trait.name}", node, number)
        for index, least in disjunct.at_least:
            if index == node.stage and sum(map(bool, answers)) < least:
                yield Unmet(f"{stage.name}.traits >= {least}", node)


def _known(trait: Trait, fields: dict[str, Any]) -> bool:
    """Unknown is a trait all of whose columns are null, unless it only asks which columns are there."""
    return trait.existence or any(fields.get(column) is not None for column in trait.fields)


def shown(fields: dict[str, Any], columns: tuple[str, ...]) -> str:
    """The values of columns, as an explanation gives them."""
    return ", ".join(f"{column} is {_value(fields.get(column))}" for column in columns if column in SCHEMA)


def _value(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return " < ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
