"""What is gathered leaves memory where that gets short, and is there all the same."""

from pathlib import Path

import duckdb

from clew.database import Limits, beside, connect, shelve

_TAKEN = "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
#: Rows of about 500 bytes that do not compress well.
_ROWS = "SELECT range AS n, repeat(md5(range::VARCHAR), 16) AS text FROM range({})"


def taken(database: duckdb.DuckDBPyConnection) -> int:
    [(size,)] = database.execute(_TAKEN).fetchall()
    return int(size)


def test_tables_leave_memory_where_a_third_of_it_is_taken(tmp_path: Path) -> None:
    limits = Limits(memory=60_000_000, threads=1, spill=tmp_path)
    most = []
    with connect(limits) as database:
        database.execute(f"CREATE TABLE kept AS {_ROWS.format(0)}").fetchall()
        for _ in range(20):
            database.execute(f"INSERT INTO kept {_ROWS.format(10_000)}").fetchall()
            shelve(database, limits)
            most.append(taken(database))
        assert max(most) < limits.memory // 3  # of a hundred million bytes
        [found] = database.execute("SELECT count(*), sum(n), count(DISTINCT text) FROM kept").fetchall()
        assert found == (200_000, 20 * 49_995_000, 10_000)
        [(limit,)] = database.execute("SELECT current_setting('memory_limit')").fetchall()
        assert limit.startswith("57.2")


def test_what_is_small_stays_in_memory(tmp_path: Path) -> None:
    limits = Limits(memory=60_000_000, threads=1, spill=tmp_path)
    with connect(limits) as database:
        database.execute(f"CREATE TABLE kept AS {_ROWS.format(10_000)}").fetchall()
        before = taken(database)
        shelve(database, limits)
        assert taken(database) == before
        shelve(database, Limits(memory=1))  # no file, nowhere to leave it
        assert taken(database) == before


def test_a_connection_beside_sees_the_tables(tmp_path: Path) -> None:
    for limits in (Limits(threads=1), Limits(threads=1, spill=tmp_path)):
        with connect(limits) as database:
            database.execute("CREATE TABLE kept AS SELECT 1 AS n").fetchall()
            assert beside(database).execute("FROM kept").fetchall() == [(1,)]


def test_no_progress_goes_to_standard_output(tmp_path: Path) -> None:
    """DuckDB shows a bar there for statements that take two seconds."""
    with connect(Limits(spill=tmp_path)) as database:
        for connection in (database, beside(database), database.cursor()):
            assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)
