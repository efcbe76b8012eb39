"""What comes of a sweep: places, each with a verdict and its evidence, and what follows from them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from clew.campaign.model import Step, Trigger, Use, Window
from clew.finding import Level
from clew.record import Reject

Verdict: TypeAlias = Literal["hit", "not_hit", "could_not_look"]
#: The kinds of places: what was looked into.
Sort: TypeAlias = Literal[
    "log", "text", "lockfile", "sbom", "manifest", "system", "installed", "cache", "host", "registry", "image"
]
SORTS: dict[Sort, str] = {
    "log": "logs",
    "text": "logs that are plain text, searched for mentions",
    "lockfile": "lockfiles",
    "sbom": "software bills of materials",
    "manifest": "manifests",
    "system": "databases of installed packages",
    "installed": "folders of installed packages",
    "cache": "package caches and archives",
    "host": "folders searched for files of the campaign",
    "registry": "registry exports",
    "image": "container images",
}


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was found. `position` is a line or record number, 0 where there is none.

    `indicator` is what it matched, as people write it; `kind` its kind, or `analytic`. `level` is what `--fail-on`
    compares: high for a hit of an indicator, low for a lead. `first` and `last` are times of events, or when a
    folder or file was last changed, ISO 8601 in UTC; empty where unknown. `exposed`: a time of it lies in the
    campaign's exposure window.
    """

    use: Use
    level: Level
    trigger: Trigger
    kind: str
    indicator: str
    what: str
    path: str
    position: int = 0
    first: str = ""
    last: str = ""
    exposed: bool = False
    count: int = 1
    finding: str = ""


class Place(msgspec.Struct, kw_only=True):
    """Something that was looked into. `looked` counts what was seen there: records, entries, folders, files."""

    path: str
    sort: Sort
    verdict: Verdict = "not_hit"
    looked: int = 0
    evidence: list[Evidence] = []
    unread: list[Reject] = []


class Blind(msgspec.Struct, frozen=True):
    """What could not be looked for in the input at all, and why."""

    what: str
    why: str


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `not_looked` are gaps of the whole input, which do not change the verdict; `steps` follow."""

    verdict: Verdict
    campaign: str
    title: str
    exposure: Window | None
    first: str
    last: str
    places: tuple[Place, ...]
    not_looked: tuple[Blind, ...]
    notes: tuple[str, ...]
    steps: tuple[Step, ...]
    interrupted: bool = False
