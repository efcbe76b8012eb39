"""`clew tune` as a user runs it: what changes, what is proposed, and what is written when told."""

import json
from pathlib import Path
from typing import Any

import pytest

import sysmon

SITE = """\
# ours
[elements.AN0862]
ApprovedUpdateHosts = {add = ["proxy.example.org"]}  # the cache

[[host]]
match = "ws9*"
[host.elements.AN0862]
TimeWindow = "1s"
"""


def named(host: str, domain: str, address: str) -> list[dict[str, Any]]:
    """The incident on a host, with a name for its destination."""
    *others, call = sysmon.incident(host=host)
    return [*others, call | {"DestinationHostname": domain, "DestinationIp": address}]


@pytest.fixture
def log(clew: Any) -> str:
    """Three hosts: two met the vendor's host, one an address without a name."""
    records = [
        *named("ws1.corp.example", "cdn.vendor.example", "203.0.113.9"),
        *named("ws2.corp.example", "cdn.vendor.example", "203.0.113.9"),
        *sysmon.incident(host="ws3.corp.example"),
    ]
    Path("log.jsonl").write_text(sysmon.lines(*records))
    return "log.jsonl"


def tuned(clew: Any, *arguments: str) -> Any:
    ran = clew("tune", "AN0862", *arguments, "-f", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def trials(tuning: Any) -> dict[str, list[str]]:
    """What became of the findings, by the changes as --set takes them."""
    return {
        "; ".join(f"{c['element']} {c['operation']} {c['value']}" for c in trial["changes"]): sorted(
            f"{effect['fate']} {effect['was']} {effect['level']} {effect['scope']['host.id'][:3]}"
            for effect in trial["effects"]
        )
        for trial in tuning["trials"]
    }


def test_each_change_alone_and_all_together(clew: Any, log: str) -> None:
    changes = ("--set", "TimeWindow=1s", "--set", "ApprovedUpdateHosts+=vendor.example")
    found = trials(tuned(clew, log, *changes))
    gone = [f"gone high None ws{number}" for number in (1, 2, 3)]
    assert found == {
        "TimeWindow set 1s": gone,
        "ApprovedUpdateHosts add vendor.example": gone[:2],
        "TimeWindow set 1s; ApprovedUpdateHosts add vendor.example": gone,
    }


def test_a_level_that_changes(clew: Any, log: str) -> None:
    assert trials(tuned(clew, log, "--set", "ScriptHosts-=cmd.exe")) == {
        "ScriptHosts remove cmd.exe": [f"lower high low ws{number}" for number in (1, 2, 3)]
    }


def test_findings_are_those_of_a_hunt_with_the_values_set(clew: Any, log: str) -> None:
    tuning = tuned(clew, log, "--set", "TimeWindow=5s", "--set", "ScriptHosts=sh.exe")
    counts = [trial["findings"] for trial in tuning["trials"]]
    hunted = []
    for line in ('TimeWindow = "5s"', 'ScriptHosts = "sh.exe"'):
        Path("clew.toml").write_text(f"[elements.AN0862]\n{line}\n")
        levels = [json.loads(one)["level"] for one in clew("hunt", log, "-f", "jsonl").out.splitlines()]
        hunted.append({level: levels.count(level) for level in set(levels)})
    assert counts[:2] == hunted
    assert hunted == [{}, {"low": 3}]


def test_without_changes_durations_and_what_was_seen_are_tried(clew: Any, log: str) -> None:
    tuning = tuned(clew, log)
    assert tuning["findings"] == {"high": 3}
    found = trials(tuning)
    assert found == {
        "TimeWindow set 45m": [],
        "TimeWindow set 3h": [],
        "ApprovedUpdateHosts add cdn.vendor.example": ["gone high None ws1", "gone high None ws2"],
    }
    seen = tuning["trials"][-1]["seen"]
    assert seen == {
        "count": 2,
        "first": "2026-03-31T09:00:09.000000Z",
        "hosts": ["ws1.corp.example", "ws2.corp.example"],
        "findings": {"high": 2},
    }
    assert tuning["unnamed"] == {"ApprovedUpdateHosts": 1}


def test_who_wrote_is_proposed_where_it_is_no_installer(clew: Any) -> None:
    records = [
        record
        | {
            key: r"C:\Tools\drop.exe"
            for key in ("Image", "ParentImage")
            if record.get(key) == sysmon.INSTALLER
        }
        for record in sysmon.incident()
    ]
    Path("log.jsonl").write_text(sysmon.lines(*records))
    assert "Installers add drop.exe" in trials(tuned(clew, "log.jsonl"))


def test_destinations_that_a_thread_does_not_show_are_proposed(clew: Any) -> None:
    """A finding shows its first call; to approve that one alone only brings up the next."""
    records = named("ws1.corp.example", "one.example", "203.0.113.9")
    records = [record for record in records if record.get("Image") != sysmon.CMD]
    later = {"RecordNumber": 6, "UtcTime": sysmon.stamp(11)}
    records.append(
        records[-1] | later | {"DestinationHostname": "two.example", "DestinationIp": "203.0.113.10"}
    )
    Path("log.jsonl").write_text(sysmon.lines(*records))
    found = trials(tuned(clew, "log.jsonl"))
    one, two = "ApprovedUpdateHosts add one.example", "ApprovedUpdateHosts add two.example"
    assert found[one] == found[two] == []
    assert found[f"{one}; {two}"] == ["gone low None ws1"]


def test_it_is_told_to_people(clew: Any, log: str, snapshot: Any) -> None:
    ran = clew("tune", "AN0862", log, "--set", "ApprovedUpdateHosts+=cdn.vendor.example")
    assert (ran.code, ran.out) == (0, snapshot(name="set"))
    assert "Found 3: 3 high." in ran.err
    assert clew("tune", "AN0862", log).out == snapshot(name="proposed")


def test_nothing_is_written_unless_told(clew: Any, log: str) -> None:
    Path("clew.toml").write_text(SITE)
    clew("tune", "AN0862", log, "--set", "TimeWindow=30m")
    assert Path("clew.toml").read_text() == SITE


def test_changes_are_written_beside_what_stands_there(clew: Any, log: str) -> None:
    Path("clew.toml").write_text(SITE)
    ran = clew(
        "tune", "AN0862", log, "--write", "--set", "TimeWindow=30m", "--set", "ApprovedUpdateHosts+=vendor.example"
    )  # fmt: skip
    assert ran.code == 0
    hosts = 'ApprovedUpdateHosts = {add = ["proxy.example.org", "vendor.example"]}'
    assert Path("clew.toml").read_text() == SITE.replace(
        'ApprovedUpdateHosts = {add = ["proxy.example.org"]}  # the cache\n',
        f'{hosts}  # the cache\nTimeWindow = "30m"\n',
    )
    assert 'clew.toml: [elements.AN0862] TimeWindow = "30m"\n' in ran.err
    assert f'clew.toml: [elements.AN0862] {hosts} (was {{add = ["proxy.example.org"]}})\n' in ran.err
    assert "Found 1: 1 high." in clew("hunt", log).err


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("{remove = ['a']}", "+=a", '{add = ["a"]}'),
        ("{add = ['a', 'b']}", "-=a", '{add = ["b"], remove = ["a"]}'),
        ("['a']", "+=b", '["a", "b"]'),
        ("['a', 'b']", "-=a", '["b"]'),
        ("'a'", "+=b", '["a", "b"]'),
        ("{add = ['a']}", "=b", '"b"'),
    ],
)
def test_how_lists_are_written(clew: Any, log: str, before: str, change: str, after: str) -> None:
    Path("clew.toml").write_text(f"[elements.AN0862]\nInstallers = {before}\n")
    ran = clew("tune", "AN0862", log, "--write", "--set", f"Installers{change}")
    assert ran.code == 0
    assert Path("clew.toml").read_text() == f"[elements.AN0862]\nInstallers = {after}\n"
    assert "(was " in ran.err


