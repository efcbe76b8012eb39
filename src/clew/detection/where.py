"""`where`: Sigma's selections become a Condition (R7). pySigma parses, we decide what it means.

A `where` is either one unnamed selection, a mapping of `column|modifiers: value or values`, or named
selections and a `condition` over their names. A selection is a mapping, whose lines must all hold, or a list
of mappings, of which one must. All that is wrong is raised at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from pyparsing import ParseResults
from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.exceptions import SigmaError
from sigma.rule.detection import EmptySigmaDetections

from clew.detection.condition import All, Condition, Not, either
from clew.detection.element import Typed
from clew.detection.glob import linear_regex, parse_glob
from clew.detection.item import NEVER, Scope, read_item
from clew.detection.problem import Problem, Problems, WhereError
from clew.suggest import did_you_mean

__all__ = ["Problem", "WhereError", "parse_where"]


def parse_where(where: Mapping[str, Any], values: Mapping[str, Typed], *, lineage: bool = False) -> Condition:
    """Parse a `where` or a trait's selections, with `%Name%` of `values` substituted.

    `values` are the detection's mutable elements in force. `lineage` allows columns that only traits may
    read (`clew.process.ancestors`). Raises WhereError with every problem.
    """
    problems = Problems([])
    scope = Scope(values, lineage)
    read = _named if "condition" in where else _selection
    condition = read(where, scope, problems)
    if problems.found:
        raise WhereError(problems.found)
    return condition


def _named(where: Mapping[str, Any], scope: Scope, problems: Problems) -> Condition:
    selections: dict[str, Condition] = {}
    for name, definition in where.items():
        if "." in name or "|" in name:
            mend = f"put it into a selection: NAME: {{{name}: ...}}"
            problems.at(name).add(f"'{name}' is a column, and beside a condition stand selections", mend)
        elif name != "condition":
            selections[name] = _selection(definition, scope, problems.at(name))
    reader = _ConditionReader(selections, problems.at("condition"))
    condition = reader.read(where["condition"])
    for name in selections:
        if reader.complete and name not in reader.used:
            problems.at(name).add(f"the condition does not use '{name}'", "use it or take it out")
    return condition


def _selection(definition: object, scope: Scope, problems: Problems) -> Condition:
    mend = "write {column: value}; to search a text, {process.command_line|contains: text}"
    if isinstance(definition, list | tuple | Mapping) and not definition:
        problems.add("the selection is empty", mend)
    elif _is_maps(definition):
        return either(_selection(part, scope, problems.at(i)) for i, part in enumerate(definition))
    elif not isinstance(definition, Mapping):
        problems.add("a keyword search has no column: an event is columns, not one text", mend)
    elif all(isinstance(part, Mapping) or _is_maps(part) for part in definition.values()):
        problems.add("named selections need a condition", "add 'condition: NAME and NAME'")
    else:
        parts = [read_item(key, raw, scope, problems.at(key)) for key, raw in definition.items()]
        return parts[0] if len(parts) == 1 else All(tuple(parts))
    return NEVER


def _is_maps(definition: object) -> TypeGuard[Sequence[Mapping[str, object]]]:
    """A list of mappings, not empty."""
    if not isinstance(definition, list | tuple) or not definition:
        return False
    return all(isinstance(part, Mapping) for part in definition)


class _ConditionReader:
    """Puts the selections in the place of their names. `used` are the names that the condition mentions."""

    def __init__(self, selections: Mapping[str, Condition], problems: Problems) -> None:
        self.selections = selections
        self.problems = problems
        self.used: set[str] = set()
        self.complete = True

    def read(self, text: object) -> Condition:
        """Parse the condition; what is wrong is added to the problems."""
        try:
            if not isinstance(text, str):
                raise ValueError("it is not a text")
            parsed = SigmaCondition(text, EmptySigmaDetections()).parse(postprocess=False)
        except (SigmaError, ValueError, RecursionError) as error:
            self.complete = False
            self.problems.add(
                f"the condition cannot be read: {error}",
                "it takes names of selections, brackets, and in lower case and, or, not, 1 of NAME*, all of them",
            )
            return NEVER
        return self._meant(parsed)

    def _meant(self, node: object) -> Condition:
        while isinstance(node, ParseResults):
            node = node[0]
        match node:
            case ConditionIdentifier():
                return self._named(node.identifier)
            case ConditionSelector():
                found = [self._named(name) for name in self._selected(node.pattern)]
                return All(tuple(found)) if node.cond_class is ConditionAND else either(found)
            case ConditionNOT():
                return Not(self._meant(node.args[0]))
            case ConditionAND():
                return All(tuple(self._meant(part) for part in node.args))
            case ConditionOR():
                return either(self._meant(part) for part in node.args)
        raise TypeError(f"pySigma's condition holds {type(node).__name__}")

    def _named(self, name: str) -> Condition:
        self.used.add(name)
        if name not in self.selections:
            self.complete = False
            self.problems.add(f"no selection is called '{name}'", did_you_mean(name, self.selections))
        return self.selections.get(name, NEVER)

    def _selected(self, pattern: str) -> list[str]:
        """Names that a pattern with `*` fits; `them` is all but those that begin with an underscore."""
        fits = linear_regex(parse_glob("*" if pattern == "them" else pattern)).match
        hidden = not pattern.startswith("_")
        names = [name for name in self.selections if fits(name) and not (hidden and name.startswith("_"))]
        if not names:
            self.complete = False
            self.problems.add(f"no selection fits '{pattern}'")
        return names
