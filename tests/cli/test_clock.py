"""Clocks that disagree: a hunt says so, `clew sources` too, and what they say to write into clew.toml helps."""

import json
from pathlib import Path
from typing import Any

import pytest

import sysmon
import twin_logs

HOURS = 19 * 3600
SECURITY = '"WinEventLog:Security"'


def hunted(clew: Any) -> tuple[list[str], str]:
    """The levels of what was found, and what was said."""
    ran = clew("hunt", "log.jsonl", "-f", "jsonl")
    return [json.loads(line)["level"] for line in ran.out.splitlines()], ran.err


def proposed(clew: Any) -> list[str]:
    return json.loads(clew("sources", "log.jsonl", "-f", "json").out)["corrections"]


def test_a_hunt_that_misses_by_a_clock_says_what_to_write(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*twin_logs.twice(0)))
    right, said = hunted(clew)
    assert (right, "Clocks" in said) == (["high"], False)
    Path("log.jsonl").write_text(sysmon.lines(*twin_logs.twice(HOURS)))
    wrong, said = hunted(clew)
    assert wrong == ["low"]  # cmd.exe is not new, if it ran hours before
    assert (
        "WinEventLog:Security is 19 h 00 min behind WinEventLog:Sysmon on ws1.corp.example, by 6 process "
        "creations that both recorded." in said
    )
    block = [line[2:] for line in said.splitlines() if line.startswith(("  [", '  "'))]
    assert block == proposed(clew) == ["[clock]", f'{SECURITY} = "+19h"']
    Path("clew.toml").write_text("\n".join(block))
    corrected, said = hunted(clew)
    assert (corrected, "Clocks" in said) == (["high"], False)
    assert proposed(clew) == []


def test_a_finding_says_that_a_time_was_corrected(clew: Any) -> None:
    records = twin_logs.twice(HOURS)
    ours = [record for record in records if record.get("EventID") != 1]  # only the other log tells creations
    for record in ours:
        record.pop("ProcessGuid", None)
    Path("log.jsonl").write_text(sysmon.lines(*ours))
    Path("clew.toml").write_text(f"[clock]\n{SECURITY} = '+19h'\n")
    assert "clock of WinEventLog:Security corrected by +19h" in clew("hunt", "log.jsonl").out
    finding = json.loads(clew("hunt", "log.jsonl", "-f", "jsonl").out)
    [run] = [stage["events"][0] for stage in finding["stages"] if stage["name"] == "first_run"]
    assert (run["@timestamp"], run["fields"]["clew.clock.offset"]) == (
        "2026-03-31T09:00:05.000000Z",
        HOURS * 1_000_000,
    )


def test_only_some_hosts_are_wrong(clew: Any) -> None:
    other, third = "ws2.corp.example", "ws3.corp.example"
    records = [*twin_logs.twice(0), *twin_logs.twice(HOURS, other), *twin_logs.twice(-7 * 3600, third)]
    Path("log.jsonl").write_text(sysmon.lines(*records))
    block = proposed(clew)
    assert block == [
        f'[clock."{other}"]', f'{SECURITY} = "+19h"', f'[clock."{third}"]', f'{SECURITY} = "-7h"'
    ]  # fmt: skip
    assert hunted(clew)[0] == ["high", "low", "high"]
    Path("clew.toml").write_text("\n".join(block))
    assert hunted(clew)[0] == ["high", "high", "high"]
    assert proposed(clew) == []


def test_a_correction_that_is_wrong_is_mended_as_a_whole(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*twin_logs.twice(HOURS)))
    Path("clew.toml").write_text(f"[clock]\n{SECURITY} = '18h'\n")
    assert proposed(clew) == ["[clock]", f'{SECURITY} = "+19h"']
    assert f'{SECURITY} = "+19h"' in hunted(clew)[1]


@pytest.mark.parametrize(
    "records",
    [
        twin_logs.twice(1.9),
        twin_logs.twice(HOURS, jitter=3),
        [*sysmon.incident(), *(r for r in twin_logs.twice(HOURS) if "Event" in r)][:9],
        twin_logs.twice(HOURS) + twin_logs.twice(HOURS, dialect=lambda *a, **k: sysmon.flat(*a, **k) | {"RecordNumber": 0}),
    ],
    ids=["within the skew", "wide spread", "few pairs", "told twice"],
)  # fmt: skip
def test_what_shows_nothing_proposes_nothing(clew: Any, records: list[Any]) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*records))
    assert proposed(clew) == []
    assert "Clocks" not in hunted(clew)[1]


def test_what_is_no_correction_is_told_with_its_place(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*sysmon.incident()))
    Path("clew.toml").write_text(
        f"[clock]\n{SECURITY} = 19\n\"WinEventLog:Secrity\" = '1h'\n[clock.\"WS*\"]\nSysmon = '+19 hours'\n"
    )
    for command in ("hunt", "sources"):
        ran = clew(command, "log.jsonl")
        assert ran.code == 3
        faults = [line for line in ran.err.splitlines() if "clew.toml:" in line]
        assert [line[line.index("clew.toml") :].split(": ")[0] for line in faults] == [
            "clew.toml:2:1", "clew.toml:3:1", "clew.toml:5:1"
        ]  # fmt: skip
        assert "+19h" in faults[0]
        assert "did you mean 'WinEventLog:Security'" in faults[1]
        assert "90m or 1h30m" in faults[2]
    Path("clew.toml").write_text("clock = '+19h'\n")
    assert clew("hunt", "log.jsonl").code == 3


def test_faults_of_clocks_and_of_the_inventory_come_at_once(clew: Any, tmp_path: Path) -> None:
    (tmp_path / "clew.toml").write_text('[clock]\nSysmn = "+1h"\n[hosts]\ninventory = "hosts.csv"\n')
    (tmp_path / "hosts.csv").write_text("ip,host\nnowhere,ws1\n")
    (tmp_path / "log.json").write_text("{}\n")
    ran = clew("hunt", "log.json")
    assert ran.code == 3
    assert "'Sysmn'" in ran.err
    assert "hosts.csv:2" in ran.err
