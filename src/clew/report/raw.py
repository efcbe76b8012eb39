"""Findings with the raw record of each event: for a person at a terminal, and as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TypeAlias

import msgspec
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from clew.finding import EvidenceEvent, Finding
from clew.report.detection import values
from clew.report.sentence import sentence
from clew.report.table import by_gravity, named, thread, write_head, write_triage
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
    """Print findings, the gravest first, and under each event of the thread its raw record.

    Then, once for each detection, the values that were in force and what to do about its findings.
    """
    ordered = by_gravity(findings)
    for finding in ordered:
        write_head(finding, console)
        for line in _thread(finding, recall):
            console.print(line)
        console.print()
    _write_values(ordered, console)
    write_triage(ordered, console)


def _write_values(findings: Sequence[Finding], console: Console) -> None:
    """Each set of values once, with the findings that it was in force for where a detection has several."""
    sets: dict[tuple[str, bytes], list[Finding]] = {}
    for finding in findings:
        sets.setdefault((named(finding), msgspec.json.encode(finding.mutable)), []).append(finding)
    names = [name for name, _ in sets]
    for (name, _), mine in sets.items():
        of = f" for {', '.join(finding.id[:8] for finding in mine)}" if names.count(name) > 1 else ""
        if mine[0].mutable:
            console.print(Text(f"Values in force: {name}{of}", style="bold"))
            console.print(Padding(values(mine[0].mutable), (0, 0, 1, 2)))


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
