"""A plan made ready for the engine: numbers and bit masks instead of names, worked out once.

A mask has one bit for each way (`ways.Way`). Stages, alternatives and traits are numbered as in the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from clew.chain.ways import STRONG, Way, owners, standing_path, ways_of, weakness
from clew.detection.condition import compile as compile_condition
from clew.detection.model import Count, Plan, Stage, Term, Trait


@dataclass(frozen=True, slots=True)
class Index:
    """A look-up of the nodes of a stage by the values of variables; without variables, by scope alone.

    `places` are the (stage, position) of the variables; `folder` cuts the separator off the end of a path. `own`
    is the position where one variable of the stage itself, as it is, is all that it takes.
    """

    number: int
    stage: int
    places: tuple[tuple[int, int], ...]
    folder: bool = False
    own: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A term of a line that the look-up has not settled: what it compares with is at (stage, position)."""

    field: str
    operator: str
    stage: int
    position: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a link: how its parents are looked up, and what is still to be compared then.

    `field` is the only one of `fields`, empty where there are none or more.
    """

    index: Index
    operator: str
    field: str
    fields: tuple[str, ...]
    rest: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """An alternative of a stage. `columns` are what fills the stage's variables, in their order, empty for null.

    `plain`: every event fills it that is linked, without a `new`, a `count` or an `at_least`.
    """

    stage: int
    number: int
    parent: int | None
    lines: tuple[Line, ...]
    columns: tuple[str, ...]
    new: bool
    count: Count | None
    within: int | None
    strength: int
    at_least: int
    plain: bool


@dataclass(frozen=True, slots=True)
class Tested:
    """A trait that can be put to an event: its columns, whether it reads lineage, and the test."""

    name: str
    fields: tuple[str, ...]
    existence: bool
    holds: Callable[[dict[str, object]], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one way asks of a node of a stage, as far as not every node fulfils it."""

    bit: int
    held: int
    refused: int
    at_least: int
    strength: int


