"""Tables of facts as bytes, for a checkpoint: msgpack, in which each table is an Arrow IPC stream.

https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import msgspec
import pyarrow as pa

from clew.database import name

#: Arrow has no integers of 128 bits: they travel as text.
_WIDE = ("HUGEINT", "UHUGEINT")


class Table(msgspec.Struct, frozen=True):
    """A table: its name, the types of its columns in DuckDB's words, its rows."""

    name: str
    types: dict[str, str]
    rows: bytes


def export(database: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> tuple[Table, ...]:
    """Those of the tables that are there, with all that is in them."""
    there = _there(database)
    return tuple(_export(database, table) for table in tables if table in there)


def restore(database: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Fill the tables with what was exported; those that are not there are made. Raises pa.ArrowInvalid."""
    there = _there(database)
    for table in tables:
        columns = ", ".join(f"{name(column)} {kind}" for column, kind in table.types.items())
        if table.name not in there:
            database.execute(f"CREATE TABLE {name(table.name)} ({columns})").fetchall()
        with pa.ipc.open_stream(table.rows) as reader:
            database.register("restored", reader.read_all())
        values = ", ".join(f"{name(column)}::{kind}" for column, kind in table.types.items())
        database.execute(f"INSERT INTO {name(table.name)} SELECT {values} FROM restored").fetchall()
        database.unregister("restored")


def _there(database: duckdb.DuckDBPyConnection) -> set[str]:
    return {table for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def _export(database: duckdb.DuckDBPyConnection, table: str) -> Table:
    described = database.execute(f"DESCRIBE {name(table)}").fetchall()
    types = {column: kind for column, kind, *_ in described}
    columns = ", ".join(
        f"{name(column)}::VARCHAR AS {name(column)}" if kind in _WIDE else name(column)
        for column, kind in types.items()
    )
    rows = database.sql(f"SELECT {columns} FROM {name(table)}").to_arrow_table()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return Table(table, types, sink.getvalue().to_pybytes())
