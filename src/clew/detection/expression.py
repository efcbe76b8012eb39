"""The conditions of `findings` as a tree: and, or, not and parentheses over `stage`, `stage.trait` and
`stage.traits >= n` (R4). `not` binds tighter than `and`, `and` tighter than `or`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_TOKEN = re.compile(r"\s*(?:(?P<sign>[()]|>=)|(?P<word>[^\s()<>=]+)|(?P<other>\S))")
MAX_TOKENS = 500
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Name:
    """A stage, one of its traits, or (`at_least`) a number of its traits."""

    stage: str
    trait: str | None = None
    at_least: int | None = None

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"{self.stage}.traits >= {self.at_least}"
        return f"{self.stage}.{self.trait}" if self.trait else self.stage


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Every part holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """At least one part holds."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = "Name | Negation | Conjunction | Disjunction"


class ExpressionError(ValueError):
    """The text is no condition; `args` are what is wrong and how to mend it."""


def parse(written: str) -> Expression:
    """The tree of a condition.

    Raises:
        ExpressionError: with the message and the mend.
    """
    tokens = _tokens(written)
    if len(tokens) > MAX_TOKENS:
        raise ExpressionError(f"longer than {MAX_TOKENS} words", "make stages or traits of its parts")
    return _Parser(tokens).whole()


def _tokens(written: str) -> list[str]:
    tokens = []
    for found in _TOKEN.finditer(written.rstrip()):
        if found["other"]:
            raise ExpressionError(f"'{found['other']}' means nothing here", "use and, or, not, ( ) and >=")
        tokens.append(found["sign"] or found["word"])
    return tokens


class _Parser:
    """Recursive descent, no deeper than MAX_DEPTH."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        tree = self._either()
        if self._peek() is not None:
            raise ExpressionError(f"'{self._peek()}' is not expected here", "put 'and' or 'or' before it")
        return tree

    def _either(self) -> Expression:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Disjunction(tuple(parts))

    def _all(self) -> Expression:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Conjunction(tuple(parts))

    def _one(self) -> Expression:
        if self._depth == MAX_DEPTH:
            raise ExpressionError(f"nested more than {MAX_DEPTH} deep", "make stages or traits of its parts")
        self._depth += 1
        tree = self._nested()
        self._depth -= 1
        return tree

    def _nested(self) -> Expression:
        if self._take("not"):
            return Negation(self._one())
        if not self._take("("):
            return self._name()
        inner = self._either()
        if not self._take(")"):
            raise ExpressionError("a parenthesis is not closed", "add ')'")
        return inner

    def _name(self) -> Name:
        word = self._peek()
        if word is None or word in (")", ">=", "and", "or"):
            where = f"before '{word}'" if word else "at the end"
            raise ExpressionError(f"a stage is missing {where}", "name a stage or stage.trait")
        self._next += 1
        stage, _, trait = word.partition(".")
        if trait != "traits":
            return Name(stage, trait or None)
        return Name(stage, None, self._number(word))

    def _number(self, word: str) -> int:
        number = (self._peek() or "") if self._take(">=") else ""
        if not re.fullmatch(r"[1-9][0-9]{0,2}", number):
            raise ExpressionError(f"'{word}' needs a number", f"write {word} >= 2")
        self._next += 1
        return int(number)

    def _peek(self) -> str | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, token: str) -> bool:
        """Take `token` if it comes next; tell whether it did."""
        if self._peek() != token:
            return False
        self._next += 1
        return True