@dataclass(frozen=True, slots=True)
class Level:
    """A stage of the plan as the engine sees it.

    `free` and `asked` go by parent stage, -1 for the opening: the ways that take every node, and those that
    look at it. `needs` are (child stage, ways in which it is needed below this one), `alone` the ways that need
    nothing there, `negates` the same as `needs` for absent stages. `waits`: some way has to wait at it for an
    absence. `merges`: events of this stage may share a node (R14). `together`: its alternatives have one count.
    `alike`: they bind the same columns. `new`: one of them asks for what is new.
    """

    name: str
    index: int
    delay: int
    variables: tuple[str, ...]
    fillings: tuple[Filling, ...]
    traits: tuple[Tested, ...]
    indexes: tuple[Index, ...]
    free: dict[int, int]
    asked: dict[int, tuple[Asked, ...]]
    alone: int
    needs: tuple[tuple[int, int], ...]
    negates: tuple[tuple[int, int], ...]
    waits: bool
    merges: bool
    together: bool
    alike: bool
    new: bool

    def own(self, filling: Filling, held: int, unknown: int) -> int:
        """The ways in which a node of this stage does its own part, as far as traits and weakness go."""
        parent = -1 if filling.parent is None else filling.parent
        mask = self.free.get(parent, 0)
        for asked in self.asked.get(parent, ()):
            if (
                held & asked.held == asked.held
                and not (held | unknown) & asked.refused
                and held.bit_count() >= asked.at_least
                and filling.strength >= asked.strength
            ):
                mask |= asked.bit
        return mask


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan. `based` are the ways whose window counts from a stage, `standing` those in which it stands above.

    `remote` are, by base stage, the ways with an absence that does not hang at or below the base. `skeletons`
    groups the ways by the stages that decide which finding a match belongs to. `reach` is the longest time
    that anything about a base can come after it, in the order of rows. `folds` looks openings up by their process
    where nested ones fold (R10). `hangs` are, by stage, the stages that it
    hangs on and the ways in which it does.
    """

    plan: Plan
    ways: tuple[Way, ...]
    levels: tuple[Level, ...]
    path: tuple[int, ...]
    indexes: tuple[Index, ...]
    based: dict[int, int]
    standing: dict[int, int]
    remote: dict[int, int]
    skeletons: tuple[tuple[frozenset[int], int], ...]
    per: tuple[tuple[int, int], ...]
    hangs: tuple[tuple[tuple[int, int], ...], ...]
    reach: int
    folds: Index | None

    @staticmethod
    def is_at_or_below(way: Way, stage: int) -> bool:
        """Whether a stage of a way is its base or hangs below it."""
        return _at_or_below(way, stage)


def layout_of(plan: Plan) -> Layout:
    """Work a plan out. Raises ValueError for a plan that the loader would not have made."""
    ways = ways_of(plan)
    path = standing_path(plan)
    variables = tuple(_variables(stage) for stage in plan.stages)
    places = {name: (stage, variables[stage].index(name)) for name, stage in owners(plan).items()}
    indexes = _Indexes(places)
    process = _folding(plan)
    folds = indexes.get(0, (process,), False) if process is not None else None
    fillings = tuple(
        tuple(
            _filling(plan, stage, n, variables[stage.index], indexes) for n in range(len(stage.alternatives))
        )
        for stage in plan.stages
    )
    draft = Draft(plan, ways, variables, fillings, tuple(indexes.made))
    levels = tuple(_level(draft, stage) for stage in plan.stages)
    return Layout(
        plan=plan,
        ways=ways,
        levels=levels,
        path=path,
        indexes=tuple(indexes.made),
        based={stage: _mask(way.base == stage for way in ways) for stage in path},
        standing={stage: _mask(stage in way.above for way in ways) for stage in path},
        remote={stage: _mask(way.base == stage and _is_remote(way) for way in ways) for stage in path},
        skeletons=_skeletons(ways),
        per=tuple(places[variable] for variable in plan.per),
        hangs=tuple(_hangs(levels, stage.index) for stage in plan.stages),
        reach=plan.within + plan.skew * plan.depth * (2 if plan.base else 1),
        folds=folds,
    )


def _variables(stage: Stage) -> tuple[str, ...]:
    return tuple(sorted({variable for alternative in stage.alternatives for variable in alternative.bind}))


def _mask(chosen: Iterable[bool]) -> int:
    return sum(1 << bit for bit, is_one in enumerate(chosen) if is_one)


def _is_remote(way: Way) -> bool:
    return any(not _at_or_below(way, parent) for _, parent in way.absent)


def _at_or_below(way: Way, stage: int) -> bool:
    current: int | None = stage
    while current is not None:
        if current == way.base:
            return True
        current = way.parents.get(current)
    return False


def _skeletons(ways: tuple[Way, ...]) -> tuple[tuple[frozenset[int], int], ...]:
    masks: dict[frozenset[int], int] = {}
    for bit, way in enumerate(ways):
        masks[way.skeleton] = masks.get(way.skeleton, 0) | 1 << bit
    return tuple(masks.items())


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a plan before its stages are put together, by stage."""

    plan: Plan
    ways: tuple[Way, ...]
    variables: tuple[tuple[str, ...], ...]
    fillings: tuple[tuple[Filling, ...], ...]
    indexes: tuple[Index, ...]


class _Indexes:
    """Gives out the look-ups that links need; links that look up the same share one."""

    def __init__(self, places: dict[str, tuple[int, int]]) -> None:
        self.places = places
        self.made: list[Index] = []

    def get(self, stage: int, variables: tuple[str, ...], folder: bool) -> Index:
        places = tuple(self.places[variable] for variable in variables)
        for index in self.made:
            if (index.stage, index.places, index.folder) == (stage, places, folder):
                return index
        own = places[0][1] if len(places) == 1 and places[0][0] == stage and not folder else None
        self.made.append(Index(len(self.made), stage, places, folder, own))
        return self.made[-1]

    def line(self, parent: int, terms: tuple[Term, ...]) -> Line:
        """Look up by all that must be equal; where nothing must, by the first term; compare the rest."""
        looked = tuple(sorted((t for t in terms if t.operator == "="), key=lambda t: t.variable)) or terms[:1]
        rest = tuple(Check(t.field, t.operator, *self.places[t.variable]) for t in terms if t not in looked)
        operator = looked[0].operator
        index = self.get(parent, tuple(term.variable for term in looked), operator == "under")
        fields = tuple(term.field for term in looked)
        return Line(index, operator, fields[0] if len(fields) == 1 else "", fields, rest)


