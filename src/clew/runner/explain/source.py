"""Where the events come from that a detection is explained on: log files, or events that are written down."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from clew import pipeline
from clew.database import Limits, connect
from clew.detection.block import Faults, block
from clew.detection.case import read_events
from clew.detection.document import Items, Mapping, compose
from clew.detection.model import CaseEvent, Detection
from clew.entity.inventory import NOTHING, Inventory
from clew.errors import DetectionError, Fault, UsageError
from clew.normalise.clock import RIGHT, Clocks
from clew.record import Tally
from clew.runner import trial
from clew.select.tables import Candidates

_LIMITS = Limits()


class Source(Protocol):
    """Gives the candidates among its events for any detections, as often as it is asked."""

    @property
    def tally(self) -> Tally:
        """How every record ended when the events were read first."""

    def gather(self, detections: Sequence[Detection]) -> AbstractContextManager[Candidates]:
        """The candidates of the detections."""


class LogFiles:
    """Log files, read as a hunt reads them."""

    def __init__(
        self,
        paths: Sequence[Path],
        limits: Limits = _LIMITS,
        clocks: Clocks = RIGHT,
        inventory: Inventory = NOTHING,
    ) -> None:
        self.tally = Tally()
        self._paths, self._limits, self._clocks, self._inventory = paths, limits, clocks, inventory
        self._read = False

    @contextmanager
    def gather(self, detections: Sequence[Detection]) -> Iterator[Candidates]:
        """Read everything; raises UsageError for a path that is not there."""
        with (
            tempfile.TemporaryDirectory(prefix="clew-", dir=self._limits.spill) as folder,
            connect(limits := msgspec.structs.replace(self._limits, spill=Path(folder))) as database,
        ):
            tally = Tally() if self._read else self.tally
            self._read = True
            candidates = Candidates(database, detections, self._inventory)
            work = pipeline.Workplace(
                database, Path(folder), tally, lambda file, done: None, clocks=self._clocks, limits=limits
            )
            pipeline.gather(self._paths, candidates, work)
            yield candidates


class WrittenEvents:
    """Events as the tests of detections write them; `path` is the file that they stand in."""

    def __init__(self, events: Sequence[CaseEvent], path: str) -> None:
        self._events, self._path = events, path
        self.tally = Tally()
        self.tally.files = 1
        self.tally.add("event", len(events))

    @contextmanager
    def gather(self, detections: Sequence[Detection]) -> Iterator[Candidates]:
        """The events are laid out anew each time."""
        placed = [msgspec.structs.replace(detection, path=self._path) for detection in detections]
        with connect(Limits(threads=1)) as database:
            yield trial.tables(database, placed, self._events)


def source_of(
    path: Path, limits: Limits = _LIMITS, clocks: Clocks = RIGHT, inventory: Inventory = NOTHING
) -> Source:
    """The events of a path: written down where it is a YAML file, else log files.

    Raises UsageError for a path that is not there, DetectionError for faults in a YAML file.
    """
    if path.suffix.lower() not in (".yaml", ".yml") or path.is_dir():
        return LogFiles([path], limits, clocks, inventory)
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text; save it as UTF-8") from error
    return WrittenEvents(written_events(text, str(path)), str(path))


def written_events(text: str, path: str) -> tuple[CaseEvent, ...]:
    """Events in YAML: a list of them, or a mapping with such a list under `events`. Raises DetectionError."""
    found: list[Fault] = []
    node = compose(text, path, found)
    faults = Faults(path)
    if isinstance(node, Mapping):
        top = block(node, faults, "a file of events", ("events",))
        nodes = top.items("events", "list the events") if top else ()
    elif isinstance(node, Items):
        nodes = node.nodes
    else:
        nodes = ()
        if not found:
            found.append(
                Fault(path, 0, 0, "no events", "write: - +3m process_creation: {process.name: cmd.exe}")
            )
    events = read_events(nodes, faults)
    if found or faults.found:
        raise DetectionError([*found, *faults.found])
    return events
