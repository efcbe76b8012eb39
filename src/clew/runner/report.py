"""Reports: findings with the account of their hunt, and with raw records, fetched where the logs still stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from clew.detection.model import Detection
from clew.finding import EvidenceEvent, Finding
from clew.report.account import Account, Report, Sought
from clew.report.raw import Raw
from clew.report.table import by_gravity
from clew.runner.hunt import Hunt
from clew.runner.show import raw_records
from clew.settings import Settings

#: Of how many findings, the gravest first, a report holds the raw records.
FINDINGS_WITH_RECORDS = 100
_LEFT_OUT = Raw(
    None, f"only the {FINDINGS_WITH_RECORDS} gravest findings have theirs here; clew show has all of them"
)


def account_of(result: Hunt, chosen: Sequence[Detection]) -> Account:
    """What a hunt knows beside its findings."""
    sought = {one.name: Sought(one.name, one.technique, one.title) for one in chosen}
    return Account(
        sought=tuple(sought.values()),
        tally=result.tally,
        blind=tuple((b.detection, b.stage, b.component, b.log_sources) for b in result.blind),
        held=tuple((h.exemption.origin, h.exemption.because, h.count, h.expired) for h in result.held),
        evicted=result.counters.evicted,
        dropped=result.known.dropped,
        unplaced=result.counters.unplaced,
        interrupted=result.interrupted,
    )


@contextmanager
def with_records(report: Report, settings: Settings, moved: Callable[[str], str] = str) -> Iterator[Report]:
    """The report with the raw records of its gravest findings; `moved` tells where a path's file stands now."""
    gravest = by_gravity(report.findings)[:FINDINGS_WITH_RECORDS]
    known = _events(gravest)
    with raw_records(gravest, settings, moved) as recall:
        yield msgspec.structs.replace(
            report, recall=lambda event: recall(event) if _place(event) in known else _LEFT_OUT
        )


def _events(findings: Sequence[Finding]) -> frozenset[tuple[str, int, str]]:
    return frozenset(
        _place(event) for finding in findings for stage in finding.stages for event in stage.events
    )


def _place(event: EvidenceEvent) -> tuple[str, int, str]:
    return event.log.path, event.log.position, event.id
