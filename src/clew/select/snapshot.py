"""What was gathered, as bytes: a version, a print of what it was gathered for, and the tables (see `entity.tables`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb
import msgspec
import pyarrow as pa

from clew.entity import tables
from clew.errors import UsageError

VERSION = 1


class Head(msgspec.Struct):
    """What every version begins with."""

    version: int


class Gathered(Head):
    """The tables, the hosts that were seen, and how many facts were learned and forgotten."""

    print: str
    tables: tuple[tables.Table, ...]
    hosts: tuple[str, ...]
    facts: int
    forgotten: int


def print_of(statements: Sequence[str]) -> str:
    """What two runs must have in common to take up each other's tables: the SQL that fills them."""
    return hashlib.sha256("\0".join(statements).encode()).hexdigest()


def decode(data: bytes, print_: str) -> Gathered:
    """The state from bytes. Raises UsageError where it is none, or of another version or other detections."""
    try:
        version = msgspec.msgpack.decode(data, type=Head).version
        if version != VERSION:
            raise UsageError(f"the snapshot has format {version}, this Clew reads {VERSION}")
        state = msgspec.msgpack.decode(data, type=Gathered)
    except msgspec.MsgspecError as error:
        raise UsageError(f"the snapshot is damaged: {error}") from error
    if state.print != print_:
        raise UsageError(
            "the snapshot was made with other detections, or with other values of their elements"
        )
    return state


def restore(database: duckdb.DuckDBPyConnection, state: Gathered) -> None:
    """Fill the tables. Raises UsageError where they are damaged."""
    try:
        tables.restore(database, state.tables)
    except (pa.ArrowInvalid, duckdb.Error) as error:
        raise UsageError(f"the snapshot is damaged: {error}") from error
