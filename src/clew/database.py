"""One DuckDB connection with limits from our settings, never its defaults, and without the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import msgspec


class Limits(msgspec.Struct, frozen=True):
    """What DuckDB may use: `memory` in bytes, threads (None: all cores), the folder for what does not fit."""

    memory: int = 500_000_000
    threads: int | None = None
    spill: Path | None = None


#: The file in the spill folder for tables that live longer than a part of a batch, and its name in SQL.
_FILE, _FILED = "tables.duckdb", "filed"
#: Rows that are written together. Writing a table again writes only groups that have changed, so they are small.
_GROUP = 8192


def connect(limits: Limits) -> duckdb.DuckDBPyConnection:
    """Open a database within the limits; extensions are never fetched.

    Tables that are not temporary stand in a file of the spill folder, where there is one (see `shelve`).
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": f"{limits.memory}B",
    }
    if limits.threads:
        config["threads"] = limits.threads
    if limits.spill:
        config["temp_directory"] = str(limits.spill)
    database = duckdb.connect(":memory:", config=config)
    # It would show the progress of what takes two seconds, on standard output, which is for findings.
    database.execute("SET enable_progress_bar = false")
    if limits.spill:
        file = quote(str(limits.spill / _FILE))
        # Nobody opens the file again, so nothing is written for that: no log, nothing at the end.
        database.execute("PRAGMA disable_checkpoint_on_shutdown")
        options = f"RECOVERY_MODE no_wal_writes, ROW_GROUP_SIZE {_GROUP}, STORAGE_VERSION 'latest'"
        database.execute(f"ATTACH {file} AS {_FILED} ({options})")
        database.execute(f"USE {_FILED}")
    return database


def beside(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """One more connection, which sees the same tables but for the temporary ones."""
    [(here,)] = database.execute("SELECT current_database()").fetchall()
    cursor = database.cursor()
    cursor.execute(f"USE {name(here)}")
    return cursor


def shelve(database: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Write the tables to their file, compressed, and free their memory, where a third of what there may be is taken.

    DuckDB by itself would keep everything until all its memory is taken: a hunt would take more for more input.
    """
    if limits.spill is None or sum(_memory(database).values()) < limits.memory // 3:
        return
    with suppress(
        duckdb.TransactionException
    ):  # somebody reads rows as a stream; what is written by then can go
        database.execute(f"CHECKPOINT {_FILED}").fetchall()
    used = _memory(database)
    needed = sum(used.values()) - used.pop("BASE_TABLE", 0) + _LEEWAY
    with suppress(duckdb.OutOfMemoryException):  # something is in use just now
        database.execute(
            f"SET memory_limit = '{min(needed, limits.memory)}B'"
        )  # what stands in the file goes
    database.execute(f"SET memory_limit = '{limits.memory}B'")


_LEEWAY = 4_000_000


def _memory(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Bytes that DuckDB takes, by what for."""
    return dict(database.execute("SELECT tag, memory_usage_bytes FROM duckdb_memory()").fetchall())


@contextmanager
def streaming() -> Iterator[None]:
    """Let what DuckDB reports while Arrow takes rows from it be DuckDB's errors; Arrow makes OSError of all of them."""
    try:
        yield
    except OSError as error:
        kind, _, text = str(error).partition(": ")
        if kind in _ERRORS:
            raise _ERRORS[kind](text) from error
        raise


_ERRORS: dict[str, type[duckdb.Error]] = {
    "Invalid Input Error": duckdb.InvalidInputException,
    "Not implemented Error": duckdb.NotImplementedException,
    "IO Error": duckdb.IOException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
}


def quote(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'
