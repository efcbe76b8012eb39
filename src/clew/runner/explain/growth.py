"""Growing chains as far as they come, out of the events that pass `on` and `where`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from clew.detection.exception import Exemption
from clew.detection.model import Alternative, Count, Detection, Term
from clew.event import Event
from clew.finding import rank
from clew.runner.explain.ancestry import Ancestry
from clew.runner.explain.exempt import Exempt
from clew.runner.explain.goal import Goal
from clew.runner.explain.judge import Judge, folders
from clew.runner.explain.nested import Nested
from clew.runner.explain.node import Node, Place, node_of
from clew.runner.explain.trait import TraitTests, Unmet
from clew.select.candidate import Candidate

#: How many places are tried in all; past that, chains are grown no further.
MOST_STEPS = 300_000


class Passed(NamedTuple):
    """An event that passes `on` and `where` of an alternative, with when the run of its `new` key began."""

    event: Event
    way: Alternative
    run_began: int | None


#: What an event is found by: scope, stage, alternative, line of the link, and the value that it links by.
Shelf = tuple[str, int, int, int, object]


class Growth:
    """Grows chains of one detection. `steps` counts the places that were tried.

    What an exception holds back is grown all the same, and lacks that. Only a count leaves barred events out.
    """

    def __init__(
        self,
        detection: Detection,
        candidates: Sequence[Candidate],
        ancestry: Ancestry,
        exemptions: Iterable[Exemption] = (),
    ) -> None:
        self._plan = detection.plan
        self._ancestry = ancestry
        self.judge = Judge(detection, ancestry)
        self.traits = TraitTests(detection.plan, ancestry)
        self.exempt = Exempt(detection.plan, exemptions)
        self.nested = Nested(detection.plan, ancestry, self.traits)
        self.steps = 0
        self._openings: list[Passed] = []
        self._shelves: dict[Shelf, list[Passed]] = defaultdict(list)
        for candidate in {(one.stage, one.event.id): one for one in reversed(candidates)}.values():
            self._file(candidate)

    @property
    def exhausted(self) -> bool:
        """No more chains are grown."""
        return self.steps >= MOST_STEPS

    def openings(self) -> list[Node]:
        """The nodes of the opening, by time; those that fold into another are left to `nested`."""
        tallies: dict[int, list[Passed]] = defaultdict(list)
        for passed in self._openings:
            new = self.judge.new(passed.event, passed.way, passed.run_began, passed.event.time) is None
            if new and self._has_traits(0, passed):
                tallies[tally_of(passed.way)].append(passed)
        filled = (one for tally in tallies.values() for one in self._counted_opening(tally))
        nodes = [self._node(passed, 0, None) for passed in _in_order(filled)]
        return list(self.nested.outermost(nodes))

    def furthest(self, opening: Node, goal: Goal) -> dict[int, Node]:
        """The assignment under an opening that fills most of the goal's stages, then meets most of its traits."""
        found = [self._assigned(path, goal) for path in self._paths([opening], goal)]
        return max(found, key=lambda one: (len(one), -len(self.unmet(one, goal, one.get(goal.base)))))

    def _paths(self, path: list[Node], goal: Goal) -> Iterator[list[Node]]:
        """The ways from the opening down to the base of the window, or as far as they come."""
        node = path[-1]
        steps = () if node.stage == goal.base else goal.below[node.stage][:1]
        nodes = [child for stage in steps for child in self.children(Place(node, None, True), stage)]
        for child in nodes:
            yield from self._paths([*path, child], goal)
        if not nodes:
            yield path

    def _assigned(self, path: list[Node], goal: Goal) -> dict[int, Node]:
        """What fills most beside the path and below it."""
        base = path[-1] if path[-1].stage == goal.base else None
        found = {node.stage: node for node in path}
        for node in path:
            for stage in goal.below[node.stage]:
                if stage not in found and not goal.free_of_window(stage):
                    found = {
                        **self._best(Place(node, base, node.stage in goal.standing), stage, goal),
                        **found,
                    }
        return found

    def _best(self, place: Place, stage: int, goal: Goal) -> dict[int, Node]:
        below = [self._under(child, place.base, goal) for child in self.children(place, stage)]
        return max(below, key=lambda one: (len(one), -len(self.unmet(one, goal, place.base))), default={})

    def _under(self, node: Node, base: Node | None, goal: Goal) -> dict[int, Node]:
        found = {node.stage: node}
        for stage in goal.below[node.stage]:
            found = {**self._best(Place(node, base), stage, goal), **found}
        return found

    def children(self, place: Place, stage: int) -> Iterator[Node]:
        """The nodes that fill a stage in a place."""
        tallies: dict[int, list[Passed]] = defaultdict(list)
        for number, way in enumerate(self._plan.stages[stage].alternatives):
            if way.parent == place.parent.stage:
                tallies[tally_of(way)].extend(self.hanging(place, stage, number, way))
        for hanging in tallies.values():
            for passed in _counted(hanging, self._not_barred(stage, hanging)):
                yield self._node(passed, stage, place.parent)

    def hanging(self, place: Place, stage: int, number: int, way: Alternative) -> Iterator[Passed]:
        """What hangs there by one alternative, each event once, whatever a count makes of them."""
        seen = set()
        for passed in self._linked(place.parent, stage, number, way):
            if self.exhausted:
                return
            self.steps += 1
            if passed.event.id in seen or not self._has_traits(stage, passed):
                continue
            if not self.judge.failures(passed.event, stage, way, place, passed.run_began):
                seen.add(passed.event.id)
                yield passed

    def unmet(self, found: dict[int, Node], goal: Goal, base: Node | None) -> list[Unmet]:
        """What the goal asks of the stages that are filled, and they do not give; `base` is the window's."""
        lacking = [one for node in found.values() for one in self.traits.unmet(node, goal.disjunct)]
        lacking += [
            Unmet(f"exception {node.held.origin}", node, held=node.held)
            for node in found.values()
            if node.held
        ]
        for stage, node in found.items():
            if node.way.weak and rank(node.way.weak) < rank(goal.rule.level):
                lacking.append(Unmet(f"{self._plan.stages[stage].name}, not weak", node))
        for stage, node in self._present(found, goal, base):
            lacking.append(Unmet(f"not {self._plan.stages[stage].name}", node, present=True))
        return lacking

    def _present(self, found: dict[int, Node], goal: Goal, base: Node | None) -> Iterator[tuple[int, Node]]:
        """The stages that must be absent and are not, each with its first event."""
        for stage in sorted(goal.disjunct.absent):
            parents = {way.parent for way in self._plan.stages[stage].alternatives}
            for parent in (found[p] for p in parents if p is not None and p in found):
                place = Place(parent, base, parent.stage in goal.standing)
                children = self.children(place, stage)
                child = next((c for c in children if c.held is None or c.held.stage is None), None)
                if child is not None:
                    yield stage, child

    def _node(self, passed: Passed, stage: int, parent: Node | None) -> Node:
        node = node_of(passed.event, stage, passed.way, parent, passed.run_began)
        held = self.exempt.event(stage, passed.event) or self.exempt.node(node)
        return replace(node, held=held) if held else node

    def _not_barred(self, stage: int, passed: Iterable[Passed]) -> list[Passed]:
        return [one for one in passed if self.exempt.event(stage, one.event) is None]

    def _has_traits(self, stage: int, passed: Passed) -> bool:
        least = passed.way.at_least
        return not least or len(self.traits.held(stage, passed.event)) >= least

    def _counted_opening(self, passed: list[Passed]) -> Iterator[Passed]:
        count = passed[0].way.count
        if count is None:
            yield from passed
            return
        for group in self._groups(self._not_barred(0, passed), count):
            alike = _by_event(group)
            for filling in _sliding([same[0] for same in alike.values()], count):
                yield from alike[filling.event.id]

    def nearest_count(self, passed: Iterable[Passed], count: Count) -> int:
        """How far a count on the opening came at most: in one group, within its window."""
        windows = (window for group in self._groups(passed, count) for window in _windows(group, count))
        return max((distinct(window, count) for window in windows), default=0)

    def _groups(self, passed: Iterable[Passed], count: Count) -> Iterable[list[Passed]]:
        """What a count on the opening takes together; what has a null in `by` it does not take."""
        groups: dict[tuple[str, ...], list[Passed]] = defaultdict(list)
        for one in passed:
            by = [_value(one.event, column) for column in (self._plan.scope, *count.by)]
            if None not in by:
                groups[tuple(map(str, by))].append(one)
        return groups.values()

    def _file(self, candidate: Candidate) -> None:
        event, stage = candidate.event, candidate.stage
        scope = event.keys.get(self._plan.scope)
        if scope is None:
            return
        for fit in candidate.fits:
            way = self._plan.stages[stage].alternatives[fit.alternative]
            passed = Passed(event, way, fit.run_began)
            if way.parent is None:
                self._openings.append(passed)
            for line, terms in enumerate(way.link or ((),)):
                for value in self._values(event, stage, terms):
                    self._shelves[scope, stage, fit.alternative, line, value].append(passed)

    def _values(self, event: Event, stage: int, terms: tuple[Term, ...]) -> Iterable[object]:
        """The values that a parent may be found by: all that must be equal, or those of the first term."""
        equal = [event.keys.get(term.field) for term in terms if term.operator == "="]
        if equal or not terms:
            return () if None in equal else (tuple(equal),)
        value = event.keys.get(terms[0].field)
        if value is None:
            return ()
        if terms[0].operator == "under":
            return folders(value)
        until = event.time + self._plan.skew * self._plan.stages[stage].depth
        return self._ancestry.line(event.keys.get(self._plan.scope, ""), value, until)

    def _linked(self, parent: Node, stage: int, number: int, way: Alternative) -> Iterator[Passed]:
        scope = parent.event.keys.get(self._plan.scope, "")
        for line, terms in enumerate(way.link or ((),)):
            equal = [parent.bound(term.variable) for term in terms if term.operator == "="]
            value: object = tuple(equal)
            if terms and not equal:
                value = parent.bound(terms[0].variable)
                value = value.rstrip("\\/") if value and terms[0].operator == "under" else value
            yield from self._shelves.get((scope, stage, number, line, value), ())


