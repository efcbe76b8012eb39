"""Each dialect says the same of the same record, in its own shape."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from plain_sysmon import Record, read

from sample.command import main
from sample.day import record
from sample.dialects import DIALECTS

EVENTS = 6_000
#: All but what comes out of Elastic's pipeline, which has other names.
WITH_SYSMON_NAMES = sorted(set(DIALECTS) - {"winlogbeat-ecs"})


def lines(dialect: str) -> list[str]:
    return [line.text for line in record(EVENTS, 4, dialect=dialect)]


@pytest.fixture(scope="module")
def plain() -> list[Record]:
    """The records as XML has them: nothing but Sysmon's own fields, all of them."""
    return [read(text) for text in lines("xml")]


@pytest.mark.parametrize("dialect", WITH_SYSMON_NAMES)
def test_same_records_in_each_dialect(dialect: str, plain: list[Record]) -> None:
    for text, expected in zip(lines(dialect), plain, strict=True):
        found = read(text)
        assert found[:3] == expected[:3]
        assert expected.data.items() <= found.data.items()


def test_the_pipeline_renames_and_removes(plain: list[Record]) -> None:
    gone = {"Image", "CommandLine", "ProcessGuid", "ProcessId", "UtcTime", "Hashes", "User", "TargetFilename"}
    for text, expected in zip(lines("winlogbeat-ecs"), plain, strict=True):
        found = json.loads(text)
        data, rest = found["winlog"].get("event_data", {}), expected.data
        assert not gone & set(data)
        assert found["@timestamp"] == rest["UtcTime"].replace(" ", "T") + "Z"
        assert found["process"]["executable"] == rest.get("Image", rest.get("SourceImage"))
        guid = rest.get("ProcessGuid", rest.get("SourceProcessGUID"))
        assert found["process"]["entity_id"] == f"{{{guid}}}"
        if expected.code == 3:
            assert str(found["destination"]["port"]) == rest["DestinationPort"]
            assert (found["network"]["direction"] == "egress") is (rest["Initiated"] == "true")
        if expected.code == 13 and rest["Details"].startswith("DWORD"):
            assert found["registry"]["data"]["strings"] == [str(int(rest["Details"][7:-1], 16))]
        if expected.code in (1, 23):
            assert f"SHA256={found['process']['hash']['sha256'].upper()}" in rest["Hashes"]


def test_a_file_of_xml_has_one_root(tmp_path: Path) -> None:
    path = tmp_path / "day.xml"
    assert main(["--events", str(EVENTS), "--dialect", "xml", "--output", str(path)]) == 0
    root = ElementTree.parse(path).getroot()
    assert root.tag == "Events"
    assert len(root) == EVENTS


def test_splunk_has_one_event_a_line_and_no_root() -> None:
    assert all(ElementTree.fromstring(text).tag.endswith("Event") for text in lines("splunk")[:500])


@pytest.mark.parametrize(("dialect", "name"), [("xml", "xml.xml"), ("winlogbeat", "winlogbeat.jsonl")])
def test_a_folder_gets_the_dialect_asked_for(dialect: str, name: str, tmp_path: Path) -> None:
    assert main(["--events", str(EVENTS), "--dialect", dialect, "--output", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
