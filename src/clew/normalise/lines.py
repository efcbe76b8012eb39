"""The first look at a batch's lines: those that may be wanted, each with its row; the others are counted.

DuckDB reads a file as raw lines and gives them in order, a little at a time, so that memory does not grow with
the file. A line that no detection can use goes no further than its text (see `pretest`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from clew.database import quote, streaming
from clew.record import LINE_BYTES, Batch, Pretest

#: Bytes of lines that are worth a plan of their own (memory holds them four times over), and lines at a time. What
#: `read.gather` brings together is less, and so never leaves a rest that needs one more plan.
PART_BYTES = 48 << 20
_LINES = 50_000


class UnscannableError(Exception):
    """Some lines of a batch are such that DuckDB does not take them as text: they need repair."""


class Part(msgspec.Struct, frozen=True):
    """Some of a batch's lines: the table (row, line), where the next part begins, how many lines are not in it."""

    lines: pa.Table
    end: int
    skipped: int


def parts(
    database: duckdb.DuckDBPyConnection, batch: Batch, test: Pretest | None, start: int = 0
) -> Iterator[Part]:
    """The lines of a batch from a row on; the last part ends it.

    Raises UnscannableError, perhaps after some parts.
    """
    row, gathered, size, skipped = 0, [_NOTHING], 0, 0
    for read in _lines(database, batch, test):
        lines = read.slice(max(start - row, 0))
        row += len(read) - len(lines)
        if len(lines):
            table = _numbered(lines, row)
            gathered.append(table)
            size += table.nbytes
            skipped += lines.null_count
        row += len(lines)
        if size >= PART_BYTES:
            yield Part(pa.concat_tables(gathered), row, skipped)
            gathered, size, skipped = [_NOTHING], 0, 0
    yield Part(pa.concat_tables(gathered), row, skipped)


def _lines(database: duckdb.DuckDBPyConnection, batch: Batch, test: Pretest | None) -> Iterator[pa.Array]:
    """Every line in order; an empty one is '', one that fails the test null."""
    try:
        with database.cursor() as cursor, streaming():
            for found in cursor.sql(_statement(batch, test)).to_arrow_reader(_LINES):
                yield found.column(0)
    except (duckdb.InvalidInputException, duckdb.NotImplementedException) as error:
        raise UnscannableError(str(error)) from error


def _statement(batch: Batch, test: Pretest | None) -> str:
    line = "coalesce(line, '')"
    if test:
        found = " OR ".join(f"regexp_matches(line, {quote(search)})" for search in _searches(test.patterns))
        line = f"""CASE WHEN line IS NULL THEN ''
            WHEN starts_with(line, '{{"') AND ends_with(line, '}}') AND NOT contains(line, chr(0)) AND NOT ({found})
                THEN NULL
            ELSE line END"""
    return f"""SELECT {line} AS line
        FROM read_csv({quote(str(batch.lines))}, columns = {{'line': 'VARCHAR'}}, delim = chr(1), quote = '',
            escape = '', comment = '', header = false, auto_detect = false,
            max_line_size = {LINE_BYTES}, buffer_size = {2 * LINE_BYTES})"""


#: Signs that are rare in records, and with which several patterns begin.
_RARE = ("_", "q", "g")


def _searches(patterns: Collection[str]) -> list[str]:
    """The patterns, each a search through the line; those that begin with the same rare sign are one search."""
    searches = [pattern for pattern in patterns if not pattern.startswith(_RARE)]
    for sign in _RARE:
        if alike := [pattern.removeprefix(sign) for pattern in patterns if pattern.startswith(sign)]:
            searches.append(f"{sign}(?:{'|'.join(alike)})")
    return searches


_SCHEMA = pa.schema([("row", pa.int64()), ("line", pa.string())])
_NOTHING = _SCHEMA.empty_table()


def _numbered(lines: pa.Array, first: int) -> pa.Table:
    """The lines that are there, with their rows."""
    rows = pc.add(pc.indices_nonzero(lines.is_valid()).cast(pa.int64()), first)
    return pa.Table.from_arrays([rows, lines.drop_null()], schema=_SCHEMA)
