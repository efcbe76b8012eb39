"""The incident: all its records in the published order, and the only thing in the day that reaches high."""

import pytest
from an0862 import Finding, findings
from plain_sysmon import Record, read

from sample.day import record

HOST = "WS-105.corp.example.com"
COPY = "C:\\ProgramData\\wt.exe"

#: (id, what must stand in the record's fields), in order.
CHAIN = (
    (1, {"Image": "node.exe", "CommandLine": "install axios@1.14.1"}),
    (11, {"Image": "node.exe", "TargetFilename": "plain-crypto-js\\setup.js"}),
    (1, {"Image": "cmd.exe", "ParentImage": "node.exe", "CommandLine": "node setup.js"}),
    (1, {"Image": "node.exe", "ParentImage": "cmd.exe", "CommandLine": "setup.js"}),
    (1, {"Image": "where.exe", "ParentImage": "cmd.exe"}),
    (11, {"Image": "node.exe", "TargetFilename": COPY}),
    (11, {"Image": "node.exe", "TargetFilename": "D:\\Temp\\6202033.vbs"}),
    (1, {"Image": "cscript.exe", "ParentImage": "cmd.exe", "CommandLine": "6202033.vbs"}),
    (1, {"Image": "cmd.exe", "ParentImage": "cscript.exe", "CommandLine": "/c curl -s -X POST"}),
    (11, {"Image": "cmd.exe", "TargetFilename": "D:\\Temp\\6202033.ps1"}),
    (1, {"Image": "curl.exe", "ParentImage": "cmd.exe"}),
    (22, {"Image": "curl.exe", "QueryName": "sfrclak.example"}),
    (3, {"Image": "curl.exe", "DestinationIp": "203.0.113.73", "DestinationPort": "8000"}),
    (1, {"Image": COPY, "OriginalFileName": "PowerShell.EXE", "CommandLine": '-file "D:\\Temp\\6202033.ps1"'}),
    (23, {"Image": "cmd.exe", "TargetFilename": "6202033.ps1"}),
    (23, {"Image": "cmd.exe", "TargetFilename": "6202033.vbs"}),
    (23, {"Image": "node.exe", "TargetFilename": "plain-crypto-js\\setup.js"}),
    (11, {"Image": COPY, "TargetFilename": "C:\\ProgramData\\system.bat"}),
    (13, {"Image": COPY, "TargetObject": "CurrentVersion\\Run\\MicrosoftUpdate"}),
    (22, {"Image": COPY, "QueryName": "sfrclak.example"}),
    *((3, {"Image": COPY, "DestinationIp": "203.0.113.73"}) for _ in range(6)),
)  # fmt: skip


def fits(found: Record, code: int, wanted: dict[str, str]) -> bool:
    return found.code == code and all(part in found.data.get(name, "") for name, part in wanted.items())


def incident(day: list[Record]) -> list[Record]:
    """The chain's records, each the first that fits after its predecessor; fails where one is missing."""
    rest = iter(sorted((found for found in day if found.host == HOST), key=lambda found: found.time))
    chain = []
    for code, wanted in CHAIN:
        match = next((found for found in rest if fits(found, code, wanted)), None)
        assert match, f"no record of id {code} with {wanted} in its place"
        chain.append(match)
    return chain


def test_the_chain_is_complete_and_in_order(day: list[Record]) -> None:
    chain = incident(day)
    assert chain[-1].time - chain[0].time < 10 * 60_000_000


def test_processes_of_the_chain_descend_from_npm(day: list[Record]) -> None:
    parents = {found.data["ProcessGuid"]: found.data["ParentProcessGuid"] for found in day if found.code == 1}
    chain = incident(day)
    npm = chain[0].data["ProcessGuid"]
    step = next(found for found in chain if found.data["Image"] == COPY).data["ProcessGuid"]
    line = [step]
    while step in parents and step != npm:
        step = parents[step]
        line.append(step)
    assert line[-1] == npm
    assert len(line) == 7  # wt, cmd, cscript, cmd, node, cmd, npm


def test_the_copy_has_the_bytes_of_powershell(day: list[Record]) -> None:
    hashes = {
        found.data["Image"]: found.data["Hashes"] for found in day if found.code == 1 and found.host == HOST
    }
    shell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
    assert hashes[COPY] == hashes[shell]


def test_the_attacker_is_met_nowhere_else(day: list[Record]) -> None:
    for found in day:
        data = found.data
        if (
            data.get("DestinationIp", "").startswith("203.0.113.")
            or data.get("QueryName") == "sfrclak.example"
        ):
            assert found.host == HOST
            assert data["Image"] in (COPY, "C:\\Windows\\System32\\curl.exe")


def test_it_happens_on_the_last_day_only() -> None:
    told = [read(line.text) for line in record(15_000, 4, 3) if "ProgramData\\\\wt.exe" in line.text]
    assert {found.data["UtcTime"][:10] for found in told} == {"2026-03-31"}


def above_low(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.host, one.binary) for one in found if one.thin in ("high", "critical") or one.full]


def expect_the_incident_alone(found: list[Finding]) -> None:
    assert above_low(found) == [(HOST, COPY.lower())]
    copy = next(one for one in found if one.binary == COPY.lower())
    assert copy.thin == copy.full == "critical"


def test_nothing_else_reaches_high(day: list[Record]) -> None:
    found = findings(day)
    expect_the_incident_alone(found)
    assert {one.binary for one in found if one.thin == "low"} >= {
        "c:\\program files\\contoso\\agent\\contoso-agent.exe"
    }
    assert len(found) > 20  # programs written and run: browsers, Teams, OneDrive, editors, packages


@pytest.mark.parametrize(("events", "seed", "days"), [(9_000, 1, 1), (9_000, 2, 1), (15_000, 3, 2)])
def test_nor_with_another_seed_or_size(events: int, seed: int, days: int) -> None:
    expect_the_incident_alone(findings([read(line.text) for line in record(events, seed, days)]))


def test_the_near_misses_are_near(day: list[Record]) -> None:
    """Without the morning, what the fresh agent starts is new, and the same update would be a finding."""
    update = next(
        found.time
        for found in day
        if found.code == 11 and found.data["TargetFilename"].endswith("\\contoso-agent.exe")
    )
    later = [found for found in day if found.time >= update - 1_000_000]
    levels = {(one.host[:6], one.binary.rpartition("\\")[2]): one.thin for one in findings(later)}
    assert levels["WS-101", "contoso-agent.exe"] == "high"
