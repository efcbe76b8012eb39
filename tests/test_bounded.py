"""A table keeps the last of what it is given, whichever way that came, and counts what went."""

from __future__ import annotations

from random import Random

from clew.bounded import Bounded
from clew.database import Limits, connect


def kept(numbers: list[int], cap: int, at_once: int) -> tuple[list[int], int]:
    with connect(Limits(threads=1)) as database:
        table = Bounded(database, "told", "number", cap)
        table.make("SELECT 0 AS number")
        for start in range(0, len(numbers), at_once):
            rows = ", ".join(f"({number})" for number in numbers[start : start + at_once])
            table.insert(f"SELECT * FROM (VALUES {rows})")
            assert len(database.execute("FROM told").fetchall()) <= cap * 5 // 4
        table.trim()
        return [n for (n,) in database.execute("FROM told ORDER BY 1").fetchall()], table.forgotten


def test_the_last_stay_in_whichever_order_they_come() -> None:
    numbers = list(range(50))
    Random(1).shuffle(numbers)

    assert kept(numbers, 12, 7) == kept(sorted(numbers), 12, 5) == (list(range(38, 50)), 38)


def test_nothing_goes_that_fits() -> None:
    assert kept(list(range(12)), 12, 5) == (list(range(12)), 0)


def test_what_was_there_counts() -> None:
    with connect(Limits(threads=1)) as database:
        database.execute("CREATE TABLE told AS SELECT range AS number FROM range(20)")
        table = Bounded(database, "told", "number", 5)
        table.recount()
        table.trim()
        assert (table.forgotten, database.execute("SELECT min(number) FROM told").fetchone()) == (15, (15,))
