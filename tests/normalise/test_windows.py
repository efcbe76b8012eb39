"""The Windows logs beside Sysmon, in every dialect: the columns that each id fills, the same whoever exported it."""

from pathlib import Path
from typing import Any

import pytest

from clew.event import SCHEMA
from clew.normalise.mapping import mappings
from normalise.codeintegrity_records import CODEINTEGRITY
from normalise.test_sysmon import Events, events, plain
from normalise.windows_dialects import DIALECTS, written

LOGS = {log.provider: log for log in (CODEINTEGRITY,)}
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
        if dialect == "nxlog" and (whole["event.code"]) in _MESSAGE_ONLY:
            continue
        assert {k: v for k, v in event.items() if k not in {*lost, *_RESOLVED}} == {
            k: v for k, v in whole.items() if k not in {*lost, *_RESOLVED}
        }


@pytest.mark.parametrize("log", LOGS)
def test_a_column_is_the_same_whether_others_are_asked_for_or_not(
    log: str, expected: dict[str, Events], tmp_path: Path
) -> None:
    path = written(LOGS[log], "evtx", tmp_path)
    for column in {column for event in expected[log] for column in event}:
        found = events(path, tmp_path, {column})[0]
        assert [event.get(column) for event in found] == [event.get(column) for event in expected[log]], (
            column
        )
