"""One DuckDB connection with limits from our settings, never its defaults, and without the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import msgspec


class Limits(msgspec.Struct, frozen=True):
    """What DuckDB may use: `memory` in bytes, threads (None: all cores), the folder for what does not fit."""

    memory: int = 500_000_000
    threads: int | None = None
    spill: Path | None = None


def connect(limits: Limits) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database within the limits; extensions are never fetched."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": f"{limits.memory}B",
    }
    if limits.threads:
        config["threads"] = limits.threads
    if limits.spill:
        config["temp_directory"] = str(limits.spill)
    return duckdb.connect(":memory:", config=config)


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
