"""Bytes -> records. One file a container format; what a file is, is told by its content, not its name."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from clew.archive import Leaf, Trouble, leaves
from clew.archive.stream import BUFFER_BYTES, HEAD_BYTES, Inflow
from clew.read import auditd, evtx, jsonlines, splunkevent, syslog, windowsxml
from clew.read.encoding import as_utf8, utf16
from clew.read.files import STDIN
from clew.read.source import Reader, Source
from clew.record import Batch, Item, Note, Opened, Pretest, Reject

#: In this order a source is offered to them.
READERS: tuple[Reader, ...] = (evtx, windowsxml, auditd, splunkevent, syslog, jsonlines)


def read_file(path: Path, spill: Path, pretest: Pretest | None = None) -> Iterator[Item]:
    """All that stands in a file, and what of it could not be read; `-` is standard input.

    A reader may leave out records that fail the `pretest`, as `Skipped`. Raises OSError only where our own disk is
    full.
    """
    try:
        if path == STDIN:
            inflow = Inflow(cast(io.BufferedReader, sys.stdin.buffer).read1)
            yield from _read(str(path), inflow.buffered(), spill, None, pretest)
            if inflow.trouble:
                yield Reject(str(path), 0, inflow.trouble)
            return
        if path.is_dir():
            next(path.iterdir(), None)
        with path.open("rb", buffering=0) as raw, io.BufferedReader(raw, BUFFER_BYTES) as stream:
            yield from _read(str(path), stream, spill, path, pretest)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        yield Reject(str(path), 0, error.strerror or str(error))


def _read(
    name: str, stream: io.BufferedReader[Any], spill: Path, path: Path | None, pretest: Pretest | None
) -> Iterator[Item]:
    """Everything in a file, with the sizes of batches as far as the file itself has been read."""
    done = 0
    for found in leaves(name, stream, spill, path):
        if isinstance(found, Leaf):
            for item in read_source(found, spill, pretest):
                if isinstance(item, Batch) and not found.path:
                    now = max(stream.tell(), done)
                    yield msgspec.structs.replace(item, size=now - done)
                    done = now
                else:
                    yield item
        elif isinstance(found, Trouble):
            yield Reject(found.name, 0, found.reason)
        else:
            yield Note(found.name, found.text)


def read_source(leaf: Leaf, spill: Path, pretest: Pretest | None = None) -> Iterator[Item]:
    """What the reader that claims a log makes of it; a log that none claims is rejected."""
    yield Opened(leaf.name)
    source = Source(leaf.name, leaf.head, leaf.stream, leaf.path, pretest)
    if codec := utf16(leaf.head):
        text = as_utf8(leaf.stream, codec)
        source = Source(leaf.name, text.peek(HEAD_BYTES)[:HEAD_BYTES], text, None, pretest)
    for reader in READERS:
        if reader.claims(source.head):
            yield from reader.read(source, spill)
            return
    yield Reject(leaf.name, 0, "no format that Clew reads" + _guess(source.head))


def _guess(head: bytes) -> str:
    """What the file seems to be instead, where its first bytes tell."""
    for magic, what in _KNOWN:
        if head.startswith(magic):
            return f", but {what}"
    return ": it reads Windows event logs (EVTX, XML, Splunk's classic text), auditd logs, syslog, and JSON lines"


_KNOWN = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"MSCF", "a cabinet: unpack it first"),
    (b"PAR1", "Parquet: export it as JSON lines, one record a line"),
    (b"<", "XML that is no Windows event: export it as JSON lines, one record a line"),
)
