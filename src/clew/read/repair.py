"""Lines that DuckDB's scan would refuse -> lines that it takes, with everything that was done about them.

The scan wants UTF-8, plain line ends, and no line of more than LINE_BYTES. A line that is no UTF-8 is read as
Latin-1 (ISO 8859-1), in which every byte is a letter; a note says so. An overlong line is rejected.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

import msgspec
import pyarrow as pa

from clew.read.spool import open_spill
from clew.record import LINE_BYTES, Batch, Note, Reject

# A carriage return is blank space between the parts of a JSON text and cannot stand inside one. The scan's
# delimiter, 01, becomes 02: neither may stand in a JSON text, so the line stays the fault that it is.
_PLAIN = bytes.maketrans(b"\r\x01", b" \x02")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MANY = 1 << 16  # bytes


def repair(batch: Batch, spill: Path, longest: int = LINE_BYTES) -> tuple[Batch, list[Reject | Note]]:
    """The same batch with lines that can be scanned, in place of the old one, and what there is to say of them."""
    with batch.lines.open("rb") as source, open_spill(spill) as out:
        said = list(copy(source, out, batch, longest))
    batch.done()
    return msgspec.structs.replace(batch, lines=Path(out.name), temporary=True), said


def copy(
    source: IO[bytes], out: IO[bytes], batch: Batch, longest: int = LINE_BYTES
) -> Iterator[Reject | Note]:
    """Copy a batch's lines, with a blank line for each one that cannot be kept."""
    latin: dict[str, list[int]] = {}  # source -> first position, number of lines
    for row, line in enumerate(bounded(source, longest)):
        text = line.rstrip(b"\r\n").translate(_PLAIN)
        if row == 0:
            text = text.removeprefix(BYTE_ORDER_MARK)
        if not is_utf8(text):
            text = text.decode("latin-1").encode()
            span, position = batch.place(row)
            latin.setdefault(span.source, [position, 0])[1] += 1
        if max(len(line), len(text)) > longest:
            span, position = batch.place(row)
            yield Reject(span.source, position, f"the line is longer than {longest >> 20} MiB")
            text = b""
        out.write(text + b"\n")
    for path, (first, count) in latin.items():
        yield Note(path, f"not UTF-8, read as Latin-1: {count} line{'s'[: count > 1]}, the first is {first}")


def bounded(source: IO[bytes], longest: int) -> Iterator[bytes]:
    """Lines of at most `longest` + 1 bytes; the rest of a longer one is passed over."""
    while line := source.readline(longest + 1):
        rest = line
        while len(rest) > longest and not rest.endswith(b"\n"):
            rest = source.readline(longest + 1)
        yield line


def ends_overlong(path: Path, longest: int = LINE_BYTES) -> bool:
    """Whether the last line of a file is too long. Elsewhere DuckDB tells; there it gives no row and no error."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        for length in (_NEARLY_ALL, longest + 2):
            file.seek(max(0, size - length))
            if b"\n" in file.read().rstrip(b"\r\n"):
                return False
    return size > longest


_NEARLY_ALL = 64 << 10  # bytes of the last line in nearly all files


def lines_at(batch: Batch, rows: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """Some rows of a batch, in order, each with its line; no line after the last of them is read."""
    last = max(rows, default=-1)
    with batch.lines.open("rb") as file:
        for row, line in zip(range(last + 1), bounded(file, LINE_BYTES), strict=False):
            if row in rows:
                yield row, line


def is_utf8(text: bytes) -> bool:
    """Whether bytes are UTF-8; where they are many, Arrow tells it ten times as fast as Python, and makes no copy."""
    if text.isascii():
        return True
    try:
        if len(text) < _MANY:
            text.decode("utf-8")
        else:
            ends = pa.py_buffer(struct.pack("=qq", 0, len(text)))
            pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
    except (UnicodeDecodeError, pa.ArrowInvalid):
        return False
    return True
