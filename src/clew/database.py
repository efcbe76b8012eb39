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
def interrupts() -> Iterator[None]:
    """Let Ctrl-C be KeyboardInterrupt in a query too; DuckDB makes a RuntimeError of it."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def quote(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'
