"""The tree of stages (R1): which stage hangs on which, and what R2 and R16 forbid.

A stage hangs on the deepest stage whose variables its link uses, or on the one that `after` names. Parents
stand above their children in the file, so one pass from top to bottom settles everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from clew.detection.block import Faults
from clew.detection.document import Mark
from clew.detection.link import Line
from clew.detection.model import Alternative, Stage, Term
from clew.detection.stage import Draft, Way
from clew.event import SCHEMA, Column
from clew.finding import Level
from clew.suggest import did_you_mean, one_of


@dataclass(slots=True)
class Tree:
    """What is known of the plan so far, by the index of the stage.

    `certain` are the stages that lie on every way from the opening to a stage, itself included: only their
    variables may be used by what hangs there. `owners` tells which stage binds a variable.
    """

    drafts: Sequence[Draft]
    faults: Faults
    owners: dict[str, int] = field(default_factory=dict)
    parents: list[list[int | None]] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    certain: list[frozenset[int]] = field(default_factory=list)

    def index(self, name: str) -> int | None:
        """The index of a stage."""
        return next((i for i, draft in enumerate(self.drafts) if draft.name == name), None)

    def columns(self, variable: str) -> list[Column]:
        """The columns that a variable is bound from, over the alternatives of its stage."""
        ways = self.drafts[self.owners[variable]].ways
        names = {way.bind[variable] for way in ways if way.bind and variable in way.bind}
        return [SCHEMA[name] for name in sorted(names)]

    def above(self, stage: int) -> set[int]:
        """The stages that a stage may hang on, directly or not."""
        found: set[int] = set()
        waiting = [parent for parent in self.parents[stage] if parent is not None]
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting.extend(p for p in self.parents[parent] if p is not None)
        return found


def grow(drafts: Sequence[Draft], faults: Faults) -> Tree:
    """The tree of the stages; where a parent cannot be told, that is noted and the opening stands in."""
    tree = Tree(drafts, faults)
    _own(tree)
    for index, draft in enumerate(drafts):
        parents = [_parent(tree, index, way) for way in draft.ways]
        known = [parent for parent in parents if parent is not None]
        tree.parents.append(parents)
        tree.depths.append(1 + max((tree.depths[parent] for parent in known), default=0))
        shared = frozenset.intersection(*(tree.certain[p] for p in known)) if known else frozenset[int]()
        tree.certain.append(shared | {index})
        for way in draft.ways:
            _check_place(index, draft, way, faults)
        _check_weight(draft, parents, faults)
    return tree


def stages(tree: Tree) -> tuple[Stage, ...]:
    """The stages of the model; only when no fault was found."""
    return tuple(
        Stage(
            draft.name,
            index,
            tree.depths[index],
            tuple(
                _alternative(way, parent) for way, parent in zip(draft.ways, tree.parents[index], strict=True)
            ),
            draft.traits,
        )
        for index, draft in enumerate(tree.drafts)
    )


def _alternative(way: Way, parent: int | None) -> Alternative:
    return Alternative(
        component=way.component or "",
        where=way.where,
        link=tuple(line.terms for line in way.link),
        parent=parent,
        after=way.after is not None,
        bind=way.bind or {},
        new=way.new,
        count=way.count,
        within=way.within,
        weak=way.weak,
        at_least=way.at_least,
    )


def _own(tree: Tree) -> None:
    for index, draft in enumerate(tree.drafts):
        for way in draft.ways:
            for variable in way.bind or {}:
                owner = tree.owners.setdefault(variable, index)
                if owner != index:
                    name = tree.drafts[owner].name
                    message = f"${variable} is bound by '{name}' already"
                    tree.faults.add(way.at("bind"), message, "a variable is bound by one stage: rename one")


def _parent(tree: Tree, index: int, way: Way) -> int | None:
    if index == 0:
        if way.hangs:
            message = f"'{tree.drafts[0].name}' stands first, so it is the opening and hangs on nothing"
            mend = "remove its 'link' or 'after', or move the opening to the top"
            tree.faults.add(way.at("link" if "link" in way.marks else "after"), message, mend)
        return None
    if not way.hangs:
        message = f"'{tree.drafts[index].name}' hangs on nothing, and '{tree.drafts[0].name}' is the opening"
        mend = "give every other stage (and each of its alternatives) a 'link' or an 'after'"
        tree.faults.add(way.mark, message, mend)
        return 0
    if "link" in way.marks and "after" in way.marks:
        message = f"'{tree.drafts[index].name}' has both 'link' and 'after'"
        tree.faults.add(way.at("after"), message, "keep 'link': a linked event is later as well")
    if "link" in way.marks:
        return _linked(tree, index, way)
    return _after(tree, index, way)


def _after(tree: Tree, index: int, way: Way) -> int:
    name, mark = tree.drafts[index].name, way.at("after")
    if "weak" not in way.marks:
        message = f"'{name}' comes after another stage without a link, so it must be weak"
        tree.faults.add(mark, message, "add 'weak: medium' (the highest level it can carry), or a link")
    if way.after is None:
        return 0
    parent = tree.index(way.after)
    if parent is None:
        names = [draft.name for draft in tree.drafts[:index]]
        tree.faults.add(
            mark, f"no stage is called '{way.after}'", did_you_mean(way.after, names, one_of(names))
        )
        return 0
    if parent >= index:
        message = f"'{name}' cannot come after '{way.after}', which does not stand above it"
        tree.faults.add(mark, message, f"move '{way.after}' above '{name}'")
        return 0
    return parent


def _linked(tree: Tree, index: int, way: Way) -> int:
    owners: dict[str, int] = {}
    for line in way.link:
        for term in line.terms:
            owner = _owner(tree, index, line, term)
            if owner is not None:
                owners[term.variable] = owner
    if not owners:
        return 0
    parent = max(owners.values(), key=lambda owner: (tree.depths[owner], owner))
    for variable, owner in sorted(owners.items()):
        if owner not in tree.certain[parent]:
            above, bound = tree.drafts[parent].name, tree.drafts[owner].name
            message = (
                f"the link of '{tree.drafts[index].name}' uses ${variable}, but '{bound}', which binds it, "
                f"does not lie on every way from the opening to '{above}'"
            )
            mend = f"use only variables bound by '{above}' and the stages above it"
            tree.faults.add(way.at("link"), message, mend)
    return parent


def _owner(tree: Tree, index: int, line: Line, term: Term) -> int | None:
    owner = tree.owners.get(term.variable)
    if owner is None:
        known = [f"${name}" for name, stage in tree.owners.items() if stage < index]
        mend = did_you_mean(
            f"${term.variable}", known, one_of(known) if known else "bind it in a stage above"
        )
        tree.faults.add(line.mark, f"no stage binds ${term.variable}", mend)
        return None
    if owner >= index:
        message = (
            f"${term.variable} is bound by '{tree.drafts[owner].name}', which does not stand above this stage"
        )
        mend = "a link uses variables of the stages above"
        tree.faults.add(line.mark, message, mend)
        return None
    column = SCHEMA.get(term.field)
    if column is not None:
        _check_comparable(tree, line, term, column)
    return owner


def _check_comparable(tree: Tree, line: Line, term: Term, column: Column) -> None:
    """Keys are made by kind of column (R8), so only columns of one kind can ever be equal."""
    if term.operator != "=":
        of_owners = term.operator == "tree" and column.kind == "resource"
        wanted = "resource" if of_owners else "process" if term.operator == "tree" else "path"
        others = [column, *tree.columns(term.variable)]
        wrong = next((other for other in others if other.kind != wanted), None)
        if wrong is not None:
            link = "in tree of" if term.operator == "tree" else "under"
            tree.faults.add(line.mark, f"'{link}' needs a {wanted}, and {wrong.name} is none", "use '='")
        return
    for bound in tree.columns(term.variable):
        if _family(column) != _family(bound):
            message = f"{column.name} is never equal to ${term.variable}, which is bound from {bound.name}"
            tree.faults.add(line.mark, message, f"compare with a column of the kind of {bound.name}")


def _family(column: Column) -> tuple[str, str]:
    kind = "name" if column.kind in ("domain", "address") else column.kind
    return column.type, kind


def _check_place(index: int, draft: Draft, way: Way, faults: Faults) -> None:
    """`within` and the extras of `count` belong to the opening or to the others."""
    if index == 0 and "within" in way.marks:
        mend = "the chain's 'within' counts from the opening; a sliding window stands inside 'count'"
        faults.add(way.at("within"), f"'{draft.name}' is the opening: 'within' counts from a parent", mend)
    if way.count is None:
        return
    sliding = bool(way.count.by) and way.count.within is not None
    if index == 0 and not sliding:
        faults.add(
            way.at("count"), "a count on the opening needs 'by' and 'within'", "by: [user.name], within: 10m"
        )
    if index > 0 and (way.count.by or way.count.within is not None):
        message = "'by' and 'within' of a count belong to the opening only"
        faults.add(way.at("count"), message, "below it the parent groups; use the stage's own 'within'")


def _check_weight(draft: Draft, parents: Sequence[int | None], faults: Faults) -> None:
    """What is counted together is one piece of evidence, and has one weight under a parent."""
    weights: dict[int | None, Level | None] = {}
    for way, parent in zip(draft.ways, parents, strict=True):
        together = way.count is not None and way.count.together
        if together and way.weak != weights.setdefault(parent, way.weak):
            message = f"the 'count' of '{draft.name}' takes together what is not equally weak"
            mend = "put 'weak' beside 'any' as well, or 'count' inside the alternatives"
            faults.add(way.at("weak"), message, mend)


def base(tree: Tree, name: str | None, mark: Mark) -> int:
    """The index of the stage that `from` names, the opening by default; checks what stands above it."""
    if name is None:
        return 0
    index = tree.index(name)
    if index is None:
        names = [draft.name for draft in tree.drafts]
        tree.faults.add(mark, f"no stage is called '{name}'", did_you_mean(name, names, one_of(names)))
        return 0
    standing = tree.above(index)
    for stage in sorted({index, *standing}):
        if len(set(tree.parents[stage])) > 1:
            message = f"the alternatives of '{tree.drafts[stage].name}' hang on different stages"
            mend = "let all of them hang on one: the stage of 'from' and those above it have one parent each"
            tree.faults.add(tree.drafts[stage].mark, message, mend)
    for stage in sorted(standing):
        way = next((way for way in tree.drafts[stage].ways if "new" in way.marks), None)
        if way is not None:
            message = f"'{tree.drafts[stage].name}' stands above 'from' and cannot be 'new'"
            tree.faults.add(way.at("new"), message, "'new' is counted from the stage that 'from' names")
    _no_new_counts_beside(tree, index)
    return index


def _no_new_counts_beside(tree: Tree, base: int) -> None:
    """A count counts what is new; beside the stage of `from` it would be another number for each of its events."""
    for stage, draft in enumerate(tree.drafts):
        for way in draft.ways:
            beside = stage != base and base not in tree.above(stage)
            if beside and way.count is not None and "new" in way.marks:
                message = f"'{draft.name}' stands beside 'from' and cannot count what is 'new'"
                tree.faults.add(
                    way.at("new"), message, "leave out 'new' or 'count', or let it hang below 'from'"
                )
