"""Bytes -> records. One file a container format; what a file is, is told by its content, not its name."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from clew.archive import Leaf, Trouble, leaves
from clew.archive.stream import BUFFER_BYTES, HEAD_BYTES, Inflow
from clew.read import (
    auditd,
    ctrevents,
    delimited,
    documents,
    evtx,
    jsonlines,
    kuberneteslist,
    logrus,
    parquet,
    splunkevent,
    syslog,
    windowsxml,
    zeek,
)
from clew.read.encoding import as_utf8, utf16
from clew.read.files import STDIN
from clew.read.source import Reader, Source
from clew.record import Batch, Item, Note, Opened, Pretest, Reject

#: In this order a source is offered to them: signatures first, the widest test last.
READERS: tuple[Reader, ...] = (
    *(evtx, parquet, zeek, windowsxml, auditd, logrus, ctrevents, splunkevent, syslog),
    *(kuberneteslist, documents, jsonlines, delimited),
)


def read_file(path: Path, spill: Path, pretest: Pretest | None = None) -> Iterator[Item]:
    """All that stands in a file, and what of it could not be read; `-` is standard input.

    A reader may leave out records that fail the `pretest`, as `Skipped`. Raises OSError only where our own disk is
    full.
    """
    try:
        if path == STDIN:
            # Python ends badly while a thread waits in the buffer of standard input; in the file below it may.
            stdin = cast(io.BufferedReader, sys.stdin.buffer).raw
            yield from _from_pipe("-", cast(io.FileIO, stdin).read, spill, pretest)
            return
        if path.is_dir():
            next(path.iterdir(), None)
        with path.open("rb", buffering=0) as raw:
            if raw.seekable():
                yield from _read(str(path), io.BufferedReader(raw, BUFFER_BYTES), spill, path, pretest)
            else:
                yield from _from_pipe(str(path), raw.read, spill, pretest)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        yield Reject(str(path), 0, error.strerror or str(error))


def _from_pipe(
    name: str, pull: Callable[[int], bytes], spill: Path, pretest: Pretest | None
) -> Iterator[Item]:
    """Everything that comes out of what cannot be sought in: standard input, a named pipe."""
    inflow = Inflow(pull)
    yield from _read(name, inflow.buffered(), spill, None, pretest)
    if inflow.trouble:
        yield Reject(name, 0, inflow.trouble)


def _read(
    name: str, stream: io.BufferedReader[Any], spill: Path, path: Path | None, pretest: Pretest | None
) -> Iterator[Item]:
    """Everything in a file, with the sizes of batches as far as the file itself has been read."""
    done = 0
    for found in leaves(name, stream, spill, path):
        if isinstance(found, Leaf):
            for item in read_source(found, spill, pretest):
                if isinstance(item, Batch) and not (found.path and item.size):
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
    return (
        ": it reads Windows event logs (EVTX, XML, Splunk's classic text), JSON, Zeek's logs, auditd logs, syslog, "
        "CSV with a header, and Parquet"
    )


_KNOWN = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"MSCF", "a cabinet: unpack it first"),
    (b"PARE", "Parquet with an encrypted footer: decrypt it first"),
    (b"<", "XML that is no Windows event: export it as JSON lines, one record a line"),
)
