"""The table `event` in DuckDB: a column for each of the schema, in its order."""

from __future__ import annotations

from clew.database import name
from clew.event import COLUMNS

TYPES = {"text": "VARCHAR", "number": "BIGINT", "boolean": "BOOLEAN", "time": "TIMESTAMP"}


def no_event() -> str:
    """SQL that gives no row, but every column of the schema with its type."""
    columns = ", ".join(f"NULL::{TYPES[c.type]} AS {name(c.name)}" for c in COLUMNS if not c.lineage)
    return f"SELECT {columns} WHERE false"
