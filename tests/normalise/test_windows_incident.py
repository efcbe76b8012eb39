"""The canonical test for CodeIntegrity and id 4688: one incident, whoever exported it, gives one finding, id for id."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

import clew
from clew.detection.load import load_text
from normalise.codeintegrity_records import CODEINTEGRITY, FIRST, decision, signer
from normalise.security_records import SECURITY
from normalise.windows_dialects import DIALECTS, Log, Record, written

DETECTION = load_text(r"""
analytic: AN0001
strategy: DET0001
technique: T1195.002
platform: windows
title: A program whose shell runs where a library was refused
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    shell:
      on: process_creation
      where: {process.parent.name: tool.exe, process.command_line|contains: first.ps1}
      bind: {shell: process.entity_id}
    again:
      on: process_creation
      where: {process.name: late.exe}
      link: process.parent.entity_id in tree of $shell
    refused:
      on: file_metadata
      where: {event.code: '3077', file.path|startswith: '\Device\HarddiskVolume'}
      after: shell
      weak: high
      bind: {library: file.path}
      traits:
        signed: {dll.code_signature.subject_name: Example Software Ltd}
  findings:
    high: again and refused.signed
    low: again and refused
  per: [$shell, $library]
""")
_SHELL = next(record for record in SECURITY.records if record.code == 4688)


def _child(of: Record) -> Record:
    """A process whose parent is told by its pid alone, as 4688 does."""
    assert isinstance(of.data, dict)
    data = {
        **of.data,
        "NewProcessId": "0x2000",
        "NewProcessName": r"C:\ProgramData\Tool\late.exe",
        "ProcessId": of.data["NewProcessId"],
        "ParentProcessName": of.data["NewProcessName"],
        "CommandLine": "late.exe",
    }
    return Record(of.code, data, writer=of.writer)


#: Both logs, with what else their records are: ids that belong to no chain stand among the others.
LOGS = (
    Log(SECURITY.provider, SECURITY.channel, (_SHELL, *SECURITY.records[1:3], _child(_SHELL))),
    Log(CODEINTEGRITY.provider, CODEINTEGRITY.channel, (decision(3077, FIRST), signer(FIRST))),
)
#: What the event viewer saves has one root. "xml" has none, and an event a line, as Splunk exports it.
VIEWER = "xml with a root"
NUMBERED = sorted({*DIALECTS, VIEWER} - {"otrf"})


def found(dialect: str, folder: Path) -> list[dict[str, Any]]:
    """The findings of both logs, without where the records stand in this dialect's files."""
    paths = []
    for number, log in enumerate(LOGS):
        (folder / str(number)).mkdir(parents=True)
        path = written(log, "xml" if dialect == VIEWER else dialect, folder / str(number))
        if dialect == VIEWER:
            path.write_text(f"<Events>{path.read_text('utf-8')}</Events>", "utf-8")
        paths.append(path)
    result = clew.hunt(paths, detections=DETECTION)
    assert result.tally.complete
    findings = [msgspec.to_builtins(finding) for finding in result.findings]
    for event in (event for one in findings for stage in one["stages"] for event in stage["events"]):
        del event["log"]
        event["fields"].pop("user.name", None)  # an exporter that resolves the header's security id adds it
    return findings


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return found("evtx", tmp_path_factory.mktemp("evtx"))


def test_the_incident_is_found(expected: list[dict[str, Any]]) -> None:
    [finding] = expected
    assert finding["level"] == "high"
    assert [stage["name"] for stage in finding["stages"]] == ["shell", "again", "refused"]


@pytest.mark.parametrize("dialect", NUMBERED)
def test_every_dialect_gives_the_same_finding(
    dialect: str, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert found(dialect, tmp_path) == expected


def test_without_a_header_the_id_is_the_same(expected: list[dict[str, Any]], tmp_path: Path) -> None:
    """OTRF's form has neither record numbers nor the activity by which a signer is known."""
    [finding] = found("otrf", tmp_path)
    assert finding["id"] == expected[0]["id"]
    assert finding["level"] == "low"
