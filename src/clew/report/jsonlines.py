"""Findings as JSON lines, one finding a line, in the form of docs/finding.md: written, and read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

import msgspec

from clew.finding import SCHEMA_VERSION, Finding
from clew.record import Reject


def write(findings: Iterable[Finding], out: IO[bytes]) -> None:
    """Write each finding as one line of UTF-8 JSON."""
    for finding in findings:
        out.write(msgspec.json.encode(finding) + b"\n")


def read(lines: Iterable[bytes], path: str) -> Iterator[Finding | Reject]:
    """The finding of each line, or why it is none; blank lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            finding = msgspec.json.decode(line, type=Finding)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield Reject(path, number, f"not a finding: {error}")
            continue
        if finding.schema != SCHEMA_VERSION:
            reason = f"a finding of schema {finding.schema}; this Clew reads {SCHEMA_VERSION}"
            yield Reject(path, number, reason)
        elif odd := next((time for time in _times(finding) if not _is_time(time)), None):
            yield Reject(path, number, f"not a finding: {odd[:100]!r} is no time in ISO 8601 with its zone")
        else:
            yield finding


def _times(finding: Finding) -> Iterator[str]:
    yield from (finding.first, finding.last)
    yield from (event.time for stage in finding.stages for event in stage.events)
    yield from (ancestor.time for ancestor in finding.lineage if ancestor.time)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
