"""The way of the data, on one page: bytes -> records -> events -> candidates -> findings.

Columns until something is rare, objects after: everything up to `Candidates.rows` happens inside DuckDB.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import duckdb
import msgspec

from clew.chain.engine import Engine
from clew.chain.order import Reorder
from clew.finding import Finding
from clew.normalise.scan import Normaliser
from clew.read import read_file
from clew.read.ahead import ahead
from clew.read.files import walk
from clew.read.gather import gathered
from clew.read.repair import repair
from clew.record import Batch, Item, Pretest, Reject, Tally
from clew.select.selection import components
from clew.select.tables import Candidates, Row

#: Told after each batch: the file, and how many of its bytes have been read.
Progress = Callable[[Path, int], None]


class Workplace(msgspec.Struct, frozen=True):
    """Where a run works: its database, its folder for what does not fit, its books, and whom it tells."""

    database: duckdb.DuckDBPyConnection
    spill: Path
    tally: Tally
    progress: Progress


def gather(paths: Iterable[Path], candidates: Candidates, work: Workplace) -> None:
    """Read everything once, into the candidates.

    What cannot be read is accounted for in the tally, and the rest is read on. Raises UsageError for a path
    that is not there, before anything is read.
    """
    files = list(walk(paths))
    normaliser = Normaliser(work.database, components(candidates.detections), candidates.columns)
    candidates.whole = normaliser.whole
    for item in ahead(gathered(_items(files, normaliser.pretest, work), work.spill)):
        if isinstance(item, Batch):
            for _ in _parts(normaliser, item, work):
                candidates.add()
        else:
            work.tally.account(item)


def _items(files: Iterable[Path], test: Pretest | None, work: Workplace) -> Iterator[Item]:
    """What the readers make of the files; tells the progress."""
    for file in files:
        done = 0
        for item in read_file(file, work.spill, test):
            yield item
            if isinstance(item, Batch):
                done += item.size
                work.progress(file, done)


def chain(candidates: Candidates, engine: Engine) -> list[Finding]:
    """Run the chain engine over the candidates, in stage-delayed order, to the end: a batch is a stream that ends."""
    for row in _ordered(candidates):
        engine.feed(row)
    engine.finish()
    return engine.take()


def _ordered(candidates: Candidates) -> Iterator[Row]:
    """Rows in order of time -> stage-delayed order, holding back no more than the skew makes necessary."""
    reorder = Reorder(candidates.detections, lateness=0)
    for time, row in candidates.rows(linked=True):
        reorder.saw("batch", time)
        reorder.push(row)
        yield from reorder.ready()
    yield from reorder.drain()


def _parts(normaliser: Normaliser, batch: Batch, work: Workplace) -> Iterator[int]:
    """The parts of a batch; where the scan refuses the lines, the rest once more after their repair."""
    row = 0
    try:
        for row in normaliser.normalise(batch, work.tally):
            yield row
    except (duckdb.InvalidInputException, duckdb.NotImplementedException):
        batch, said = repair(batch, work.spill)
        for item in said:
            work.tally.account(item)
        yield from normaliser.normalise(batch, work.tally, row)
    except duckdb.IOException:
        if os.access(batch.lines, os.R_OK):
            raise
        work.tally.reject(Reject(batch.spans[0].source, 0, "it vanished while it was read"))
        return
    batch.done()
