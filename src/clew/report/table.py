"""Findings for a person at a terminal: each one a table, its thread event by event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clew.finding import Ancestor, EvidenceEvent, EvidenceStage, Finding, Level, rank
from clew.report.clock import OFFSET, signed
from clew.report.sentence import sentence
from clew.report.text import elapsed, length, moment, plain, short

_STYLES: dict[Level, str] = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
}
_SENTENCE_WIDTH = 400


def write(findings: Iterable[Finding], console: Console) -> None:
    """Print findings, the gravest first, then by time; and once for each detection what to do about them."""
    ordered = by_gravity(findings)
    for finding in ordered:
        _write_one(finding, console)
    write_triage(ordered, console)


def write_triage(findings: Iterable[Finding], console: Console) -> None:
    """Print once for each detection what to do about its findings."""
    triage = {named(finding): finding.triage for finding in findings if finding.triage}
    for name, text in triage.items():
        console.print(Text(f"What to do about {name}", style="bold"))
        console.print(Text(plain_lines(text)))
        console.print()


def _write_one(finding: Finding, console: Console) -> None:
    write_head(finding, console)
    console.print(_thread(finding))
    console.print()


def write_head(finding: Finding, console: Console) -> None:
    """Print what stands above the thread: level and title, then the facts."""
    console.print(_title(finding))
    console.print(_facts(finding))


def by_gravity(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by time."""
    return sorted(findings, key=lambda f: (-rank(f.level), f.first, f.id))


def thread(finding: Finding) -> list[tuple[EvidenceEvent, EvidenceStage]]:
    """The events of a finding in order of time, each with its stage."""
    shown = [(event, stage) for stage in finding.stages for event in stage.events]
    return sorted(shown, key=lambda pair: pair[0].time)


def named(finding: Finding) -> str:
    """How people call its detection: `AN0862`, or `AN0862/npm` for a variant."""
    return f"{finding.analytic}/{finding.variant}" if finding.variant else finding.analytic


def _title(finding: Finding) -> Text:
    level = Text(f" {finding.level.upper()} ", style=_STYLES[finding.level])
    return (
        level
        + Text(f" {plain(finding.title)}", style="bold")
        + Text(f"  [{named(finding)}, {finding.technique}]")
    )


def _facts(finding: Finding) -> Text:
    facts = [f"{plain(k)} {plain(v)}" for k, v in (*finding.scope.items(), *finding.bound.items())]
    facts.append(f"from {moment(finding.first)}, {elapsed(finding.first, finding.last).lstrip('+')} long")
    facts += _ancestry(finding)
    if finding.traits:
        facts.append("because of " + ", ".join(finding.traits))
    if finding.unknown:
        facts.append("not known: " + ", ".join(finding.unknown))
    if finding.blind:
        facts.append(f"could not be seen: {unseen(finding)}")
    facts.append("log " + ", ".join(plain(path) for path in _paths(finding)))
    facts += _clocks(finding)
    facts += _baselines(finding)
    if finding.weak:
        facts.append("weak: " + ", ".join(finding.weak))
    if not finding.window_covered:
        facts.append("the input ends before the window does")
    return Text(
        "\n".join(f"  {fact}" for fact in (*facts, f"finding {finding.id}, revision {finding.revision}"))
    )


def unseen(finding: Finding) -> str:
    """Its blind stages, and for want of which data components: `load, sign (no module_load)`."""
    stages: dict[tuple[str, ...], list[str]] = {}
    for one in finding.blind:
        stages.setdefault(one.components, []).append(plain(one.stage))
    return "; ".join(
        f"{', '.join(names)} (no {' or '.join(map(plain, components))})"
        for components, names in stages.items()
    )


def _clocks(finding: Finding) -> Iterator[str]:
    """Which log sources' times were corrected, and by how much."""
    fields = (event.fields for stage in finding.stages for event in stage.events)
    corrected = {(str(f.get("clew.log_source")), offset) for f in fields if (offset := f.get(OFFSET))}
    for source, offset in sorted(corrected):
        yield f"clock of {plain(source)} corrected by {signed(int(offset))}"


def _baselines(finding: Finding) -> Iterator[str]:
    """What the finding takes as new, against how long a record."""
    stages: dict[tuple[str, str], list[str]] = {}
    for one in finding.baselines:
        stages.setdefault((length(one.recorded), length(one.asked)), []).append(one.stage)
    for (recorded, asked), names in stages.items():
        record = f"against {recorded} of records" if recorded != "0 s" else "with no earlier records"
        yield f"{', '.join(names)}: new {record}, {asked} asked"


def _ancestry(finding: Finding) -> list[str]:
    """Who made the processes of the thread, who made those, and so on; the end of a longer line is left out."""
    lines: dict[str, list[Ancestor]] = {}
    for ancestor in finding.lineage:
        lines.setdefault(ancestor.of, []).append(ancestor)
    inside = {a.entity_id for line in lines.values() for a in line[1:]}
    longest = [line for of, line in lines.items() if of not in inside and len(line) > 1]
    return [" ← ".join(plain(a.name or "?") for a in line) for line in longest]


def _thread(finding: Finding) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1), header_style="bold")
    for column, justify in (("elapsed", "right"), ("stage", "left"), ("events", "right")):
        table.add_column(column, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("who did what", overflow="fold")
    table.add_column("line", justify="right", no_wrap=True)
    paths = _paths(finding)
    shown = thread(finding)
    start = shown[0][0].time if shown else finding.first
    for event, stage in shown:
        where = str(event.log.position)
        if len(paths) > 1:
            where = f"{short(PurePath(event.log.path).name, 24)}:{where}"
        table.add_row(*_cells(event, stage, start), where, style="dim" if stage.also else "")
    return table


def _paths(finding: Finding) -> list[str]:
    """The files in which the events of the thread stand."""
    return sorted({event.log.path for stage in finding.stages for event in stage.events})


def _cells(event: EvidenceEvent, stage: EvidenceStage, start: str) -> tuple[Text, ...]:
    also = " (also)" if stage.also else ""
    return (
        Text(elapsed(start, event.time)),
        Text(plain(stage.name) + also),
        Text(str(stage.count)),
        Text(short(sentence(event), _SENTENCE_WIDTH)),
    )


def plain_lines(text: str) -> str:
    """Text of several lines, indented, with each line made harmless."""
    return "\n".join(f"  {plain(line)}" for line in text.strip().splitlines())