def _filling(plan: Plan, stage: Stage, number: int, variables: tuple[str, ...], indexes: _Indexes) -> Filling:
    a = stage.alternatives[number]
    lines: tuple[Line, ...] = ()
    if a.parent is not None and a.link:
        lines = tuple(indexes.line(a.parent, terms) for terms in a.link)
    elif a.parent is not None:
        lines = (Line(indexes.get(a.parent, (), False), "=", "", (), ()),)
    return Filling(
        stage=stage.index,
        number=number,
        parent=a.parent,
        lines=lines,
        columns=tuple(a.bind.get(variable, "") for variable in variables),
        new=a.new is not None,
        count=a.count,
        within=a.within,
        strength=weakness(plan, stage.index, number),
        at_least=a.at_least or 0,
        plain=a.new is None and a.count is None and not a.at_least,
    )


def _level(draft: Draft, stage: Stage) -> Level:
    ways, fillings = draft.ways, draft.fillings
    free, asked = _conditions(ways, stage)
    children = sorted({f.stage for every in fillings for f in every if f.parent == stage.index})
    below = [(c, _mask(way.parents.get(c) == stage.index for way in ways)) for c in children]
    absent = [(c, _mask((c, stage.index) in way.absent for way in ways)) for c in children]
    return Level(
        name=stage.name,
        index=stage.index,
        delay=draft.plan.skew * stage.depth,
        variables=draft.variables[stage.index],
        fillings=fillings[stage.index],
        traits=tuple(_tested(trait) for trait in stage.traits),
        indexes=tuple(index for index in draft.indexes if index.stage == stage.index),
        free=free,
        asked=asked,
        alone=~reduce(or_, (mask for _, mask in below), 0),
        needs=tuple(pair for pair in below if pair[1]),
        negates=tuple(pair for pair in absent if pair[1]),
        waits=any(mask for _, mask in absent) or any(w.base == stage.index and _is_remote(w) for w in ways),
        merges=_merges(draft.plan, stage, bool(children)),
        together=any(a.count is not None and a.count.together for a in stage.alternatives),
        alike=len({filling.columns for filling in fillings[stage.index]}) == 1,
        new=any(filling.new for filling in fillings[stage.index]),
    )


def _conditions(ways: tuple[Way, ...], stage: Stage) -> tuple[dict[int, int], dict[int, tuple[Asked, ...]]]:
    free: dict[int, int] = {}
    asked: dict[int, list[Asked]] = {}
    weak = any(alternative.weak is not None for alternative in stage.alternatives)
    for bit, way in enumerate(ways):
        if stage.index not in way.stages:
            continue
        parent = way.parents.get(stage.index, -1)
        held, refused = way.held.get(stage.index, 0), way.refused.get(stage.index, 0)
        at_least = way.at_least.get(stage.index, 0)
        if held or refused or at_least or weak:
            one = Asked(1 << bit, held, refused, at_least, way.rank if weak else STRONG)
            asked.setdefault(parent, []).append(one)
        else:
            free[parent] = free.get(parent, 0) | 1 << bit
    return free, {parent: tuple(every) for parent, every in asked.items()}


def _tested(trait: Trait) -> Tested:
    return Tested(trait.name, trait.fields, trait.existence, compile_condition(trait.where))


def _hangs(levels: tuple[Level, ...], stage: int) -> tuple[tuple[int, int], ...]:
    return tuple((level.index, mask) for level in levels for child, mask in level.needs if child == stage)


def _merges(plan: Plan, stage: Stage, has_children: bool) -> bool:
    """Only where nothing looks at the single event: no traits, nothing below, one base that never moves."""
    return stage.index > 0 and plan.base == 0 and not has_children and not stage.traits


def _folding(plan: Plan) -> str | None:
    """The variable of the opening's process, where nested openings fold (R10)."""
    opening = plan.stages[0]
    if any(a.component != "process_creation" for a in opening.alternatives):
        return None
    bound = [
        {v for v, column in a.bind.items() if column == "process.entity_id"} for a in opening.alternatives
    ]
    if any(variables != bound[0] or len(variables) != 1 for variables in bound):
        return None
    (variable,) = bound[0]
    return variable if _only_by_tree(plan, variable) else None


def _only_by_tree(plan: Plan, variable: str) -> bool:
    """Whether all that hangs on the opening does so in the tree of its process, which no link uses otherwise."""
    hangs = False
    for alternative in (a for stage in plan.stages for a in stage.alternatives):
        lines = [{(term.operator, term.variable) for term in line} for line in alternative.link]
        if any((operator, variable) in line for line in lines for operator in ("=", "under")):
            return False
        if alternative.parent == 0 and (
            alternative.after or any(("tree", variable) not in line for line in lines)
        ):
            return False
        hangs = hangs or alternative.parent == 0
    return hangs
