"""`findings`: the conditions of the levels, brought to the disjuncts that the engine tests (R4).

A condition becomes a set of conjunctions of literals; each conjunction is then closed under parents. Where a
stage has alternatives with different parents, each choice of parents is a disjunct of its own: in a disjunct
only those alternatives count whose parent is one of its stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal as Word
from typing import NamedTuple

from clew.detection.block import Faults
from clew.detection.document import Mark
from clew.detection.expression import (
    Conjunction,
    Disjunction,
    Expression,
    ExpressionError,
    Name,
    Negation,
    parse,
)
from clew.detection.model import Disjunct, Stage
from clew.suggest import did_you_mean, one_of

#: Ways to reach one level; the engine keeps a bit for each.
MAX_DISJUNCTS = 128


class Literal(NamedTuple):
    """One thing that a conjunction asks for; `number` is a trait's index or a number of traits."""

    kind: Word["stage", "trait", "not_trait", "at_least", "absent", "never"]
    stage: int = 0
    number: int = 0


Clause = frozenset[Literal]
NEVER: Clause = frozenset({Literal("never")})


@dataclass(frozen=True, slots=True)
class Declared:
    """What a condition may name: the stages of the plan, and the traits that each declares.

    `groups` maps the declared trait names of a stage to the indexes of its traits: one for a plain trait, one
    a value for an `each`, which may be none.
    """

    stages: Sequence[Stage]
    groups: Sequence[dict[str, tuple[int, ...]]]
    each: frozenset[int]

    def index(self, name: str) -> int | None:
        """The index of a stage."""
        return next((stage.index for stage in self.stages if stage.name == name), None)

    def parents(self, stage: int) -> tuple[int, ...]:
        """The stages that a stage may hang on, over its alternatives; none for the opening."""
        found = {way.parent for way in self.stages[stage].alternatives if way.parent is not None}
        return tuple(sorted(found))

    def children(self, stage: int) -> list[str]:
        """The names of the stages that may hang on a stage."""
        return [other.name for other in self.stages if stage in self.parents(other.index)]


class TooManyError(Exception):
    """The condition has more than MAX_DISJUNCTS ways to hold."""


def disjuncts(written: str, mark: Mark, declared: Declared, faults: Faults) -> tuple[Disjunct, ...]:
    """The ways in which a level's condition can hold; none where it is wrong, with the reason in `faults`."""
    before = len(faults.found)
    try:
        clauses = _Clauses(declared, mark, faults).of(parse(written), positive=True)
        if len(faults.found) > before:
            return ()
        found = _closed(clauses, declared)
    except ExpressionError as error:
        faults.add(mark, f"the condition '{written}' cannot be read: {error.args[0]}", error.args[1])
        return ()
    except TooManyError:
        message = f"the condition '{written}' holds in more than {MAX_DISJUNCTS} ways"
        faults.add(mark, message, "move alternatives into one stage with 'any'")
        return ()
    if not found and NEVER not in clauses:
        faults.add(mark, f"the condition '{written}' can never hold", "it asks for a thing and its opposite")
    return found


class _Clauses:
    """Turns a tree into conjunctions of literals, negation pushed to the names."""

    def __init__(self, declared: Declared, mark: Mark, faults: Faults) -> None:
        self._declared, self._mark, self._faults = declared, mark, faults

    def of(self, tree: Expression, positive: bool) -> set[Clause]:
        if isinstance(tree, Negation):
            return self.of(tree.part, not positive)
        if isinstance(tree, Name):
            return self._name(tree, positive)
        parts = [self.of(part, positive) for part in tree.parts]
        if isinstance(tree, Conjunction if positive else Disjunction):
            return _product(parts)
        return _absorbed(set().union(*parts))

    def _name(self, name: Name, positive: bool) -> set[Clause]:
        stage = self._declared.index(name.stage)
        if stage is None:
            known = [stage.name for stage in self._declared.stages]
            self._fault(f"no stage is called '{name.stage}'", did_you_mean(name.stage, known, one_of(known)))
            return set()
        if name.at_least is not None:
            return self._at_least(name, stage, name.at_least, positive)
        if name.trait is not None:
            return self._trait(name, stage, name.trait, positive)
        return {frozenset({Literal("stage", stage)})} if positive else self._absent(stage)

    def _trait(self, name: Name, stage: int, trait: str, positive: bool) -> set[Clause]:
        groups = self._declared.groups[stage]
        if trait not in groups:
            mend = did_you_mean(trait, groups, one_of(groups) if groups else f"give {name.stage} 'traits'")
            self._fault(f"the stage '{name.stage}' has no trait '{trait}'", mend)
            return set()
        itself = Literal("stage", stage)
        if positive:
            clauses = {frozenset({itself, Literal("trait", stage, index)}) for index in groups[trait]}
            return clauses or {NEVER}
        return {frozenset({itself, *(Literal("not_trait", stage, index) for index in groups[trait])})}

    def _at_least(self, name: Name, stage: int, number: int, positive: bool) -> set[Clause]:
        if not positive:
            self._fault(f"'not {name}' cannot be asked", "name the traits: not stage.trait and not ...")
            return set()
        traits = len(self._declared.stages[stage].traits)
        if number > traits and stage not in self._declared.each:
            self._fault(f"'{name}' never holds: the stage has only {traits}", "ask for fewer")
        if number > traits:
            return {NEVER}
        return {frozenset({Literal("stage", stage), Literal("at_least", stage, number)})}

    def _absent(self, stage: int) -> set[Clause]:
        name = self._declared.stages[stage].name
        parents, children = self._declared.parents(stage), self._declared.children(stage)
        if not parents:
            self._fault(f"'not {name}': the opening cannot be absent", "negate a stage below it")
            return set()
        if children:
            mend = "negate a stage that no other hangs on"
            self._fault(f"'not {name}': {', '.join(children)} hangs on it", mend)
        if len(parents) > 1:
            hang = ", ".join(self._declared.stages[parent].name for parent in parents)
            self._fault(f"'not {name}': its alternatives hang on {hang}", "let all of them hang on one stage")
        if any(way.weak for way in self._declared.stages[stage].alternatives):
            self._fault(
                f"'not {name}': the stage is 'weak'", "remove 'weak', an absence is never evidence of it"
            )
        return {frozenset({Literal("absent", stage), Literal("stage", parents[0])})}

    def _fault(self, message: str, mend: str) -> None:
        self._faults.add(self._mark, message, mend)


