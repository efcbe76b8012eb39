"""Hunt: read a set of files once, to the end, and say what was found and what could not be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from clew import pipeline
from clew.bounded import Caps
from clew.chain import limits as chain_limits
from clew.chain.engine import Engine
from clew.chain.limits import Counters
from clew.database import Limits, connect
from clew.detection.exception import Exemption, read_exemptions, strangers
from clew.detection.load import read_detections, shipped
from clew.detection.model import Alternative, Detection, Stage
from clew.detection.site import read_site, unused
from clew.entity.inventory import read_inventory
from clew.errors import ContentError, Fault, ResourceError, SettingsError
from clew.finding import Finding
from clew.interrupt import interrupts
from clew.normalise.extent import EVERYTHING, Extent
from clew.read.files import length, walk
from clew.record import Note, Tally
from clew.report.clock import Twins
from clew.runner.books import Books
from clew.runner.clock import clocks, read_clocks
from clew.runner.twins import twins
from clew.select.places import Known
from clew.select.selection import concerned, selections
from clew.select.tables import Candidates, Row
from clew.settings import Settings, read_settings

_SHOWN_HOSTS = 3


class Blind(msgspec.Struct, frozen=True):
    """A stage that could not be looked for: no event of its data component was in the input."""

    detection: str
    stage: str
    component: str
    log_sources: tuple[str, ...]


class Held(msgspec.Struct, frozen=True):
    """An exception of the site, and how many events or matches it held back; an expired one holds none."""

    exemption: Exemption
    count: int
    expired: bool = False


class Hunt(msgspec.Struct, frozen=True):
    """What came of a hunt: findings, how every record ended, and what could not be looked for.

    `held` are the exceptions that held something back or have expired, `counters` the engine's. `twins` are log
    sources that record the same as another one of their host: where their clocks disagree, chains are missed.
    `known` is what was known of hosts, addresses and names.
    """

    findings: tuple[Finding, ...]
    tally: Tally
    blind: tuple[Blind, ...]
    held: tuple[Held, ...]
    counters: Counters
    interrupted: bool = False
    twins: tuple[Twins, ...] = ()
    known: Known = msgspec.field(default_factory=Known)


def hunt(  # noqa: PLR0913 - what it hunts through, what for, and who looks on
    paths: Iterable[str | Path],
    detections: Sequence[Detection] | None = None,
    settings: Settings | None = None,
    *,
    extent: Extent = EVERYTHING,
    progress: pipeline.Progress = lambda file, done: None,
    books: Books | None = None,
    look: Callable[[Iterable[Row]], Iterable[Row]] = iter,
) -> Hunt:
    """Hunt through files and folders with the detections, by default those that the settings name.

    Raises UsageError for a path that is not there, ContentError for faulty detections and settings; input that
    cannot be read is accounted for in the result's tally. Ctrl-C ends the reading, not the hunt: what was read
    is still followed to its end. `books`, where given, are kept. Only what lies in the `extent` is looked at.
    `look` looks on at what the chain engine is handed.
    """
    extent.check()
    settings = settings or read_settings()
    chosen = choose(settings) if detections is None else detections
    valid, expired = exemptions(settings, chosen)
    inventory = read_inventory(settings.files)
    engine = _engine(settings, chosen, valid)
    tally = Tally()
    interrupted = False
    corrected = clocks(settings)
    with (
        tempfile.TemporaryDirectory(prefix="clew-", dir=settings.temp_directory) as folder,
        connect(limits := Limits(settings.memory_limit, settings.threads, Path(folder))) as database,
    ):
        asked = (database, chosen, inventory, caps := Caps(settings.facts_cap, settings.gathered_cap))
        candidates = _Timed(books, *asked) if books else Candidates(*asked)
        work = pipeline.Workplace(
            database, Path(folder), tally, progress, extent, corrected, limits, caps.rows
        )
        if books:
            work = msgspec.structs.replace(work, watch=partial(books.watch, database=database))
        with within_means(settings):
            try:
                with interrupts():
                    pipeline.gather(map(Path, paths), candidates, work)
            except KeyboardInterrupt:
                interrupted = True
            with books.step("chain") if books else nullcontext():
                findings = tuple(pipeline.chain(candidates, engine, look))
            paired = tuple(twins(database, candidates.creations()))
    blind = tuple(_blind(concerned(chosen, tally.components), tally))
    held = [Held(valid[number], count) for number, count in sorted(engine.counters.excepted.items())]
    held += [Held(exemption, 0, expired=True) for exemption in expired]
    candidates.known.forgotten += engine.lineage.forgotten
    _note(candidates.known, tally)
    return Hunt(findings, tally, blind, tuple(held), engine.counters, interrupted, paired, candidates.known)


def _note(known: Known, tally: Tally) -> None:
    """Note the short names of hosts of which nobody can tell whose they are."""
    for short, full in known.unclear.items():
        said = f"a host of its own, since it may be {' or '.join(full[:_SHOWN_HOSTS])}"
        tally.account(Note(short, said + (" ..." if full[_SHOWN_HOSTS:] else "")))


class _Timed(Candidates):
    """Candidates that enter into the books how long it takes to gather them."""

    def __init__(self, books: Books, *asked: Any) -> None:
        super().__init__(*asked)
        self._books = books

    def add(self) -> None:
        """Take what matters out of the table `event`."""
        with self._books.step("select"):
            super().add()


def _engine(settings: Settings, chosen: Sequence[Detection], valid: Sequence[Exemption]) -> Engine:
    caps = chain_limits.Limits(settings.state_cap, settings.evidence_cap, settings.facts_cap)
    return Engine(chosen, caps, valid)


def exemptions(settings: Settings, chosen: Sequence[Detection]) -> tuple[list[Exemption], list[Exemption]]:
    """The site's exceptions: those that count today, and those that have expired."""
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    faults: list[Fault] = []
    every = read_exemptions(settings.files, chosen, faults)
    if faults:
        raise SettingsError(faults)
    return [e for e in every if not e.expired(now)], [e for e in every if e.expired(now)]


