r"""JSON lines: one JSON object a line, UTF-8.

::

    {"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","UtcTime":"2023-08-16 00:33:54.465", ...}

Specification: https://jsonlines.org. What it loses: nothing, but each exporter has its own names (dialects,
see `normalise`). A record's position is its line, from 1.

DuckDB scans a file as it is, as raw lines, whatever its size. What is no file of its own is cut at line ends into
the spill folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, open_spill
from clew.record import LINE_BYTES, Batch, Item, Span

NAME = "jsonlines"
_BLOCK = 8 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def claims(head: bytes) -> bool:
    """Whether the first line with text opens an object; so does a source that is empty or begins blank."""
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    return not text or text.startswith(b"{")


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """A file as it is; any other source in batches of about `size` bytes."""
    if source.path:
        length = source.path.stat().st_size
        span = Span(0, source.name, NAME, cut=ends_in_mid_line(source.path))
        yield Batch(source.path, (span,), length)
        return
    first = 1
    while part := _cut(source.stream, spill, size):
        yield Batch(part.path, (Span(0, source.name, NAME, first, part.cut),), part.size, temporary=True)
        first += part.lines


class _Part(msgspec.Struct):
    path: Path
    size: int
    lines: int
    cut: bool


def _cut(stream: IO[bytes], spill: Path, size: int) -> _Part | None:
    """Copy about `size` bytes, up to a line end, into a file of their own; None where nothing is left."""
    if not (block := stream.read(min(_BLOCK, size))):
        return None
    written = lines = 0
    with open_spill(spill) as out:
        while block:
            last = block[-1:]
            written += out.write(block)
            lines += block.count(b"\n")
            block = stream.read(min(_BLOCK, size - written)) if written < size else b""
        if last != b"\n" and (rest := _rest_of_line(stream)):
            written += out.write(rest)
            lines += rest.count(b"\n")
            last = rest[-1:]
    return _Part(Path(out.name), written, lines, last not in b"\r\n")


def _rest_of_line(stream: IO[bytes]) -> bytes:
    """What is left of a line; of an overlong one only as much as shows that it is."""
    kept = rest = stream.readline(LINE_BYTES + 1)
    while len(rest) > LINE_BYTES and not rest.endswith(b"\n"):
        rest = stream.readline(LINE_BYTES + 1)
    return kept if kept.endswith(b"\n") or not rest.endswith(b"\n") else kept + b"\n"


def ends_in_mid_line(path: Path) -> bool:
    """Whether the file's last byte is no line end."""
    with path.open("rb") as file:
        file.seek(0, 2)
        if not file.tell():
            return False
        file.seek(-1, 2)
        return file.read(1) not in b"\r\n"
