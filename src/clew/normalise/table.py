"""The table `event` in DuckDB: a column for each of the schema, in its order."""

from __future__ import annotations

from collections.abc import Collection

from clew.database import name
from clew.event import COLUMNS

TYPES = {"text": "VARCHAR", "number": "BIGINT", "boolean": "BOOLEAN", "time": "TIMESTAMP"}


def no_event(columns: Collection[str] | None = None) -> str:
    """SQL that gives no row, but these columns of the schema, by default all, with their types."""
    wanted = [c for c in COLUMNS if not c.lineage and (columns is None or c.name in columns)]
    return f"SELECT {', '.join(f'NULL::{TYPES[c.type]} AS {name(c.name)}' for c in wanted)} WHERE false"