@contextmanager
def within_means(settings: Settings) -> Iterator[None]:
    """Say what to do where DuckDB runs out of memory or of room to spill."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ResourceError(
            f"memory ran out: {error}; give more with --memory-limit, or use fewer --threads"
        ) from error
    except duckdb.IOException as error:
        folder = settings.temp_directory or tempfile.gettempdir()
        raise ResourceError(f"{folder}: {error}; set temp_directory to a folder with more room") from error


def choose(settings: Settings, with_shipped: bool = False) -> list[Detection]:
    """The detections of the settings, the shipped ones where they name none, or both; with the site's values.

    Raises ContentError with everything that is wrong with them and with the tables of the site's clew.toml.
    """
    faults: list[Fault] = []
    paths = [*settings.detections]
    if with_shipped or not paths:
        paths.append(shipped())
    chosen = read_detections(paths, read_site(settings.files, faults), settings.skew, faults)
    read_exemptions(settings.files, chosen, faults)
    read_clocks(settings.files, faults)
    try:
        read_inventory(settings.files)
    except SettingsError as error:
        faults += error.faults
    if faults:
        raise ContentError(faults)
    return chosen


def unheeded(settings: Settings, chosen: Sequence[Detection]) -> list[Fault]:
    """What of the site's values and exceptions, which must be right, concerns none of the detections."""
    return [*unused(read_site(settings.files, []), chosen), *strangers(settings.files, chosen)]


def size(paths: Iterable[Path]) -> int:
    """Bytes of all the files under the paths."""
    return sum(map(length, walk(paths)))


def _blind(detections: Sequence[Detection], tally: Tally) -> Iterator[Blind]:
    """Stages without any event, each once, however many sets of values the detection has.

    Of a detection that could not even begin only the opening is told, with everything that would fill it.
    """
    seen: set[Blind] = set()
    for selection in selections(detections):
        detection, asks = detections[selection.detection], selection.asks
        opening = detection.plan.stages[0]
        begun = [way.component for way in opening.alternatives if tally.components.get(way.component)]
        if begun or selection.stage == 0:
            stage = detection.plan.stages[selection.stage].name
            component = asks.component if begun else _either(opening)
            blind = Blind(detection.name, stage, component, _log_sources(detection, asks))
            if not tally.components.get(asks.component) and blind not in seen:
                seen.add(blind)
                yield blind


def _either(stage: Stage) -> str:
    """The data components that may fill a stage."""
    return " or ".join(dict.fromkeys(way.component for way in stage.alternatives))


def _log_sources(detection: Detection, asks: Alternative) -> tuple[str, ...]:
    return tuple(f"{s.name} {s.channel}" for s in detection.log_sources if s.component == asks.component)
