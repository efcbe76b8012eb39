"""The SQL macros that mappings and facts use, each made when the first statement calls it.

To make all of them takes 60 ms, as long as a small log takes to be read.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import duckdb

_NAME = re.compile(r"\bclew_\w+")
_MADE = "CREATE OR REPLACE MACRO "


class Macros:
    """The macros of a database."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self._database = database
        self._made: set[str] = set()

    def make(self, *statements: str) -> None:
        """Make the macros that these statements call, and those that they call, where they are not there yet."""
        every, fresh, waiting = _macros(), set[str](), [*statements]
        while waiting:
            called = (every.keys() & _NAME.findall(waiting.pop())) - self._made
            self._made |= called
            fresh |= called
            waiting += map(every.__getitem__, called)
        if fresh:
            self._database.execute("".join(sql for macro, sql in every.items() if macro in fresh))


@cache
def _macros() -> dict[str, str]:
    """The statements that make the macros, by their names, in order."""
    folder = files("clew.normalise")
    texts = (folder.joinpath(name).read_text("utf-8") for name in ("macros.sql", "container_macros.sql"))
    statements = (f"{_MADE}{made}" for text in texts for made in text.split(_MADE)[1:])
    return {_NAME.findall(made)[0]: made for made in statements}
