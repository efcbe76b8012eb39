"""Small batches one after another -> one batch: each batch costs a plan of 100 ms and more, whatever is in it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from clew.read.repair import BYTE_ORDER_MARK, copy, ends_overlong, is_utf8, repair
from clew.read.spool import open_spill
from clew.record import LINE_BYTES, Batch, Item, Note, Reject, Span

#: Up to this size, copying a batch takes less than a look whether it needs repair.
SMALL = 8 << 20
#: From here on a batch is worth its plan, and DuckDB can work at it while the next is read: copying a smaller one
#: takes a tenth of what a plan takes.
WORTH = 32 << 20
#: More is not brought together: it would be more than a part (see `normalise.lines`), and its rest needs a plan.
_MOST = 40 << 20


def gathered(items: Iterable[Item], spill: Path, size: int = WORTH) -> Iterator[Item]:
    """The same items in the same order of batches, with those below `size` bytes brought together."""
    waiting: list[Batch] = []
    length = 0
    for item in items:
        if not isinstance(item, Batch):
            yield item
            continue
        more = _length(item)
        if more >= size or length + more > _MOST:
            yield from _together(waiting, spill)
            waiting, length = [], 0
        waiting.append(item)
        length += more
        if length >= size:
            yield from _together(waiting, spill)
            waiting, length = [], 0
    yield from _together(waiting, spill)


def _together(batches: Sequence[Batch], spill: Path) -> Iterator[Item]:
    """Some batches as one; a single one stays where it is, unless it is small and may need repair."""
    if len(batches) == 1 and _length(batches[0]) > SMALL:
        yield from _mended(batches[0], spill)
        return
    heap = _Heap(spill)
    for batch in batches:
        yield from heap.add(batch)
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
        self._spans: list[Span] = []
        self._rows = self._size = 0

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
        self._spans += [msgspec.structs.replace(span, row=span.row + self._rows) for span in batch.spans]
        self._rows += data.count(b"\n") + (not data.endswith(b"\n"))

    def take(self) -> Iterator[Batch]:
        """The batch of all that was added, where that is anything."""
        if self._out:
            self._out.close()
            yield Batch(Path(self._out.name), tuple(self._spans), self._size, temporary=True)


def _is_plain(data: bytes) -> bool:
    """Whether the lines can be scanned as they are."""
    return b"\r" not in data and b"\1" not in data and is_utf8(data) and _longest(data) <= LINE_BYTES


def _longest(data: bytes) -> int:
    """The length of the longest line, or what it can be at most."""
    return len(data) if len(data) <= LINE_BYTES else max(map(len, data.split(b"\n")))
