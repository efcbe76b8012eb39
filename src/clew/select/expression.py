"""A Condition as SQL expression (R7): two-valued, since every atom is COALESCE(..., false).

Columns stand as in the table of events: text is VARCHAR, number BIGINT, boolean BOOLEAN, time TIMESTAMP (UTC).
No extension is needed. `clew.detection.matcher` says the same in Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from sqlglot import exp

from clew.detection import condition as tree
from clew.detection.condition import Condition, FieldRef, Test
from clew.detection.folder import Folder
from clew.detection.glob import Gap, Glob, escaped
from clew.detection.matcher import (
    Boolean,
    Cidr,
    Domains,
    Exists,
    Folders,
    Images,
    Number,
    Regex,
    Text,
    TimePart,
)
from clew.event import SCHEMA
from clew.select.address import network_pattern
from clew.select.reference import is_image

_COMPARISONS: dict[str, tuple[type[exp.GT | exp.GTE | exp.LT | exp.LTE], Callable[[float], int]]] = {
    "gt": (exp.GT, math.floor),
    "gte": (exp.GTE, math.ceil),
    "lt": (exp.LT, math.ceil),
    "lte": (exp.LTE, math.floor),
}

_CHUNK = 500


def expression(condition: Condition) -> exp.Expression:
    """The condition over the columns of the table of events. Raises ValueError for a column of lineage."""
    match condition:
        case Test() | FieldRef():
            atom = _test(condition) if isinstance(condition, Test) else _field_ref(condition)
            return atom if isinstance(atom, exp.Boolean) else _two_valued(atom)
        case tree.Not(part):
            return exp.Not(this=exp.Paren(this=expression(part)))
        case tree.All(parts):
            return connect(exp.And, [expression(part) for part in parts])
        case tree.Either(parts):
            return connect(exp.Or, [expression(part) for part in parts])


def _two_valued(atom: exp.Expression) -> exp.Expression:
    return exp.Coalesce(this=atom, expressions=[exp.false()])


def connect(kind: type[exp.And] | type[exp.Or], parts: Sequence[exp.Expression]) -> exp.Expression:
    """The parts joined as a balanced tree, since engines limit how deep an expression may be."""
    if not parts:
        return exp.true() if kind is exp.And else exp.false()
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    sides = (connect(kind, parts[:half]), connect(kind, parts[half:]))
    this, other = (exp.Paren(this=side) if isinstance(side, exp.Connector) else side for side in sides)
    return kind(this=this, expression=other)


def _column(name: str) -> exp.Expression:
    """The column of that name, quoted. Raises ValueError where it is one of lineage: those are not stored."""
    if name in SCHEMA and SCHEMA[name].lineage:
        raise ValueError(f"{name} is answered by the chain engine, SQL cannot test it")
    return exp.column(name, quoted=True)


def _test(test: Test) -> exp.Expression:
    """One test as an expression that may be null, or a constant."""
    this, matcher = _column(test.field), test.matcher
    match matcher:
        case Text():
            return _text(this, matcher)
        case Regex():
            return _regexp(this, matcher.source)
        case Cidr(networks):
            return _networks(this, networks)
        case Number():
            return _number(this, matcher)
        case TimePart(part, number):
            return _number(exp.Extract(this=exp.Var(this=part.upper()), expression=this), number)
        case Boolean(value):
            return this if value else exp.Not(this=this)
        case Domains(suffixes):
            return _domains(this, suffixes)
        case Folders(folders):
            return _folders(this, folders)
        case Images(images):
            return is_image(_lower(this), images) if images else exp.false()
        case Exists(present):
            null = exp.Is(this=this, expression=exp.Null())
            return exp.Not(this=null) if present else null


def _lower(this: exp.Expression) -> exp.Expression:
    return exp.Lower(this=this)


def _literal(text: str) -> exp.Expression:
    return exp.Literal.string(text)


def _regexp(this: exp.Expression, pattern: str) -> exp.Expression:
    return exp.RegexpLike(this=this, expression=_literal(pattern))


def _among(this: exp.Expression, literals: Iterable[exp.Expression]) -> exp.Expression:
    found = list(literals)
    return exp.EQ(this=this, expression=found[0]) if len(found) == 1 else exp.In(this=this, expressions=found)


def _text(this: exp.Expression, matcher: Text) -> exp.Expression:
    text = this if matcher.cased else _lower(this)
    globs = matcher.globs if matcher.cased else [glob.folded() for glob in matcher.globs]
    whole = [literal for shape, literal in map(Glob.shape, globs) if shape == "whole"]
    parts = [_among(text, map(_literal, dict.fromkeys(whole)))] if whole else []
    parts += [_glob(text.copy(), glob) for glob in globs if glob.shape()[0] != "whole"]
    return connect(exp.Or, parts)


def _glob(text: exp.Expression, glob: Glob) -> exp.Expression:
    shape, literal = glob.shape()
    match shape:
        case "any":
            return exp.Not(this=exp.Is(this=text, expression=exp.Null()))
        case "start":
            return exp.StartsWith(this=text, expression=_literal(literal))
        case "end":
            return exp.EndsWith(this=text, expression=_literal(literal))
        case "within":
            return exp.Contains(this=text, expression=_literal(literal))
    like = exp.Like(this=text, expression=_literal("".join(map(_like, glob.parts))))
    return exp.Escape(this=like, expression=_literal("!"))


def _like(part: str | Gap) -> str:
    """A part of a glob for LIKE, whose escape is always named: engines differ in the one they assume."""
    if isinstance(part, Gap):
        return "_" * part.least + ("%" if part.more else "")
    return part.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _number(this: exp.Expression, matcher: Number) -> exp.Expression:
    """Comparison with whole numbers only, as the columns hold no others: fractions would be rounded."""
    operands = matcher.operands
    if not operands:
        return exp.false()
    if matcher.operator == "eq":
        whole = [int(operand) for operand in operands if operand == int(operand)]
        return _among(this, map(exp.Literal.number, whole)) if whole else exp.false()
    comparison, rounded = _COMPARISONS[matcher.operator]
    bounds = [rounded(operand) for operand in operands]
    bound = min(bounds) if matcher.operator in ("gt", "gte") else max(bounds)
    return comparison(this=this, expression=exp.Literal.number(bound))


def _networks(this: exp.Expression, networks: Sequence[str]) -> exp.Expression:
    return connect(exp.Or, [_regexp(this.copy(), network_pattern(chunk)) for chunk in _chunks(networks)])


def _chunks(items: Sequence[str]) -> list[Sequence[str]]:
    """Many items are several regular expressions: RE2 gives each a limit of memory."""
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]


def _domains(this: exp.Expression, suffixes: Sequence[str]) -> exp.Expression:
    chunks = _chunks([escaped(suffix) for suffix in suffixes])
    return connect(
        exp.Or, [_regexp(_lower(this.copy()), rf"(?:^|\.)(?:{'|'.join(chunk)})\.*$") for chunk in chunks]
    )


def _folders(this: exp.Expression, folders: tuple[Folder, ...]) -> exp.Expression:
    slashed = exp.DPipe(this=_lower(this), expression=_literal("/"))
    backslashed = exp.Anonymous(this="replace", expressions=[slashed, _literal("/"), _literal("\\")])
    parts: list[exp.Expression] = []
    for folder in folders:
        path = (slashed if folder.separator == "/" else backslashed).copy()
        start = folder.start()
        if start is None:
            parts.append(_regexp(path, folder.pattern()))
        else:
            parts.append(exp.StartsWith(this=path, expression=_literal(start)))
    return connect(exp.Or, parts)


def _field_ref(ref: FieldRef) -> exp.Expression:
    this, other = _column(ref.field), _column(ref.other)
    if not ref.cased and SCHEMA[ref.field].type == "text":
        this, other = _lower(this), _lower(other)
    match ref.place:
        case "whole":
            return exp.EQ(this=this, expression=other)
        case "start":
            return exp.StartsWith(this=this, expression=other)
        case "end":
            return exp.EndsWith(this=this, expression=other)
        case "within":
            return exp.Contains(this=this, expression=other)
