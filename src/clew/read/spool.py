"""Records that a reader has taken out of a container -> lines on disk, in batches of bounded size."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from clew.record import Batch, Span

#: A batch is handed on when it has grown to this. DuckDB scans it in parts of 32 MiB, one a thread.
BATCH_BYTES = 128 << 20


class Spool:
    """Gathers the lines of one source, each with its position; `take` hands on what has been gathered."""

    def __init__(self, folder: Path, source: str, reader: str, size: int = BATCH_BYTES) -> None:
        self._folder, self._source, self._reader, self._size = folder, source, reader, size
        self._out: IO[bytes] | None = None
        self._begin()

    def _begin(self) -> None:
        self._spans: list[Span] = []
        self._rows = self._written = self._next = 0

    @property
    def full(self) -> bool:
        """Whether it is time to take the batch."""
        return self._written >= self._size

    def add(self, line: bytes, position: int) -> None:
        """Append one record, which must hold no line end."""
        self._place(position)
        self._append(line)

    def extend(self, lines: bytes, positions: Sequence[int]) -> None:
        """Append some records, each a line; the last one without its end."""
        for position in positions:
            self._place(position)
        if positions:
            self._append(lines)

    def _place(self, position: int) -> None:
        """Note where the next row stands in the source."""
        if position != self._next or not self._spans:
            self._spans.append(Span(self._rows, self._source, self._reader, position))
        self._next = position + 1
        self._rows += 1

    def _append(self, lines: bytes) -> None:
        if self._out is None:
            self._out = open_spill(self._folder)
        self._written += self._out.write(lines) + self._out.write(b"\n")

    def take(self, size: int = 0) -> Batch | None:
        """The batch of what was added since the last one, for `size` bytes of input; None where that is nothing."""
        if self._out is None:
            return None
        path = Path(self._out.name)
        self._out.close()
        batch = Batch(path, tuple(self._spans), size, temporary=True)
        self._out = None
        self._begin()
        return batch


def open_spill(folder: Path) -> IO[bytes]:
    """A new file in the spill folder, open for writing."""
    return tempfile.NamedTemporaryFile("wb", dir=folder, prefix="lines-", suffix=".jsonl", delete=False)
