r"""Apache Parquet: tables by column, as data lakes and Amazon Security Lake keep them.

Binary: row groups, each with a chunk for each column, and behind them a footer that says where everything is::

    PAR1 <row group> <row group> ... <footer> <length of the footer> PAR1

A row becomes an object; lists, structs and maps in it are nested, columns without a value are null. Its position
is its number, from 1. Times with a zone are UTC, as text in microseconds; times without one stay without. Decimal
numbers keep their digits. Bytes are text where they are UTF-8, else Base64.

What the format loses: nothing of the values; here nanoseconds, NaN and infinity (null) are lost. The footer is
needed for everything: of a file that is cut, or that is still being written, nothing can be read.
Specification: https://parquet.apache.org/docs/file-format/.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import pyarrow as pa
import pyarrow.compute

from clew.read.heading import unique
from clew.read.repair import is_utf8
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "parquet"
_SIGNATURE = b"PAR1"
_BLOCK = 8 << 20  # of values at a time
_CORRUPT = (pa.ArrowException, OSError, ValueError, MemoryError)
_JSON = msgspec.json.Encoder(decimal_format="number")


def claims(head: bytes) -> bool:
    """Whether the file's signature is that of Parquet."""
    return head.startswith(_SIGNATURE)


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The rows of all row groups. The file must be sought in, so a stream is put into the spill folder first."""
    if source.path:
        with source.path.open("rb") as file:
            yield from _read(file, Spool(spill, source.name, NAME, size), source.name)
        return
    with tempfile.TemporaryFile(dir=spill) as copy:
        shutil.copyfileobj(source.stream, copy)
        copy.seek(0)
        yield from _read(copy, Spool(spill, source.name, NAME, size), source.name)


def _read(file: IO[bytes], spool: Spool, name: str) -> Iterator[Item]:
    try:
        table = _Table(file, name)
    except _CORRUPT as error:
        yield Reject(name, 0, f"the footer cannot be read, and nothing without it: {_reason(error)}")
        return
    yield from table.notes
    end = file.seek(0, 2)
    for group in range(table.groups):
        yield from table.take(group, spool)
        if spool.full and (batch := spool.take(end // table.groups)):
            yield batch
    if batch := spool.take(end // max(table.groups, 1)):
        yield batch


def texts(path: Path) -> Iterator[bytes] | None:
    """The distinct texts of each part of each column, with line ends between; None where a column is nested or bytes.

    Of what cannot be read there are none: whoever reads the rows says so.
    """
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(path, pre_buffer=False)
        schema = file.schema_arrow
    except _CORRUPT:
        return iter(())
    if any(pa.types.is_nested(field.type) or _is_bytes(field.type) for field in schema):
        return None
    return _texts(file, [field.name for field in schema if _is_text(field.type)])


def _is_text(type_: pa.DataType) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary)
    return any(kind(type_) for kind in kinds)


def _is_bytes(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_)
    )


def _texts(file: Any, columns: list[str]) -> Iterator[bytes]:
    try:
        for batch in file.iter_batches(65_536, columns=columns, use_threads=False):
            for column in batch.columns:
                values = pa.compute.unique(column).to_pylist()
                yield "\n".join(str(value) for value in values if value is not None).encode() + b"\n"
    except _CORRUPT:
        return


class _Table:
    """One file, opened by its footer. Raises what pyarrow raises where that is not sound."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        from pyarrow.parquet import ParquetFile

        self._name = name
        self._file = ParquetFile(file, pre_buffer=False, buffer_size=1 << 20, page_checksum_verification=True)
        schema = self._file.schema_arrow
        self._columns, changes = unique(schema.names, len(schema.names))
        self.notes = [Note(name, change) for change in changes]
        self._types = [_in_microseconds(field.type) for field in schema]
        self._binary = [
            column
            for column, type_ in zip(self._columns, self._types, strict=True)
            if pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
        ]
        self.groups = self._file.num_row_groups
        self._next = 1  # number of the next row

    def take(self, group: int, spool: Spool) -> Iterator[Reject]:
        """Spool the rows of a group, and reject those that cannot be read."""
        facts = self._file.metadata.row_group(group)
        end = self._next + max(facts.num_rows, 0)
        rows = max(1, min(4096, _BLOCK * facts.num_rows // max(facts.total_byte_size, 1)))
        try:
            for batch in self._file.iter_batches(rows, row_groups=[group], use_threads=False):
                yield from self._add(batch, spool)
        except _CORRUPT as error:
            reason = _reason(error)
        else:
            reason = "its pages hold fewer rows than the footer says"
        if self._next < end:
            count = end - self._next
            yield Reject(
                self._name, self._next, f"row group {group + 1}: {reason}; {count} rows are lost", count
            )
        self._next = end

    def _add(self, batch: pa.RecordBatch, spool: Spool) -> Iterator[Reject]:
        first = self._next
        self._next += batch.num_rows
        try:
            lines = self._lines(batch)
        except _UNFIT:
            lines = None
        for index in range(batch.num_rows):
            try:
                line = lines[index] if lines else self._lines(batch.slice(index, 1))[0]
            except _UNFIT as error:
                yield Reject(self._name, first + index, f"a value has no JSON: {_reason(error)}")
                continue
            if len(line) > LINE_BYTES:
                yield Reject(self._name, first + index, f"the row is longer than {LINE_BYTES >> 20} MiB")
            else:
                spool.add(line, first + index)

    def _lines(self, batch: pa.RecordBatch) -> list[bytes]:
        columns = [_cast(column, type_) for column, type_ in zip(batch.columns, self._types, strict=True)]
        table = pa.RecordBatch.from_arrays(columns, names=self._columns)
        rows: list[dict[str, Any]] = table.to_pylist(maps_as_pydicts="strict")
        for column in self._binary:
            for row in rows:
                if (value := row[column]) is not None and is_utf8(value):
                    row[column] = value.decode()
        return [_JSON.encode(row) for row in rows]


_UNFIT = (pa.ArrowException, ValueError, OverflowError, TypeError, KeyError, NotImplementedError)


def _cast(column: pa.Array, type_: pa.DataType) -> pa.Array:
    if column.type == type_:
        return column
    return column.cast(options=pa.compute.CastOptions(type_, allow_time_truncate=True))


def _in_microseconds(type_: pa.DataType) -> pa.DataType:
    """The same type with all times in it in microseconds, in UTC where they have a zone."""
    if pa.types.is_timestamp(type_):
        return pa.timestamp("us", "UTC" if type_.tz else None)
    if pa.types.is_time64(type_):
        return pa.time64("us")
    if pa.types.is_duration(type_):
        return pa.duration("us")
    if pa.types.is_struct(type_):
        return pa.struct([field.with_type(_in_microseconds(field.type)) for field in type_])
    if pa.types.is_list(type_):
        return pa.list_(type_.value_field.with_type(_in_microseconds(type_.value_type)))
    if pa.types.is_map(type_):
        return pa.map_(_in_microseconds(type_.key_type), _in_microseconds(type_.item_type))
    return type_


def _reason(error: BaseException) -> str:
    """The first line of what pyarrow says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
