"""`clew sources` as a user runs it: what is in some logs, and what can be looked for with it."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import evtx_file
import sysmon
from clew.record import Batch
from clew.runner.sources import census

DC = "dc1.corp.example"


def ntlm(code: int, seconds: float, host: str = DC) -> dict[str, Any]:
    """A record that no mapping claims, as winlogbeat writes it."""
    return {
        "@timestamp": sysmon.stamp(seconds).replace(" ", "T") + "Z",
        "winlog": {
            "provider_name": "Microsoft-Windows-NTLM",
            "channel": "NTLM",
            "event_id": code,
            "computer_name": host,
        },
    }


@pytest.fixture
def logs(clew: Any) -> None:
    Path("logs").mkdir()
    Path("logs/sysmon.jsonl").write_text(sysmon.lines(*sysmon.incident(), sysmon.flat(30, 20, 6)))
    with zipfile.ZipFile("logs/more.zip", "w") as archive:
        archive.writestr("a.evtx", evtx_file.log(sysmon.incident(sysmon.evtx, host="ws2")))
        archive.writestr("b.json", sysmon.lines(*(ntlm(4624, -9000 - n, sysmon.HOST) for n in range(3))))
    docker = [{"Type": "container", "time": 1774947600 + n, "Action": "start\x1b[1m"} for n in range(2)]
    eve = [{"timestamp": "2026-03-31T11:00:00.5+0200", "event_type": "dns", "host": "sensor"}]
    text = sysmon.lines(*docker, *eve) + '{"cut": tru\n'
    Path("logs/other.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    Path("logs/notes.txt").write_text("notes\n")


def stock(clew: Any, *arguments: str) -> Any:
    return json.loads(clew("sources", "logs", "-f", "json", *arguments).out)


@pytest.mark.usefixtures("logs")
def test_what_is_there(clew: Any, snapshot: Any) -> None:
    ran = clew("sources", "logs")
    assert ran.code == 4
    assert ran.out == snapshot(name="out")
    assert ran.err == snapshot(name="err")


@pytest.mark.usefixtures("logs")
def test_json(clew: Any, snapshot: Any) -> None:
    found = stock(clew)
    assert found == snapshot
    counted = found["records"]
    assert sum(kind["records"] for kind in found["mapped"]) == counted["event"] == 10
    others = [kind["records"] for kind in found["unmapped"]]
    assert sum(others) == counted["irrelevant"] + counted["not_parsed"] == 7
    assert sum(counted.values()) == 18


@pytest.mark.usefixtures("logs")
def test_many_batches_and_added_up_tallies_say_the_same(clew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stock(clew)
    monkeypatch.setattr(census, "_ROWS", 0)

    def one_by_one(items: Any, spill: Path) -> Any:
        for item in items:
            if isinstance(item, Batch) and item.spans[0].source.endswith("sysmon.jsonl"):
                for row, line in enumerate(item.lines.read_bytes().splitlines(keepends=True)):
                    (spill / f"{row}").write_bytes(line)
                    [span] = item.spans
                    yield Batch(spill / f"{row}", (type(span)(0, span.source, span.reader, row + 1),))
            else:
                yield item

    monkeypatch.setattr("clew.pipeline.gathered", one_by_one)
    assert stock(clew) == whole


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-03-31T09:00:05.25Z", 0),
        ("2026-03-31T11:02:05+02:00", 2 * 60),
        ("2026-03-31T03:30:05.5-0530", 0),
        ("2026-03-31 05:00:00", -4 * 3600 - 5),
        ("1774947605.25", 0),
        ("1774951205250", 3600),
        ("1774947605250000000", 0),
        ("soon", None),
    ],
)
def test_clocks(clew: Any, written: str, seconds: int | None) -> None:
    Path("logs").mkdir()
    record = sysmon.flat(11, 5.25, 1, TargetFilename="x") | {"EventTime": written}
    Path("logs/a").write_text(sysmon.lines(record))
    found = stock(clew)["clocks"]
    assert found == (
        [
            {
                "host": sysmon.HOST, "log_source": "WinEventLog:Sysmon", "field": "EventTime", "records": 1,
                "median": pytest.approx(seconds, abs=1), "low": found[0]["low"], "high": found[0]["high"],
            }
        ] if seconds else []
    )  # fmt: skip


def test_median_and_spread_of_a_clock(clew: Any) -> None:
    Path("logs").mkdir()
    late = [0] * 10 + [300] * 70 + [301] * 10 + [9000] * 10
    records = [
        sysmon.flat(11, n, n, TargetFilename="x") | {"EventTime": sysmon.stamp(n + by)}
        for n, by in enumerate(late)
    ]
    Path("logs/a").write_text(sysmon.lines(*records))
    [clock] = stock(clew)["clocks"]
    assert (clock["median"], clock["low"], clock["high"]) == (300, 0, 9000)


def test_what_cannot_be_looked_for(clew: Any) -> None:
    Path("logs").mkdir()
    Path("logs/a").write_text(sysmon.lines(*sysmon.incident()[:4]))
    sights = {sight["stage"]: sight for sight in stock(clew)["stages"]}
    assert sights["write"]["components"] == {"file_creation": 1}
    assert sights["egress"]["components"] == {"network_connection_creation": 0, "network_traffic_flow": 0}
    lines = {
        line.split()[1]: line.split()[2]
        for line in clew("sources", "logs").out.splitlines()
        if "AN0862" in line
    }
    seen = {stage for stage, answer in lines.items() if answer != "no"}
    assert seen == {"write", "first_run", "script_child", "persist"}


def test_hosts_are_counted_once_in_whatever_case(clew: Any) -> None:
    Path("logs").mkdir()
    Path("logs/a").write_text(sysmon.lines(ntlm(4624, 0, "DC1"), ntlm(4624, 1, "dc1")))
    found = stock(clew)
    assert found["hosts"] == found["unmapped"][0]["hosts"] == 1


def test_more_kinds_than_are_shown_are_counted(clew: Any) -> None:
    Path("logs").mkdir()
    Path("logs/a").write_text(sysmon.lines(*(ntlm(code, 0) for code in range(250))))
    found = stock(clew)
    assert (len(found["unmapped"]), found["more"]) == (200, {"unmapped": 50})
    assert "  ... and 220 more" in clew("sources", "logs").out


def test_odd_lines_lose_nothing(clew: Any) -> None:
    Path("logs").mkdir()
    Path("logs/a").write_bytes(b'{"a":1}\r\n\xff\xfe\r\n{"\xe4":1}\n\n{"a":"\\u0000"}\n[1]\n{}\n')
    found = stock(clew)
    assert found["records"] == {
        "event": 0,
        "joined": 0,
        "duplicate": 0,
        "irrelevant": 4,
        "not_parsed": 0,
        "outside": 0,
        "rejected": 2,
    }
    assert [kind["records"] for kind in found["unmapped"]] == [2, 1, 1]


def test_empty_input_and_wrong_use(clew: Any) -> None:
    Path("logs").mkdir()
    Path("logs/a").write_text("")
    ran = clew("sources", "logs")
    assert ran.code == 0
    assert "Counted 0 records of 0 hosts in 1 file" in ran.err
    assert clew("sources").code == 2
    assert clew("sources", "nowhere").code == 2
