"""Events that nobody needs are not made, and nothing that comes of the others is another for it."""

from pathlib import Path
from typing import Any

import pytest

from clew import pipeline
from clew.database import Limits, connect
from clew.detection.model import Detection
from clew.normalise import lines, scan
from clew.record import Tally
from clew.runner.hunt import choose
from clew.select.tables import Candidates
from clew.settings import read_settings
from sample.command import main

EVENTS = 6_500
TABLES = ("candidate", "lineage", "ended", "named", "address", "naming")


class Everything(Candidates):
    """Candidates that take every event as it is."""

    def __init__(self, *asked: Any) -> None:
        super().__init__(*asked)
        self.sieve = None


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("day") / "day.jsonl"
    assert main(["--events", str(EVENTS), "--dialect", "nxlog", "--output", str(path)]) == 0
    return path


def gathered(
    kind: type[Candidates], day: Path, spill: Path, chosen: list[Detection]
) -> tuple[dict[str, Any], Tally, int]:
    """What comes of a day's events: every table that grows with them, the tally, and the rows that were looked at."""
    spill.mkdir()
    tally, looked = Tally(), 0
    with connect(Limits()) as database:

        class Counting(kind):  # type: ignore[misc, valid-type]
            def add(self) -> None:
                nonlocal looked
                looked += database.execute("SELECT count(*) FROM event").fetchall()[0][0]
                super().add()

        candidates = Counting(database, chosen)
        pipeline.gather(
            [day], candidates, pipeline.Workplace(database, spill, tally, lambda file, done: None)
        )
        found: dict[str, Any] = {
            table: database.execute(f"FROM {table} ORDER BY ALL").fetchall() for table in TABLES
        }
        since = "SELECT component, scoped, scope, min(since) FROM recorded GROUP BY ALL ORDER BY ALL"
        found["recorded"] = database.execute(since).fetchall()
        found["rows"] = sorted(str(row) for _, row in candidates.rows(linked=True))
        found["known"] = candidates.known
    return found, tally, looked


def test_all_that_comes_of_a_day_is_the_same(
    day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PART_BYTES", 1 << 20)
    monkeypatch.setattr(lines, "_LINES", 1000)
    monkeypatch.setattr(scan, "_FEW", 0)
    chosen = choose(read_settings())
    mine, tally, looked = gathered(Candidates, day, tmp_path / "mine", chosen)
    whole, everything, all_of_them = gathered(Everything, day, tmp_path / "whole", chosen)
    assert mine == whole
    assert tally.records == everything.records
    assert tally.components == everything.components
    assert sum(tally.components.values()) == all_of_them
    assert looked < all_of_them / 2
