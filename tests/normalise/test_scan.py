from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sysmon
from clew.database import Limits, connect
from clew.normalise.scan import Normaliser
from clew.read import jsonlines
from clew.record import Batch, Span, Tally

COMPONENTS = frozenset({"process_creation", "file_creation", "network_connection_creation"})
Events = list[dict[str, Any]]


class Scanned:
    """Batches through one normaliser: the events of each, and the tally over all."""

    def __init__(self, folder: Path, components: frozenset[str] = COMPONENTS) -> None:
        self.folder = folder
        self.tally = Tally()
        self.database = connect(Limits())
        self.normaliser = Normaliser(self.database, components)

    def __call__(self, content: str | bytes, first: int = 1) -> Events:
        path = self.folder / "log.jsonl"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        cut = jsonlines.ends_in_mid_line(path)
        batch = Batch(path, (Span(0, "log.jsonl", "jsonlines", first, cut),))
        return self.scan(batch)

    def scan(self, batch: Batch) -> Events:
        [_] = self.normaliser.normalise(batch, self.tally)
        table = self.database.sql(
            'SELECT * EXCLUDE (record) FROM event ORDER BY "log.position"'
        ).to_arrow_table()
        return [{k: v for k, v in row.items() if v is not None} for row in table.to_pylist()]


@pytest.fixture
def scanned(tmp_path: Path) -> Scanned:
    return Scanned(tmp_path)


@pytest.mark.parametrize("dialect", [sysmon.flat, sysmon.evtx])
def test_a_process_creation(scanned: Scanned, dialect: Callable[..., Any], snapshot: Any) -> None:
    record = dialect(
        1, 1.5, 7, ProcessGuid=sysmon.guid(2), ProcessId=200, Image=r"C:\Program Files\nodejs\node.exe",
        CommandLine=r'"C:\Program Files\nodejs\node.exe" --no-warnings setup.js now', CurrentDirectory="C:\\work\\app\\",
        User=r"CORP\kim", Hashes="SHA1=AA11,MD5=BB22,SHA256=CC33,IMPHASH=DD44", OriginalFileName="node.exe",
        Company="Node.js", Product="Node.js", ParentProcessGuid=sysmon.guid(1), ParentProcessId=100,
        ParentImage=sysmon.CMD, ParentCommandLine="cmd.exe /d /s /c node setup.js",
    )  # fmt: skip
    [event] = scanned(sysmon.lines(record))
    assert event == snapshot


@pytest.mark.parametrize("dialect", [sysmon.flat, sysmon.evtx])
def test_files_connections_and_questions(
    scanned: Scanned, dialect: Callable[..., Any], snapshot: Any
) -> None:
    who = {"ProcessGuid": sysmon.guid(2), "ProcessId": 200, "Image": sysmon.PROGRAM}
    events = scanned(
        sysmon.lines(
            dialect(11, 1, 1, **who, TargetFilename=r"C:\Users\kim\a.b\New.File.EXE:stream"),
            dialect(3, 2, 2, **who, Protocol="tcp", Initiated="true", SourceIp="10.1.2.3", SourcePort=50000,
                    DestinationIp="203.0.113.9", DestinationHostname="c2.example.org", DestinationPort=443),
            dialect(22, 3, 3, **who, QueryName="c2.example.org", QueryStatus="0", QueryResults="::ffff:203.0.113.9;"),
        )
    )  # fmt: skip
    assert events == snapshot


def test_both_dialects_give_the_same_events(tmp_path: Path) -> None:
    of = [
        Scanned(tmp_path)(sysmon.lines(*sysmon.incident(dialect))) for dialect in (sysmon.flat, sysmon.evtx)
    ]
    assert of[0] == of[1]


