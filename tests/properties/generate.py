"""Random detections and random logs: small alphabets, so that chains meet, and awkward on purpose.

Biased to stages' own windows, absences and repeated keys, where an engine is most easily wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from msgspec import structs

from clew.detection.condition import All, Condition, Either, Not, Test
from clew.detection.exception import Exemption, decided_at
from clew.detection.glob import Glob
from clew.detection.matcher import Exists, Text
from clew.detection.model import (
    Alternative,
    Count,
    Detection,
    Disjunct,
    LevelRule,
    New,
    Plan,
    Stage,
    Term,
    Trait,
)
from clew.event import Event
from clew.finding import LEVELS, Finding
from clew.select.candidate import Candidate, Fit, ProcessEnd, ProcessStart

COMPONENTS = ("process_creation", "file_creation", "network_traffic_flow", "module_load")
PROCESS, PATH, NAME = "process.entity_id", "file.path", "dll.name"
PATHS = ("c:\\a", "c:\\a\\b", "c:\\d")
NAMES = ("x", "y")


#: Logs for each detection: to make one and to work it out costs more than to run a log.
LOGS = 8


@dataclass
class Case:
    """A detection, a log and a site's exceptions. `found` is what the engine finds, once it has been asked."""

    detection: Detection
    rows: list
    exemptions: tuple[Exemption, ...] = ()
    found: list[Finding] | None = None


class Dice(Random):
    """A source of chance that remembers which components and values this case uses."""

    components: tuple[str, ...] = COMPONENTS
    names: tuple[str, ...] = NAMES


