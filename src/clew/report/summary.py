"""The closing lines of a hunt: what was found, what could not be looked for, what was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from clew.finding import LEVELS, Finding
from clew.record import Reject, Tally
from clew.report.clock import Twins, block, disagreeing, told
from clew.report.text import plain

_SHOWN_REJECTS = 10
_SHOWN_CLOCKS, _SHOWN_LINES = 5, 20
_WORDS = {
    "event": "events",
    "duplicate": "duplicates",
    "not_parsed": "not parsed (no detection reads them)",
    "irrelevant": "irrelevant (no mapping claims them)",
    "outside": "outside what was asked for",
    "rejected": "rejected",
}


def found(findings: Sequence[Finding]) -> str:
    """How many findings at each level."""
    if not findings:
        return "Found nothing."
    counts = {level: sum(f.level == level for f in findings) for level in reversed(LEVELS)}
    listed = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
    return f"Found {len(findings)}: {listed}."


def read(tally: Tally) -> str:
    """How every record ended."""
    ends = ", ".join(
        f"{tally.records[status]:,} {words}"  # type: ignore[index]
        for status, words in _WORDS.items()
        if status != "outside" or tally.records["outside"]
    )
    files = f"{tally.files:,} file{'' if tally.files == 1 else 's'}"
    return f"Read {tally.total:,} records in {files}: {ends}."


def not_read(tally: Tally) -> Iterator[str]:
    """What could not be read, where it stands and why."""
    if tally.complete:
        return
    records, files = tally.records["rejected"], tally.unread
    yield (
        f"Not read: {records:,} record{'s'[: records != 1]}, and {files:,} file{'s'[: files != 1]} not at all or not "
        "to the end. This hunt is incomplete."
    )
    for reject in tally.rejects[:_SHOWN_REJECTS]:
        yield f"  {_place(reject)}: {plain(reject.reason)}"
    shown = sum(reject.count for reject in tally.rejects[:_SHOWN_REJECTS])
    if more := records + files - shown:
        yield f"  ... and {more:,} more"


def noted(tally: Tally) -> Iterator[str]:
    """What is worth knowing of the input though nothing of it was lost."""
    for note in tally.notes[:_SHOWN_REJECTS]:
        yield f"Note: {plain(note.path)}: {plain(note.text)}"
    if more := tally.noted - min(len(tally.notes), _SHOWN_REJECTS):
        yield f"  ... and {more:,} more notes"


def not_looked_for(blind: Iterable[tuple[str, str, str, tuple[str, ...]]]) -> Iterator[str]:
    """Stages (detection, stage, component, log sources) for which the input had no events at all."""
    stages: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for detection, stage, component, sources in blind:
        stages.setdefault((detection, component, sources), []).append(stage)
    if stages:
        yield "Could not look for:"
    for (detection, component, sources), names in stages.items():
        told = f" ({'; '.join(sources)})" if sources else ""
        yield f"  {detection}, stage{'s'[: len(names) > 1]} {', '.join(names)}: no {component} events{told}"


def clocks(twins: Sequence[Twins]) -> Iterator[str]:
    """Log sources of one host whose clocks disagree, so that what they tell does not join, and the mend."""
    wrong = disagreeing(twins)
    for one in wrong[:_SHOWN_CLOCKS]:
        yield f"Clocks disagree: {told(one)}."
    if more := len(wrong) - len(wrong[:_SHOWN_CLOCKS]):
        yield f"  ... and {more:,} more"
    if wrong:
        yield "What they tell does not join, and may be missed. Put this into clew.toml, or ask clew sources for more:"
    lines = list(block(twins))
    yield from (f"  {line}" for line in lines[:_SHOWN_LINES])
    if more := len(lines) - len(lines[:_SHOWN_LINES]):
        yield f"  ... and {more:,} more lines"


def held_back(held: Iterable[tuple[str, str, int, bool]]) -> Iterator[str]:
    """Exceptions of the site (where it stands, because, count, expired) that held something back or have expired."""
    for origin, because, count, expired in held:
        if expired:
            yield f"Expired exception {plain(origin)}, it holds nothing back any more: {plain(because)}"
        else:
            yield f"Held back by the exception {plain(origin)}: {count:,} ({plain(because)})"


def known(placed: int, named: int, gone: int) -> Iterator[str]:
    """What the tables of addresses, names and signatures told, and what they forgot."""
    if placed:
        yield f"Placed {placed:,} candidates of sensors on the hosts that had the addresses."
    if named:
        yield f"Named the destinations of {named:,} candidates by what their hosts were told."
    if gone:
        yield f"Forgot {gone:,} facts of hosts, addresses, names, signatures and processes: raise facts_cap."


def forgotten(evicted: int, unplaced: int, dropped: int) -> Iterator[str]:
    """What had to go, of what was gathered and of the engine's."""
    if dropped:
        yield f"Dropped {dropped:,} rows of what was gathered, the oldest: raise gathered_cap. This hunt is incomplete."
    if evicted:
        yield f"Dropped {evicted:,} open chains for want of memory: raise state_cap. This hunt is incomplete."
    if unplaced:
        yield f"Left out {unplaced:,} candidates that name no host."


def _place(reject: Reject) -> str:
    return f"{plain(reject.path)}:{reject.position}" if reject.position else plain(reject.path)
