"""What vetting one package came to: everything that a report tells."""

from __future__ import annotations

from typing import Literal

import msgspec

from clew.vetting.allowed import Held
from clew.vetting.fact import Fact, Signal
from clew.vetting.subject import Ecosystem
from clew.vetting.trace import Call, Layer
from clew.vetting.verdict import Verdict

StageName = Literal["identity", "reputation", "advisory", "static", "detonation", "layers", "behaviour"]
Ended = Literal["done", "skipped", "impossible"]


class Stage(msgspec.Struct, frozen=True):
    """A stage and how it ended. `skipped`: nobody asked for it, or there was nothing to do. `impossible`: it was
    asked for and could not be done, so the vetting is incomplete.
    """

    name: StageName
    ended: Ended
    why: str
    seconds: float = 0.0


class Identity(msgspec.Struct, frozen=True):
    """Which package it is."""

    ecosystem: Ecosystem
    name: str
    version: str
    purl: str
    sha256: str
    files: int


class Locked(msgspec.Struct, frozen=True):
    """The entry of a lockfile that named the package."""

    file: str
    line: int


class Vetted(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one package. `target` is what the user named; `facts` are in order, the strongest first.

    `incomplete` says what could not be looked at, in words; `warnings` what the user should know beside.
    """

    target: str
    package: Identity
    verdict: Verdict
    facts: tuple[Fact, ...]
    held: tuple[Held, ...] = ()
    signals: tuple[Signal, ...] = ()
    stages: tuple[Stage, ...] = ()
    layers: tuple[Layer, ...] = ()
    calls: tuple[Call, ...] = ()
    files: dict[str, str] = {}
    """The SHA-256 of each file of the package: what an allowance names, and what a diff compares."""
    manifest: dict[str, object] = {}
    incomplete: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    locked: Locked | None = None


class Result(msgspec.Struct, frozen=True):
    """What a run came to: the packages vetted; of a lockfile also how many others run nothing when they are
    installed, and what is not known of it.
    """

    vetted: tuple[Vetted, ...]
    quiet: int = 0
    incomplete: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        """All that could not be looked at."""
        own = (f"{one.package.purl}: {what}" for one in self.vetted for what in one.incomplete)
        return (*self.incomplete, *own)
