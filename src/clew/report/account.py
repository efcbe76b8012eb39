"""What a report tells: findings, the raw records of their events, and the account of the hunt, where it is known."""

from __future__ import annotations

import msgspec

from clew.finding import EvidenceEvent, Finding
from clew.record import Tally
from clew.report.raw import Raw, Recall


class Sought(msgspec.Struct, frozen=True):
    """A detection that was looked for."""

    name: str
    technique: str
    title: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a hunt knows beside its findings.

    `blind` are stages that could not be looked for: detection, stage, data component, log sources. `held` are the
    exceptions that held something back or have expired: where each stands, because, count, expired.
    """

    sought: tuple[Sought, ...]
    tally: Tally
    blind: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    held: tuple[tuple[str, str, int, bool], ...] = ()
    evicted: int = 0
    unplaced: int = 0
    dropped: int = 0
    interrupted: bool = False


def without_records(event: EvidenceEvent) -> Raw:
    """Recalls nothing."""
    return Raw(None)


class Report(msgspec.Struct, frozen=True):
    """Findings and what is known beside them; stored findings come without an account."""

    findings: tuple[Finding, ...]
    account: Account | None = None
    recall: Recall = without_records
