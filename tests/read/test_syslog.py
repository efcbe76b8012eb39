"""Syslog lines of every kind: the payload is the record, its header one key more."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sysmon
import windows_xml
from clew.read import syslog
from clew.record import Note, Reject
from taken import Read, made, read

BSD = "Oct 24 17:05:46 web1 app: "
RFC5424 = "<34>1 2022-10-24T17:05:46.003Z web1 app 7 ID1 - "
EVENT = sysmon.evtx(1, 1, 7, Image="/bin/a")
AUDIT = "type=EXECVE msg=audit(1492037291.036:59): argc=1 a0=6162"


def taken(data: str | bytes, folder: Path) -> Read:
    return read(made(folder / "syslog", data.encode() if isinstance(data, str) else data), folder=folder)


def record(line: str, folder: Path) -> Any:
    result = taken(line + "\n", folder)
    assert result.rejects == result.notes == []
    assert result.readers == {"syslog"}
    [found] = result.lines.values()
    return json.loads(found)


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("Oct 24 17:05:46 web1 app: m", {"timestamp": "Oct 24 17:05:46", "hostname": "web1", "app": "app"}),
        (
            "Oct  4 17:05:46 web1 app[7]: m",
            {"timestamp": "Oct  4 17:05:46", "hostname": "web1", "app": "app", "pid": "7"},
        ),
        (
            "<13>Oct 24 2022 17:05:46.123 ::1 a/b-c.d[x]: m",
            {
                "priority": 13,
                "timestamp": "Oct 24 2022 17:05:46.123",
                "hostname": "::1",
                "app": "a/b-c.d",
                "pid": "x",
            },
        ),
        ("Oct 24 17:05:46 app: m", {"timestamp": "Oct 24 17:05:46", "app": "app"}),
        ("Oct 24 17:05:46 web1 m", {"timestamp": "Oct 24 17:05:46", "hostname": "web1"}),
        (
            "2022-10-24T17:05:46.123456+02:00 web1 app[7]: m",
            {"timestamp": "2022-10-24T17:05:46.123456+02:00", "hostname": "web1", "app": "app", "pid": "7"},
        ),
        (
            "2022-10-24T17:05:46+0200 web1 app: m",
            {"timestamp": "2022-10-24T17:05:46+0200", "hostname": "web1", "app": "app"},
        ),
        ("<13>m", {"priority": 13}),
        ("<13>app[7]: m", {"priority": 13, "app": "app", "pid": "7"}),
        (
            "<34>1 2022-10-24T17:05:46.003Z web1 app 7 ID1 - m",
            {
                "priority": 34,
                "timestamp": "2022-10-24T17:05:46.003Z",
                "hostname": "web1",
                "app": "app",
                "pid": "7",
                "message_id": "ID1",
            },
        ),
        ("<34>1 - - - - - - m", {"priority": 34}),
        (
            r'<34>1 - - - - - [a@1 x="1\"\]\\" y="" x="2"][b][b z=" "] m',
            {
                "priority": 34,
                "structured_data": {"a@1": {"x": '1"]\\', "y": "", "x_1": "2"}, "b": {}, "b_1": {"z": " "}},
            },
        ),
        (
            "1 2022-10-24T17:05:46Z web1 app - - - m",
            {"timestamp": "2022-10-24T17:05:46Z", "hostname": "web1", "app": "app"},
        ),
    ],
)
def test_headers(tmp_path: Path, line: str, header: dict[str, Any]) -> None:
    assert record(line, tmp_path) == {"message": "m", "#syslog": header}


SHORT = {"timestamp": "Oct 24 17:05:46", "hostname": "web1", "app": "app"}


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ("text with  blanks ", {"message": "text with  blanks "}),
        ("", {"message": ""}),
        ("{not json}", {"message": "{not json}"}),
        ("[1, 2]", {"message": "[1, 2]"}),
        ('{"a": 1, "b": {"c": []}}', {"a": 1, "b": {"c": []}}),
        ("{}", {}),
        ('@cee: {"a":1}', {"a": 1}),
        ('@cee:{ "a":1 } ', {"a": 1}),
        ('\ufeff{"a":1}', {"a": 1}),
        (windows_xml.event(EVENT, xmlns=""), EVENT),
        ("<Eventful> text", {"message": "<Eventful> text"}),
        (AUDIT, {"type": "EXECVE", "time": "1492037291.036", "serial": 59, "call": "EXECVE", "fields": {"argc": "1", "a0": "ab"}}),
        (
            "[   12.345] audit: type=1400 audit(1.5:2): a=1",
            {"type": "1400", "time": "1.5", "serial": 2, "call": "1400", "fields": {"a": "1"}},
        ),
        ("node=n " + AUDIT, {"type": "EXECVE", "node": "n", "time": "1492037291.036", "serial": 59,
                             "call": "EXECVE", "fields": {"argc": "1", "a0": "ab"}}),
    ],
)  # fmt: skip
def test_payloads(tmp_path: Path, payload: str, found: dict[str, Any]) -> None:
    assert record(BSD + payload, tmp_path) == {**found, "#syslog": SHORT}
    for header in (RFC5424, "<13>" + BSD):
        there = record(header + payload, tmp_path)
        assert there.pop("#syslog")["hostname"] == "web1"
        assert there == found


def test_no_key_of_a_payload_is_overwritten(tmp_path: Path) -> None:
    payload = {"#syslog": 1, "##syslog": {"a": 2}, "message": 3, "syslog": 4}
    assert record(BSD + json.dumps(payload), tmp_path) == {**payload, "###syslog": SHORT}


def test_numbers_of_a_payload_stay_as_written(tmp_path: Path) -> None:
    result = taken(BSD + '{"a":1.10, "b":123456789012345678901234567890, "a":2}\n', tmp_path)
    [line] = result.lines.values()
    assert line.startswith(b'{"a":1.10, "b":123456789012345678901234567890, "a":2,"#syslog":{')


def test_a_file_of_mixed_lines(tmp_path: Path) -> None:
    lines = [
        "-- Logs begin at Mon 2022-10-24 17:00:00 UTC. --",
        BSD + "Sysmon started",
        BSD + windows_xml.event(EVENT),
        "-- Boot 0123456789abcdef0123456789abcdef --",
        windows_xml.event(EVENT),
        '{"a":1}',
        AUDIT,
        RFC5424 + "text",
        "",
        "continued from somewhere",
        "Oct 24 17:05:46 web1 kernel: audit: type=1300 audit(1.5:2): a=1",
    ]
    result = taken("\n".join(lines) + "\n", tmp_path)
    assert sorted(position for _, position in result.lines) == [2, 3, 5, 6, 7, 8, 11]
    assert result.rejects == [Reject("syslog", 10, "no syslog header, and no payload that stands alone")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (BSD + '{"a":', "its JSON is cut or broken: Input data was truncated"),
        (BSD + '{"a":1} trailing', "its JSON is cut or broken"),
        (BSD + "@cee: [1]", "its JSON is no object"),
        (BSD + '{"a":' + "[" * 100_000, "its JSON is cut or broken"),
        (BSD + windows_xml.event(EVENT)[:-9], "not well-formed XML"),
        (BSD + "<Event>&x;</Event>", "undefined entity"),
        (BSD + "type=SYSCALL msg=audit(04/13/2017 00:48:11.036:59) : a=1", "ausearch has interpreted"),
        ('<34>1 - a b c d [x y="1] cut', "its structured data are cut or broken"),
        (BSD + "x" * (17 << 20), "the line is longer than 16 MiB"),
    ],
)
def test_a_faulty_line_loses_no_other(tmp_path: Path, line: str, reason: str) -> None:
    result = taken(f"{BSD}a\n{line}\n{BSD}b\n", tmp_path)
    assert [position for _, position in result.lines] == [1, 3]
    [reject] = result.rejects
    assert (reject.path, reject.position) == ("syslog", 2)
    assert reason in reject.reason


def counted(*messages: bytes) -> bytes:
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


MESSAGES = [
    (RFC5424 + text).encode() for text in ("a", "two\nlines", '{"a":\n1}', "é", windows_xml.event(EVENT))
]


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n"])
def test_frames_with_counted_octets(tmp_path: Path, between: bytes) -> None:
    result = taken(between.join(counted(message) for message in MESSAGES) + between, tmp_path)
    found = [json.loads(line) for line in result.lines.values()]
    assert [position for _, position in result.lines] == [1, 2, 3, 4, 5]
    assert [record.get("message") for record in found] == ["a", "two\nlines", None, "é", None]
    assert found[2]["a"] == 1
    assert found[4]["Event"]["EventData"] == EVENT["Event"]["EventData"]
    assert result.rejects == result.notes == []


@pytest.mark.parametrize(
    "broken", [b"<34>no count\n", b"x\n", b"99999999999 <34>\n", b"0 <34>\n", b"x" * (17 << 20) + b"\n"]
)
def test_after_a_broken_frame_the_rest_is_read(tmp_path: Path, broken: bytes) -> None:
    result = taken(counted(*MESSAGES) + broken + counted(*MESSAGES), tmp_path)
    assert len(result.lines) == 10
    assert result.rejects == [Reject("syslog", 6, "no frame: the count of its octets is missing")]


@pytest.mark.parametrize("broken", [b"<34>no count", b"text ", b"0 <34>", b"123456789 <13>"])
def test_the_next_frame_is_found_without_a_line_end(tmp_path: Path, broken: bytes) -> None:
    result = taken((counted(*MESSAGES) + broken) * 3, tmp_path)
    assert len(result.lines) == 15
    assert [reject.position for reject in result.rejects] == [6, 12, 18]


@pytest.mark.parametrize("block", [33, 40, 100])
def test_where_a_block_ends_changes_nothing(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (counted(*MESSAGES) + b"123456789 <13>broken") * 3 + b"\n12"
    expected = taken(data, tmp_path)
    monkeypatch.setattr(syslog, "_BLOCK", block)
    found = taken(data, tmp_path)
    assert found.lines == expected.lines
    assert found.rejects == expected.rejects
    assert found.total == 19


def test_frames_that_are_cut_anywhere(tmp_path: Path) -> None:
    data = counted(*MESSAGES[:3])
    ends = [len(counted(*MESSAGES[:n])) for n in range(1, 4)]
    for at in range(8, len(data) + 1):
        result = taken(data[:at], tmp_path)
        whole = sum(end <= at for end in ends)
        assert len(result.lines) == whole
        expected = [] if at in ends else [Reject("syslog", whole + 1, "the last frame is cut")]
        assert result.rejects == expected


def test_a_file_that_is_cut_anywhere(tmp_path: Path) -> None:
    data = (BSD + '{"a":1}\n' + BSD + windows_xml.event(EVENT) + "\n").encode()
    first = data.index(b"\n") + 1
    for at in range(24, len(data)):
        result = taken(data[:at], tmp_path)
        assert result.total == (1 if at <= first else 2)
        assert bool(result.rejects or result.notes) == (at not in (first, len(data)))
        assert all(reject.reason.startswith("the last line is cut: ") for reject in result.rejects)


def test_packed_and_in_other_encodings(tmp_path: Path) -> None:
    made(tmp_path / "a.gz", gzip.compress((BSD + "é\r\n" + RFC5424 + "\ufefff\r\n").encode("utf-16")))
    result = read(tmp_path / "a.gz", folder=tmp_path)
    assert [json.loads(line)["message"] for line in result.lines.values()] == ["é", "\ufefff"]
    latin = taken((BSD + "é\n").encode("latin-1"), tmp_path)
    assert json.loads(latin.lines["syslog", 1])["message"] == "é"
    assert latin.notes == [Note("syslog", "not UTF-8, read as Latin-1: 1 record, the first is 1")]


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (BSD, True),
        (RFC5424, True),
        ("\n<13>x", True),
        ("\ufeff" + BSD, True),
        ("-- Logs begin at x --\n" + BSD, True),
        ("12 <13>Oct", True),
        ("<34>1 - a b c d [x", True),
        ("2022-10-24T17:05:46Z web1 app[1]: x", True),
        ("2022-10-24T17:05:46Z something else", False),
        ("2025-06-24 14:36:25 startup archives unpack", False),
        ("Start-Date: 2019-07-10  16:38:08", False),
        ("Octopus 24 17:05:46 a: b", False),
        ("<Event>", False),
        ("{}", False),
        ("text", False),
        ("-- text --\n" * 5000, False),
        ("", False),
    ],
)
def test_what_is_claimed(head: str, claimed: bool) -> None:
    assert syslog.claims(head.encode()) is claimed


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=9)
VALUES = (
    st.none() | st.integers() | TEXT | st.lists(TEXT, max_size=2) | st.dictionaries(TEXT, TEXT, max_size=2)
)
KEYS = st.sampled_from(("a", "#syslog", "##syslog", "message", "Event", "é\n"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3),
    st.sampled_from((BSD, RFC5424, BSD + "@cee: ")),
    st.booleans(),
)
def test_what_is_written_comes_back(
    tmp_path: Path, payloads: list[dict[str, Any]], header: str, ascii_only: bool
) -> None:
    lines = [header + json.dumps(payload, ensure_ascii=ascii_only) for payload in payloads]
    result = taken("\n".join([BSD + "first", *lines, ""]), tmp_path)
    _, *found = [json.loads(line) for line in result.lines.values()]
    for record, payload in zip(found, payloads, strict=True):
        [key] = set(record) - set(payload)
        assert record.pop(key)["hostname"] == "web1"
    assert found == payloads
    assert result.rejects == []


PIECES = (BSD, RFC5424, "\n", "\r", " ", "<13>", "{", '"a"', ":", "1", "}", "@cee:", "<Event>", "</Event>", "type=A audit(1.5:2):",
          "[a", "]", '="', "é", "12 ", "\x00", "\n-- Reboot --\n")  # fmt: skip


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_every_line_is_a_record_or_told(tmp_path: Path, text: str) -> None:
    result = taken(BSD + "first\n" + text, tmp_path)
    lines = [line for line in text.split("\n") if line.strip(" \r") and line != "-- Reboot --"]
    assert result.total == len(lines) + 1
    for line in result.lines.values():
        json.loads(line)
