"""The inventory of some logs, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clew.report.clock import Twins, proof
from clew.report.inventory import Apart, Clock, Inventory, Mapped, Refused, Sight, Unmapped
from clew.report.text import plain, short, span

_ROWS = 100  # of a table; -f json has more
_UNMAPPED = 30

_EVENTS = "Events"
_DISAGREEING = "Log sources of one host that record the same at different times"

_Row = Sequence[str]


def write(inventory: Inventory, console: Console) -> None:
    """Print every part that is not empty."""
    for title, headings, rows, left_out in _parts(inventory):
        shown = list(rows)
        if shown:
            console.print(Text(title, style="bold"))
            console.print(_table(headings, shown[:_ROWS]))
            _more(len(shown) - _ROWS, left_out, console)
        if title == _EVENTS:
            _write_unmapped(inventory, console)
        if title == _DISAGREEING:
            _write_corrections(inventory, console)


def _more(beyond: int, left_out: int, console: Console) -> None:
    if more := max(beyond, 0) + left_out:
        console.print(f"  ... and {more:,} more")
    console.print()


def closing(inventory: Inventory) -> Iterator[str]:
    """The closing lines: how every record ended, and whether all of them were read."""
    count = inventory.records
    files = f"{inventory.files:,} file{'s'[: inventory.files != 1]}"
    outside = f"{count['outside']:,} outside what was asked for, " if count["outside"] else ""
    joined = f"{count['joined']:,} parts of others, " if count["joined"] else ""
    hosts = f"{inventory.hosts:,} host{'s'[: inventory.hosts != 1]}"
    yield (
        f"Counted {sum(count.values()):,} records of {hosts} in {files}: {count['event']:,} events, "
        f"{joined}{count['duplicate']:,} duplicates, {count['irrelevant']:,} that no mapping claims, "
        f"{count['not_parsed']:,} that their mapping leaves out, {outside}{count['rejected']:,} rejected."
    )
    if inventory.refused:
        yield "Some input could not be read: what is said above is incomplete."
    if inventory.interrupted:
        yield "Interrupted: this is what had been read until then."


def _parts(found: Inventory) -> Iterator[tuple[str, str, Iterable[_Row], int]]:
    """Title, headings (right-aligned where they begin with >), rows, and how many were left out before."""
    more = found.more.get
    yield (
        _EVENTS,
        "log source|channel|data component|>events|>hosts|>files|first|last|reader",
        map(_mapped, found.mapped),
        0,
    )
    yield (
        "Clocks that are more than a minute from the time of the events",
        "host|log source|field|>records|>median|>from|>to",
        map(_clock, _alike(found.clocks)),
        more("clocks", 0),
    )
    yield (
        "Sources of one host that have no time in common",
        "host|earlier|ends|later|begins",
        map(_apart, found.apart),
        more("apart", 0),
    )
    yield (
        _DISAGREEING,
        "host|log source|>behind|>from|>to|reference|by",
        map(_twins, found.disagreeing),
        more("disagreeing", 0),
    )
    yield "Not read", ">records|>files|why|first", map(_refused, found.refused), more("refused", 0)
    yield "What can be looked for", "detection|stage||events|log sources", map(_sight, found.stages), 0


def _table(headings: str, rows: Iterable[_Row]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=True, padding=(0, 1))
    for heading in headings.split("|"):
        number = heading.startswith(">")
        table.add_column(
            Text(heading.lstrip(">")), justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    return table


def _mapped(kind: Mapped) -> _Row:
    return (
        *(kind.log_source, kind.channel, kind.component, *_counts(kind)),
        kind.reader,
    )


def _write_unmapped(inventory: Inventory, console: Console) -> None:
    """Each kind in a line, and below it one record of it, as much as fits."""
    if not inventory.unmapped:
        return
    console.print(Text("Records that become no event", style="bold"))
    for kind in inventory.unmapped[:_UNMAPPED]:
        console.print(Text(f" {kind.records:>9,}  {plain(_name(kind))}: {_about(kind)}"))
        if sample := kind.sample:
            text = f"{short(sample.path, 40)}:{sample.position}: {plain(sample.text)}"
            console.print(Text(f"{'':>12}{text}", style="dim"), no_wrap=True, overflow="ellipsis")
    _more(len(inventory.unmapped) - _UNMAPPED, inventory.more.get("unmapped", 0), console)


def _write_corrections(inventory: Inventory, console: Console) -> None:
    """Lines of clew.toml, whole, to be copied."""
    if not inventory.corrections:
        return
    console.print(Text("To set these clocks right, write into clew.toml", style="bold"))
    for line in inventory.corrections:
        console.print(Text(line), soft_wrap=True)
    console.print()


def _about(kind: Unmapped) -> str:
    why = "its mapping leaves it out" if kind.claimed else "no mapping"
    hosts = f"{kind.hosts:,} host{'s'[: kind.hosts != 1]}" if kind.hosts else "no host is named"
    files = f"{kind.files:,} file{'s'[: kind.files != 1]}"
    spans = f", {_second(kind.first)} to {_second(kind.last)}" if kind.first else ""
    return f"{why}; {hosts}, {files}, {kind.reader}{spans}"


def _name(kind: Unmapped) -> str:
    """Provider, or where it says the same in other words the channel, and code; else the keys."""
    parts = [part for part in (kind.channel or kind.provider, kind.code) if part]
    if kind.provider and kind.channel and not kind.channel.startswith(kind.provider):
        parts.insert(0, kind.provider)
    if parts:
        return " ".join(parts)
    return f"{{{short(kind.keys, 60)}}}" if kind.keys else "no object with keys"


def _counts(kind: Mapped | Unmapped) -> _Row:
    return f"{kind.records:,}", f"{kind.hosts:,}", f"{kind.files:,}", _second(kind.first), _second(kind.last)


def _alike(clocks: Iterable[Clock]) -> list[Clock]:
    """Fields of one host and source that say the same, as one."""
    found: dict[tuple[object, ...], Clock] = {}
    for clock in clocks:
        key = (clock.host, clock.log_source, clock.records, clock.median, clock.low, clock.high)
        before = found.get(key)
        field = f"{before.field}, {clock.field}" if before else clock.field
        found[key] = Clock(
            clock.host, clock.log_source, field, clock.records, clock.median, clock.low, clock.high
        )
    return list(found.values())


def _clock(clock: Clock) -> _Row:
    seconds = (clock.median, clock.low, clock.high)
    return clock.host, clock.log_source, clock.field, f"{clock.records:,}", *map(span, seconds)


def _apart(apart: Apart) -> _Row:
    return apart.host, apart.earlier, _second(apart.ends), apart.later, _second(apart.begins)


def _twins(one: Twins) -> _Row:
    seconds = (round(value / 1_000_000) for value in (one.median, one.low, one.high))
    return one.host, one.log_source, *map(span, seconds), one.reference, proof(one)


def _refused(refused: Refused) -> _Row:
    place = f"{refused.path}:{refused.position}" if refused.position else refused.path
    return f"{refused.records:,}", f"{refused.files:,}", refused.reason, place


def _sight(sight: Sight) -> _Row:
    events = ", ".join(f"{count:,} {component}" for component, count in sight.components.items())
    return sight.detection, sight.stage, "yes" if sight.seen else "no", events, "; ".join(sight.log_sources)


def _second(time: str) -> str:
    """An ISO time to the second."""
    return time[:19].replace("T", " ")
