"""Take stock of a set of files: read them once, to the end, and say what is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from clew import pipeline
from clew.database import Limits, connect
from clew.detection.model import Detection
from clew.interrupt import interrupts
from clew.normalise.extent import EVERYTHING, Extent
from clew.normalise.scan import Normaliser
from clew.pipeline import Progress
from clew.read.files import walk
from clew.record import Batch, Item, Tally
from clew.report.inventory import Inventory
from clew.runner.clock import clocks
from clew.runner.hunt import within_means
from clew.runner.sources.answer import inventory
from clew.runner.sources.census import COLUMNS, Census
from clew.settings import Settings

#: More rejects than a hunt keeps: they are the answer here.
_REJECTS = 100_000


def take_stock(
    paths: Iterable[Path],
    detections: Sequence[Detection],
    settings: Settings,
    progress: Progress,
    extent: Extent = EVERYTHING,
) -> tuple[Inventory, Tally]:
    """What is in files and folders, and which stages of the detections can be looked for with it.

    Raises UsageError for a path that is not there. Ctrl-C ends the reading; what was read until then is told.
    """
    extent.check()
    files = list(walk(paths))
    tally = Tally(keep=_REJECTS)
    interrupted = False
    corrected = clocks(settings)
    with (
        tempfile.TemporaryDirectory(prefix="clew-", dir=settings.temp_directory) as folder,
        connect(Limits(settings.memory_limit, settings.threads, Path(folder))) as database,
        within_means(settings),
    ):
        stock = _Stock(Normaliser(database, None, COLUMNS, extent, corrected), database, Path(folder), tally)
        try:
            with interrupts():
                stock.read(pipeline.read(files, Path(folder), progress))
        except KeyboardInterrupt:
            interrupted = True
        return inventory(stock.census, tally, detections, interrupted), tally


class _Stock:
    """Reads batches as a hunt does, but for all data components, and has them counted."""

    def __init__(
        self, normaliser: Normaliser, database: duckdb.DuckDBPyConnection, spill: Path, tally: Tally
    ) -> None:
        self._normaliser = normaliser
        self._spill, self._tally = spill, tally
        self.census = Census(database)

    def read(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, Batch):
                for _ in pipeline.normalise(self._normaliser, item, self._spill, self._tally):
                    self.census.add(item)
            else:
                self._tally.account(item)
