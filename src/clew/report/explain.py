"""An explanation for a person at a terminal: how far chains came, and what the next event failed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clew.finding import EvidenceEvent, Finding
from clew.report.explanation import Explanation, Lack, Partial
from clew.report.sentence import sentence
from clew.report.text import elapsed, moment, plain, short

_SENTENCE_WIDTH = 300
#: How a tally of single failures is said.
_ONLY = {
    "where": "only by what 'where' asks",
    "scope": "only by the scope",
    "link": "only by the link",
    "time": "only by the time",
    "new": "only by not being new",
    "traits": "only by the traits",
    "other": "only otherwise",
}


def write(explanation: Explanation, console: Console) -> None:
    """Print an explanation."""
    console.print(Text(f"{explanation.detection}  {plain(explanation.title)}", style="bold"))
    console.print(Text(_reached(explanation)))
    for partial in explanation.partials:
        console.print()
        _write_partial(partial, console)
    if explanation.others:
        console.print(Text(f"\n{explanation.others:,} more chains came as far."))
    for line in explanation.left_out:
        console.print(Text(f"Left out: {plain(line)}"))


def brief(explanation: Explanation) -> Iterator[str]:
    """What the furthest chain lacks, in a line for each thing."""
    for partial in explanation.partials[:1]:
        thread = " > ".join(step.stage for step in partial.thread) or "nothing"
        for lack in partial.lacks:
            miss = "; ".join(f.message for m in lack.misses[:1] for f in m.failures)
            yield plain(f"{thread}, then no {_named(lack)}: {lack.reason or miss or _none_near(lack)}")


def found(findings: Iterable[Finding]) -> Iterator[str]:
    """The thread of each finding, in a line."""
    for finding in findings:
        stages = [stage for stage in finding.stages if not stage.also]
        thread = " > ".join(f"{s.name} (line {s.events[0].log.position})" for s in stages if s.events)
        traits = f", because of {', '.join(finding.traits)}" if finding.traits else ""
        yield plain(f"{finding.level}: {thread}{traits}")


def _named(lack: Lack) -> str:
    return f"'{lack.name}'" if lack.name.startswith("not ") else lack.name


def _reached(explanation: Explanation) -> str:
    if explanation.reached is None:
        return "It found nothing."
    many = f"{explanation.findings:,} finding{'' if explanation.findings == 1 else 's'}"
    top = "" if explanation.partials else " There is no level above it that was asked about."
    return f"It reached {explanation.reached} ({many}).{top}"


def _write_partial(partial: Partial, console: Console) -> None:
    places = _Places(partial)
    console.print(Text(_where(partial), style="bold"))
    if places.path:
        console.print(Text(f"  log {plain(places.path)}"))
    if partial.thread:
        console.print(_events([(step.stage, step.event) for step in partial.thread], places))
    for lack in partial.lacks:
        _write_lack(lack, partial, places, console)
    if not partial.lacks:
        console.print(Text("  It lacks nothing that a plain reading can see."))


class _Places:
    """How the times and places of a chain's events are shown: from its first event on, the one log named once."""

    def __init__(self, partial: Partial) -> None:
        misses = [miss.event for lack in partial.lacks for miss in lack.misses]
        events = [*(step.event for step in partial.thread), *misses]
        paths = {event.log.path for event in events}
        self.path = paths.pop() if len(paths) == 1 else ""
        self.start = events[0].time if events else ""

    def of(self, event: EvidenceEvent) -> str:
        """Where the event's record stands."""
        place = f"line {event.log.position}" if self.path else f"{event.log.path}:{event.log.position}"
        return plain(place)


def _where(partial: Partial) -> str:
    if not partial.thread:
        return "No chain was begun."
    where = ", ".join(f"{name} {value}" for name, value in partial.where.items())
    alike = f" ({partial.alike:,} more like it)" if partial.alike else ""
    return plain(f"{where}, from {moment(partial.thread[0].event.time)}{alike}")


def _write_lack(lack: Lack, partial: Partial, places: _Places, console: Console) -> None:
    levels = " and for ".join(f"{level} ({partial.conditions[level]})" for level in lack.levels)
    line = Text("  It lacks ") + Text(plain(lack.name), style="bold red") + Text(f" for {plain(levels)}")
    if lack.behind:
        line.append(f"; {', '.join(lack.behind)} would hang on it")
    console.print(line)
    said = [lack.reason] if lack.reason else []
    if lack.looked:
        said.append(_tally(lack))
    if lack.looked and not lack.misses and not lack.reason:
        said.append(_none_near(lack))
    for words in said:
        _say(words, 4, console)
    for miss in lack.misses:
        console.print(_events([("", miss.event)], places))
        for failure in miss.failures:
            _say(f"{failure.kind}: {failure.message}", 8, console)


def _tally(lack: Lack) -> str:
    only = ", ".join(f"{count:,} failed {_ONLY[kind]}" for kind, count in lack.only.items())
    events = (
        f"{lack.looked:,} {' and '.join(lack.components)} event{'' if lack.looked == 1 else 's'} looked at"
    )
    return f"{events}: {only}" if only else events


def _none_near(lack: Lack) -> str:
    return "none came near: each failed on several things"


def _say(words: str, by: int, console: Console) -> None:
    """Print a line that keeps its indent where it is wrapped."""
    for line in Text(plain(words)).wrap(console, max(console.width - by, 20)):
        console.print(Text(" " * by) + line)


def _events(rows: Iterable[tuple[str, EvidenceEvent]], places: _Places) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for justify in ("right", "left", "left", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right", overflow="fold")
    for stage, event in rows:
        said = short(sentence(event), _SENTENCE_WIDTH)
        cells = (f"    {elapsed(places.start, event.time)}", plain(stage), said, places.of(event))
        table.add_row(*map(Text, cells))
    return table
