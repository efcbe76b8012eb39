"""The chains that were begun, the furthest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from clew.finding import rank
from clew.runner.explain.goal import Goal
from clew.runner.explain.growth import Growth
from clew.runner.explain.node import Node
from clew.runner.explain.trait import Unmet


class Reach(NamedTuple):
    """How far a chain comes towards a goal: its events by stage, and what those do not give."""

    goal: Goal
    found: dict[int, Node]
    unmet: tuple[Unmet, ...]

    @property
    def lacking(self) -> int:
        """How many things it lacks: stages, what their events do not give, what is asked of missing stages."""
        disjunct, found = self.goal.disjunct, self.found.keys()
        asked = (*disjunct.traits, *disjunct.not_traits, *disjunct.at_least)
        return len(disjunct.stages - found) + len(self.unmet) + sum(stage not in found for stage, _ in asked)

    @property
    def order(self) -> tuple[int, int]:
        """The furthest first, of these the one that lacks least."""
        return -len(self.found), self.lacking

    @property
    def events(self) -> list[tuple[int, str]]:
        """Which event fills which stage."""
        return sorted((stage, node.event.id) for stage, node in self.found.items())


class Begun(NamedTuple):
    """A chain that was begun, with its reaches towards the levels that are nearest, the lowest level first.

    They are of the same events and lack equally much; where a level has several, their nearest misses decide.
    `alike` counts other chains that bind the same values, or are held back by the same exceptions, and reach no
    further.
    """

    reaches: tuple[Reach, ...]
    alike: int = 0

    @property
    def order(self) -> tuple[int, int, int]:
        """The furthest first, then what lacks least, then the earliest."""
        opening = self.reaches[0].found.get(0)
        return *self.reaches[0].order, opening.event.time if opening else 0

    @property
    def held_by(self) -> tuple[str, ...]:
        """The exceptions that hold it back, by where they stand."""
        return tuple(sorted({unmet.held.origin for unmet in self.reaches[0].unmet if unmet.held}))


def begun(growth: Growth, wanted: Sequence[Goal]) -> list[Begun]:
    """All chains that were begun and not completed, in order; where none was, what an opening would begin."""
    groups: dict[object, Begun] = {}
    for opening in growth.openings():
        if growth.exhausted:
            break
        one = Begun(_nearest(growth, opening, wanted))
        key = one.held_by or _bound(opening)
        other = groups.get(key)
        if other is None:
            groups[key] = one
        else:
            groups[key] = min(one, other, key=lambda b: b.order)._replace(alike=other.alike + 1)
    open_ = [one for one in groups.values() if one.reaches[0].lacking]
    return sorted(open_, key=lambda one: one.order) if groups else [Begun(_empty(wanted))]


def _nearest(growth: Growth, opening: Node, wanted: Sequence[Goal]) -> tuple[Reach, ...]:
    """The reaches towards the nearest levels, as far as the same events lead there; a level may have several."""
    reaches = list(_reaches(growth, opening, wanted))
    best = min(reaches, key=lambda one: one.order)
    return tuple(one for one in reaches if (one.order, one.events) == (best.order, best.events))


def _reaches(growth: Growth, opening: Node, wanted: Sequence[Goal]) -> Iterator[Reach]:
    for goal in sorted(wanted, key=lambda goal: rank(goal.rule.level)):
        found = growth.furthest(opening, goal)
        yield Reach(goal, found, tuple(growth.unmet(found, goal, found.get(goal.base))))


def _empty(wanted: Sequence[Goal]) -> tuple[Reach, ...]:
    reaches = [Reach(goal, {}, ()) for goal in wanted]
    return (min(reaches, key=lambda one: (one.order, rank(one.goal.rule.level))),)


def _bound(opening: Node) -> object:
    """What tells chains apart: the values that the opening binds, else its event."""
    bound = tuple(sorted(opening.values.items(), key=lambda pair: pair[0]))
    return (opening.event.clock, bound) if any(value for _, value in bound) else opening.event.id
