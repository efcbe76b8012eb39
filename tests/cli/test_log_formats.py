"""The same incident in every format that a Windows event comes in: the same findings, whatever it was read from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sysmon
import windows_xml
from clew.cli.main import run

EVENTS = sysmon.incident(sysmon.evtx)
XML = [windows_xml.event(event) for event in EVENTS]
HEADERS = (
    "Mar 31 05:00:00 ws1 sysmon: ",
    "<13>1 2026-03-31T09:00:00Z ws1 sysmon 1 - - ",
    "2026-03-31T09:00:00+00:00 ws1 a[1]: ",
)


def syslog(payloads: list[str]) -> str:
    lines = [HEADERS[number % 3] + payload for number, payload in enumerate(payloads)]
    return "\n".join(["Mar 31 05:00:00 ws1 sysmon: Sysmon started", *lines, ""])


def counted(payloads: list[str]) -> str:
    return "".join(f"{len(line.encode())} {line}" for line in (HEADERS[1] + payload for payload in payloads))


FORMATS = {
    "one event a line": "\n".join(XML) + "\n",
    "event viewer": f'\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>{"".join(XML)}</Events>',
    "laid out": "<Events>"
    + "\n".join(windows_xml.event(e, '"', layout="\n\t") for e in EVENTS)
    + "</Events>",
    "xml in syslog": syslog(XML),
    "json in syslog": syslog(["@cee: " * (n % 2) + json.dumps(event) for n, event in enumerate(EVENTS)]),
    "flat json in syslog": syslog([json.dumps(event) for event in sysmon.incident()]),
    "counted octets": counted(XML),
}


@pytest.fixture
def hunt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings"))

    def invoke(content: str) -> Any:
        Path("log").write_text(content, "utf-8", newline="")
        assert run(["hunt", "log", "-f", "jsonl"]) == 0
        [line] = capfd.readouterr().out.splitlines()
        return json.loads(line)

    return invoke


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_incident_is_the_same_finding_in_every_format(hunt: Any, form: str) -> None:
    expected, found = hunt(sysmon.lines(*EVENTS)), hunt(FORMATS[form])
    assert found["id"] == expected["id"]
    assert [_without_place(stage) for stage in found["stages"]] == [
        _without_place(s) for s in expected["stages"]
    ]


def _without_place(stage: dict[str, Any]) -> dict[str, Any]:
    """A stage whose events are told apart by what happened, not by where it is written."""
    events = []
    for event in stage["events"]:
        assert event["log"].pop("position") > 0
        event["log"].pop("source")
        events.append({k: v for k, v in event.items() if k != "log"})
    return {**stage, "events": events}


def test_both_copies_of_an_event_are_counted_once(hunt: Any, tmp_path: Path) -> None:
    expected = hunt(sysmon.lines(*EVENTS))
    found = hunt(syslog([json.dumps(event) for event in EVENTS] + XML))
    assert found["id"] == expected["id"]
    assert [len(s["events"]) for s in found["stages"]] == [len(s["events"]) for s in expected["stages"]]
