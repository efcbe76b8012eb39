"""`--since`, `--until`, `--host` and `--source`: a part of the logs, and the rest accounted for."""

import json
from pathlib import Path
from typing import Any

import pytest

import sysmon

OTHER = "ws2.corp.example"
#: Five records of one host over 5 s from 09:00:01 on, and the same of another.
RECORDS = [*sysmon.incident(), *sysmon.incident(sysmon.evtx, host=OTHER)]


@pytest.fixture(autouse=True)
def log(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*RECORDS))


def records(clew: Any, *options: str, command: str = "hunt") -> dict[str, int]:
    """How the records ended, those that did."""
    if command == "sources":
        found = json.loads(clew("sources", "log.jsonl", "-f", "json", *options).out)["records"]
    else:
        found = json.loads(clew("hunt", "log.jsonl", "--stats", "json", *options).err.splitlines()[-1])[
            "records"
        ]
    return {status: count for status, count in found.items() if count}


def hosts(clew: Any, *options: str) -> list[str]:
    out = clew("hunt", "log.jsonl", "-f", "jsonl", *options).out
    return sorted(json.loads(line)["scope"]["host.id"] for line in out.splitlines())


@pytest.mark.parametrize("host", ["ws2.corp.example", "WS2", "ws2*", "?s2"])
def test_a_host_by_any_of_its_names(clew: Any, host: str) -> None:
    assert records(clew, "--host", host) == {"event": 5, "outside": 5, "all": 10}


def test_several_hosts_one_and_none(clew: Any) -> None:
    assert hosts(clew) == [sysmon.HOST, OTHER]
    assert hosts(clew, "--host", "ws2", "--host", "ws1") == [sysmon.HOST, OTHER]
    assert hosts(clew, "--host", "WS2") == [OTHER]
    assert hosts(clew, "--host", "ws") == []


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(clew: Any) -> None:
    times = sorted(record.get("UtcTime", "") for record in sysmon.incident())
    until = [f"{time.replace(' ', 'T')}Z" for time in times]
    assert records(clew, "--since", until[1], "--until", until[4]) == {"event": 6, "outside": 4, "all": 10}
    assert hosts(clew, "--until", until[0]) == []


@pytest.mark.parametrize(
    ("options", "events"),
    [
        (("--since", "2026-03-31"), 10),
        (("--until", "2026-03-31"), 10),
        (("--until", "2026-03-30"), 0),
        (("--since", "2026-03-31T11:00+02:00"), 10),
        (("--since", "1h"), 0),
        (("--until", "1h"), 10),
    ],
)
def test_days_offsets_and_times_ago(clew: Any, options: tuple[str, ...], events: int) -> None:
    assert records(clew, *options).get("event", 0) == events


@pytest.mark.parametrize("source", ["WinEventLog:Sysmon", "sysmon", "wineventlog:*"])
def test_a_log_source(clew: Any, source: str) -> None:
    assert records(clew, "--source", source) == {"event": 10, "all": 10}


def test_records_of_other_log_sources_are_outside(clew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clew.normalise.extent.Extent.takes", lambda self, source: not self.sources)
    assert records(clew, "--source", "sysmon", command="sources") == {"outside": 10}
    assert records(clew, "--source", "sysmon") == {"not_parsed": 10, "all": 10}


def test_sources_takes_stock_of_a_part(clew: Any) -> None:
    assert records(clew, "--host", "ws1", command="sources") == {"event": 5, "outside": 5}
    ran = clew("sources", "log.jsonl", "--host", "ws1")
    assert "5 outside what was asked for" in ran.err
    assert OTHER not in ran.out


def test_it_is_said_what_lies_outside(clew: Any) -> None:
    assert "5 outside what was asked for" in clew("hunt", "log.jsonl", "--host", "ws1").err
    assert "outside" not in clew("hunt", "log.jsonl").err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--since", "soon"), "--since soon: a time is a date, as 2026-03-31, "),
        (("--until", "2026-02-30"), "--until 2026-02-30: a time is a date"),
        (("--since", "2026-03-31", "--until", "2026-03-30"), "--since is not before --until"),
        (("--source", "Sysmn"), "no log source that Clew reads has this name (did you mean 'Sysmon'?)"),
    ],
)
@pytest.mark.parametrize("command", ["hunt", "sources"])
def test_what_cannot_be_asked(clew: Any, command: str, options: tuple[str, ...], message: str) -> None:
    ran = clew(command, "log.jsonl", *options)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_a_mistake_leaves_earlier_findings_alone(clew: Any) -> None:
    clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    before = Path("findings.jsonl").read_bytes()
    clew("hunt", "log.jsonl", "-o", "findings.jsonl", "--since", "soon")
    assert Path("findings.jsonl").read_bytes() == before
