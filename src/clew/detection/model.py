"""A detection as the engine sees it: elements substituted, conditions parsed, stages numbered.

Everything here is immutable and holds no file handle, clock or connection. `load` makes it from YAML.
Times and durations are microseconds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

from clew.detection.condition import Condition
from clew.finding import ElementValue, Level

Operator = Literal["=", "tree", "under"]


class Term(msgspec.Struct, frozen=True):
    """`FIELD = $var`, `FIELD in tree of $var` or `FIELD under $var` (R2)."""

    field: str
    operator: Operator
    variable: str


class New(msgspec.Struct, frozen=True):
    """The event's key must not have been seen for `gap` before the chain began (R5)."""

    key: tuple[str, ...]
    gap: int


class Count(msgspec.Struct, frozen=True):
    """The stage is filled by the event that makes the n-th, distinct in a column where given (R6).

    `by` and `within` are set on an opening only, where no parent gives them. `together`: it stands beside
    `any` and counts over the stage, an event once by however many alternatives; else each counts its own.
    """

    at_least: int
    distinct: str | None = None
    by: tuple[str, ...] = ()
    within: int | None = None
    together: bool = False


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """One way to fill a stage; a stage without `any` has exactly one.

    What stands beside `any` in the file has been merged in here, so an alternative is complete by itself.
    `link` is a list of lines of which one must hold; all terms of a line must hold.
    `parent` is the index of the stage it hangs on, None only for the opening.
    """

    component: str
    where: Condition | None = None
    link: tuple[tuple[Term, ...], ...] = ()
    parent: int | None = None
    after: bool = False
    bind: dict[str, str] = {}
    new: New | None = None
    count: Count | None = None
    within: int | None = None
    weak: Level | None = None
    at_least: int | None = None


class Trait(msgspec.Struct, frozen=True):
    """A named selection on a stage's event: holds, does not hold, or is unknown (R6).

    `fields` are the columns it reads; it is unknown where all of them are null, unless `existence` says that
    it only asks whether a column is there.
    """

    name: str
    where: Condition
    fields: tuple[str, ...]
    existence: bool = False


class Stage(msgspec.Struct, frozen=True):
    """One stage of the plan. `depth` is 1 for the opening, else 1 + the greatest depth among its parents."""

    name: str
    index: int
    depth: int
    alternatives: tuple[Alternative, ...]
    traits: tuple[Trait, ...] = ()


class Disjunct(msgspec.Struct, frozen=True):
    """One way to reach a level: a conjunction (R4).

    `stages` is closed under parents. Traits are (stage index, trait index); `at_least` is (stage index, n);
    `absent` are negated stages, whose parents are in `stages`.
    """

    stages: frozenset[int]
    traits: frozenset[tuple[int, int]] = frozenset()
    not_traits: frozenset[tuple[int, int]] = frozenset()
    at_least: frozenset[tuple[int, int]] = frozenset()
    absent: frozenset[int] = frozenset()


class LevelRule(msgspec.Struct, frozen=True):
    """A level is reached where one of its disjuncts holds. `written` is the condition as it stands in the file."""

    level: Level
    disjuncts: tuple[Disjunct, ...]
    written: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The tree of stages (R1). `base` is the index of the stage named by `from`: 0, the opening, by default.

    `stages` are in file order, which is parents first. `levels` are ordered from highest to lowest.
    """

    scope: str
    within: int
    stages: tuple[Stage, ...]
    levels: tuple[LevelRule, ...]
    per: tuple[str, ...] = ()
    base: int = 0
    skew: int = 2_000_000

    @property
    def depth(self) -> int:
        """The depth of the deepest stage."""
        return max(stage.depth for stage in self.stages)


class LogSource(msgspec.Struct, frozen=True):
    """A log source in ATT&CK's words: data component (snake case), name, channel."""

    component: str
    name: str
    channel: str


class HostSet(msgspec.Struct, frozen=True):
    """Some of the hosts: the first rule whose pattern fits a host decides, `otherwise` where none does.

    A pattern has `*` and `?` and stands for a whole host id or for its first label, without case: `ws1` is
    `ws1.corp.example`, since a host may be called either way.
    """

    rules: tuple[tuple[str, bool], ...]
    otherwise: bool

    def holds(self, host: str) -> bool:
        """Whether the host is one of them."""
        names = (host.casefold(), host.casefold().partition(".")[0])
        for pattern, mine in self.rules:
            if any(map(_glob(pattern.casefold()).fullmatch, names)):
                return mine
        return self.otherwise

    def __str__(self) -> str:
        """`hosts build-*, ci-??`, or `all hosts but build-*`."""
        named = [pattern for pattern, mine in self.rules if mine != self.otherwise]
        return f"{'all hosts but' if self.otherwise else 'hosts'} {', '.join(named)}"


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)


class CaseEvent(msgspec.Struct, frozen=True):
    """One event of a test: `offset` in microseconds, columns as a mapping would have filled them.

    `line` is where it stands in the file.
    """

    offset: int
    component: str
    fields: dict[str, str | int | bool]
    line: int = 0


class Case(msgspec.Struct, frozen=True):
    """One test of a detection: the highest level that its events must reach, None for no finding."""

    name: str
    events: tuple[CaseEvent, ...]
    expect: Level | None
    line: int = 0


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """One analytic made executable, with one set of values for its elements.

    `hosts` are those that the values are for, None for all of them: a site with values for some hosts has the
    same detection several times, once a set of values.
    """

    analytic: str
    strategy: str
    technique: str
    platform: str
    title: str
    status: str
    plan: Plan
    variant: str | None = None
    log_sources: tuple[LogSource, ...] = ()
    mutable: dict[str, ElementValue] = {}
    triage: str = ""
    path: str = ""
    tests: tuple[Case, ...] = ()
    hosts: HostSet | None = None

    @property
    def name(self) -> str:
        """How people call it: the analytic, with the variant where there is one."""
        return f"{self.analytic}/{self.variant}" if self.variant else self.analytic
