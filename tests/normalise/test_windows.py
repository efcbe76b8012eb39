"""The Windows logs beside Sysmon, in every dialect: the columns that each id fills, the same whoever exported it."""

import json
from pathlib import Path
from typing import Any

import pytest

from clew.event import SCHEMA
from clew.normalise.mapping import mappings
from clew.normalise.shape import SYSTEM as SYSTEM_FIELDS
from normalise import windows_records
from normalise.codeintegrity_records import CODEINTEGRITY
from normalise.security_records import SECURITY
from normalise.test_sysmon import Events, events, plain
from normalise.windows_dialects import DIALECTS, written

LOGS = {log.provider: log for log in (CODEINTEGRITY, SECURITY, *windows_records.LOGS)}
#: What the exporter adds: it resolved whose security id stands in the header.
_RESOLVED = {"user.name"}
#: What a dialect has no room for. In OTRF's form there is nothing of the header, so no companion either.
_LOST = {
    "otrf": {
        *("event.id", "event.sequence", "clew.activity.id", "user.id", "process.pid"),
        *("dll.code_signature.exists", "dll.code_signature.status", "dll.code_signature.subject_name"),
        "file.x509.issuer.common_name",
    },
}
#: Ids whose UserData NXLog leaves out, and whose message is not read.
_MESSAGE_ONLY = {"3004"}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Events]:
    folder = tmp_path_factory.mktemp("evtx")
    return {name: plain(events(written(log, "evtx", folder), folder)[0]) for name, log in LOGS.items()}


@pytest.mark.parametrize("log", LOGS)
def test_every_id_and_what_it_fills(log: str, expected: dict[str, Events], snapshot: Any) -> None:
    [mapping] = (m for m in mappings() if m.provider == log)
    assert [int(event["event.code"]) for event in expected[log]] == [r.code for r in LOGS[log].records]
    assert {r.code for r in LOGS[log].records} == {channel.code for channel in mapping.channels}
    assert {column for event in expected[log] for column in event} <= set(SCHEMA)
    assert expected[log] == snapshot


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("log", LOGS)
def test_the_same_events_in_every_dialect(
    log: str, dialect: str, expected: dict[str, Events], tmp_path: Path
) -> None:
    found, tally = events(written(LOGS[log], dialect, tmp_path), tmp_path)
    assert tally.complete
    assert tally.records["event"] == len(LOGS[log].records)
    lost = _LOST.get(dialect, set())
    for event, whole in zip(plain(found), expected[log], strict=True):
        if dialect == "nxlog" and whole["event.code"] in _MESSAGE_ONLY:
            continue
        assert {k: v for k, v in event.items() if k not in {*lost, *_RESOLVED}} == {
            k: v for k, v in whole.items() if k not in {*lost, *_RESOLVED}
        }


@pytest.mark.parametrize("log", LOGS)
def test_columns_are_the_same_whether_others_are_asked_for_or_not(
    log: str, expected: dict[str, Events], tmp_path: Path
) -> None:
    path = written(LOGS[log], "evtx", tmp_path)
    columns = sorted({column for event in expected[log] for column in event})
    for few in (set(columns[n::5]) for n in range(5)):
        for event, whole in zip(events(path, tmp_path, few)[0], expected[log], strict=True):
            assert {k: v for k, v in event.items() if k in few} == {
                k: v for k, v in whole.items() if k in few
            }


def test_what_a_mapping_reads_has_no_name_that_the_one_shape_has_too() -> None:
    """DuckDB tells names apart by more than case: WMI's Code would be the record's."""
    own = {"code", "origin", *SYSTEM_FIELDS}
    for mapping in mappings():
        reads = [name.lower() for name in (*mapping.header, *mapping.reads)]
        assert not own.intersection(reads), mapping.log_source
        assert len(reads) == len(set(reads)), mapping.log_source


def test_an_exporter_that_names_only_the_log(tmp_path: Path) -> None:
    """As some of OTRF's recordings have it: a channel, no source."""
    path = written(SECURITY, "otrf", tmp_path)
    text = path.read_text("utf-8").replace(f'"SourceName": "{SECURITY.provider}", ', "")
    path.write_text(text, "utf-8")
    found, tally = events(path, tmp_path)
    assert tally.records["event"] == len(SECURITY.records)
    assert {event["event.provider"] for event in found} == {SECURITY.provider}


def test_nxlog_of_old_takes_the_name_of_the_process_id(tmp_path: Path) -> None:
    """Its own ProcessID then stands in the place of the record's, which only the message has."""
    path = written(SECURITY, "nxlog", tmp_path)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        told = int(line.pop("ProcessId", "0"), 0)
        line["ProcessID"] = line.pop("ExecutionProcessID")
        line["Message"] = f"...\r\n\tNew Process ID:\t\t0x1b58\r\n\tProcess ID:\t\t{told:#x}\r\n"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    found = {event["event.code"]: event for event in events(path, tmp_path)[0]}
    assert [found[code]["process.pid"] for code in ("4657", "4663", "4689", "5156")] == [
        3000,
        3000,
        7000,
        3000,
    ]
    assert (found["4688"]["process.pid"], found["4688"]["process.parent.pid"]) == (7000, 3000)