def test_every_line_ends_as_exactly_one_thing(scanned: Scanned) -> None:
    good = sysmon.flat(11, 1, 1, TargetFilename="a.exe")
    content = sysmon.lines(
        good,
        sysmon.flat(10, 1, 2),
        {"Channel": "Directory Service", "EventID": 11},
        {"some": "thing else"},
        {**good, "RecordNumber": 3, "UtcTime": "yesterday", "EventTime": "never"},
        good,
    )
    content += '\n   \n[1, 2]\n"text"\nnull\n7\n{"EventID":1} {"EventID":1}\n{bad}\n\x00\x00\x00\n{"EventID": 11, "Sour'
    events = scanned(content, first=101)
    assert [event["log.position"] for event in events] == [101]
    counts = scanned.tally.records
    assert counts == {
        "event": 1,
        "joined": 0,
        "duplicate": 1,
        "irrelevant": 1,
        "not_parsed": 2,
        "outside": 0,
        "rejected": 9,
    }
    lines = [line for line in content.split("\n") if line.strip(" ")]
    assert scanned.tally.total == len(lines)
    reasons = {reject.position: reject.reason for reject in scanned.tally.rejects}
    assert reasons[105] == "no time that can be read"
    assert reasons[116] == "the last line is cut"
    assert {reasons[n] for n in (109, 110, 111, 112, 113, 114, 115)} == {"not a JSON object"}


def test_a_batch_of_several_sources_keeps_every_position_and_reject_exact(scanned: Scanned) -> None:
    path = scanned.folder / "many.jsonl"
    made = [sysmon.flat(11, n, n, TargetFilename=f"{n}.exe") for n in range(1, 6)]
    timeless = {**made[0], "RecordNumber": 9, "UtcTime": "never", "EventTime": "never"}
    lines = sysmon.lines(*made[:3]) + "\n{bad}\n" + sysmon.lines(*made[3:], made[0], timeless) + '{"cut\n'
    path.write_text(lines)
    spans = (Span(0, "a", "jsonlines"), Span(2, "z.evtx", "evtx", 70), Span(3, "z.evtx", "evtx", 100),
             Span(5, "b", "jsonlines"), Span(9, "c", "jsonlines", cut=True))  # fmt: skip
    events = scanned.scan(Batch(path, spans))
    where = {(e["log.file.path"], e["log.position"], e["clew.log.source"]): e["file.path"] for e in events}
    assert where == {
        ("a", 1, "jsonlines"): "1.exe",
        ("a", 2, "jsonlines"): "2.exe",
        ("z.evtx", 70, "evtx"): "3.exe",
        ("b", 1, "jsonlines"): "4.exe",
        ("b", 2, "jsonlines"): "5.exe",
    }
    assert scanned.tally.records == {
        "event": 5,
        "joined": 0,
        "duplicate": 1,
        "irrelevant": 0,
        "not_parsed": 0,
        "outside": 0,
        "rejected": 3,
    }
    assert [(r.path, r.position, r.reason) for r in scanned.tally.rejects] == [
        ("z.evtx", 101, "not a JSON object"),
        ("c", 1, "the last line is cut"),
        ("b", 4, "no time that can be read"),
    ]


def test_a_copy_in_another_batch_counts_once(scanned: Scanned) -> None:
    content = sysmon.lines(*sysmon.incident())
    assert len(scanned(content)) == 5
    assert scanned(content) == []
    assert scanned.tally.records["duplicate"] == 5


def test_records_without_a_number_are_known_by_their_bytes(scanned: Scanned) -> None:
    record = {k: v for k, v in sysmon.flat(11, 1, 0, TargetFilename="a.exe").items() if k != "RecordNumber"}
    other = {**record, "TargetFilename": "b.exe"}
    assert len(scanned(sysmon.lines(record, other, record))) == 2


def test_only_what_somebody_asks_for_is_parsed(tmp_path: Path) -> None:
    scanned = Scanned(tmp_path, frozenset({"file_creation"}))
    assert [e["clew.component"] for e in scanned(sysmon.lines(*sysmon.incident()))] == ["file_creation"]
    assert scanned.tally.records["not_parsed"] == 4


@pytest.mark.parametrize(
    ("data", "own"),
    [
        ({"QueryName": "ws1.corp.example"}, True),
        ({"QueryName": "WS1"}, True),
        ({"QueryName": "fileserver"}, True),
        ({"QueryName": "ws2.corp.example"}, False),
        ({"DestinationIp": "127.0.0.1"}, True),
        ({"DestinationIp": "::1"}, True),
        ({"DestinationIp": "239.255.255.250"}, True),
        ({"DestinationIp": "10.1.2.3", "SourceIp": "10.1.2.3"}, True),
        ({"DestinationIp": "10.1.2.4", "SourceIp": "10.1.2.3"}, False),
        ({"DestinationIp": "10.1.2.4", "DestinationHostname": "printer"}, True),
        (
            {"DestinationIp": "8.8.8.8", "DestinationHostname": "printer"},
            False,
        ),  # reverse DNS is not our word
        ({}, False),
    ],
)
def test_the_host_itself_is_no_destination(scanned: Scanned, data: dict[str, str], own: bool) -> None:
    code = 22 if "QueryName" in data else 3
    [event] = scanned(sysmon.lines(sysmon.flat(code, 1, 1, ProcessGuid=sysmon.guid(1), **data)))
    assert event["clew.destination.own"] is own