def _in_order(passed: Iterable[Passed]) -> list[Passed]:
    """As the engine takes the events of one stage (R12)."""

    def place(one: Passed) -> tuple[int, str, int, str]:
        sequence = -1 if one.event.sequence is None else one.event.sequence
        return one.event.time, one.event.clock, sequence, one.event.id

    return sorted(passed, key=place)


def tally_of(way: Alternative) -> int:
    """What is the same for alternatives whose events are counted together, as beside `any` (R6)."""
    return 0 if way.count is not None and way.count.together else id(way)


def _counted(passed: list[Passed], counting: list[Passed]) -> list[Passed]:
    """Of what hangs together: without a count all, else the event that makes the number, by all its ways."""
    count = passed[0].way.count if passed else None
    if count is None:
        return passed
    seen: set[object] = set()
    for one in _in_order(counting):
        seen.add(_counts_as(one.event, count))
        if len(seen - {None}) >= count.at_least:
            return _by_event(counting)[one.event.id]
    return []


def _by_event(passed: Iterable[Passed]) -> dict[str, list[Passed]]:
    alike: dict[str, list[Passed]] = defaultdict(list)
    for one in passed:
        alike[one.event.id].append(one)
    return alike


def distinct(passed: Iterable[Passed], count: Count) -> int:
    """How far a count has come."""
    return len({_counts_as(one.event, count) for one in passed} - {None})


def _sliding(passed: list[Passed], count: Count) -> Iterator[Passed]:
    """The events that make the number within the sliding window."""
    return (window[-1] for window in _windows(passed, count) if distinct(window, count) >= count.at_least)


def _windows(passed: list[Passed], count: Count) -> Iterator[list[Passed]]:
    """What the sliding window holds at each event; where the number is reached, counting starts anew."""
    window: list[Passed] = []
    for one in _in_order(passed):
        since = one.event.time - (count.within or 0)
        window = [*(old for old in window if old.event.time >= since), one]
        yield window
        if distinct(window, count) >= count.at_least:
            window = []


def _counts_as(event: Event, count: Count) -> object:
    return event.id if count.distinct is None else _value(event, count.distinct)


def _value(event: Event, column: str) -> object:
    return event.keys.get(column, event.fields.get(column))
