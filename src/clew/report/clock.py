"""Clocks that disagree, and the lines of clew.toml that set them right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from clew.duration import show_duration
from clew.report.text import plain, span

#: The field of an event that tells what was added to its time, in microseconds.
OFFSET = "clew.clock.offset"

_QUARTER, _MILLISECOND = 900_000_000, 1_000
#: Time zones differ by quarters of an hour; so near to one the rest is the time that a log takes to write.
_NEAR = 2_000_000


class Twins(msgspec.Struct, frozen=True):
    """A log source of a host that records the same things as another one, its reference, and how much earlier.

    In microseconds, by the clocks as the records have them: the median of all `pairs` of records, and between which
    nine in ten of them lie. `agree`: by the clocks as they are corrected now, the two are not apart. Without a
    `component` nothing was recorded twice; the clock that wrote both logs is known by the reference's records.
    """

    host: str
    log_source: str
    reference: str
    component: str
    pairs: int
    median: int
    low: int
    high: int
    agree: bool

    @property
    def offset(self) -> str:
        """What is to be added to its times, as clew.toml has it: `+19h`."""
        quarters = round(self.median / _QUARTER) * _QUARTER
        near = abs(self.median - quarters) <= _NEAR
        exact = quarters if near else round(self.median / _MILLISECOND) * _MILLISECOND
        return signed(exact)


def signed(offset: int) -> str:
    """Microseconds as a duration with its sign: `+19h`."""
    return ("-" if offset < 0 else "+") + show_duration(abs(offset))


def disagreeing(twins: Iterable[Twins]) -> list[Twins]:
    """Those whose clocks are apart."""
    return [one for one in twins if not one.agree]


def told(one: Twins) -> str:
    """What is wrong, as a sentence."""
    apart = span(abs(one.median) / 1_000_000).lstrip("+")
    way = "behind" if one.median > 0 else "ahead of"
    return f"{plain(one.log_source)} is {apart} {way} {plain(one.reference)} on {plain(one.host)}, by {proof(one)}"


def proof(one: Twins) -> str:
    """What shows it."""
    if not one.component:
        return f"the clock that wrote the {one.pairs:,} records of {plain(one.reference)} too"
    things = "process creations" if one.component == "process_creation" else "connections"
    return f"{one.pairs:,} {things} that both recorded"


def block(twins: Sequence[Twins]) -> Iterator[str]:
    """The table `[clock]` of clew.toml that sets right the clocks that disagree; nothing where none does.

    A log source has one line for all hosts where every host that shows its clock shows the same.
    """
    offsets: dict[str, set[str]] = {}
    for one in twins:
        offsets.setdefault(one.log_source, set()).add(one.offset)
    everywhere = {source for source, found in offsets.items() if len(found) == 1}
    wrong = disagreeing(twins)
    general = {one.log_source: one.offset for one in wrong if one.log_source in everywhere}
    if general:
        yield "[clock]"
        yield from (_line(source, offset) for source, offset in general.items())
    hosts: dict[str, list[Twins]] = {}
    for one in wrong:
        if one.log_source not in everywhere:
            hosts.setdefault(one.host, []).append(one)
    for host, sources in hosts.items():
        yield f"[clock.{_quoted(host)}]"
        yield from (_line(one.log_source, one.offset) for one in sources)


def _line(source: str, offset: str) -> str:
    return f'{_quoted(source)} = "{offset}"'


def _quoted(text: str) -> str:
    """A name as a quoted key of TOML, harmless on a terminal: its escapes are JSON's."""
    return json.dumps(text)
