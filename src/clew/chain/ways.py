"""The ways in which a chain can reach a level: disjuncts, one choice of parents and one of weakness each.

A node of the tree of events carries one bit for each way, in order: the highest level first. A way asks for a
fixed set of stages, each under a fixed parent, so that a bit is true of a node exactly where its children's
bits are: no way ever needs to look at two branches at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import msgspec

from clew.detection.model import Disjunct, Plan, Stage
from clew.finding import rank

#: Rank of an alternative that is not weak: above every level.
STRONG = 99


class Way(msgspec.Struct, frozen=True):
    """One way to reach a level.

    `rank` is the level that its matches have at least; only alternatives at least that strong fill its stages.
    `parents` and `children` are of its stages, in file order. `held`, `refused` and `at_least` are asked of a
    stage's traits, as bit masks and numbers. `absent` pairs a negated stage with its parent. `base` is the
    stage that the window counts from, `above` the standing stages over it, deepest first. `skeleton` are the
    stages that decide which finding a match belongs to.
    """

    rank: int
    stages: frozenset[int]
    parents: dict[int, int]
    children: dict[int, tuple[int, ...]]
    held: dict[int, int]
    refused: dict[int, int]
    at_least: dict[int, int]
    absent: tuple[tuple[int, int], ...]
    base: int
    above: tuple[int, ...]
    skeleton: frozenset[int]


def ways_of(plan: Plan) -> tuple[Way, ...]:
    """All ways of a plan, the highest level first, then in file order."""
    found = [
        way
        for rule in plan.levels
        for disjunct in rule.disjuncts
        for parents in _parent_choices(disjunct, plan.stages)
        for way in _by_weakness(plan, disjunct, parents, rank(rule.level))
    ]
    return tuple(sorted(found, key=lambda way: -way.rank))


def weakness(plan: Plan, stage: int, alternative: int) -> int:
    """The highest rank that a match with this alternative can have."""
    weak = plan.stages[stage].alternatives[alternative].weak
    return STRONG if weak is None else rank(weak)


def owners(plan: Plan) -> dict[str, int]:
    """Which stage binds a variable."""
    return {
        variable: stage.index
        for stage in plan.stages
        for alternative in stage.alternatives
        for variable in alternative.bind
    }


def standing_path(plan: Plan) -> tuple[int, ...]:
    """The stages from the opening down to the one that `from` names."""
    path = [plan.base]
    while (parent := plan.stages[path[-1]].alternatives[0].parent) is not None:
        path.append(parent)
    return tuple(reversed(path))


def _parent_choices(disjunct: Disjunct, stages: Sequence[Stage]) -> Iterator[dict[int, int]]:
    """Each way to give every stage but the opening one parent among the stages of the disjunct."""
    below = sorted(disjunct.stages - {0})
    choices = [
        sorted({a.parent for a in stages[index].alternatives if a.parent in disjunct.stages})
        for index in below
    ]
    for choice in product(*choices):
        yield dict(zip(below, choice, strict=True))


def _by_weakness(plan: Plan, disjunct: Disjunct, parents: dict[int, int], level: int) -> Iterator[Way]:
    """The way at its full level, and for each weaker alternative once more at that level."""
    weak = {
        weakness(plan, stage, index)
        for stage in disjunct.stages
        for index, alternative in enumerate(plan.stages[stage].alternatives)
        if stage == 0 or alternative.parent == parents[stage]
    }
    for floor in sorted({level} | {w for w in weak if w < level}, reverse=True):
        yield _way(plan, disjunct, parents, floor)


def _way(plan: Plan, disjunct: Disjunct, parents: dict[int, int], floor: int) -> Way:
    stages = disjunct.stages
    path = [stage for stage in standing_path(plan) if stage in stages]
    owner = owners(plan)
    decisive = {path[-1], *(owner[variable] for variable in plan.per if owner[variable] in stages)}
    return Way(
        rank=floor,
        stages=stages,
        parents=parents,
        children={
            stage: tuple(c for c in sorted(parents) if parents[c] == stage) for stage in sorted(stages)
        },
        held=_masks(disjunct.traits),
        refused=_masks(disjunct.not_traits),
        at_least=dict(sorted(disjunct.at_least)),
        absent=tuple((x, _only_parent(plan, x)) for x in sorted(disjunct.absent)),
        base=path[-1],
        above=tuple(reversed(path[:-1])),
        skeleton=frozenset(_closure(decisive, parents)),
    )


def _masks(traits: frozenset[tuple[int, int]]) -> dict[int, int]:
    masks: dict[int, int] = {}
    for stage, trait in traits:
        masks[stage] = masks.get(stage, 0) | 1 << trait
    return masks


def _only_parent(plan: Plan, stage: int) -> int:
    parent = plan.stages[stage].alternatives[0].parent
    if parent is None:
        raise ValueError(f"the opening '{plan.stages[stage].name}' cannot be absent")
    return parent


def _closure(stages: set[int], parents: dict[int, int]) -> set[int]:
    found: set[int] = set()
    for stage in stages:
        current: int | None = stage
        while current is not None and current not in found:
            found.add(current)
            current = parents.get(current)
    return found
