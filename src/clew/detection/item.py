"""One line of a selection, `column|modifiers: value or values`, as pySigma reads it and Clew means it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from sigma.exceptions import SigmaError
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RegexEngine, RegexPattern
from sigma.rule.detection import SigmaDetectionItem
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from clew.detection.condition import All, Condition, Either, FieldRef, Not, Test, either
from clew.detection.element import ElementError, Typed, matcher, of_words
from clew.detection.glob import QUESTION, STAR, Gap, Glob, glob
from clew.detection.matcher import Boolean, Cidr, Exists, Number, Operator, Regex, Text, TimePart, compile_re2
from clew.detection.modifier import Misfit, Modifiers, modifiers
from clew.detection.problem import Problems
from clew.detection.taxonomy import SIGMA_COLUMNS
from clew.event import SCHEMA, Column
from clew.suggest import did_you_mean

#: What can never hold; it stands in for what could not be read.
NEVER = Either(())

#: What logs hold for nothing; Clew's columns hold null instead (R8).
_NOTHING = frozenset(("", "-", "(null)", "00000000-0000-0000-0000-000000000000"))
_OPERATORS: Mapping[CompareOperators, Operator] = {
    CompareOperators.GT: "gt",
    CompareOperators.GTE: "gte",
    CompareOperators.LT: "lt",
    CompareOperators.LTE: "lte",
}
_FLAGS: Mapping[SigmaRegularExpressionFlag, str] = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_GAPS: Mapping[SpecialChars, Gap] = {
    SpecialChars.WILDCARD_MULTI: STAR,
    SpecialChars.WILDCARD_SINGLE: QUESTION,
}
_PLACEHOLDER = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)%")


class Scope(msgspec.Struct, frozen=True):
    """What a `where` may refer to: the mutable elements in force, and lineage columns or not."""

    values: Mapping[str, Typed]
    lineage: bool


class _Line(msgspec.Struct, frozen=True):
    column: Column
    modifiers: Modifiers
    scope: Scope


class _RefusedError(ValueError):
    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.misfit = Misfit(message, mend)


class _QuietRE2(RegexEngine):
    """RE2 for pySigma, without its printing to stderr."""

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:
        compiled: RegexPattern = compile_re2(pattern)
        return compiled

    @property
    def error(self) -> type[Exception]:
        return ValueError


def read_item(key: object, raw: object, scope: Scope, problems: Problems) -> Condition:
    """The condition of one line; where something is wrong it goes to `problems`, and NEVER is returned."""
    name, *names = str(key).split("|")
    column = find_column(name, scope.lineage, problems)
    mods = modifiers(names)
    misfits = list(mods.misfits(column))
    for misfit in misfits:
        problems.add(misfit.message, misfit.mend)
    if misfits or column is None:
        return NEVER
    parts = _values(_Line(column, mods, scope), raw, problems)
    linked = All(tuple(parts)) if "all" in mods and len(parts) > 1 else either(parts)
    return Not(linked) if "neq" in mods else linked


def find_column(name: str, lineage: bool, problems: Problems) -> Column | None:
    """The column of that name, if a `where` may read it."""
    column = SCHEMA.get(name)
    if column is not None and (lineage or not column.lineage):
        return column
    if column is not None:
        problems.add(f"only a trait may read '{name}'", "move the test into 'traits'")
    elif name == "":
        mend = "name the column, such as process.command_line|contains"
        problems.add("a keyword search has no column: an event is columns, not one text", mend)
    else:
        sigma = SIGMA_COLUMNS.get(name)
        mend = f"Sigma's {name} is '{sigma}'" if sigma else did_you_mean(name, SCHEMA, "see docs/events.md")
        problems.add(f"no column is called '{name}'", mend)
    return None


def _values(line: _Line, raw: object, problems: Problems) -> list[Condition]:
    """A condition for each value, those of a list one by one so that each problem has its place."""
    parts = []
    for index, value in enumerate(raw if isinstance(raw, list | tuple) else [raw]):
        try:
            parts.append(_value(line, value))
        except _RefusedError as refused:
            place = problems.at(index) if isinstance(raw, list | tuple) else problems
            place.add(refused.misfit.message, refused.misfit.mend)
    return parts


def _value(line: _Line, value: object) -> Condition:
    misfit = line.modifiers.value_misfit(value, line.column)
    if misfit is not None:
        raise _RefusedError(misfit.message, misfit.mend)
    if "expand" in line.modifiers:
        return _expanded(line, value)
    named = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    if named and named[1] in line.scope.values:
        raise _RefusedError(
            f"'{value}' is read as a text", f"write {line.column.name}|expand for the element"
        )
    key = "|".join((line.column.name, *line.modifiers.names))
    scalar: Any = value
    try:
        parsed = SigmaDetectionItem.from_mapping(key, scalar, policy=SigmaPolicy(regex_engine=_QuietRE2()))
    except SigmaError as error:
        raise _RefusedError(str(error)) from None
    return either(_meant(line, scalar, one) for one in parsed.value)


def _expanded(line: _Line, value: object) -> Condition:
    """`%Name%` stands for a mutable element, whose type owns the matching."""
    found = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _RefusedError(
            "|expand takes the name of an element between percent signs, as a whole",
            "write '%Name%'; what else the column may hold goes into the element or into another selection",
        )
    typed = line.scope.values.get(found[1])
    if typed is None:
        mend = did_you_mean(found[1], line.scope.values, "declare it under 'mutable'")
        raise _RefusedError(f"no element is called '{found[1]}'", mend)
    try:
        return Test(line.column.name, matcher(typed.type, typed.data, line.column))
    except ElementError as error:
        raise _RefusedError(str(error)) from None


def _meant(line: _Line, raw: Any, value: SigmaType) -> Condition:
    """What a value of pySigma's means; numbers are taken from `raw`, since pySigma rounds great ones."""
    column = line.column.name
    match value:
        case SigmaExpansion():
            return either(_meant(line, raw, one) for one in value.values)
        case SigmaFieldReference():
            return _field_ref(line, value)
        case SigmaNull():
            return Test(column, Exists(False))
        case SigmaExists():
            return Test(column, Exists(value.exists))
        case SigmaRegularExpression():
            return Test(column, _regex(value))
        case SigmaCIDRExpression():
            return Test(column, Cidr((str(value.network),)))
        case SigmaBool():
            return Test(column, Boolean(value.boolean))
        case SigmaCompareExpression():
            return Test(column, _number(raw, _OPERATORS[value.op], value.number))
        case SigmaNumber() if line.column.type == "text":
            return Test(column, Text((Glob((str(raw),)),)))
        case SigmaNumber():
            return Test(column, _number(raw, "eq", value))
        case SigmaString():
            return _text(line, raw, value)
    raise _RefusedError(f"values of the kind {type(value).__name__} are not supported")


