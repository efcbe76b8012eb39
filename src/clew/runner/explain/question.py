"""Putting events to a stage that nothing fills, and keeping those that came nearest."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clew.detection.condition import All, Condition, Fields, fields_of
from clew.detection.condition import compile as compile_condition
from clew.detection.model import Alternative, Detection, Stage
from clew.duration import show_duration
from clew.event import Event
from clew.report.explanation import Failure, Kind
from clew.report.wording import words
from clew.runner.explain.exempt import called
from clew.runner.explain.growth import Growth, Passed, distinct, tally_of
from clew.runner.explain.node import Place
from clew.runner.explain.trait import shown

#: Misses that are kept for each stage, and what they may cost at most.
KEPT = 3
FARTHEST = 2.5

#: When the run of the `new` key began, by event, stage and alternative, for all that pass `on` and `where`.
Passes = Mapping[tuple[str, int, int], int | None]
#: Cost, distance in time, number: the order of misses. Negated in the heap.
_Ranked = tuple[float, int, int, Event, tuple[Failure, ...]]


class Question:
    """Which events came nearest to filling a stage in a place; without a place it is the opening.

    `looked` counts the events of its components in the scope, `elsewhere` those in others. `only` counts those
    that failed on one kind of thing alone. `counting` holds what counts, for each count.
    """

    def __init__(self, detection: Detection, stage: Stage, place: Place | None, growth: Growth) -> None:
        self.stage = stage
        self.place = place
        self.looked = self.elsewhere = 0
        self.only: Counter[Kind] = Counter()
        self.counting: dict[int, list[Passed]] = defaultdict(list)
        self._scope = detection.plan.scope
        self._growth = growth
        self._wheres = [WhereTest(way.where, detection) for way in stage.alternatives]
        self._nearest: list[_Ranked] = []
        self._seen = 0

    def ways(self) -> Iterator[tuple[int, Alternative]]:
        """The alternatives that may fill the stage in this place, with their numbers."""
        parent = None if self.place is None else self.place.parent.stage
        for number, way in enumerate(self.stage.alternatives):
            if way.parent == parent:
                yield number, way

    @property
    def components(self) -> tuple[str, ...]:
        """The data components of its events."""
        return tuple(dict.fromkeys(way.component for _, way in self.ways()))

    def put(self, event: Event, passes: Passes) -> None:
        """Put an event to the stage."""
        ways = [(number, way) for number, way in self.ways() if way.component == event.component]
        if not ways:
            return
        here = self.place is None or event.keys.get(self._scope) == self._where(self.place)
        self.looked += here
        self.elsewhere += not here
        tried = [self._failures(event, number, way, passes, here) for number, way in ways]
        failures = min((one for one in tried if one is not None), key=_cost, default=None)
        if failures:
            self._keep(event, failures)

    def nearest(self) -> list[tuple[Event, tuple[Failure, ...]]]:
        """The events that came nearest, with what they failed on."""
        ranked = sorted((-cost, -far, -number, event, why) for cost, far, number, event, why in self._nearest)
        return [(event, why) for _, _, _, event, why in ranked]

    def counted(self) -> str:
        """How far a count has come, where there is one."""
        for _, way in self.ways():
            if way.count is not None:
                counting = self.counting[tally_of(way)]
                what = f"distinct {way.count.distinct}" if way.count.distinct else "events"
                takes, there = f"it takes {way.count.at_least} {what}", distinct(counting, way.count)
                if self.place is not None:
                    return f"{takes}, and there are {there}"
                together = " and ".join((self._scope, *(by for by in way.count.by if by != self._scope)))
                most = self._growth.nearest_count(counting, way.count)
                span = show_duration(way.count.within or 0)
                return f"{takes} of one {together} within {span}; the most is {most}, and there are {there} in all"
        return ""

    def _failures(
        self, event: Event, number: int, way: Alternative, passes: Passes, here: bool
    ) -> tuple[Failure, ...] | None:
        """What it fails on; None where it fails on nothing and counts, or is not worth a look."""
        key = (event.id, self.stage.index, number)
        found = [] if key in passes else [self._wheres[number].failure(self._fields(event))]
        found += _given(self._unplaced(event))
        run_began = passes.get(key)
        if self.place is None:
            found += _given(self._growth.judge.new(event, way, run_began, event.time))
        elif here:
            found += self._growth.judge.failures(event, self.stage.index, way, self.place, run_began)
        elif found or self._growth.judge.link(event, self.stage.index, way, self.place.parent):
            return None
        else:
            found.append(self._other_scope(event, self.place))
        found += _given(self._traits(event, way))
        found += _given(self._barred(event))
        if not found and way.count is not None:
            self.counting[tally_of(way)].append(Passed(event, way, run_began))
            return None
        return tuple(found) or (Failure("other", "nothing that can be tested by itself", FARTHEST),)

    def _traits(self, event: Event, way: Alternative) -> Failure | None:
        if not way.at_least:
            return None
        held = self._growth.traits.held(self.stage.index, event)
        if len(held) >= way.at_least:
            return None
        return Failure(
            "traits", f"{way.at_least} of its traits must hold; these do: {', '.join(held) or 'none'}"
        )

    def _barred(self, event: Event) -> Failure | None:
        one = self._growth.exempt.event(self.stage.index, event)
        return Failure("exception", f"held back by {called(one)}", 0.5) if one else None

    def _unplaced(self, event: Event) -> Failure | None:
        if self.place is None and event.keys.get(self._scope) is None:
            return Failure("scope", f"{self._scope} is null, and a chain lives in one {self._scope}")
        return None

    def _other_scope(self, event: Event, place: Place) -> Failure:
        other = event.keys.get(self._scope)
        message = f"{self._scope} is {other or 'null'}, and the chain lives in {self._where(place)}"
        return Failure("scope", message, 1.2)

    def _where(self, place: Place) -> str | None:
        return place.parent.event.keys.get(self._scope)

    def _fields(self, event: Event) -> dict[str, Any]:
        hidden = {"@timestamp": event.time, "host.id": event.clock or None, "event.id": event.id}
        return self._growth.traits.fields(self.stage.index, event) | hidden

    def _keep(self, event: Event, failures: tuple[Failure, ...]) -> None:
        self._seen += 1
        if len(failures) == 1:
            self.only[failures[0].kind] += 1
        cost = _cost(failures)
        if cost >= FARTHEST:
            return
        far = 0 if self.place is None else abs(event.time - self.place.parent.event.time)
        ranked = (-cost, -far, -self._seen, event, failures)
        if len(self._nearest) < KEPT:
            heapq.heappush(self._nearest, ranked)
        elif ranked[:3] > self._nearest[0][:3]:
            heapq.heapreplace(self._nearest, ranked)


def _given(failure: Failure | None) -> list[Failure]:
    return [] if failure is None else [failure]


def _cost(failures: tuple[Failure, ...]) -> float:
    return sum(failure.cost for failure in failures)


class WhereTest:
    """The `where` of an alternative, clause by clause."""

    def __init__(self, where: Condition | None, detection: Detection) -> None:
        self._clauses: list[tuple[Condition, Callable[[Fields], bool]]] = [
            (clause, compile_condition(clause)) for clause in _clauses(where)
        ]
        self._detection = detection

    def failure(self, fields: dict[str, Any]) -> Failure:
        """The clauses that do not hold, with the values that they read."""
        failed = [clause for clause, holds in self._clauses if not holds(fields)]
        if not failed:
            return Failure("where", "'where' does not hold")
        elements = self._detection.mutable
        said = (f"asked is '{words(c, elements)}', here {shown(fields, fields_of(c))}" for c in failed)
        whole = 0.5 if len(failed) == len(self._clauses) > 1 else 0.0
        return Failure("where", "; ".join(said), 1 + (len(failed) - 1) / 4 + whole)


def _clauses(where: Condition | None) -> Iterator[Condition]:
    """The parts of which every one must hold."""
    if isinstance(where, All):
        for part in where.parts:
            yield from _clauses(part)
    elif where is not None:
        yield where
