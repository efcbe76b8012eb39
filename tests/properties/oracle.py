"""A brute-force matcher that follows DESIGN's rules R1-R7, R9-R11, R15 and R16 literally, over rows in memory.

It lists every placement of an event under every parent, then every match, and reads the findings off that
list. It shares nothing with the engine but the model and the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from clew.chain.order import Order
from clew.detection.condition import compile as compile_condition
from clew.detection.condition import fields_of
from clew.detection.exception import Exemption
from clew.detection.model import Alternative, Detection, Disjunct
from clew.event import Event
from clew.finding import rank
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart

LATER = 1 << 40  # sorts the moment of an absence after all rows of the same time


@dataclass(eq=False, slots=True)
class Placement:
    """An event in a stage under a parent. `row` orders it; `counted` are the events that a count took."""

    stage: int
    number: int
    event: Event
    row: tuple
    run: int | None
    parent: Placement | None
    traits: tuple[bool | None, ...]
    values: dict[str, str | None]
    counted: tuple[Event, ...] = ()
    since: int | None = None

    def line(self) -> Iterator[Placement]:
        one: Placement | None = self
        while one is not None:
            yield one
            one = one.parent


@dataclass(slots=True)
class Match:
    nodes: dict[int, Placement]
    level: int
    base: Placement
    moment: tuple
    covered: bool
    per: tuple = ()


@dataclass(slots=True)
class Found:
    """A finding, as far as it can be compared."""

    scope: str
    per: tuple
    began: int
    start: int
    end: int
    level: int = -1
    revision: int = 0
    shown: Match | None = None
    matches: list[Match] = field(default_factory=list)


class Oracle:
    def __init__(self, detection: Detection, rows: list, exemptions: tuple[Exemption, ...] = ()) -> None:
        self.plan = detection.plan
        self.exemptions = [(e.stage, set(fields_of(e.where)), compile_condition(e.where)) for e in exemptions]
        order = Order([detection])
        keyed = sorted((order.key(row), number, row) for number, row in enumerate(rows))
        self.rows = [(key, row) for key, _, row in keyed]
        self.end = max((key[0] for key, _ in self.rows), default=0)
        self.starts = [row for _, row in self.rows if isinstance(row, ProcessStart)]
        self.ends = [row for _, row in self.rows if isinstance(row, ProcessEnd)]
        self.tests = [[compile_condition(t.where) for t in stage.traits] for stage in self.plan.stages]
        self.lines: dict[tuple[str, str | None, int], list[str]] = {}
        self.path = [self.plan.base]
        while (above := self.plan.stages[self.path[0]].alternatives[0].parent) is not None:
            self.path.insert(0, above)

    # -- lineage ---------------------------------------------------------------------------------------------

    def line(self, scope: str, entity: str | None, until: int) -> list[str]:
        """A process and its ancestors, by the facts up to a time."""
        key = (scope, entity, until)
        if key not in self.lines:
            self.lines[key] = self.walk(scope, entity, until)
        return self.lines[key]

    def walk(self, scope: str, entity: str | None, until: int) -> list[str]:
        found: list[str] = []
        while entity is not None and entity not in found and len(found) <= 64:
            found.append(entity)
            facts = (
                s.parent_entity_id
                for s in self.starts
                if (s.scope, s.entity_id) == (scope, found[-1]) and s.time <= until
            )
            entity = next((parent for parent in facts if parent not in (None, found[-1])), None)
        return found

    def ended(self, placement: Placement) -> int | None:
        process = process_of(placement.event)
        scope = placement.event.keys[self.plan.scope]
        return min((e.time for e in self.ends if (e.scope, e.entity_id) == (scope, process)), default=None)

    def name(self, scope: str, entity: str, until: int) -> str:
        """The last name that a start gives; without one that is more than a fork, the first that a child's gives."""
        mine = [
            s
            for s in self.starts
            if (s.scope, s.entity_id) == (scope, entity) and s.time <= until and (s.event or s.name)
        ]
        stubs = [
            s.parent_name
            for s in self.starts
            if (s.scope, s.parent_entity_id) == (scope, entity) and s.time <= until
        ]
        if mine:
            stubs = [
                s.parent_name
                for s in self.starts[: self.starts.index(mine[0])]
                if (s.scope, s.parent_entity_id) == (scope, entity)
            ]
        named = [n for n in stubs if n][:1] + [s.name for s in mine if s.name]
        return named[-1] if named else ""

    # -- R3: what may stand where, as far as that does not depend on the base ------------------------------------

    def place_all(self) -> None:
        """`placed` holds the placements in order of processing, `under` those of a stage under a parent."""
        self.placed: dict[tuple[int, str], list[Placement]] = {}
        self.under: dict[tuple[int, Placement | None], list[Placement]] = {}
        seen: set[tuple[int, str]] = set()
        self.counting: dict[object, list[tuple[object, Event]]] = {}
        self.full: dict[object, tuple[Event, ...]] = {}
        for key, row in self.rows:
            if not isinstance(row, Candidate) or row.event.keys.get(self.plan.scope) is None:
                continue
            if (row.stage, row.event.id) in seen or self.untimely(row):
                continue
            seen.add((row.stage, row.event.id))
            if self.kept_out(row):
                continue
            traits = self.traits(row)
            made = [one for fit in row.fits for one in self.place(key, row, fit, traits)]
            for one in made:
                self.placed.setdefault((row.stage, row.event.keys[self.plan.scope]), []).append(one)
                self.under.setdefault((row.stage, one.parent), []).append(one)

    def kept_out(self, row: Candidate) -> bool:
        """R15, with a stage: that event cannot fill that stage."""
        name = self.plan.stages[row.stage].name
        return any(stage == name and test(row.event.columns()) for stage, _, test in self.exemptions)

    def untimely(self, row: Candidate) -> bool:
        """R9: a synthetic creation fills an opening or a standing stage, else only before all real ones."""
        if not row.event.fields.get("clew.synthetic") or row.stage in (0, *self.path[:-1]):
            return False
        scope = row.event.keys[self.plan.scope]
        return any(s.event and s.scope == scope and s.time < row.event.time for s in self.starts)

    def place(self, key: tuple, row: Candidate, fit, traits: tuple) -> Iterator[Placement]:
        alternatives = self.plan.stages[row.stage].alternatives
        alternative = alternatives[fit.alternative]
        if alternative.new is not None and fit.run_began is None:
            return
        if sum(t is True for t in traits) < (alternative.at_least or 0):
            return
        values = dict.fromkeys(v for a in alternatives for v in a.bind)
        values |= {v: row.event.keys.get(c) for v, c in alternative.bind.items()}
        scope = row.event.keys[self.plan.scope]
        for parent in self.placed.get((alternative.parent, scope), ()) if row.stage else (None,):
            one = Placement(row.stage, fit.alternative, row.event, key, fit.run_began, parent, traits, values)
            one.since = fit.recorded_since
            if not (self.near(one, one) if parent is None else self.hangs(one, alternative)):
                continue
            counted = self.count(one, alternative)
            if counted is not None and not (parent is None and self.folded(one)):
                one.counted = counted
                yield one

    def hangs(self, one: Placement, alternative: Alternative) -> bool:
        parent, time = one.parent, one.event.time
        if time < parent.event.time - self.plan.skew or any(
            p.event.id == one.event.id for p in parent.line()
        ):
            return False
        if alternative.within is not None and time > parent.event.time + alternative.within:
            return False
        if alternative.after:
            return True
        return any(all(self.term(term, one) for term in line) for line in alternative.link)

    def term(self, term, one: Placement) -> bool:
        bound = next((p.values[term.variable] for p in one.parent.line() if term.variable in p.values), None)
        value = one.event.keys.get(term.field)
        if bound is None or value is None:
            return False
        if term.operator == "tree":
            until = one.event.time + self.plan.skew * self.plan.stages[one.stage].depth
            return bound in self.line(one.event.keys[self.plan.scope], value, until)
        if term.operator == "under":
            return value.startswith((bound.rstrip("\\/") + "\\", bound.rstrip("\\/") + "/"))
        return bound == value

    def traits(self, row: Candidate) -> tuple[bool | None, ...]:
        stage = self.plan.stages[row.stage]
        if not stage.traits:
            return ()
        until = row.event.time + self.plan.skew * stage.depth
        fields = dict(row.event.fields)
        process, scope = process_of(row.event), row.event.keys[self.plan.scope]
        line = self.line(scope, process, until)[1:] if process else []
        names = tuple(n for n in (self.name(scope, one, until) for one in line) if n)
        if names:
            fields["clew.process.ancestors"] = names
        return tuple(
            test(fields) if t.existence or any(c in fields for c in t.fields) else None
            for t, test in zip(stage.traits, self.tests[row.stage], strict=True)
        )

    def count(self, one: Placement, alternative: Alternative) -> tuple[Event, ...] | None:
        """R6: the events that fill the stage with this one, None where it does not fill it.

        An event that fills it by one alternative of a count that stands beside `any` fills it by the others too.
        """
        count = alternative.count
        if count is None:
            return (one.event,)
        get = lambda column: one.event.keys.get(column, one.event.fields.get(column))  # noqa: E731
        value = get(count.distinct) if count.distinct else one.event.id
        base = next((p for p in one.line() if p.stage == self.plan.base), None)
        if value is None or (one.parent is not None and base is not None and not self.near(one, base)):
            return None
        by = tuple(get(column) for column in count.by)
        alternatives = "all" if count.together else one.number
        where = (one.parent or one.event.keys[self.plan.scope], one.stage, alternatives, *by)
        if count.together and one.event in self.full.get(where, ())[-1:]:
            return self.full[where]
        so_far = self.counting.setdefault(where, [])
        if one.parent is None:
            if None in by:
                return None
            so_far[:] = [(v, e) for v, e in so_far if v != value and e.time >= one.event.time - count.within]
        elif where in self.full or value in [v for v, _ in so_far]:
            return None
        so_far.append((value, one.event))
        if len(so_far) < count.at_least:
            return None
        made = tuple(e for _, e in so_far)
        so_far.clear()
        self.full[where] = made
        return made

    def folded(self, one: Placement) -> bool:
        """R10: an opening inside the tree of an open one with equal other bindings and the same traits."""
        process = folding_variable(self.plan)
        if process is None:
            return False
        until = one.event.time + self.plan.skew
        line = self.line(one.event.keys[self.plan.scope], one.values[process], until)
        return any(
            not self.excepted([p])
            and p.values[process] in line
            and self.open(p, one.event.time)
            and {**p.values, process: ""} == {**one.values, process: ""}
            and p.traits == one.traits
            and self.weak(p) == self.weak(one)
            for p in self.placed.get((0, one.event.keys[self.plan.scope]), ())
        )

    def open(self, opening: Placement, time: int) -> bool:
        if self.plan.base == 0:
            return time <= opening.event.time + self.plan.within
        end = self.ended(opening)
        return end is None or time <= end + self.plan.skew

    def weak(self, one: Placement) -> int:
        weak = self.plan.stages[one.stage].alternatives[one.number].weak
        return 99 if weak is None else rank(weak)

    # -- R3, R4: matches -------------------------------------------------------------------------------------

    def near(self, one: Placement, base: Placement) -> bool:
        """Inside the window of a base, and new for it."""
        new = self.plan.stages[one.stage].alternatives[one.number].new
        if new is not None and (one.run is None or one.run < base.event.time - self.plan.skew):
            return False
        return one is base or one.event.time <= base.event.time + self.plan.within

    def admitted(self, one: Placement, base: Placement) -> bool:
        """A standing parent admits children up to its recorded end and the skew."""
        if one.parent is None or one.parent.stage not in self.path[: self.path.index(base.stage)]:
            return True
        end = self.ended(one.parent)
        return end is None or one.event.time <= end + self.plan.skew

    def matches(self) -> Iterator[Match]:
        self.place_all()
        for rule in self.plan.levels:
            for disjunct in rule.disjuncts:
                for nodes in self.assignments(sorted(disjunct.stages), {}):
                    match = self.match(rank(rule.level), disjunct, nodes)
                    if match is not None:
                        yield match

    def assignments(self, stages: list[int], nodes: dict[int, Placement]) -> Iterator[dict[int, Placement]]:
        if not stages:
            yield nodes
            return
        for parent in nodes.values() if stages[0] else [None]:
            for one in self.under.get((stages[0], parent), ()):
                yield from self.assignments(stages[1:], {**nodes, one.stage: one})

    def excepted(self, nodes: Iterable[Placement]) -> bool:
        """R15, over variables: a match that fills the stages which bind them, with such bindings."""
        if not self.exemptions:
            return False
        bound = {f"${name}": value for one in nodes for name, value in one.values.items()}
        known = {name: value for name, value in bound.items() if value is not None}
        return any(
            stage is None and asked <= bound.keys() and test(known) for stage, asked, test in self.exemptions
        )

    def match(self, level: int, disjunct: Disjunct, nodes: dict[int, Placement]) -> Match | None:
        base = nodes[[stage for stage in self.path if stage in nodes][-1]]
        above = list(base.line())[1:]
        for one in nodes.values():
            if not self.admitted(one, base) or (one not in above and not self.near(one, base)):
                return None
        if self.excepted(nodes.values()):
            return None
        for stage, trait in disjunct.traits:
            if nodes[stage].traits[trait] is not True:
                return None
        for stage, trait in disjunct.not_traits:
            if nodes[stage].traits[trait] is not False:
                return None
        for stage, number in disjunct.at_least:
            if sum(t is True for t in nodes[stage].traits) < number:
                return None
        decided = [self.absent(stage, nodes, base) for stage in disjunct.absent]
        if None in decided:
            return None
        moment = max([one.row for one in nodes.values()] + [(time, LATER) for time in decided])
        level = min([level] + [self.weak(one) for one in nodes.values()])
        return Match(nodes, level, base, moment, all(time < self.end for time in decided))

    def absent(self, stage: int, nodes: dict[int, Placement], base: Placement) -> int | None:
        """When the absence is decided; None where it is refuted."""
        alternatives = self.plan.stages[stage].alternatives
        parent = nodes[alternatives[0].parent]
        if any(self.near(x, base) and self.admitted(x, base) for x in self.under.get((stage, parent), ())):
            return None
        end = base.event.time + self.plan.within
        own = [a.within for a in alternatives]
        if None not in own and base in list(parent.line()):
            end = min(end, parent.event.time + max(own))
        return end + self.plan.skew * self.plan.stages[stage].depth

    # -- R11: findings ---------------------------------------------------------------------------------------

    def findings(self) -> list[Found]:
        found: list[Found] = []
        owner = {v: s.index for s in self.plan.stages for a in s.alternatives for v in a.bind}
        every = list(self.matches())
        for match in every:
            opening = match.nodes[0].event
            values = [match.nodes[owner[v]].values.get(v) for v in self.plan.per]
            match.per = tuple(opening.id if v is None else v for v in values)
        every.sort(key=lambda m: (m.moment, m.base.event.time, m.base.row, m.per))
        for _, new in groupby(every, key=lambda m: m.moment):
            joined = [(self.join(match, found), match) for match in new]
            for one in found:
                self.raise_level(one, [match for episode, match in joined if episode is one])
        return found

    def join(self, match: Match, found: list[Found]) -> Found:
        scope, begin = match.nodes[0].event.keys[self.plan.scope], match.base.event.time
        end = begin + self.plan.within
        meeting = [
            f for f in found if (f.scope, f.per) == (scope, match.per) and f.start <= end and begin <= f.end
        ]
        if not meeting:
            found.append(Found(scope, match.per, begin, begin, end))
            meeting = found[-1:]
        one = min(meeting, key=lambda f: f.start)
        one.start, one.end = min(one.start, begin), max(one.end, end)
        one.matches.append(match)
        return one

    def raise_level(self, one: Found, new: list[Match]) -> None:
        top = max((match.level for match in new), default=-1)
        if top > one.level:
            one.level, one.revision = top, one.revision + 1
            stages = range(len(self.plan.stages))
            latest = lambda m: tuple(m.nodes[s].row if s in m.nodes else () for s in stages)  # noqa: E731
            strongest = lambda m: tuple((self.weak(p), -p.number) for _, p in sorted(m.nodes.items()))  # noqa: E731
            one.shown = max((m for m in new if m.level == top), key=lambda m: (latest(m), strongest(m)))

    def view(self, one: Found) -> tuple:
        """What can be compared of a finding."""
        shown = dict(one.shown.nodes)
        also: dict[int, int] = {}
        for stage in self.plan.stages:
            if stage.index in shown:
                continue
            fits = [
                p
                for parent in shown.values()
                for p in self.under.get((stage.index, parent), ())
                if self.near(p, one.shown.base)
                and self.admitted(p, one.shown.base)
                and not self.excepted(p.line())
                and all(self.near(p, q) for q in p.line() if q.stage == self.plan.base)
            ]
            if fits:
                shown[stage.index] = min(fits, key=lambda p: (p.row, p.number))
                also[stage.index] = len({p.event.id for p in fits})
        events = {s: {e.id for m in one.matches if s in m.nodes for e in m.nodes[s].counted} for s in shown}
        times = [e.time for m in one.matches for p in m.nodes.values() for e in p.counted]
        return (
            (
                one.scope,
                one.per,
                one.began,
                one.level,
                one.revision,
                one.shown.covered,
                min(times),
                max(times),
            ),
            tuple((s, s in also, shown[s].event.id, len(events[s]) or also.get(s)) for s in sorted(shown)),
            tuple(sorted(s for s in shown if s not in also and self.weak(shown[s]) < 99)),
            tuple((s, shown[s].traits) for s in sorted(shown)),
            tuple(self.baselines(one.shown)),
        )

    def baselines(self, match: Match) -> Iterator[tuple[int, int, int]]:
        """R5: of each new stage how much of what is asked the log had been recorded at t(b)."""
        for stage, placement in sorted(match.nodes.items()):
            new = self.plan.stages[stage].alternatives[placement.number].new
            if new is not None:
                began = match.base.event.time
                recorded = 0 if placement.since is None else began - placement.since
                yield stage, new.gap, max(0, min(new.gap, recorded))


def process_of(event: Event) -> str | None:
    return event.keys.get("process.entity_id")


def folding_variable(plan) -> str | None:
    """R10: the opening's process, where the opening is a creation and all links use it by tree."""
    names = set()
    for alternative in plan.stages[0].alternatives:
        mine = [v for v, column in alternative.bind.items() if column == "process.entity_id"]
        if alternative.component != "process_creation" or len(mine) != 1:
            return None
        names.update(mine)
    if len(names) != 1:
        return None
    (name,) = names
    if not any(a.parent == 0 for stage in plan.stages for a in stage.alternatives):
        return None
    for stage in plan.stages[1:]:
        for alternative in stage.alternatives:
            for line in alternative.link:
                used = {term.operator for term in line if term.variable == name}
                if used - {"tree"} or (alternative.parent == 0 and not used):
                    return None
            if alternative.parent == 0 and alternative.after:
                return None
    return name


def expected(detection: Detection, rows: list, exemptions: tuple[Exemption, ...] = ()) -> list[tuple]:
    """The findings of a batch, each as a tuple that the engine's can be compared with."""
    oracle = Oracle(detection, rows, exemptions)
    return sorted(oracle.view(found) for found in oracle.findings())