def _product(parts: Iterable[set[Clause]]) -> set[Clause]:
    product: set[Clause] = {frozenset()}
    for part in parts:
        product = _absorbed({left | right for left in product for right in part})
    return product


def _absorbed(clauses: set[Clause]) -> set[Clause]:
    """Without those that ask for more than another does, and without contradictions."""
    possible = {clause if Literal("never") not in clause else NEVER for clause in clauses}
    kept: set[Clause] = set()
    for clause in sorted((c for c in possible if not _contradicts(c)), key=lambda c: (len(c), sorted(c))):
        if not any(less <= clause for less in kept if less != NEVER):
            kept.add(clause)
    if len(kept) > MAX_DISJUNCTS:
        raise TooManyError
    return kept


def _contradicts(clause: Clause) -> bool:
    stages = {literal.stage for literal in clause if literal.kind == "stage"}
    holds = {literal[1:] for literal in clause if literal.kind == "trait"}
    return any(
        (literal.kind == "absent" and literal.stage in stages)
        or (literal.kind == "not_trait" and literal[1:] in holds)
        for literal in clause
    )


def _closed(clauses: set[Clause], declared: Declared) -> tuple[Disjunct, ...]:
    found: list[Disjunct] = []
    for clause in sorted(clauses - {NEVER}, key=lambda c: (len(c), sorted(c))):
        stages = frozenset(literal.stage for literal in clause if literal.kind == "stage")
        found.extend(_disjunct(clause, closure) for closure in _closures(stages, declared))
        if len(found) > MAX_DISJUNCTS:
            raise TooManyError
    return _needed(found, declared)


def _needed(found: list[Disjunct], declared: Declared) -> tuple[Disjunct, ...]:
    """Without those whose every match is one of a smaller disjunct as well."""
    kept: list[Disjunct] = []
    for way in sorted(dict.fromkeys(found), key=_size):
        if not any(_implied(less, way, declared) for less in kept):
            kept.append(way)
    return tuple(kept)


def _size(way: Disjunct) -> int:
    parts = (way.stages, way.traits, way.not_traits, way.at_least, way.absent)
    return sum(len(part) for part in parts)


def _implied(less: Disjunct, more: Disjunct, declared: Declared) -> bool:
    """Whether `more` asks for all that `less` does, and lets its stages hang on nothing else."""
    return (
        less.stages <= more.stages
        and less.traits <= more.traits
        and less.not_traits <= more.not_traits
        and less.at_least <= more.at_least
        and less.absent <= more.absent
        and all(less.stages >= more.stages.intersection(declared.parents(stage)) for stage in less.stages)
    )


def _closures(stages: frozenset[int], declared: Declared) -> list[frozenset[int]]:
    """The sets that hold `stages` and, for each of their stages but the opening, one of its parents.

    Deepest first: what is added stands above, so each stage is seen once, when it is complete.
    """
    closures = {stages}
    for stage in range(len(declared.stages) - 1, 0, -1):
        parents = declared.parents(stage)
        closures = {
            wider
            for closure in closures
            for wider in ([closure | {parent} for parent in parents] if stage in closure else [closure])
        }
        if len(closures) > MAX_DISJUNCTS:
            raise TooManyError
    return sorted(closures, key=sorted)


def _disjunct(clause: Clause, stages: frozenset[int]) -> Disjunct:
    def pairs(kind: str) -> frozenset[tuple[int, int]]:
        return frozenset((literal.stage, literal.number) for literal in clause if literal.kind == kind)

    absent = frozenset(literal.stage for literal in clause if literal.kind == "absent")
    return Disjunct(stages, pairs("trait"), pairs("not_trait"), pairs("at_least"), absent)
