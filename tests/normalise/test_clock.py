"""Times are corrected before anything reads them; what an event is, is not."""

from pathlib import Path
from typing import Any

import pytest

import sysmon
import twin_logs
from clew.database import Limits, connect
from clew.normalise.clock import RIGHT, Clocks, Correction
from clew.normalise.extent import EVERYTHING, Extent
from clew.normalise.scan import Normaliser
from clew.record import Batch, Span, Tally

HOUR = 3_600_000_000
SECURITY = "WinEventLog:Security"
#: Two creations of one host and one of another, by the Security log; and one by Sysmon.
RECORDS = [
    twin_logs.created(1, 1, 100, sysmon.CMD, 4),
    twin_logs.created(2, 2, 104, sysmon.CMD, 4),
    twin_logs.created(3, 3, 108, sysmon.CMD, 4, "srv1.corp.example"),
    sysmon.flat(1, 4, 4, ProcessGuid=sysmon.guid(4), ProcessId=4, Image=sysmon.CMD),
]
COLUMNS = ("@timestamp", "event.id", "clew.clock.offset", "process.entity_id")


def events(folder: Path, clocks: Clocks, extent: Extent = EVERYTHING) -> list[dict[str, Any]]:
    path = folder / "log.jsonl"
    path.write_text(sysmon.lines(*RECORDS))
    database = connect(Limits())
    normaliser = Normaliser(database, None, set(COLUMNS), extent, clocks)
    [_] = normaliser.normalise(Batch(path, (Span(0, "log.jsonl", "jsonlines"),)), Tally())
    shown = ", ".join(f'"{column}"' for column in COLUMNS)
    made, whole = (
        database.sql(f'SELECT {shown} FROM ({events}) ORDER BY "log.position"').to_arrow_table().to_pylist()
        for events in ("FROM event", normaliser.whole("event"))
    )
    assert made == whole
    return made


def offsets(folder: Path, *corrections: Correction) -> list[int | None]:
    """What is added to the time of each record, which is told and done."""
    right = events(folder, RIGHT)
    corrected = events(folder, Clocks(corrections))
    added = [event["clew.clock.offset"] for event in corrected]
    for before, after, by in zip(right, corrected, added, strict=True):
        assert (after["@timestamp"] - before["@timestamp"]).total_seconds() * 1_000_000 == (by or 0)
    same = ("event.id", "process.entity_id")
    assert [[e[c] for c in same] for e in right] == [[e[c] for c in same] for e in corrected]
    return added


def test_a_log_source_on_all_hosts(tmp_path: Path) -> None:
    assert offsets(tmp_path) == [None] * 4
    assert offsets(tmp_path, Correction(SECURITY, 19 * HOUR)) == [19 * HOUR] * 3 + [None]
    assert offsets(tmp_path, Correction("security", -1)) == [-1, -1, -1, None]
    assert offsets(tmp_path, Correction("WinEventLog:*", 5)) == [5] * 4


@pytest.mark.parametrize("host", ["SRV1", "srv1.corp.example", "srv*"])
def test_a_host_goes_before_all_hosts(tmp_path: Path, host: str) -> None:
    general, own = Correction(SECURITY, HOUR), Correction(SECURITY, 2 * HOUR, host)
    assert offsets(tmp_path, own) == [None, None, 2 * HOUR, None]
    assert offsets(tmp_path, general, own) == [HOUR, HOUR, 2 * HOUR, None]
    assert offsets(tmp_path, general, Correction(SECURITY, 0, host)) == [HOUR, HOUR, None, None]


def test_of_several_that_fit_the_first_counts(tmp_path: Path) -> None:
    assert offsets(tmp_path, Correction("Sec*", 1), Correction(SECURITY, 2)) == [1, 1, 1, None]


def test_what_is_asked_for_is_asked_by_the_corrected_time(tmp_path: Path) -> None:
    clocks = Clocks((Correction(SECURITY, HOUR),))
    begin = int(sysmon.START.timestamp() * 1_000_000) + HOUR
    found = events(tmp_path, clocks, Extent(since=begin + 2_000_000))
    assert [event["@timestamp"].second for event in found] == [2, 3]
