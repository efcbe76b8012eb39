"""One log to read: its bytes in order, and the name by which the user knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

import msgspec

from clew.read.spool import BATCH_BYTES
from clew.record import Item, Pretest


class Source(msgspec.Struct, frozen=True):
    """One log.

    `name` is its path; a member of an archive is `archive.zip!path/in/it`. `head` is its first 64 KiB;
    `stream` gives everything from the first byte on, once. `path` is set where the very bytes stand in a file.
    A reader that has to take records out of a container may leave out those that fail the `pretest`, and says so
    with `Skipped`.
    """

    name: str
    head: bytes
    stream: IO[bytes]
    path: Path | None = None
    pretest: Pretest | None = None


class Reader(Protocol):
    """How one container format is read. A reader is a module of this package, listed in `READERS`."""

    #: What `clew.log.source` says of its records.
    NAME: str

    def claims(self, head: bytes) -> bool:
        """Whether a source that begins so is this reader's."""
        ...

    def read(self, source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
        """The source's records as batches of about `size` bytes, and what could not be read. Raises OSError."""
        ...
