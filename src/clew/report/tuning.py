"""What other values of a detection's elements would do: what `runner.tune` finds and a report shows."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from clew.finding import Level, Value, rank

#: What a change does to a finding; `higher` and `lower` are of its level.
Fate = Literal["gone", "new", "higher", "lower"]
Operation = Literal["set", "add", "remove"]


class Change(msgspec.Struct, frozen=True):
    """One element with another value, or with an entry more or less; `value` as TOML would give it."""

    element: str
    operation: Operation
    value: Any

    @property
    def argument(self) -> str:
        """As it is written behind --set: `TimeWindow=30m`, `ApprovedSigners+=Contoso`."""
        sign = {"set": "=", "add": "+=", "remove": "-="}[self.operation]
        return f"{self.element}{sign}{_written(self.value)}"

    def __str__(self) -> str:
        sign = {"set": "", "add": "+ ", "remove": "- "}[self.operation]
        shown = ", ".join(map(str, self.value)) if isinstance(self.value, list) else self.value
        return f"{self.element} {sign}{shown}"


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode() if isinstance(value, list) else str(value)


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one finding; `was` and `level` are null where it is not there before, or after."""

    fate: Fate
    id: str
    was: Level | None
    level: Level | None
    scope: dict[str, Value]
    per: dict[str, Value]
    first: str


class Seen(msgspec.Struct, frozen=True):
    """What is known of a value that is proposed: its events in the threads of findings, the first of them, and where.

    `findings` are how many findings have it, by level.
    """

    count: int
    first: str
    hosts: tuple[str, ...]
    findings: dict[Level, int]

    @property
    def grave(self) -> bool:
        """Whether it stands in a finding at high or more, which is to be looked into before anything is allowed."""
        return any(rank(level) >= rank("high") for level in self.findings)


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Changes that were tried together, what findings there are then, and how those differ.

    `seen` is there for what Clew proposes itself.
    """

    changes: tuple[Change, ...]
    findings: dict[Level, int]
    effects: tuple[Effect, ...]
    seen: Seen | None = None


class Tuning(msgspec.Struct, frozen=True, kw_only=True):
    """What came of tuning a detection: its findings with the values in force, and the trials.

    `unnamed` are destinations and the like that findings have and no entry of an element can stand for, by element.
    `left_out` are proposals too many to be tried, by element.
    """

    detection: str
    findings: dict[Level, int]
    trials: tuple[Trial, ...]
    unnamed: dict[str, int] = {}
    left_out: dict[str, int] = {}
