"""Small batches one after another -> one batch: each batch costs a plan of 100 ms and more, whatever is in it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from clew.read.repair import BYTE_ORDER_MARK, copy, ends_overlong, is_utf8, repair
from clew.read.spool import open_spill
from clew.record import LINE_BYTES, Batch, Item, Note, Reject, Span

#: Up to this size, copying a batch is cheaper than planning for it.
SMALL = 8 << 20
#: A batch of small ones is worth its plan from here on, and DuckDB can work at it while the next is read.
WORTH = 32 << 20


def gathered(items: Iterable[Item], spill: Path, size: int = WORTH) -> Iterator[Item]:
    """The same items in the same order of batches, with small batches brought together, up to `size` bytes."""
    heap = _Heap(spill)
    for item in items:
        if not isinstance(item, Batch):
            yield item
        elif _length(item) <= SMALL:
            yield from heap.add(item)
            if heap.written >= size:
                yield from heap.take()
        else:
            yield from heap.take()
            yield from _mended(item, spill)
    yield from heap.take()


def _mended(batch: Batch, spill: Path) -> Iterator[Item]:
    """The batch; without its last line where that is so long that DuckDB would pass it over without a word."""
    try:
        overlong = ends_overlong(batch.lines)
    except OSError:
        overlong = False  # it vanished, and whoever opens it says so
    if overlong:
        batch, said = repair(batch, spill)
        yield from said
    yield batch


def _length(batch: Batch) -> int:
    try:
        return batch.lines.stat().st_size
    except OSError:
        return 0  # it vanished, and whoever opens it says so


class _Heap:
    """Batches in one file, one after another."""

    def __init__(self, spill: Path) -> None:
        self._spill = spill
        self._out: IO[bytes] | None = None
        self._begin()

    def _begin(self) -> None:
        self._spans: list[Span] = []
        self._rows = self._size = self.written = 0

    def add(self, batch: Batch) -> Iterator[Reject | Note]:
        """Copy a batch, and be done with it."""
        try:
            data = batch.lines.read_bytes()
        except OSError as error:
            yield Reject(batch.spans[0].source, 0, error.strerror or str(error))
            return
        batch.done()
        self._size += batch.size
        if not data:
            return
        self._out = self._out or open_spill(self._spill)
        if _is_plain(data):
            self._out.write(data.removeprefix(BYTE_ORDER_MARK) + b"\n"[: not data.endswith(b"\n")])
        else:
            yield from copy(io.BytesIO(data), self._out, batch)
        self.written = self._out.tell()
        self._spans += [msgspec.structs.replace(span, row=span.row + self._rows) for span in batch.spans]
        self._rows += data.count(b"\n") + (not data.endswith(b"\n"))

    def take(self) -> Iterator[Batch]:
        """The batch of all that was added, where that is anything."""
        if self._out:
            self._out.close()
            yield Batch(Path(self._out.name), tuple(self._spans), self._size, temporary=True)
            self._out = None
        self._begin()


def _is_plain(data: bytes) -> bool:
    """Whether the lines can be scanned as they are."""
    return len(data) <= LINE_BYTES and b"\r" not in data and b"\1" not in data and is_utf8(data)
