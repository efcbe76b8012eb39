"""The way of the data, on one page: bytes -> records -> events -> candidates -> findings.

Columns until something is rare, objects after: everything up to `Candidates.rows` happens inside DuckDB.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import duckdb
import msgspec

from clew.bounded import DEFAULT
from clew.chain.engine import Engine
from clew.chain.garbage import seldom_collected
from clew.chain.order import delayed
from clew.database import Limits, shelve
from clew.finding import Finding
from clew.interrupt import heed
from clew.normalise.clock import RIGHT, Clocks
from clew.normalise.extent import EVERYTHING, Extent
from clew.normalise.lines import UnscannableError
from clew.normalise.scan import Normaliser
from clew.read import read_file
from clew.read.ahead import ahead
from clew.read.files import walk
from clew.read.gather import gathered
from clew.read.repair import repair
from clew.record import Batch, Item, Pretest, Reject, Tally
from clew.select.blind import Blindness
from clew.select.selection import components, facts
from clew.select.tables import Candidates, Row

#: Told after each batch: the file, and how many of its bytes have been read.
Progress = Callable[[Path, int], None]


class Workplace(msgspec.Struct, frozen=True):
    """Where a run works: its database, its folder for what does not fit, its books, and whom it tells."""

    database: duckdb.DuckDBPyConnection
    spill: Path
    tally: Tally
    progress: Progress
    extent: Extent = EVERYTHING
    clocks: Clocks = RIGHT
    #: Within these, tables do not grow in memory.
    limits: Limits = Limits()
    #: So many rows are kept of each table that grows with the events.
    rows: int = DEFAULT.rows
    #: Looks on at what readers hand on; whoever keeps books does.
    watch: Callable[[Iterable[Item]], Iterable[Item]] = iter


#: What a candidate with all its columns takes, in bytes, where it is joined, sorted and waits, and how many there may
#: be at a time for any memory.
_WIDE, _FEW = 150_000, 500


def gather(paths: Iterable[Path], candidates: Candidates, work: Workplace, before: bytes = b"") -> None:
    """Read everything once, into the candidates; `before` is a snapshot of those that it adds to.

    What cannot be read is accounted for in the tally, and the rest is read on. Raises UsageError for a path
    that is not there, before anything is read.
    """
    files = list(walk(paths))
    asked = components(candidates.detections) | facts(candidates.detections)
    normaliser = Normaliser(
        work.database, asked, candidates.columns, work.extent, work.clocks, candidates.sieve, work.rows
    )
    candidates.whole = normaliser.whole
    candidates.at_once = max(work.limits.memory // _WIDE, _FEW)
    candidates.shelve = partial(shelve, work.database, work.limits)
    if before:
        candidates.restore(before)
        normaliser.seen.recount()
    for item in work.watch(read(files, work.spill, work.progress, normaliser.pretest)):
        if isinstance(item, Batch):
            for _ in normalise(normaliser, item, work.spill, work.tally):
                candidates.add()
                normaliser.forget()
                candidates.shelve()
        else:
            work.tally.account(item)
    candidates.known.dropped += normaliser.seen.forgotten


def read(
    files: Iterable[Path], spill: Path, progress: Progress, pretest: Pretest | None = None
) -> Iterator[Item]:
    """What the readers make of the files, in batches that are worth a plan, a little ahead of whoever takes them."""
    return ahead(gathered(_items(files, spill, progress, pretest), spill))


def _items(files: Iterable[Path], spill: Path, progress: Progress, pretest: Pretest | None) -> Iterator[Item]:
    """What the readers make of the files; tells the progress."""
    for file in files:
        done = 0
        for item in read_file(file, spill, pretest):
            yield item
            if isinstance(item, Batch):
                done += item.size
                progress(file, done)


def normalise(normaliser: Normaliser, batch: Batch, spill: Path, tally: Tally) -> Iterator[int]:
    """Make the events of a batch, part by part; where the scan refuses its lines, the rest after their repair.

    After each part its tables stand in the database, until the next is asked for (see `normalise.scan`). Gives
    the row where the next part begins; in the end the batch is done with.
    """
    row = 0
    try:
        for row in normaliser.normalise(batch, tally):
            yield row
            heed()
    except UnscannableError:
        batch, said = repair(batch, spill)
        for item in said:
            tally.account(item)
        yield from normaliser.normalise(batch, tally, row)
    except duckdb.IOException:
        if os.access(batch.lines, os.R_OK):
            raise
        tally.reject(Reject(batch.spans[0].source, 0, "it vanished while it was read"))
        return
    batch.done()


def chain(
    candidates: Candidates, engine: Engine, look: Callable[[Iterable[Row]], Iterable[Row]] = iter
) -> list[Finding]:
    """Run the chain engine over the candidates, in stage-delayed order, to the end: a batch is a stream that ends.

    `look` looks on at the rows that are handed to it.
    """
    rows = (row for _, row in candidates.rows(linked=True))
    with seldom_collected():
        for row in delayed(look(rows), candidates.detections):
            engine.feed(row)
        engine.finish()
    blindness = Blindness(candidates.detections, candidates.since())
    return [blindness.told(finding) for finding in engine.take()]
