"""When findings happened, host by host, as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from clew.finding import Finding, rank
from clew.report.text import moment

_ROWS, _MARKS = 40, 100
_MARGIN = 2.0


class Mark(msgspec.Struct, frozen=True):
    """A finding on the line of its host: from where to where, in percent of the width."""

    start: float
    end: float
    level: str
    letter: str
    finding: str
    words: str


class Row(msgspec.Struct, frozen=True):
    """A host and its findings, the gravest last, so that it lies on top."""

    host: str
    marks: tuple[Mark, ...]


class Timeline(msgspec.Struct, frozen=True):
    """The lines of the hosts, those with the gravest findings first, and what was left out."""

    rows: tuple[Row, ...]
    ticks: tuple[str, ...]
    hosts_left_out: int
    marks_left_out: int


def draw(findings: Sequence[Finding]) -> Timeline:
    """The timeline of findings that stand the gravest first."""
    hosts: dict[str, list[Finding]] = {}
    for finding in findings:
        hosts.setdefault(" ".join(map(str, finding.scope.values())), []).append(finding)
    first = min(_seconds(finding.first) for finding in findings)
    last = max(_seconds(finding.last) for finding in findings)
    shown = list(hosts.items())[:_ROWS]
    rows = tuple(Row(host, _marks(some[:_MARKS], first, last)) for host, some in shown)
    return Timeline(
        rows,
        tuple(_tick(first + (last - first) * part) for part in (0.0, 0.5, 1.0)),
        len(hosts) - len(shown),
        sum(len(some) - len(some[:_MARKS]) for _, some in shown),
    )


def _marks(findings: Sequence[Finding], first: float, last: float) -> tuple[Mark, ...]:
    length = (last - first) or 1.0

    def place(time: str) -> float:
        return round(_MARGIN + (100 - 2 * _MARGIN) * (_seconds(time) - first) / length, 2)

    return tuple(
        Mark(
            place(one.first),
            place(one.last),
            one.level,
            one.level[0].upper(),
            one.id,
            f"{one.level}: {one.title}, {moment(one.first)}",
        )
        for one in sorted(findings, key=lambda one: rank(one.level))
    )


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _tick(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
