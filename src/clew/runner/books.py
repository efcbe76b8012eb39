"""Keeps the books of a hunt: an independent count of what readers hand on, and how long each step takes."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

import duckdb
import msgspec

from clew.chain.limits import Counters
from clew.errors import AccountingError
from clew.read.repair import BYTE_ORDER_MARK, bounded
from clew.record import LINE_BYTES, STATUSES, Batch, Item, Joined, Reject, Skipped, Tally
from clew.report.books import Ledger, Part, Step
from clew.select.places import Known

_TOP = 10


class Books:
    """The books of one hunt. Counting every line once more takes time, so they are kept where somebody asks."""

    def __init__(self) -> None:
        self._readers: dict[str, Part] = {}
        self._files: dict[str, Part] = {}
        self._reader_of: dict[str, str] = {}
        self._seconds: dict[str, float] = dict.fromkeys(("read", "normalise", "select", "chain"), 0.0)
        self._input = self._spooled = self._spilled = 0
        self._changed = False

    def watch(self, items: Iterable[Item], database: duckdb.DuckDBPyConnection) -> Iterator[Item]:
        """The same items, counted and timed on their way from the readers to the normaliser."""
        source = iter(items)
        while True:
            start = perf_counter()
            item = next(source, None)
            self._seconds["read"] += (taken := perf_counter() - start)
            if item is None:
                return
            if isinstance(item, Batch):
                yield from self._batch(item, taken, database)
            else:
                self._enter(item)
                yield item

    def _enter(self, item: Item) -> None:
        """Enter the records that a reader does not hand on."""
        if isinstance(item, Reject) and item.position:
            self._part(self._files, item.path).rejected += item.count
        elif isinstance(item, Skipped | Joined):
            self._reader_of[item.path] = item.reader
            for part in (self._part(self._files, item.path), self._part(self._readers, item.reader)):
                part.records += item.count

    def _batch(self, batch: Batch, taken: float, database: duckdb.DuckDBPyConnection) -> Iterator[Item]:
        parts, size = self._count(batch)
        before, start = self._seconds["select"], perf_counter()
        yield batch
        passed = perf_counter() - start
        self._seconds["normalise"] += passed - (self._seconds["select"] - before)
        self._changed |= not batch.temporary and self._length(batch) != size
        self._share(parts, taken + passed)
        [(spilled,)] = database.cursor().execute(_SPILLED).fetchall()
        self._spilled = max(self._spilled, spilled)

    def _count(self, batch: Batch) -> tuple[list[tuple[Part, Part, int]], int]:
        """Enter a batch's lines by file and reader; what each span came to, and the size of the file of lines."""
        self._input += batch.size
        entered = []
        size = self._length(batch)
        self._spooled += size * batch.temporary
        for source, reader, records, length in _spans(batch):
            self._reader_of[source] = reader
            pair = (self._part(self._files, source), self._part(self._readers, reader))
            for part in pair:
                part.records += records
                part.bytes += length
            entered.append((*pair, length))
        return entered, size

    @staticmethod
    def _length(batch: Batch) -> int:
        try:
            return batch.lines.stat().st_size
        except OSError:
            return 0

    @staticmethod
    def _part(parts: dict[str, Part], name: str) -> Part:
        return parts.setdefault(name, Part(name))

    @staticmethod
    def _share(entered: Iterable[tuple[Part, Part, int]], seconds: float) -> None:
        """Share time out by bytes."""
        spans = list(entered)
        whole = sum(length for *_, length in spans) or 1
        for file, reader, length in spans:
            file.seconds += seconds * length / whole
            reader.seconds += seconds * length / whole

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += perf_counter() - start

    def check(self, tally: Tally) -> None:
        """Raise AccountingError where records went missing, or came from nowhere.

        What readers handed on and what they rejected must be what the tally has. A file that changes while it is
        read may be counted at another length, so then nothing is said.
        """
        counted = sum(part.records + part.rejected for part in self._files.values())
        if counted != tally.total and not self._changed:
            raise AccountingError(
                f"the books do not balance: readers gave {counted:,} records, and {tally.total:,} are accounted for"
            )

    def close(self, tally: Tally, counters: Counters, known: Known) -> Ledger:
        """All that was counted; once, at the end."""
        files = sorted(self._files.values(), key=lambda part: -part.bytes)[:_TOP]
        slow = sorted(self._files.values(), key=lambda part: -part.seconds)[:_TOP]
        rejected = sum(part.rejected for part in self._files.values())
        for part in self._files.values():
            if part.rejected:
                self._part(self._readers, self._reader_of.get(part.name, "?")).rejected += part.rejected
        return Ledger(
            records={status: tally.records[status] for status in STATUSES} | {"all": tally.total},
            components=dict(sorted(tally.components.items())),
            readers=tuple(sorted(self._readers.values(), key=lambda part: -part.bytes)),
            files=tuple(files + [part for part in slow if part not in files]),
            steps=tuple(self._steps(tally.total - rejected)),
            engine=_engine(counters),
            known={k: len(v) if isinstance(v, dict) else v for k, v in msgspec.structs.asdict(known).items()},
            input=self._input,
            text=sum(part.bytes for part in self._files.values()),
            spilled=self._spooled + self._spilled,
            memory=_peak(),
        )

    def _steps(self, records: int) -> Iterator[Step]:
        for name, seconds in (*self._seconds.items(), ("all", sum(self._seconds.values()))):
            yield Step(name, round(seconds, 6), int(records / seconds) if seconds else 0)


_SPILLED = "SELECT coalesce(sum(size), 0)::BIGINT FROM duckdb_temporary_files()"


def _spans(batch: Batch) -> Iterator[tuple[str, str, int, int]]:
    """Source, reader, number of records (lines that are not blank) and bytes of each span; nothing where it is gone."""
    ends = [*(span.row for span in batch.spans[1:]), -1]
    row = 0
    try:
        with batch.lines.open("rb") as file:
            lines = bounded(file, LINE_BYTES)
            for span, end in zip(batch.spans, ends, strict=True):
                records = length = 0
                while row != end and (line := next(lines, b"")):
                    text = line.removeprefix(BYTE_ORDER_MARK) if row == 0 else line
                    records += bool(text.strip(b" \r\n"))
                    length += len(line)
                    row += 1
                yield span.source, span.reader, records, length
    except OSError:
        return


def _engine(counters: Counters) -> dict[str, int]:
    known = msgspec.structs.asdict(counters)
    return {name: sum(v.values()) if isinstance(v, dict) else v for name, v in known.items()}


def _peak() -> int:
    """The most memory that this process has had, in bytes; Linux says KiB, macOS bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
