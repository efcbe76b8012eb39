"""An explanation for a person at a terminal: how far chains came, and what the next event failed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clew.finding import EvidenceEvent, Finding, rank
from clew.report.explanation import Exempted, Explanation, Lack, Partial
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
    "exception": "only by an exception",
    "other": "only otherwise",
}


def write(explanation: Explanation, console: Console) -> None:
    """Print an explanation."""
    console.print(Text(f"{explanation.detection}  {plain(explanation.title)}", style="bold"))
    if explanation.hosts:
        _say(f"with the values of {explanation.hosts}", 0, console)
    _say(f"{_reached(explanation)} {_verdict(explanation)}".strip(), 0, console)
    _write_conditions(explanation, console)
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
            if lack.exempted:
                yield plain(f"{thread}, but {_held_back(lack.exempted)}")
                continue
            known = [lack.reason, *(failure.message for miss in lack.misses[:1] for failure in miss.failures)]
            said = "; ".join(filter(None, known)) or _none_near(lack)
            yield plain(f"{thread}, then no {_named(lack)}: {said}")


def found(findings: Iterable[Finding]) -> Iterator[str]:
    """The thread of each finding, in a line."""
    for finding in findings:
        stages = [stage for stage in finding.stages if not stage.also]
        thread = " > ".join(f"{s.name} (line {s.events[0].log.position})" for s in stages if s.events)
        traits = f", because of {', '.join(finding.traits)}" if finding.traits else ""
        yield plain(f"{finding.level}: {thread}{traits}")


def _named(lack: Lack) -> str:
    return f"'{lack.name}'" if lack.name.startswith("not ") else lack.name


def _verdict(explanation: Explanation) -> str:
    """The answer in a sentence: what the nearest chain lacks for the level that it lacks least for."""
    if not explanation.partials or not explanation.partials[0].thread:
        return ""
    partial = explanation.partials[0]
    by_level = {level: [one for one in partial.lacks if level in one.levels] for level in partial.conditions}
    level = min(by_level, key=lambda one: (len(by_level[one]), rank(one)))
    missing = [_named(lack) for lack in by_level[level] if not lack.exempted]
    held = "held back by an exception" if len(missing) < len(by_level[level]) else ""
    if not missing:
        return f"For {level} the nearest chain is {held or 'complete, as far as a plain reading can see'}."
    return f"For {level} the nearest chain lacks {_and(missing)}{', and is ' + held if held else ''}."


def _write_conditions(explanation: Explanation, console: Console) -> None:
    """What the levels ask that the chains came nearest to."""
    conditions = {level: c for partial in explanation.partials for level, c in partial.conditions.items()}
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for level in sorted(conditions, key=rank, reverse=True):
        table.add_row(Text(f"  {level}:"), Text(plain(conditions[level])))
    if conditions:
        console.print(table)


def _reached(explanation: Explanation) -> str:
    if explanation.reached is None:
        return "It found nothing."
    many = f"{explanation.findings:,} finding{'' if explanation.findings == 1 else 's'}"
    top = "" if explanation.partials else " Nothing came near another level that was asked about."
    return f"It reached {explanation.reached} ({many}).{top}"


def _write_partial(partial: Partial, console: Console) -> None:
    places = _Places(partial)
    console.print(Text(_where(partial), style="bold"))
    if places.path:
        _say(f"log {places.path}", 2, console)
    if partial.thread:
        console.print(_events([(step.stage, step.event) for step in partial.thread], places))
    if partial.folded:
        _say(_folded(partial), 2, console)
        console.print(_events([("", event) for event in partial.nested], places))
    for lack in partial.lacks:
        _write_lack(lack, partial, places, console)
    if not partial.lacks:
        console.print(Text("  It lacks nothing that a plain reading can see."))


class _Places:
    """How the times and places of a chain's events are shown: from its first event on, the one log named once."""

    def __init__(self, partial: Partial) -> None:
        misses = [miss.event for lack in partial.lacks for miss in lack.misses]
        events = [*(step.event for step in partial.thread), *partial.nested, *misses]
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
    if lack.exempted:
        _say(f"It is {_held_back(lack.exempted)}", 2, console, "bold red")
        rest = "" if len(partial.lacks) > 1 else f"; nothing else is missing for {_and(lack.levels)}"
        _say(f"{lack.name}: {lack.reason}{rest}", 4, console)
        return
    behind = f"; {_and(lack.behind)} would hang on it" if lack.behind else ""
    line = Text("It lacks ") + Text(plain(lack.name), style="bold red")
    _print(line + Text(plain(f" for {_and(lack.levels)}{behind}")), 2, console)
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


def _held_back(one: Exempted) -> str:
    return f"held back by the exception at {one.origin} until {one.until}: {one.because}"


def _folded(partial: Partial) -> str:
    many = f"{partial.folded:,} more opening{'' if partial.folded == 1 else 's'}"
    return f"{many} in its process tree, alike in all else, fold into it and begin no chain of their own:"


def _tally(lack: Lack) -> str:
    only = ", ".join(f"{count:,} failed {_ONLY[kind]}" for kind, count in lack.only.items())
    events = (
        f"{lack.looked:,} {' and '.join(lack.components)} event{'' if lack.looked == 1 else 's'} looked at"
    )
    return f"{events}: {only}" if only else events


def _none_near(lack: Lack) -> str:
    if lack.only.get("link"):
        return "none came near: those that failed only by the link have nothing in common with this chain"
    return "none came near: each failed on several things"


def _and(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _say(words: str, by: int, console: Console, style: str = "") -> None:
    _print(Text(plain(words), style=style), by, console)


def _print(text: Text, by: int, console: Console) -> None:
    """Print a line that keeps its indent where it is wrapped."""
    for line in text.wrap(console, max(console.width - by, 20)):
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
