"""What ATT&CK states about strategies, analytics and techniques, each string spelt as ATT&CK spells it."""

from __future__ import annotations

import re

import msgspec


class DataComponent(msgspec.Struct, frozen=True):
    """A kind of event: `DC0032`, `Process Creation`, and `process_creation` as detections call it."""

    id: str
    name: str
    component: str


class Technique(msgspec.Struct, frozen=True):
    """A technique or sub-technique (`T1195.002`) with the short names of its tactics (`initial-access`)."""

    id: str
    name: str
    tactics: tuple[str, ...]


class LogSource(msgspec.Struct, frozen=True):
    """Where events come from: `WinEventLog:Sysmon`, channel `EventCode=13, 14`.

    `component` is the data component in snake case. Where ATT&CK knows no channel it writes the word `None`,
    and so it stands here.
    """

    component: str
    component_id: str
    name: str
    channel: str


class Analytic(msgspec.Struct, frozen=True):
    """One analytic of a strategy.

    `platforms` has one entry in ATT&CK 18.1 (`Windows`), and none for ICS. `mutable` are the names of its
    mutable elements, `log_sources` and `mutable` in ATT&CK's order. `modified` is a date, `2025-11-12`.
    """

    id: str
    strategy: str
    platforms: tuple[str, ...]
    modified: str
    log_sources: tuple[LogSource, ...]
    mutable: tuple[str, ...]


class Strategy(msgspec.Struct, frozen=True):
    """A detection strategy. `domain` is `enterprise-attack`, `mobile-attack` or `ics-attack`.

    It detects one technique in ATT&CK 18.1; one ICS strategy (DET0748) has no analytic.
    """

    id: str
    name: str
    domain: str
    modified: str
    techniques: tuple[Technique, ...]
    analytics: tuple[Analytic, ...]


def component_name(name: str) -> str:
    """A data component's name in snake case: `OS API Execution` is `os_api_execution`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