def case(seed: int) -> Case:
    """One detection and one log; eight seeds in a row have the detection in common."""
    detection, components, names = _detection(seed // LOGS)
    random = Dice(seed)
    random.components, random.names = components, names
    plan = detection.plan
    return Case(detection, random_rows(random, plan), _exemptions(random, plan))


@lru_cache(maxsize=1)
def _detection(seed: int) -> tuple[Detection, tuple[str, ...], tuple[str, ...]]:
    """A detection, with the components and names that its logs have."""
    random = Dice(seed)
    random.components = tuple(random.sample(COMPONENTS, random.choice((1, 2, 2, 3))))
    random.names = random.choice((NAMES, NAMES, ("x",)))
    detection = Detection(
        analytic="AN0001",
        strategy="DET0001",
        technique="T1000",
        platform="windows",
        title="random",
        status="test",
        plan=random_plan(random),
    )
    return detection, random.components, random.names


# -- plans ---------------------------------------------------------------------------------------------------


def random_plan(random: Dice) -> Plan:
    size = random.choice((2, 3, 4, 4, 5, 6))
    nested = random.random() < 0.15
    stages: list[Stage] = []
    for index in range(size):
        stages.append(_opening(random, nested) if index == 0 else _stage(random, index, stages, nested))
    base = _base(random, stages)
    levels = _levels(random, stages, base)
    return Plan(
        scope="host.id",
        within=random.choice((3, 6, 8, 10, 15)),
        stages=tuple(stages),
        levels=levels,
        per=_per(random, stages, levels),
        base=base,
        skew=random.choice((0, 1, 2, 2)),
    )


def _opening(random: Dice, nested: bool) -> Stage:
    alternatives = []
    for _ in range(random.choice((1, 1, 1, 2))):
        bind = {"p0": PROCESS}
        if not nested or random.random() < 0.3:
            bind["f0"] = random.choice((PATH, PATH, NAME))
        count = None
        if random.random() < 0.06:
            count = Count(
                2, _maybe(random, 0.4, PATH), (random.choice((PATH, PROCESS)),), random.choice((2, 4))
            )
        component = "process_creation" if nested else random.choice(random.components)
        alternatives.append(
            Alternative(component=component, bind=bind, count=count, new=_new(random, 0.1), at_least=None)
        )
    if len(alternatives) > 1 and random.random() < 0.2:
        by, within = (random.choice((PATH, PROCESS)),), random.choice((2, 4))
        count = Count(random.choice((2, 2, 3)), _maybe(random, 0.4, PATH), by, within, together=True)
        return Stage("s0", 0, 1, _together(random, alternatives, count), _traits(random))
    return Stage("s0", 0, 1, _weak(random, alternatives), _traits(random))


def _stage(random: Dice, index: int, stages: list[Stage], nested: bool) -> Stage:
    traits = _traits(random)
    alternatives = []
    parents = []
    for _ in range(random.choice((1, 1, 1, 2, 2))):
        deep = random.choice(stages) if random.random() < 0.4 else stages[-1]
        parent = deep if deep.depth < 5 else stages[0]
        if parents and random.random() < 0.7:
            parent = parents[0]
        parents.append(parent)
        alternatives.append(_alternative(random, index, parent, stages, len(traits), nested))
    depth = 1 + max(parent.depth for parent in parents)
    if len(alternatives) > 1 and random.random() < 0.2:
        count = Count(random.choice((1, 2, 2, 2, 3)), _maybe(random, 0.4, PATH), together=True)
        return Stage(f"s{index}", index, depth, _together(random, alternatives, count), traits)
    return Stage(f"s{index}", index, depth, _weak(random, alternatives), traits)


def _alternative(
    random: Dice, index: int, parent: Stage, stages: list[Stage], traits: int, nested: bool
) -> Alternative:
    after = random.random() < 0.12 and not (nested and parent.index == 0)
    bind = {f"p{index}": PROCESS}
    if random.random() < 0.8:
        bind[f"f{index}"] = random.choice((PATH, PATH, NAME))
    return Alternative(
        component=random.choice(random.components),
        link=()
        if after
        else tuple(_line(random, parent, stages, nested) for _ in range(random.choice((1, 1, 2)))),
        parent=parent.index,
        after=after,
        bind=bind,
        new=_new(random, 0.2),
        count=Count(random.choice((1, 2, 2, 3)), _maybe(random, 0.4, PATH))
        if random.random() < 0.06
        else None,
        within=random.choice((1, 2, 4)) if random.random() < 0.35 else None,
        weak=random.choice(LEVELS) if after else None,
        at_least=1 if traits and random.random() < 0.1 else None,
    )


def _line(random: Dice, parent: Stage, stages: list[Stage], nested: bool) -> tuple[Term, ...]:
    """One term on a variable of the parent, sometimes one more on that or on the opening."""
    terms = [_term(random, parent, nested)]
    if random.random() < 0.25:
        terms.append(_term(random, random.choice((parent, stages[0])), nested))
    return tuple(terms)


def _term(random: Dice, owner: Stage, nested: bool) -> Term:
    if random.random() < 0.6 or (nested and owner.index == 0):
        operator = "tree" if random.random() < 0.75 or nested else "="
        return Term(PROCESS, operator, f"p{owner.index}")
    operator = "under" if random.random() < 0.15 else "="
    bound = {v: c for a in owner.alternatives for v, c in a.bind.items()}
    column = bound.get(f"f{owner.index}")
    if column is None:
        return Term(PROCESS, "tree", f"p{owner.index}")
    return Term(PATH if operator == "under" else column, operator, f"f{owner.index}")


def _weak(random: Dice, alternatives: list[Alternative]) -> tuple[Alternative, ...]:
    return tuple(
        structs.replace(a, weak=random.choice(LEVELS)) if a.weak is None and random.random() < 0.1 else a
        for a in alternatives
    )


def _together(random: Dice, alternatives: list[Alternative], count: Count) -> tuple[Alternative, ...]:
    """A count beside `any`; what is counted together is equally weak, and often passes several alternatives."""
    components = {a.component for a in alternatives}
    if random.random() < 0.5:
        components = {random.choice(sorted(components))}
    guessed = {a.parent for a in alternatives if a.after}
    weak = {
        parent: random.choice(LEVELS) if parent in guessed or random.random() < 0.1 else None
        for parent in sorted({a.parent for a in alternatives}, key=str)
    }
    return tuple(
        structs.replace(a, count=count, weak=weak[a.parent], component=random.choice(sorted(components)))
        for a in alternatives
    )


def _new(random: Dice, chance: float) -> New | None:
    if random.random() >= chance:
        return None
    return New(
        random.choice(((PATH,), ("host.id", PATH), ("host.id", PROCESS, NAME))), random.choice((2, 5, 20))
    )


def _traits(random: Dice) -> tuple[Trait, ...]:
    made = []
    for number in range(random.choice((0, 0, 1, 2))):
        kind = random.random()
        test = Test(NAME, Text((Glob((random.choice(random.names),)),)))
        fields = (NAME,)
        if kind < 0.3:
            test = Test("clew.process.ancestors", Text((Glob((random.choice(random.names),)),)))
            fields = ("clew.process.ancestors",)
        if kind > 0.9:
            made.append(Trait(f"t{number}", Test(NAME, Exists(True)), fields=(NAME,), existence=True))
            continue
        made.append(Trait(f"t{number}", test if kind < 0.8 else Not(test), fields))
    return tuple(made)


def _base(random: Dice, stages: list[Stage]) -> int:
    """A stage to count the window from; above it parents are one each and nothing is new (R16)."""
    if random.random() < 0.75:
        return 0
    index = random.choice(stages[1:]).index
    current: int | None = index
    while current is not None:
        parents = {a.parent for a in stages[current].alternatives}
        if len(parents) > 1 or (current != index and any(a.new for a in stages[current].alternatives)):
            return 0
        current = stages[current].alternatives[0].parent
    return index


def _levels(random: Dice, stages: list[Stage], base: int) -> tuple[LevelRule, ...]:
    names = sorted(random.sample(LEVELS, random.choice((1, 2, 3))), key=LEVELS.index, reverse=True)
    return tuple(
        LevelRule(name, tuple(_disjunct(random, stages) for _ in range(random.choice((1, 1, 2)))))
        for name in names
    )


def _disjunct(random: Dice, stages: list[Stage]) -> Disjunct:
    wanted = {random.choice(stages).index for _ in range(random.choice((1, 2, 2, 3)))}
    absent: set[int] = set()
    for stage in stages[1:]:
        parents = {a.parent for a in stage.alternatives}
        has_children = any(a.parent == stage.index for other in stages for a in other.alternatives)
        weak = any(a.weak for a in stage.alternatives)
        if not (has_children or weak or len(parents) > 1 or stage.index in wanted) and random.random() < 0.4:
            absent.add(stage.index)
            wanted.add(stage.alternatives[0].parent)
    chosen = _closed(random, stages, wanted)
    absent -= chosen
    return Disjunct(frozenset(chosen), *_asked(random, stages, chosen), frozenset(absent))


def _closed(random: Dice, stages: list[Stage], wanted: set[int]) -> set[int]:
    closed = set(wanted) | {0}
    for stage in reversed(stages[1:]):
        parents = [a.parent for a in stage.alternatives]
        if stage.index in closed and not closed & set(parents):
            closed.add(random.choice(parents))
        if stage.index in closed and random.random() < 0.2:
            closed.add(random.choice(parents))
    return closed


def _asked(random: Dice, stages: list[Stage], chosen: set[int]) -> tuple[frozenset, frozenset, frozenset]:
    held, refused, at_least = set(), set(), set()
    for index in sorted(chosen):
        for trait in range(len(stages[index].traits)):
            draw = random.random()
            if draw < 0.15:
                held.add((index, trait))
            elif draw < 0.25:
                refused.add((index, trait))
            elif draw < 0.3:
                at_least.add((index, 1))
    return frozenset(held), frozenset(refused), frozenset(at_least)


def _per(random: Dice, stages: list[Stage], levels: tuple[LevelRule, ...]) -> tuple[str, ...]:
    always = frozenset.intersection(*(d.stages for rule in levels for d in rule.disjuncts))
    bound = [
        v for index in sorted(always) for v in sorted({v for a in stages[index].alternatives for v in a.bind})
    ]
    return tuple(sorted(random.sample(bound, min(len(bound), random.choice((0, 0, 1, 1, 2))))))


def _exemptions(random: Dice, plan: Plan) -> tuple[Exemption, ...]:
    """What a site wants to be left out (R15), in a quarter of the cases."""
    wheres: list[tuple[str | None, Condition]] = []
    while random.random() < 0.2:
        stage = random.choice(plan.stages)
        if random.random() < 0.5:
            wheres.append((stage.name, _of_column(random, random.choice((PROCESS, PATH, NAME)))))
        else:
            wheres.append((None, _of_variables(random, plan, stage)))
    return tuple(
        Exemption("AN0001", stage, where, "random", 1 << 60, "clew.toml:1")
        for stage, where in wheres
        if stage is not None or decided_at(plan, where) is not None
    )


def _of_column(random: Dice, column: str, name: str = "") -> Condition:
    values = {PROCESS: ("p0", "p1", "p2"), PATH: PATHS, NAME: NAMES}[column]
    test = Test(name or column, Text((Glob((random.choice(values),)),)))
    return Not(test) if random.random() < 0.2 else test


def _of_variables(random: Dice, plan: Plan, stage: Stage) -> Condition:
    """One of the stage's variables, sometimes with one of another stage, which may lie on another branch."""
    stages = [stage, random.choice(plan.stages)] if random.random() < 0.5 else [stage]
    tests = []
    for one in stages:
        bound = sorted({(v, c) for a in one.alternatives for v, c in a.bind.items()})
        variable, column = random.choice(bound)
        tests.append(_of_column(random, column, f"${variable}"))
    return random.choice((All, All, Either))(tuple(tests))


def _maybe(random: Dice, chance: float, value: str) -> str | None:
    return value if random.random() < chance else None


# -- logs ----------------------------------------------------------------------------------------------------


def random_rows(random: Dice, plan: Plan) -> list:
    """Lineage and candidates, shuffled: the order of arrival says nothing."""
    scopes = ("h1",) if random.random() < 0.7 else ("h1", "h2")
    span = random.choice((4, 8, 16))
    processes = [f"p{number}" for number in range(random.choice((1, 1, 2, 3, 4)))]
    rows = _lineage(random, scopes, processes, span)
    many = 16 - len(plan.stages) - (3 if len(random.components) == 1 else 0)
    events = [_event(random, number, scopes, processes, span) for number in range(random.randint(4, many))]
    rows.extend(_candidates(plan, events))
    if random.random() < 0.3:
        rows.extend(random.sample(rows, min(3, len(rows))))
    random.shuffle(rows)
    return rows


def _lineage(random: Dice, scopes: tuple[str, ...], processes: list[str], span: int) -> list:
    rows: list = []
    for scope in scopes:
        for number, process in enumerate(processes):
            for _ in range(random.choice((0, 1, 1, 1, 2))):
                parent = random.choice(processes[:number]) if number and random.random() < 0.85 else None
                if random.random() < 0.05:
                    parent = random.choice(processes)
                rows.append(
                    ProcessStart(
                        random.randint(0, span),
                        scope,
                        process,
                        parent,
                        random.choice((*random.names, "")),
                        "",
                        random.choice((*random.names, "")) if parent else "",
                        "",
                        random.choice(("", f"start-{scope}-{process}")),
                    )
                )
            if random.random() < 0.25:
                rows.append(ProcessEnd(random.randint(0, span), scope, process))
    return rows


def _event(random: Dice, number: int, scopes: tuple[str, ...], processes: list[str], span: int) -> Event:
    fields: dict = {}
    if random.random() < 0.93:
        fields[PROCESS] = random.choice(processes)
    if random.random() < 0.9:
        fields[PATH] = random.choice(PATHS)
    if random.random() < 0.85:
        fields[NAME] = random.choice(random.names)
    keys = dict(fields)
    if random.random() < 0.98:
        keys["host.id"] = random.choice(scopes)
    component = random.choice(random.components)
    if random.random() < 0.1:
        component = "process_creation"
    if component == "process_creation" and random.random() < 0.2:
        fields["clew.synthetic"] = True
    return Event(
        id=f"e{number:02}",
        component=component,
        time=random.randint(0, span),
        fields=fields,
        keys=keys,
        clock=random.choice(("a", "b")),
        sequence=random.choice((None, random.randint(0, 5))),
    )


def _candidates(plan: Plan, events: list[Event]) -> list[Candidate]:
    rows = []
    for stage in plan.stages:
        fits: dict[str, list[Fit]] = {}
        for number, alternative in enumerate(stage.alternatives):
            passing = [event for event in events if event.component == alternative.component]
            for event in passing:
                began = since = None
                if alternative.new:
                    began = run_began(alternative.new, event, passing)
                    since = recorded_since(alternative.new, event, passing)
                fits.setdefault(event.id, []).append(Fit(number, began, since))
        by_id = {event.id: event for event in events}
        rows.extend(Candidate(0, stage.index, tuple(mine), by_id[event]) for event, mine in fits.items())
    return rows


def recorded_since(new: New, event: Event, passing: list[Event]) -> int | None:
    """When the log begins that a `new` looks at: in the event's scope, or anywhere for a fleet-wide key."""
    mine = [
        e.time
        for e in passing
        if "clew.synthetic" not in e.fields
        and ("host.id" not in new.key or e.keys.get("host.id") == event.keys.get("host.id"))
    ]
    return min(mine, default=None)


def run_began(new: New, event: Event, passing: list[Event]) -> int | None:
    """R5, literally: back from the event while the gaps are short; synthetic events are in no run (R9)."""
    key = tuple(event.keys.get(column) for column in new.key)
    if None in key:
        return None
    times = sorted(
        {
            e.time
            for e in passing
            if tuple(e.keys.get(c) for c in new.key) == key and "clew.synthetic" not in e.fields
        }
    )
    began = event.time
    for time in reversed([time for time in times if time <= event.time]):
        if began - time > new.gap:
            break
        began = time
    return began
