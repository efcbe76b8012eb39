"""ECS in every spelling, and OCSF: what each kind becomes, and that no value stops the reading."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import clew
from clew.event import SCHEMA
from clew.normalise.extent import Extent
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.record import Tally
from normalise.document_records import ECS, FORMS, OCSF, Record, changed
from normalise.test_sysmon import Events, events, plain


def of(records: Sequence[Record], folder: Path) -> tuple[Events, Tally]:
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return events(path, folder)


def one(record: Record, folder: Path) -> dict[str, Any]:
    [event] = of([record], folder)[0]
    return event


def ended(record: Record, folder: Path) -> dict[str, int]:
    _, tally = of([record], folder)
    return {status: count for status, count in tally.records.items() if count}


def ecs(code: str, **changes: Any) -> Record:
    """The first document of a kind with some values changed."""
    record = next(record for kind, record in ECS if kind == code)
    return record | {key.replace("__", "."): value for key, value in changes.items()}


def ocsf(code: str, **changes: Any) -> Record:
    return next(record for kind, record in OCSF if kind == code) | changes


def test_every_kind_of_document_and_what_it_fills(tmp_path: Path, snapshot: Any) -> None:
    found, tally = of([record for _, record in ECS], tmp_path)
    assert tally.complete
    assert [event["event.code"] for event in found] == [code for code, _ in ECS]
    assert plain(found) == snapshot


@pytest.mark.parametrize("form", sorted(FORMS))
def test_the_same_in_every_spelling(form: str, tmp_path: Path) -> None:
    expected, _ = of([record for _, record in ECS], tmp_path)
    found, _ = of([FORMS[form](record) for _, record in ECS], tmp_path)
    assert plain(found, "event.id") == plain(expected, "event.id")


def test_every_activity_of_ocsf_and_what_it_fills(tmp_path: Path, snapshot: Any) -> None:
    found, tally = of([record for _, record in OCSF], tmp_path)
    assert tally.complete
    assert [event["event.code"] for event in found] == [code for code, _ in OCSF]
    assert plain(found) == snapshot


def test_ocsf_in_parquet_and_as_an_array(tmp_path: Path) -> None:
    records = [{"file_result": None, **record} for code, record in OCSF if code.startswith("1001")]
    expected, _ = of(records, tmp_path)
    pyarrow.parquet.write_table(pa.Table.from_pylist(records), tmp_path / "lake.parquet")
    (tmp_path / "array.json").write_text(json.dumps(records, indent=1), "utf-8")
    for name in ("lake.parquet", "array.json"):
        found, tally = events(tmp_path / name, tmp_path)
        assert tally.complete
        assert plain(found, "event.id") == plain(expected, "event.id")


def test_columns_are_in_the_schema(tmp_path: Path) -> None:
    found, _ = of([record for _, record in (*ECS, *OCSF)], tmp_path)
    assert {column for event in found for column in event} <= set(SCHEMA)


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (ecs("file/creation", event__category="web"), "irrelevant"),
        (ecs("file/creation", event__category=None), "irrelevant"),
        (ecs("file/creation", event__category=["intrusion_detection"]), "irrelevant"),
        (ecs("file/creation", event__kind="alert"), "not_parsed"),
        (ecs("file/creation", event__type=None), "not_parsed"),
        (ecs("file/creation", **{"@timestamp": "soon"}), "rejected"),
        (ecs("file/creation", **{"@timestamp": None}), "rejected"),
        (ocsf("1001/1", class_uid=2004), "irrelevant"),
        (ocsf("1001/1", class_uid=[1001]), "irrelevant"),
        (ocsf("1001/1", activity_id=99), "not_parsed"),
        (ocsf("1001/1", activity_id=None), "not_parsed"),
        (ocsf("1001/1", time="soon"), "rejected"),
        ({"_source": None}, "irrelevant"),
        ({"_source": []}, "irrelevant"),
        ({"event": []}, "irrelevant"),
        ({"event": {"category": {}}}, "irrelevant"),
    ],
)
def test_what_is_no_event_is_accounted_for(record: Record, status: str, tmp_path: Path) -> None:
    assert ended(record, tmp_path) == {status: 1}


@pytest.mark.parametrize(
    "when",
    [
        *("2026-03-31T09:00:00.123Z", "2026-03-31 09:00:00.123", "2026-03-31T11:00:00.123+02:00"),
        *(1774947600123, "1774947600123", 1774947600.123),
    ],
)
def test_times_in_every_form(when: Any, tmp_path: Path) -> None:
    for record in (ecs("file/creation", **{"@timestamp": when}), ocsf("1001/1", time=when)):
        assert str(one(record, tmp_path)["@timestamp"])[:23] == "2026-03-31 09:00:00.123"


@pytest.mark.parametrize("class_", [1001, "1001"])
def test_a_class_as_text_or_number(class_: Any, tmp_path: Path) -> None:
    assert one(ocsf("1001/1", class_uid=class_), tmp_path)["clew.component"] == "file_creation"


def test_ids_of_the_product_make_copies_known(tmp_path: Path) -> None:
    """An export as it is and one with dotted keys are one log."""
    record = ecs("file/creation", event__id="N1")
    found, tally = of([FORMS[form](record) for form in FORMS], tmp_path)
    assert (len(found), tally.records["duplicate"]) == (1, len(FORMS) - 1)


def test_a_process_without_an_id_is_known_by_its_start(tmp_path: Path) -> None:
    started = {"process.pid": 7, "process.start": "2026-03-31T08:59:59Z", "process.entity_id": None}
    found, _ = of([ecs("process/start") | started, ecs("file/creation") | started], tmp_path)
    assert len({event["process.entity_id"] for event in found}) == 1


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ({"event.module": "endpoint"}, "ECS"),
        ({"event.module": "zeek"}, "NSM:Flow"),
        ({"event.provider": "Microsoft-Windows-Security-Auditing"}, "WinEventLog:Security"),
        ({"event.module": None}, "ECS"),
    ],
)
def test_the_log_source_that_a_producer_stands_for(told: Record, source: str, tmp_path: Path) -> None:
    assert one(ecs("file/creation") | told, tmp_path)["clew.log_source"] == source


def test_a_source_that_is_asked_for_is_told_apart(tmp_path: Path) -> None:
    of([ecs("file/creation"), ecs("file/creation", event__module="zeek")], tmp_path)
    for source, count in (("NSM:*", 1), ("ECS", 1), ("*", 2)):
        records = clew.hunt([tmp_path / "log.jsonl"], extent=Extent(sources=(source,))).tally.records
        assert (records["event"], records["outside"]) == (count, 2 - count)


def test_windows_documents_without_their_winlog_block_stay_sysmons(tmp_path: Path) -> None:
    told = {"event.provider": "Microsoft-Windows-Sysmon", "event.code": "3"}
    event = one(ecs("network/start") | told, tmp_path)
    assert (event["event.code"], event["clew.log_source"]) == ("3", "WinEventLog:Sysmon")


def test_a_document_of_a_thousand_keys(tmp_path: Path) -> None:
    many = {f"labels.k{n}": n for n in range(1000)}
    assert one({**many, **ecs("file/creation")}, tmp_path)["file.name"] == "b.EXE"
    assert one({**ocsf("1001/1"), "unmapped": many}, tmp_path)["file.name"] == "b.exe"


@pytest.mark.parametrize(
    "records", [ECS, [(c, FORMS["nested"](r)) for c, r in ECS], OCSF], ids=["dotted", "nested", "ocsf"]
)
def test_no_value_stops_the_reading(records: Sequence[tuple[str, Record]], tmp_path: Path) -> None:
    hostile = [bad for _, record in records for bad in changed(record)]
    found, tally = of(hostile, tmp_path)
    assert tally.total == len(hostile)
    assert len(found) == tally.records["event"]
    assert tally.records["event"] + tally.records["duplicate"] > len(hostile) * 0.6


@pytest.mark.parametrize("component", ["file_creation", "network_traffic_content", "file_deletion"])
def test_the_pretest_lets_every_wanted_record_pass_and_few_others(component: str) -> None:
    test = pretest(mappings(), frozenset({component}))
    wanted = {
        code
        for mapping in mappings()
        if mapping.provider in ("ECS", "OCSF")
        for code in mapping.codes(frozenset({component}))
    }
    texts = [(code, json.dumps(form(record), indent=1)) for code, record in ECS for form in FORMS.values()]
    texts += [(code, json.dumps(record)) for code, record in OCSF]
    assert all(test.passes(text) for code, text in texts if code in wanted)
    kinds = {code.partition("/")[0] for code in wanted}
    assert not any(test.passes(text) for code, text in texts if code.partition("/")[0] not in kinds)
