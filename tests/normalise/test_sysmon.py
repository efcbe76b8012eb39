"""Every id of Sysmon, in every dialect: the columns that each fills, the same whoever exported the record."""

from pathlib import Path
from typing import Any

import pytest

from clew.attack.index import attack_index
from clew.database import Limits, connect
from clew.event import SCHEMA
from clew.normalise.mapping import mappings
from clew.normalise.scan import Normaliser
from clew.read import read_file
from clew.record import Batch, Tally
from normalise.sysmon_records import RECORDS
from sample.dialects import DIALECTS, Written
from sample.machine import HostPlan

HOST = HostPlan("WS-1", "office", "10.1.2.3", "kim", "evtx", 1.0)
START = 1_774_947_600_000_000  # 2026-03-31 09:00
#: What tells where a record stands, and differs between dialects.
PLACE = ("clew.log.source", "log.file.path", "log.position")
Events = list[dict[str, Any]]


def events(path: Path, spill: Path, columns: set[str] | None = None) -> tuple[Events, Tally]:
    """Everything that a file becomes, in order of its time; columns that are null are left out."""
    database, tally, found = connect(Limits()), Tally(), []
    normaliser = Normaliser(database, None, columns)
    for item in read_file(path, spill):
        if not isinstance(item, Batch):
            tally.account(item)
            continue
        for _ in normaliser.normalise(item, tally):
            rows = database.sql(
                'SELECT * EXCLUDE (record) FROM event ORDER BY "log.position", record.ordinal'
            )
            found += [
                {k: v for k, v in row.items() if v is not None} for row in rows.to_arrow_table().to_pylist()
            ]
    return found, tally


def written(dialect: str, folder: Path) -> Path:
    """The records as a file of one dialect."""
    shape = DIALECTS[dialect]
    render = shape.of(HOST)
    lines = [
        render(Written(START + n * 1_000, code, data, 700 + n, 2928, 3000)) + "\n"
        for n, (code, data) in enumerate(RECORDS)
    ]
    path = folder / f"log{shape.suffix}"
    path.write_text(shape.opening + "".join(lines) + shape.closing, "utf-8")
    return path


def plain(found: Events, *without: str) -> Events:
    return [{k: v for k, v in event.items() if k not in (*PLACE, *without)} for event in found]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Events:
    folder = tmp_path_factory.mktemp("evtx")
    return plain(events(written("evtx", folder), folder)[0])


def test_every_id_and_what_it_fills(expected: Events, snapshot: Any) -> None:
    assert [int(event["event.code"]) for event in expected] == [code for code, _ in RECORDS]
    assert {code for code, _ in RECORDS} == {*range(1, 30), 255}
    assert expected == snapshot


def test_a_column_has_one_meaning_and_is_in_the_schema(expected: Events) -> None:
    assert {column for event in expected for column in event} <= set(SCHEMA)


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"otrf", "nxlog", "winlogbeat-ecs"}))
def test_the_same_events_in_every_dialect(dialect: str, expected: Events, tmp_path: Path) -> None:
    found, tally = events(written(dialect, tmp_path), tmp_path)
    assert plain(found) == expected
    assert tally.records["event"] == len(RECORDS)
    assert tally.complete


@pytest.mark.parametrize("dialect", ["otrf", "nxlog"])
def test_flat_dialects_lose_only_what_has_no_room_in_them(
    dialect: str, expected: Events, tmp_path: Path
) -> None:
    """NXLog has a Version of its own, OTRF's form no record number."""
    lost = ("event.id", "event.sequence") if dialect == "otrf" else ("service.version",)
    found, _ = events(written(dialect, tmp_path), tmp_path)
    assert plain(found, *lost) == plain(expected, *lost)


def test_the_pipeline_of_elastic_loses_some_hashes(expected: Events, tmp_path: Path) -> None:
    found, tally = events(written("winlogbeat-ecs", tmp_path), tmp_path)
    assert tally.complete
    for event, whole in zip(plain(found), expected, strict=True):
        lost = {k for k in whole if k not in event or event[k] != whole[k]}
        if event["event.code"] in ("27", "28"):
            assert lost <= {"file.hash.md5", "file.hash.sha1", "file.hash.sha256", "file.pe.imphash"}
        else:
            assert not lost, event["event.code"]
        assert set(event) <= set(whole)


def test_components_are_those_of_attack() -> None:
    """Where ATT&CK counts a channel of Sysmon, the mapping counts it as the same component."""
    [sysmon] = (m for m in mappings() if m.log_source == "WinEventLog:Sysmon")
    ours = {(f"EventCode={c.code}", c.component) for c in sysmon.channels}
    theirs = {
        (f"EventCode={code.strip()}", source.component)
        for strategy in attack_index().strategies()
        for analytic in strategy.analytics
        for source in analytic.log_sources
        if source.name == sysmon.log_source and source.channel.startswith("EventCode=")
        for code in source.channel.removeprefix("EventCode=").split(",")
    }
    assert theirs
    assert theirs <= ours


def test_a_column_is_the_same_whether_others_are_asked_for_or_not(expected: Events, tmp_path: Path) -> None:
    """What is read of a line is told from the mapping's SELECT, by the columns that are wanted."""
    path = written("evtx", tmp_path)
    columns = sorted({column for event in expected for column in event})
    # Each column twice, every time with others.
    for few in (set(columns[n::step]) for step in (11, 7) for n in range(step)):
        for event, whole in zip(events(path, tmp_path, few)[0], expected, strict=True):
            assert {k: v for k, v in event.items() if k in few} == {
                k: v for k, v in whole.items() if k in few
            }
