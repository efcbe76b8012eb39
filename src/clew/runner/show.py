"""Show: the raw records of findings, out of the logs where they still stand, and proved to be the same records."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from clew.database import Limits, connect
from clew.errors import UsageError
from clew.finding import EvidenceEvent, Finding
from clew.normalise.scan import Normaliser
from clew.read.fetch import Fetched, Place, fetch
from clew.read.repair import repair
from clew.read.spool import open_spill
from clew.record import Batch, Span, Tally
from clew.report.raw import Raw, Recall
from clew.settings import Settings

#: An event's path, position and id.
_Identity: TypeAlias = tuple[str, int, str]


def choose(findings: Iterable[Finding], ids: Sequence[str]) -> list[Finding]:
    """The latest revision of the findings whose ids begin so; of all without ids.

    Raises UsageError where that is none, or more than one finding.
    """
    latest = {finding.id: finding for finding in findings}
    if not ids:
        return list(latest.values())
    return list({finding.id: finding for wanted in ids for finding in [_named(wanted, latest)]}.values())


def _named(wanted: str, findings: Mapping[str, Finding]) -> Finding:
    found = [id for id in findings if id.startswith(wanted.strip().lower())]
    if not found:
        raise UsageError(f"there is no finding {wanted} among the {len(findings):,} of the file")
    if len(found) > 1:
        listed = ", ".join(sorted(found)[:3]) + ", ..." * (len(found) > 3)
        raise UsageError(f"{wanted} may be {len(found):,} findings: {listed}; give more of the id")
    return findings[found[0]]


def place_of(event: EvidenceEvent) -> Place:
    """Where the raw record of an event stands."""
    return Place(event.log.path, event.log.position, event.log.source)


@contextmanager
def raw_records(
    findings: Iterable[Finding], settings: Settings, moved: Callable[[str], str]
) -> Iterator[Recall]:
    """What gives the raw record of each event of the findings; `moved` tells where a path's file stands now.

    Every source is read once. The records wait on disk, so many findings take little memory.
    """
    events = [event for finding in findings for stage in finding.stages for event in stage.events]
    with tempfile.TemporaryDirectory(prefix="clew-", dir=settings.temp_directory) as folder:
        spill = Path(folder)
        with (spill / "records").open("w+b") as file:
            records = _Records(file)
            for fetched in fetch(map(place_of, events), spill, moved):
                records.add(fetched)
            same = _same(events, records, Limits(settings.memory_limit, settings.threads, spill))
            yield lambda event: records.raw(event, same)


class _Records:
    """Records in a file, and where each stands in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at: dict[Place, tuple[int, int]] = {}
        self._missing: dict[Place, str] = {}

    def __contains__(self, place: object) -> bool:
        return place in self._at

    def __getitem__(self, place: Place) -> bytes:
        at, length = self._at[place]
        self._file.seek(at)
        return self._file.read(length)

    def add(self, fetched: Fetched) -> None:
        if fetched.missing:
            self._missing[fetched.place] = fetched.missing
        else:
            self._at[fetched.place] = (self._file.tell(), len(fetched.record))
            self._file.write(fetched.record)

    def raw(self, event: EvidenceEvent, same: frozenset[_Identity]) -> Raw:
        """The event's record, where the one that stands there now is the same."""
        place = place_of(event)
        if place in self._missing:
            return Raw(None, self._missing[place])
        if not event.fields.get("clew.synthetic") and (place.path, place.position, event.id) not in same:
            return Raw(None, "the source has changed: another record stands there")
        return Raw(_text(self[place]))


def _text(record: bytes) -> str:
    """As a hunt reads it: UTF-8, else Latin-1."""
    try:
        return record.decode("utf-8")
    except UnicodeDecodeError:
        return record.decode("latin-1")


def _same(events: Sequence[EvidenceEvent], records: _Records, limits: Limits) -> frozenset[_Identity]:
    """What a hunt would make of the records today: path, position and id of their events."""
    components = frozenset(event.component for event in events)
    turns: dict[int, list[Place]] = {}
    for place, turn in _turns(events).items():
        if place in records:
            turns.setdefault(turn, []).append(place)
    return frozenset(
        identity for places in turns.values() for identity in _identities(places, records, components, limits)
    )


def _turns(events: Iterable[EvidenceEvent]) -> dict[Place, int]:
    """Places of one event, which a normaliser would take for copies, each in a turn of its own."""
    copies: dict[str, list[Place]] = {}
    turns: dict[Place, int] = {}
    for event in events:
        place, places = place_of(event), copies.setdefault(event.id, [])
        if place not in places:
            places.append(place)
            turns[place] = max(turns.get(place, 0), len(places) - 1)
    return turns


def _identities(
    places: Sequence[Place], records: _Records, components: frozenset[str], limits: Limits
) -> list[_Identity]:
    """The identities of the events that the records of some places become."""
    assert limits.spill
    with open_spill(limits.spill) as out:
        out.writelines(records[place] + b"\n" for place in places)
    spans = tuple(Span(row, place.path, place.reader, place.position) for row, place in enumerate(places))
    batch, _ = repair(Batch(Path(out.name), spans, temporary=True), limits.spill)
    with connect(limits) as database:
        found: list[_Identity] = []
        for _ in Normaliser(database, components, ()).normalise(batch, Tally()):
            found += database.execute(_IDENTITIES).fetchall()
        batch.done()
        return found


_IDENTITIES = 'SELECT "log.file.path", "log.position", "event.id" FROM event'