def test_what_cannot_be_written_exactly_is_said(clew: Any, log: str) -> None:
    site = "[elements.AN0862]\nInstallers = [\n  'a',  # why\n]\n"
    Path("clew.toml").write_text(site)
    ran = clew("tune", "AN0862", log, "--write", "--set", "TimeWindow=30m", "--set", "Installers+=b")
    assert ran.code == 2
    assert "write it by hand: elements.AN0862.Installers = ['a', 'b']" in ran.err.replace('"', "'")
    assert Path("clew.toml").read_text() == site


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "TimeWindo=1s"), "has no element 'TimeWindo' (did you mean 'TimeWindow'?)"),
        (("--set", "TimeWindow=soon"), "does not suit duration"),
        (("--set", "TimeWindow+=1s"), "is no list: nothing to add"),
        (("--set", "TimeWindow"), "write Name=value"),
        (("--write",), "choose them first"),
        (("-",), "save standard input to a file first"),
        (("nowhere.jsonl",), "no such file or folder"),
    ],
)
def test_what_cannot_be_asked(clew: Any, log: str, arguments: tuple[str, ...], message: str) -> None:
    ran = clew("tune", "AN0862", log, *arguments)
    assert ran.code == 2
    assert message in ran.err
    assert not Path("clew.toml").exists()


def test_faults_of_several_changes_are_told_at_once(clew: Any, log: str) -> None:
    ran = clew("tune", "AN0862", log, "--set", "A=1", "--set", "B=2")
    assert "no element 'A'" in ran.err and "no element 'B'" in ran.err


def test_exit_codes_are_those_of_a_hunt(clew: Any, log: str) -> None:
    change = ("--set", "TimeWindow=30m")
    Path("clew.toml").write_text('fail_on = "high"\n')
    assert clew("tune", "AN0862", log, *change).code == 1
    Path("clew.toml").unlink()
    Path(log).write_text(Path(log).read_text() + "{broken")
    ran = clew("tune", "AN0862", log, *change)
    assert ran.code == 4
    assert "This hunt is incomplete" in ran.err


def test_more_changes_than_one_reading_takes(clew: Any, log: str) -> None:
    changes = [part for number in range(1, 12) for part in ("--set", f"TimeWindow={number}s")]
    found = trials(tuned(clew, log, *changes))
    assert len(found) == 12
    assert [len(effects) for effects in found.values()][:11] == [3] * 1 + [3] * 4 + [0] * 6
