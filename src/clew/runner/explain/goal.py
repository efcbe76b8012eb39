"""What a chain is measured by: one way to reach one level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from clew.detection.model import Disjunct, LevelRule, Plan
from clew.finding import Level, rank


@dataclass(frozen=True, slots=True)
class Goal:
    """A level by one of its disjuncts, with one parent for each stage.

    `base` is the stage that the window counts from, `standing` those above. `below` are the stages that hang on
    each, that towards the base first.
    """

    rule: LevelRule
    disjunct: Disjunct
    base: int
    standing: frozenset[int]
    below: dict[int, tuple[int, ...]]

    def free_of_window(self, stage: int) -> bool:
        """Whether no window bounds the stage: it is the base, or stands above it."""
        return stage == self.base or stage in self.standing


def goals(plan: Plan, reached: Level | None, wanted: Level | None) -> list[Goal]:
    """The ways to every level above the one that was reached; or to the wanted one, whether or not that was."""
    above = -1 if reached is None or wanted else rank(reached)
    rules = [rule for rule in plan.levels if rank(rule.level) > above and wanted in (None, rule.level)]
    return [goal for rule in rules for disjunct in rule.disjuncts for goal in _goals(plan, rule, disjunct)]


def standing(plan: Plan, base: int | None = None) -> frozenset[int]:
    """The stages above the one that the window counts from, by default the one that `from` names."""
    above = []
    stage = plan.base if base is None else base
    while parents := _parents(plan, stage):
        stage = parents[0]
        above.append(stage)
    return frozenset(above)


def _goals(plan: Plan, rule: LevelRule, disjunct: Disjunct) -> Iterator[Goal]:
    """One for each choice of parents, where stages may hang on several."""
    base = plan.base
    while base not in disjunct.stages:
        base = _parents(plan, base)[0]
    above = standing(plan, base)
    stages = sorted(disjunct.stages - {0})
    choices = [sorted(set(_parents(plan, stage)) & disjunct.stages) for stage in stages]
    for parents in product(*choices):
        below: dict[int, tuple[int, ...]] = dict.fromkeys(disjunct.stages, ())
        for stage, parent in zip(stages, parents, strict=True):
            towards = stage == base or stage in above
            below[parent] = (stage, *below[parent]) if towards else (*below[parent], stage)
        yield Goal(rule, disjunct, base, above, below)


def _parents(plan: Plan, stage: int) -> Sequence[int]:
    return [way.parent for way in plan.stages[stage].alternatives if way.parent is not None]