@pytest.mark.parametrize(
    ("image", "original", "renamed"),
    [
        (r"C:\ProgramData\wt.exe", "PowerShell.EXE", True),
        (r"C:\Windows\System32\cmd.exe", "Cmd.Exe", False),
        (r"C:\Windows\explorer.exe", "EXPLORER.EXE.MUI", False),
        (r"C:\Windows\System32\wermgr.exe", "WerMgr", False),
        (r"C:\tool.exe", "-", None),
    ],
)
def test_renamed_images(scanned: Scanned, image: str, original: str, renamed: bool | None) -> None:
    [event] = scanned(sysmon.lines(sysmon.flat(1, 1, 1, Image=image, OriginalFileName=original)))
    assert event.get("clew.process.renamed") is renamed


@pytest.mark.parametrize(
    ("image", "command", "script"),
    [
        ("node.exe", "node setup.js", r"C:\work\setup.js"),
        ("node.exe", r'"C:\Program Files\nodejs\node.exe" --x .\bin\run.mjs -v', r"C:\work\bin\run.mjs"),
        ("wscript.exe", r'wscript.exe //B "C:\Temp\a b.vbs" x', r"C:\Temp\a b.vbs"),
        ("PowerShell.exe", r"powershell -ExecutionPolicy Bypass -File C:\t\x.ps1", r"C:\t\x.ps1"),
        ("cmd.exe", "cmd.exe /c whoami", None),
        ("node.exe", "node -e console.log(1)", None),
        ("editor.exe", "editor.exe setup.js", None),
    ],
)
def test_scripts_that_interpreters_are_told_to_run(
    scanned: Scanned, image: str, command: str, script: str | None
) -> None:
    record = sysmon.flat(1, 1, 1, Image=image, CommandLine=command, CurrentDirectory="C:\\work\\")
    [event] = scanned(sysmon.lines(record))
    assert event.get("clew.process.script") == script


def test_nobodys_guid_and_unknown_images_are_null(scanned: Scanned) -> None:
    zero = "{00000000-0000-0000-0000-000000000000}"
    record = sysmon.flat(22, 1, 1, ProcessGuid=zero, Image="<unknown process>", QueryName="a.example.org")
    [event] = scanned(sysmon.lines(record))
    assert "process.entity_id" not in event
    assert "process.executable" not in event
    assert event["destination.address"] == "a.example.org"


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026-03-31T09:00:00.5Z", "09:00:00.500000"),
        ("2026-03-31 09:00:00", "09:00:00"),
        ("2026-03-31T09:00:00.1234567+02:00", "07:00:00.123456"),
        ("2026-03-31T09:00:00-0530", "14:30:00"),
    ],
)
def test_a_time_with_an_offset_is_brought_to_utc(scanned: Scanned, written: str, time: str) -> None:
    record = sysmon.flat(11, 0, 1, TargetFilename=r"C:\a.exe") | {"UtcTime": "", "TimeCreated": written}
    del record["UtcTime"]
    [event] = scanned(sysmon.lines(record))
    assert str(event["@timestamp"]) == f"2026-03-31 {time}"


@pytest.mark.parametrize(
    "written", ["infinity", "-infinity", "epoch", "99999-01-01 00:00:00", "0001-01-01 00:00:00"]
)
def test_a_time_that_nothing_can_hold_is_none(scanned: Scanned, written: str) -> None:
    record = sysmon.flat(11, 0, 1, TargetFilename=r"C:\a.exe") | {"UtcTime": written}
    assert not scanned(sysmon.lines(record))
    assert [reject.reason for reject in scanned.tally.rejects] == ["no time that can be read"]
