"""Tables that grow with what is read, and how much of it they may keep."""

from __future__ import annotations

import duckdb
import msgspec

from clew.database import name


class Caps(msgspec.Struct, frozen=True):
    """How many rows are kept at most: of each table of `facts`, and of each that grows with the events themselves."""

    facts: int = 1_000_000
    rows: int = 100_000_000


DEFAULT = Caps()


class Bounded:
    """A table of at most `cap` rows: past that the first by `order`, which is SQL over it, go.

    It is let grow by a quarter more until it is looked at, so that rows are not sorted for each few that come. Which
    ones stay in the end does not depend on the order in which they came, if `order` is total.
    """

    def __init__(self, database: duckdb.DuckDBPyConnection, table: str, order: str, cap: int) -> None:
        self.table = table
        #: How many rows went.
        self.forgotten = 0
        self._database, self._order, self._cap = database, order, cap
        self._size = 0

    def make(self, rows: str) -> None:
        """Make it, with the columns of some SQL and without rows."""
        self._database.execute(f"CREATE TABLE {name(self.table)} AS {rows} LIMIT 0").fetchall()

    def recount(self) -> None:
        """Go on with the table as it stands."""
        [(self._size,)] = self._database.execute(f"SELECT count(*) FROM {name(self.table)}").fetchall()

    def insert(self, rows: str) -> int:
        """Add the rows of some SQL; how many there were."""
        [(count,)] = self._database.execute(f"INSERT INTO {name(self.table)} {rows}").fetchall()
        self._size += count
        if self._size > self._cap * 5 // 4:
            self.trim()
        return int(count)

    def trim(self) -> None:
        """Keep no more than may be kept."""
        surplus = self._size - self._cap
        if surplus > 0:
            first = f"SELECT rowid FROM {name(self.table)} AS kept ORDER BY {self._order} LIMIT {surplus}"
            self._database.execute(f"DELETE FROM {name(self.table)} WHERE rowid IN ({first})").fetchall()
            self.forgotten += surplus
            self._size = self._cap
