import io
import json
from typing import Any

import msgspec
import pytest
from rich.console import Console

from clew.finding import Baseline
from clew.record import Reject, Tally
from clew.report import jsonlines, summary, table
from clew.report.sentence import sentence
from clew.report.text import elapsed, moment, plain, short
from findings import ASK, CALL, FINDING, LOW, RUN, WRITE, event


def printed(*findings: Any) -> str:
    out = io.StringIO()
    table.write(findings, Console(file=out, width=140, highlight=False))
    return out.getvalue()


def test_the_table_shows_the_thread(snapshot: Any) -> None:
    assert printed(LOW, FINDING) == snapshot


def test_stages_that_are_new_against_the_same_record_share_a_line() -> None:
    day, month = 86_400, 30 * 86_400
    baselines = (Baseline("a", month, month), Baseline("b", month, 0.7), Baseline("c", month, month))
    shown = printed(msgspec.structs.replace(FINDING, baselines=(*baselines, Baseline("d", day, 90))))
    lines = [line.strip() for line in shown.splitlines() if ": new " in line]
    assert lines == [
        "a, c: new against 30 d of records, 30 d asked",
        "b: new with no earlier records, 30 d asked",
        "d: new against 1 min 30 s of records, 1 d asked",
    ]


def test_text_from_logs_cannot_reach_the_terminal() -> None:
    evil = event(
        "03.000000", "file_creation", process__name="\x1b]0;owned\x07[bold]x", file__path="a\u202egpj.exe"
    )
    stages = (msgspec.structs.replace(FINDING.stages[0], events=(evil,)),)
    shown = printed(msgspec.structs.replace(FINDING, stages=stages, title="\x9b31m", per={"binary": "a\nb"}))
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert r"\x1b]0;owned\x07[bold]x wrote a\u202egpj.exe" in " ".join(shown.split())
    assert r"binary a\x0ab" in shown


def test_json_lines_hold_every_key_of_the_schema() -> None:
    out = io.BytesIO()
    jsonlines.write([FINDING, LOW], out)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert second["level"] == "low"
    assert first["schema"] == 1
    assert first["scope"] == {"host.id": "ws1.corp.example"}
    assert first["stages"][0]["events"][0] == {
        "id": "id03.000000",
        "component": "file_creation",
        "@timestamp": "2026-03-31T09:00:03.000000Z",
        "fields": {"process.name": "setup.exe", "file.path": "C:\\ProgramData\\wt.exe"},
        "log": {"source": "jsonlines", "path": "logs/ws1.jsonl", "position": 30},
    }
    assert first["baselines"] == [{"stage": "egress", "asked": 2_592_000.0, "recorded": 273_659.0}]
    assert first["mutable"] == {"TimeWindow": {"value": "90m", "origin": "default"}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (WRITE, r"setup.exe wrote C:\ProgramData\wt.exe"),
        (RUN, "cscript.exe started wt.exe (which is PowerShell.EXE): wt.exe -w hidden"),
        (ASK, "wt.exe asked for the address of c2.example.org"),
        (CALL, "wt.exe connected to 203.0.113.9:8000"),
        (
            event("01", "module_load", process__name="a.exe", dll__path="x.dll"),
            "a.exe loaded x.dll (its signature is not known)",
        ),
        (
            event("01", "driver_load", dll__path="x.sys", dll__code_signature__exists=False),
            "the driver x.sys was loaded (not signed)",
        ),
        (
            event(
                "01",
                "module_load",
                dll__path="x.dll",
                dll__code_signature__exists=True,
                dll__code_signature__subject_name="Acme",
                dll__code_signature__status="Revoked",
            ),
            "an unknown process loaded x.dll (signed by Acme, but the signature is: Revoked)",
        ),
        (
            event("01", "windows_registry_key_modification", process__name="a.exe", registry__path="HKLM\\x"),
            "a.exe set HKLM\\x",
        ),
        (event("01", "file_deletion", file__path="C:\\a"), "an unknown process deleted C:\\a"),
        (
            event("01", "network_traffic_flow", source__ip="192.0.2.1", destination__ip="203.0.113.9"),
            "a sensor saw 192.0.2.1 connect to 203.0.113.9",
        ),
        (event("01", "drive_access", file__path="x"), "file.path x"),
    ],
)
def test_events_as_sentences(given: Any, words: str) -> None:
    assert sentence(given) == words


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("2026-03-31T09:00:04.120000Z", "+4.120 s"),
        ("2026-03-31T08:59:59.000000Z", "-1.000 s"),
        ("2026-03-31T09:03:07.900000Z", "+3 min 07 s"),
        ("2026-03-31T11:05:00.000000Z", "+2 h 05 min"),
        ("2026-04-03T13:00:00.000000Z", "+3 d 04 h"),
    ],
)
def test_elapsed_times(then: str, words: str) -> None:
    assert elapsed("2026-03-31T09:00:00.000000Z", then) == words


def test_text() -> None:
    assert plain("Äé漢 ok") == "Äé漢 ok"
    assert plain("a\tb\u2028c\ud800") == "a\\x09b\\u2028c\\ud800"
    assert short("abcdefghij", 7) == "abcd…ij"
    assert moment("2026-03-31T09:00:04.120000Z") == "2026-03-31 09:00:04.120 UTC"


def test_the_closing_lines_never_say_clean_when_input_was_skipped() -> None:
    tally = Tally()
    tally.files = 2
    tally.add("event", 1200)
    assert list(summary.not_read(tally)) == []
    for position in range(12):
        tally.reject(Reject("a.jsonl", position, "not a JSON object"))
    lines = list(summary.not_read(tally))
    assert (
        lines[0] == "Not read: 11 records, and 1 file not at all or not to the end. This hunt is incomplete."
    )
    assert lines[1] == "  a.jsonl: not a JSON object"
    assert lines[2] == "  a.jsonl:1: not a JSON object"
    assert lines[-1] == "  ... and 2 more"
    assert "1,200 events" in summary.read(tally)
    assert "11 rejected" in summary.read(tally)
    assert summary.found([]) == "Found nothing."
    assert summary.found([FINDING, LOW, LOW]) == "Found 3: 1 critical, 2 low."
    blind = [("AN0862", "egress", "network_connection_creation", ("WinEventLog:Sysmon EventCode=3, 22",))]
    assert list(summary.not_looked_for(blind))[1] == (
        "  AN0862, stage egress: no network_connection_creation events (WinEventLog:Sysmon EventCode=3, 22)"
    )
