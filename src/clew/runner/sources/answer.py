"""A census -> the inventory: kinds of records, clocks, spans, and what can be looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from clew.detection.model import Detection, Stage
from clew.normalise.mapping import mappings
from clew.record import STATUSES, Tally
from clew.report.clock import Twins, block, disagreeing
from clew.report.inventory import Apart, Clock, Inventory, Mapped, Refused, Sample, Sight, Unmapped
from clew.report.text import short
from clew.runner.sources.census import Census
from clew.select.selection import concerned

_KINDS, _SHOWN = 200, 100  # kinds and other lines that are kept
_SAMPLE = 160  # characters
_MINUTE = 60

T = TypeVar("T")


def inventory(census: Census, tally: Tally, detections: Sequence[Detection], interrupted: bool) -> Inventory:
    """All that the census and the tally know."""
    more: dict[str, int] = {}
    [counted] = census.rows(_HOSTS)
    pairs = list(census.twins())
    pairs += _written_alike(pairs, census)
    return Inventory(
        files=tally.files,
        hosts=int(str(counted["hosts"])),
        records={status: tally.records[status] for status in STATUSES},
        mapped=tuple(_mapped(census)),
        unmapped=_first("unmapped", _unmapped(census), _KINDS, more),
        clocks=_first("clocks", _clocks(census), _SHOWN, more),
        apart=_first("apart", _apart(census), _SHOWN, more),
        disagreeing=_first("disagreeing", iter(disagreeing(pairs)), _SHOWN, more),
        corrections=tuple(block(pairs)),
        refused=_first("refused", _refused(tally), _SHOWN, more),
        stages=tuple(_sights(concerned(detections, tally.components), tally)),
        more=more,
        interrupted=interrupted,
    )


def _first(name: str, things: Iterator[T], limit: int, more: dict[str, int]) -> tuple[T, ...]:
    """So many of them; the others are counted in `more`."""
    kept: list[T] = []
    for thing in things:
        if len(kept) < limit:
            kept.append(thing)
        else:
            more[name] = more.get(name, 0) + 1
    return tuple(kept)


def _mapped(census: Census) -> Iterator[Mapped]:
    channels = {(m.log_source, str(c.code)): c.channel for m in mappings() for c in m.channels}
    for row in census.rows(_MAPPED):
        code = row.pop("code")
        channel = channels.get((str(row["log_source"]), str(code)), code or "")
        yield Mapped(channel=str(channel), **_known(row))


def _unmapped(census: Census) -> Iterator[Unmapped]:
    for row in census.rows(_UNMAPPED):
        kind = tuple(row[column] for column in ("provider", "channel", "code", "keys", "reader", "claimed"))
        sample = census.samples.get(kind)
        shown = Sample(sample.path, sample.position, short(sample.text, _SAMPLE)) if sample else None
        yield Unmapped(sample=shown, **_known(row))


def _clocks(census: Census) -> Iterator[Clock]:
    """Those whose median is more than a minute off."""
    for row in census.rows(_CLOCKS):
        yield Clock(**_known(row))


def _written_alike(pairs: Sequence[Twins], census: Census) -> Iterator[Twins]:
    """Other logs of a host whose clock is that of a log that disagrees.

    They record nothing twice. But where what wrote the reference's records was, each time, as far from the events as
    the log that disagrees, one clock wrote all logs of the host, and those that tell no other time go by it.
    """
    clocks = [row for row in census.rows(_CLOCKS) if row["low"] == row["median"] == row["high"]]
    sources = [(row["host"], row["log_source"]) for row in census.rows(_LOGS)]
    for one in disagreeing(pairs):
        reference = (one.host, one.reference)
        written = [c for c in clocks if (c["host"], c["log_source"]) == reference]
        records = max((c["records"] for c in written if c["median"] == -round(one.median / 1e6)), default=0)
        paired = {(pair.host, source) for pair in pairs for source in (pair.log_source, pair.reference)}
        for host, source in sources if records else ():
            if host == one.host and (host, source) not in paired:
                yield msgspec.structs.replace(one, log_source=source, component="", pairs=records)


def _apart(census: Census) -> Iterator[Apart]:
    for row in census.rows(_APART):
        yield Apart(**_known(row))


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """A row without nulls where the inventory has empty text."""
    empty = ("first", "last", "host", "log_source", "component")
    return {name: "" if value is None and name in empty else value for name, value in row.items()}


def _refused(tally: Tally) -> Iterator[Refused]:
    """By reason, the most frequent first."""
    found: dict[str, Refused] = {}
    for reject in tally.rejects:
        records, files = (reject.count, 0) if reject.position else (0, 1)
        one = found.get(reject.reason) or Refused(reject.reason, 0, 0, reject.path, reject.position)
        found[reject.reason] = Refused(
            one.reason, one.records + records, one.files + files, one.path, one.position
        )
    yield from sorted(found.values(), key=lambda one: (-one.records - one.files, one.reason))


def _sights(detections: Sequence[Detection], tally: Tally) -> Iterator[Sight]:
    """Each stage of each detection once, however many sets of values that has."""
    for detection in {detection.name: detection for detection in detections}.values():
        for stage in detection.plan.stages:
            yield _sight(detection, stage, tally)


def _sight(detection: Detection, stage: Stage, tally: Tally) -> Sight:
    components = dict.fromkeys(way.component for way in stage.alternatives)
    sources = tuple(f"{s.name} {s.channel}" for s in detection.log_sources if s.component in components)
    counts = {component: tally.components.get(component, 0) for component in components}
    return Sight(detection.name, stage.name, counts, sources)


def _iso(time: str) -> str:
    return f"strftime({time}, '%Y-%m-%dT%H:%M:%S.%fZ')"


_COUNTS = (
    "sum(records)::BIGINT AS records, count(DISTINCT host) AS hosts, count(DISTINCT path) AS files, "
    f"{_iso('min(first)')} AS first, {_iso('max(last)')} AS last"
)

_HOSTS = """
SELECT count(DISTINCT host) AS hosts FROM (SELECT host FROM tally_event UNION ALL SELECT host FROM tally_other)"""

_MAPPED = f"""
SELECT log_source, code, component, reader, {_COUNTS}
FROM tally_event GROUP BY ALL ORDER BY log_source, records DESC, code, component, reader"""

_UNMAPPED = f"""
SELECT provider, channel, code, keys, reader, claimed, {_COUNTS}
FROM tally_other GROUP BY ALL ORDER BY records DESC, provider, channel, code, keys, reader"""

# A median and two other quantiles of seconds, each so many times as it was counted.
_CLOCKS = f"""
WITH counted AS (
    SELECT host, log_source, field, seconds, sum(records) AS records FROM tally_clock GROUP BY ALL
), added AS (
    SELECT *, sum(records) OVER clock AS upto, sum(records) OVER (PARTITION BY host, log_source, field) AS total
    FROM counted WINDOW clock AS (PARTITION BY host, log_source, field ORDER BY seconds)
)
SELECT host, log_source, field, any_value(total)::BIGINT AS records,
    min(seconds) FILTER (upto >= total * 0.5) AS median,
    min(seconds) FILTER (upto >= total * 0.05) AS low,
    min(seconds) FILTER (upto >= total * 0.95) AS high
FROM added GROUP BY host, log_source, field HAVING abs(median) > {_MINUTE}
ORDER BY abs(median) DESC, host, field"""

# The logs of Windows have a clock of their own in each record.
_LOGS = "SELECT DISTINCT host, log_source FROM tally_event WHERE starts_with(log_source, 'WinEventLog:') ORDER BY ALL"

# Log sources, and channels that no mapping reads, with at least two records.
_APART = f"""
WITH span AS (
    SELECT host, max(source) AS source, min(first) AS first, max(last) AS last FROM (
        SELECT host, log_source AS source, records, first, last FROM tally_event
        UNION ALL SELECT host, channel, records, first, last FROM tally_other WHERE NOT claimed)
    WHERE host IS NOT NULL AND source IS NOT NULL AND first IS NOT NULL
    GROUP BY host, lower(source) HAVING sum(records) > 1
)
SELECT a.host, a.source AS earlier, {_iso("a.last")} AS ends, b.source AS later, {_iso("b.first")} AS begins
FROM span AS a JOIN span AS b ON a.host = b.host AND a.last < b.first
ORDER BY b.first - a.last DESC, a.host, earlier, later"""