def _number(raw: int | float, operator: Operator, value: SigmaNumber) -> Number | TimePart:
    if not -(2**63) <= raw < 2**63:
        raise _RefusedError("the number does not fit into 64 bits")
    number = Number(operator, (raw,))
    if not isinstance(value, SigmaTimestampPart):
        return number
    part: Any = value.timestamp_part.name.lower()
    return TimePart(part, number)


def _regex(value: SigmaRegularExpression) -> Regex:
    regex = Regex(str(value.regexp), "".join(sorted(_FLAGS[flag] for flag in value.flags)))
    try:
        compile_re2(regex.source)
    except ValueError as error:
        raise _RefusedError(f"the regular expression is invalid: {error}") from None
    return regex


def _field_ref(line: _Line, value: SigmaFieldReference) -> FieldRef:
    found: Problems = Problems([])
    other = find_column(value.field, line.scope.lineage, found)
    if other is None:
        raise _RefusedError(found.found[0].message, found.found[0].mend)
    if other.type != line.column.type:
        raise _RefusedError(
            f"{line.column.name} is of the type {line.column.type}, but {other.name} is {other.type}"
        )
    places = {(False, False): "whole", (True, False): "start", (False, True): "end", (True, True): "within"}
    place: Any = places[value.starts_with, value.ends_with]
    return FieldRef(line.column.name, other.name, place, line.modifiers.cased)


def _in_part(modifiers: Modifiers) -> bool:
    """Whether a part of the text is asked for, not the whole."""
    return any(modifier in modifiers for modifier in ("contains", "startswith", "endswith"))


def _text(line: _Line, raw: str, value: SigmaString) -> Condition:
    """A text with Sigma's wildcards; for a column of numbers or truth values it must be one."""
    column = line.column
    if column.type == "number":
        if not re.fullmatch(r"-?[0-9]{1,18}", raw):
            raise _RefusedError(
                f"{column.name} holds numbers, {raw!r:.80} is none", "use |gte and |lte for ranges"
            )
        return Test(column.name, Number("eq", (int(raw),)))
    if column.type == "boolean":
        if raw.lower() not in ("true", "false"):
            raise _RefusedError(f"{column.name} is true or false, not {raw!r:.80}")
        return Test(column.name, Boolean(raw.lower() == "true"))
    found = glob(_GAPS[part] if isinstance(part, SpecialChars) else str(part) for part in value.s)
    shape, literal = found.shape()
    if shape == "whole" and literal in _NOTHING:
        raise _RefusedError(f"no column ever holds {literal!r}: it is null", f"write {column.name}: null")
    text = Text((found,), line.modifiers.cased)
    return Test(column.name, of_words(text) if column.words and not _in_part(line.modifiers) else text)
