"""The canonical test: one incident, exported by every collector, gives the same findings, id for id."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

import clew
from sample.command import main
from sample.dialects import DIALECTS, DOCUMENTS, EVERY

EVENTS = 6_500
#: OTRF's form has no record numbers, so its events are known by their bytes.
NUMBERED = sorted(set(DIALECTS) - {"otrf"})


def findings(dialect: str, folder: Path) -> list[dict[str, Any]]:
    """The findings of a day with an incident, without where the records stand in this dialect's file."""
    path = folder / f"day{EVERY[dialect].suffix}"
    assert main(["--events", str(EVENTS), "--dialect", dialect, "--output", str(path)]) == 0
    result = clew.hunt([path])
    assert result.tally.complete
    assert result.tally.total == EVENTS
    found = [msgspec.to_builtins(finding) for finding in result.findings]
    for event in (event for one in found for stage in one["stages"] for event in stage["events"]):
        del event["log"]
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return findings("evtx", tmp_path_factory.mktemp("evtx"))


def test_the_incident_is_found(expected: list[dict[str, Any]]) -> None:
    assert [finding["level"] for finding in expected if finding["level"] in ("high", "critical")]


@pytest.mark.parametrize("dialect", NUMBERED)
def test_every_dialect_gives_the_same_findings(
    dialect: str, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert findings(dialect, tmp_path) == expected


def test_without_record_numbers_the_findings_have_the_same_ids(
    expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    found = findings("otrf", tmp_path)
    assert [(one["id"], one["level"], _thread(one)) for one in found] == [
        (one["id"], one["level"], _thread(one)) for one in expected
    ]


def _thread(finding: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Stage, time and columns of each event of the thread, but for its number."""
    return [
        (stage["name"], event["@timestamp"], event["fields"])
        for stage in finding["stages"]
        for event in stage["events"]
    ]


#: What a schema cannot tell, or tells in words of its own.
_OWN_WORDS = (
    *("event.", "clew.log_source", "rule.name", "clew.logon.id", "clew.process.integrity_level", "dns.type"),
    *("process.entity_id", "process.parent.entity_id", "registry.data.type"),
)
#: What stood in the winlog block that was taken out.
_IN_THE_BLOCK = ("file.created", "process.parent.user.name", "clew.file.")


@pytest.mark.parametrize("dialect", sorted(DOCUMENTS))
def test_a_common_schema_gives_the_same_findings(
    dialect: str, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The same ids, levels and chains, and the same columns but for what a product numbers as it likes."""
    without = (*_OWN_WORDS, *(_IN_THE_BLOCK if dialect == "winlogbeat-bare" else ()))
    found = findings(dialect, tmp_path)
    assert [(one["id"], one["level"], _meaning(one, without)) for one in found] == [
        (one["id"], one["level"], _meaning(one, without)) for one in expected
    ]


def _meaning(finding: dict[str, Any], without: tuple[str, ...]) -> list[tuple[str, str, dict[str, Any]]]:
    """What happened."""
    return [
        (name, time, {key: value for key, value in fields.items() if not key.startswith(without)})
        for name, time, fields in _thread(finding)
    ]


def test_two_exports_of_one_log_count_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"day{n}{DIALECTS[dialect].suffix}" for n, dialect in enumerate(NUMBERED)]
    for path, dialect in zip(paths, NUMBERED, strict=True):
        main(["--events", str(EVENTS), "--dialect", dialect, "--output", str(path)])
    [one, every] = [clew.hunt(given).tally.records for given in (paths[:1], paths)]
    assert every["event"] == one["event"]
    assert every["duplicate"] == one["event"] * (len(paths) - 1)
