"""What a chain lacks, in words; for stages that nothing fills, by the questions that events are put to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from clew.chain.iso import iso
from clew.detection.condition import fields_of
from clew.detection.exception import Exemption
from clew.detection.model import Detection
from clew.event import Event
from clew.finding import EvidenceEvent, Level, LogPosition
from clew.report.explanation import Exempted, Failure, Kind, Lack, Miss, Partial, Step
from clew.report.wording import words
from clew.runner.explain.begun import Begun, Reach
from clew.runner.explain.exempt import last_day
from clew.runner.explain.growth import Growth
from clew.runner.explain.judge import UNLINKED
from clew.runner.explain.node import Node, Place
from clew.runner.explain.question import KEPT, Question, WhereTest
from clew.runner.explain.trait import Unmet, shown

#: Of so many events one is no near miss only because it is there and not linked.
MANY = 20

#: A question is known by its stage, its parent and the base of its window.
_Key = tuple[int, int, int]


class Lacks:
    """Gathers the questions that chains raise, and tells of the chains when they have been answered."""

    def __init__(self, detection: Detection, growth: Growth, scope: str | None) -> None:
        self._detection = detection
        self._scope = scope
        self._plan = detection.plan
        self._growth = growth
        self._questions: dict[_Key, Question] = {}

    @property
    def questions(self) -> Sequence[Question]:
        """All questions that were raised."""
        return tuple(self._questions.values())

    def raise_for(self, begun: Begun) -> None:
        """Raise the questions of a chain."""
        for reach in begun.reaches:
            for stage in self._missing(reach):
                list(self._questions_of(reach, stage))

    def cost(self, begun: Begun) -> float:
        """How near the nearest miss of a chain came."""
        return min(map(self._cost, begun.reaches))

    def _cost(self, reach: Reach) -> float:
        asked = (q for stage in self._missing(reach) for q in self._questions_of(reach, stage))
        costs = [sum(f.cost for f in why) for question in asked for _, why in question.nearest()]
        return min(costs, default=9.0)

    def _nearest(self, begun: Begun) -> tuple[Reach, ...]:
        """One reach for each level: that whose nearest miss came nearest."""
        by_level: dict[Level, Reach] = {}
        for reach in begun.reaches:
            level = reach.goal.rule.level
            by_level[level] = min(by_level.get(level, reach), reach, key=self._cost)
        return tuple(by_level.values())

    def told(self, begun: Begun) -> Partial:
        """The chain for a report."""
        reaches = self._nearest(begun)
        nodes = [node for _, node in sorted(reaches[0].found.items())]
        nested = self._growth.nested.inside.get(nodes[0].event.id, ()) if nodes else ()
        return Partial(
            where=self._where(nodes),
            thread=tuple(Step(self._plan.stages[n.stage].name, evidence(n.event)) for n in nodes),
            conditions={reach.goal.rule.level: reach.goal.rule.written for reach in reaches},
            lacks=tuple(self._lacks(reaches)),
            alike=begun.alike,
            folded=len(nested),
            nested=tuple(evidence(event) for event in nested[:KEPT]),
        )

    def _where(self, nodes: Sequence[Node]) -> dict[str, str]:
        if not nodes:
            return {}
        scope = nodes[0].event.keys.get(self._plan.scope, "")
        bound = {v: node.shown(v) for node in nodes for v in self._plan.per if v in node.way.bind}
        return {self._plan.scope: scope} | {f"${variable}": value for variable, value in bound.items()}

    def _lacks(self, reaches: Sequence[Reach]) -> Iterator[Lack]:
        unmet = {one.name: one for reach in reaches for one in reach.unmet}
        for name, one in unmet.items():
            levels = [r.goal.rule.level for r in reaches if any(u.name == name for u in r.unmet)]
            yield self._unmet(one, tuple(levels))
        missing = sorted({stage for reach in reaches for stage in self._missing(reach)})
        for stage in missing:
            lacking = [reach for reach in reaches if stage in self._missing(reach)]
            yield self._stage(stage, lacking)

    def _missing(self, reach: Reach) -> list[int]:
        """The stages that nothing fills, though their parent is filled; the opening where nothing is."""
        gone = sorted(reach.goal.disjunct.stages - reach.found.keys())
        return [stage for stage in gone if stage == 0 or self._parents(reach, stage)]

    def _parents(self, reach: Reach, stage: int) -> list[Node]:
        ways = self._plan.stages[stage].alternatives
        parents = sorted({way.parent for way in ways if way.parent is not None and way.parent in reach.found})
        return [reach.found[parent] for parent in parents]

    def _questions_of(self, reach: Reach, stage: int) -> Iterator[Question]:
        goal = reach.goal
        base = None if goal.free_of_window(stage) else reach.found.get(goal.base)
        places: list[Place | None] = []
        places += [Place(p, base, p.stage in goal.standing) for p in self._parents(reach, stage)]
        for place in places or [None]:
            key = (stage, id(place.parent.event) if place else 0, id(base.event) if base else 0)
            if key not in self._questions:
                question = Question(self._detection, self._plan.stages[stage], place, self._growth)
                self._questions[key] = question
            yield self._questions[key]

    def _stage(self, stage: int, lacking: Sequence[Reach]) -> Lack:
        questions = list(self._questions_of(lacking[0], stage))
        components = tuple(dict.fromkeys(c for question in questions for c in question.components))
        nearest = sorted(
            (pair for question in questions for pair in question.nearest()),
            key=lambda pair: sum(failure.cost for failure in pair[1]),
        )
        only: Counter[Kind] = sum((question.only for question in questions), Counter())
        looked = sum(question.looked for question in questions)
        if only["link"] > KEPT or looked > MANY:  # one of many that merely happened is no near miss
            nearest = [pair for pair in nearest if sum(failure.cost for failure in pair[1]) < UNLINKED]
        return Lack(
            name=self._plan.stages[stage].name,
            levels=tuple(reach.goal.rule.level for reach in lacking),
            reason=self._reason(questions, components),
            components=components,
            looked=looked,
            only=dict(only),
            misses=tuple(Miss(evidence(event), why) for event, why in nearest[:KEPT]),
            behind=self._behind(stage, lacking[0]),
        )

    def _reason(self, questions: Sequence[Question], components: Sequence[str]) -> str:
        if any(question.looked for question in questions):
            return "; ".join(filter(None, (question.counted() for question in questions)))
        what = " or ".join(components)
        if any(question.elsewhere for question in questions):
            return f"no {what} events here; there are some in other places"
        sources = [s for s in self._detection.log_sources if s.component in components]
        given = "; ".join(f"{source.name} {source.channel}" for source in sources)
        hosts = self._detection.hosts
        where = f"in {self._scope}" if self._scope else f"on {hosts}" if hosts else "at all"
        return f"no {what} events {where}" + (f" ({given})" if given else "")

    def _behind(self, stage: int, reach: Reach) -> tuple[str, ...]:
        """The stages of the goal that hang on a missing one, directly or not."""
        below = [stage]
        for one in below:
            below.extend(child for child in reach.goal.below[one] if child not in below)
        return tuple(self._plan.stages[one].name for one in below[1:] if one not in reach.found)

    def _unmet(self, one: Unmet, levels: tuple[Level, ...]) -> Lack:
        if one.present:
            why = Failure("other", "it is there, and the level asks that it is not")
            return Lack(name=one.name, levels=levels, misses=(Miss(evidence(one.node.event), (why,)),))
        if one.held:
            return self._held_back(one.node, one.held, levels)
        return Lack(name=one.name, levels=levels, reason=self._trait_reason(one))

    def _held_back(self, node: Node, held: Exemption, levels: tuple[Level, ...]) -> Lack:
        asked = fields_of(held.where)
        if held.stage is not None:
            reason = shown(dict(node.event.columns()), asked)
        else:
            variables = [variable.removeprefix("$") for variable in asked]
            reason = ", ".join(f"${variable} is {node.shown(variable)}" for variable in variables)
        said = Exempted(held.origin, held.because, last_day(held))
        return Lack(name=self._plan.stages[node.stage].name, levels=levels, reason=reason, exempted=said)

    def _trait_reason(self, one: Unmet) -> str:
        stage, event = one.node.stage, one.node.event
        if one.trait is None and one.node.way.weak:
            return f"what fills it is weak, and carries no more than {one.node.way.weak}"
        if one.trait is None:
            held = self._growth.traits.held(stage, event)
            return f"these traits hold: {', '.join(held) or 'none'}"
        trait = self._plan.stages[stage].traits[one.trait]
        fields = self._growth.traits.fields(stage, event)
        answer = self._growth.traits.answers(stage, event)[one.trait]
        if answer is None:
            return f"it is unknown, since there is nothing in {', '.join(trait.fields)}"
        if answer:
            said = words(trait.where, self._detection.mutable)
            return f"it holds: '{said}', here {shown(fields, trait.fields)}"
        return WhereTest(trait.where, self._detection).failure(fields).message


def evidence(event: Event) -> EvidenceEvent:
    """An event as findings show it."""
    log = LogPosition(event.source, event.path, event.position)
    return EvidenceEvent(event.id, event.component, iso(event.time), dict(event.fields), log)
