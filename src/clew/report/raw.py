"""Findings with the raw record of each event: for a person at a terminal, and as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO, TypeAlias

import msgspec
from rich.console import Console
from rich.text import Text

from clew.finding import EvidenceEvent, Finding
from clew.report.sentence import sentence
from clew.report.table import by_gravity, thread, write_head
from clew.report.text import elapsed, plain


class Raw(msgspec.Struct, frozen=True):
    """A raw record as text, or why there is none."""

    text: str | None
    missing: str = ""


Recall: TypeAlias = Callable[[EvidenceEvent], Raw]


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """The raw record of one event of a finding; `reason` says why it is null."""

    finding: str
    stage: str
    path: str
    position: int
    raw: str | None
    reason: str = ""


def write(findings: Iterable[Finding], recall: Recall, console: Console) -> None:
    """Print findings, the gravest first, and under each event of the thread its raw record."""
    for finding in by_gravity(findings):
        write_head(finding, console)
        for line in _thread(finding, recall):
            console.print(line)
        console.print()


def _thread(finding: Finding, recall: Recall) -> Iterator[Text]:
    events = thread(finding)
    for event, stage in events:
        raw = recall(event)
        also = " (also)" if stage.also else ""
        yield Text()
        yield (
            Text(f"  {elapsed(events[0][0].time, event.time)}  ")
            + Text(f"{plain(stage.name)}{also}", style="dim" if stage.also else "bold")
            + Text(f"  {plain(sentence(event))}")
        )
        yield Text(f"  {plain(event.log.path)}:{event.log.position}", style="dim")
        if raw.text is None:
            yield Text(f"    not shown: {plain(raw.missing)}", style="yellow")
        else:
            yield Text(f"    {plain(raw.text)}")


def write_lines(findings: Iterable[Finding], recall: Recall, out: IO[bytes]) -> None:
    """Write the raw record of each event as a line of JSON: finding, stage, path, position, raw."""
    for finding in findings:
        for event, stage in thread(finding):
            raw = recall(event)
            line = _Line(finding.id, stage.name, event.log.path, event.log.position, raw.text, raw.missing)
            out.write(msgspec.json.encode(line) + b"\n")
