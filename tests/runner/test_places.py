"""A host's own log and a sensor's logs are one chain: the file and the program here, the connection there."""

import json
from pathlib import Path
from typing import Any

import msgspec

import clew
import sysmon
from clew.detection.load import load_text
from clew.detection.model import HostSet
from clew.finding import Finding
from clew.runner.hunt import Hunt
from clew.settings import read_settings

START = sysmon.START.timestamp()
SERVER = "203.0.113.9"
TEXT = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: A new program runs, and its host calls out
status: test
mutable:
  Approved: {type: domains, default: [update.example], about: whom programs may call}
chain:
  scope: host.id
  within: 1h
  stages:
    write:
      on: file_creation
      bind: {binary: file.path}
    run:
      on: process_creation
      link: process.executable = $binary
    egress:
      on: network_traffic_flow
      where:
        approved: {destination.domain|expand: '%Approved%'}
        own: {clew.destination.own: true}
        condition: not approved and not own
      after: run
      weak: medium
      new: {key: [host.id, destination.address], for: 1h}
  findings: {medium: egress}
  per: [$binary]
"""
DETECTION = load_text(TEXT)
HTTPS = {"Protocol": "tcp", "Initiated": "true", "SourcePort": 50000, "DestinationPort": 443}


def line(log: str, second: float, source: str, destination: str, **more: Any) -> str:
    ends = {"id.orig_h": source, "id.orig_p": 50001, "id.resp_h": destination, "id.resp_p": 443}
    record = {"_path": log, "ts": START + second, "uid": f"C{log}{second}", **ends, "proto": "tcp", **more}
    return json.dumps(record) + "\n"


def conn(second: float, source: str = "10.1.2.3", destination: str = SERVER) -> str:
    return line("conn", second, source, destination, conn_state="SF")


def dns(second: float, query: str, source: str = "10.1.2.3") -> str:
    answers = ["edge.example.net", SERVER]
    return line(
        "dns", second, source, "10.1.2.1", query=query, qtype_name="A", answers=answers, rejected=False
    )


def connected(second: float, host: str, record: int, source: str = "10.1.2.3") -> dict[str, Any]:
    """An earlier connection of some other program: it tells the host's address."""
    return sysmon.flat(
        3,
        second,
        record,
        host=host,
        Image=r"C:\a.exe",
        SourceIp=source,
        DestinationIp="198.51.100.1",
        **HTTPS,
    )


def hunted(folder: Path, *logs: str, settings: dict[str, str] | None = None) -> Hunt:
    """The findings in logs that are read in this order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number}.log" for number in range(len(logs))]
    for path, text in zip(paths, logs, strict=True):
        path.write_text(text)
    return clew.hunt(
        paths, detections=DETECTION, settings=read_settings({}, settings or {}, folder, folder / "none")
    )


def egress(finding: Finding) -> dict[str, Any]:
    [stage] = [stage for stage in finding.stages if stage.name == "egress"]
    return stage.events[0].fields


HOST_LOG = sysmon.lines(*sysmon.incident()[:4], connected(-60, sysmon.HOST, 90))


def test_the_sensors_flow_and_name_stand_in_the_finding(tmp_path: Path) -> None:
    hunt = hunted(tmp_path, HOST_LOG, conn(20), dns(15, "c2.example.org"))
    [finding] = hunt.findings
    shown = egress(finding)
    assert (finding.level, finding.scope) == ("medium", {"host.id": sysmon.HOST})
    assert (shown["event.provider"], shown["host.id"], shown["host.name"]) == (
        "Zeek",
        sysmon.HOST,
        sysmon.HOST,
    )
    assert shown["destination.domain"] == shown["destination.address"] == "c2.example.org"
    assert (shown["clew.host.placed_by"], shown["clew.destination.named_by"]) == ("address", "dns")
    assert (hunt.known.placed, hunt.known.named, hunt.counters.unplaced) == (1, 1, 0)


def test_the_order_of_files_means_nothing(tmp_path: Path) -> None:
    """The host is called by its short name in one log, and a stranger's flow and name stand between."""
    other = dns(16, "update.example", "10.1.2.4") + conn(17, "10.1.2.4")
    logs = (
        HOST_LOG,
        sysmon.lines(connected(-30, "WS1", 91)),
        conn(20) + conn(25, destination="198.51.100.8"),
        dns(15, "c2.example.org") + other,
    )
    turned = [logs[n:] + logs[:n] for n in range(len(logs))]  # every log stands at every place
    orders = turned + [order[::-1] for order in turned]
    found = [
        [
            (
                f.id,
                f.level,
                [(s.name, [e.id for e in s.events]) for s in f.stages],
                f.scope,
                egress(f)["destination.domain"],
            )
            for f in hunted(tmp_path / str(number), *order).findings
        ]
        for number, order in enumerate(orders)
    ]
    assert len(found[0]) == 1
    assert all(one == found[0] for one in found)


def test_near_misses(tmp_path: Path) -> None:
    flow, name = conn(20), dns(15, "update.example")
    assert not hunted(tmp_path / "approved", HOST_LOG, flow, name).findings
    assert not hunted(tmp_path / "another host", HOST_LOG, conn(20, "10.1.2.4")).findings
    [late] = hunted(tmp_path / "late", HOST_LOG, flow, dns(22.5, "update.example")).findings
    assert "clew.destination.named_by" not in egress(late)
    [others] = hunted(
        tmp_path / "another's name", HOST_LOG, flow, dns(15, "update.example", "10.1.2.4")
    ).findings
    assert egress(others)["destination.address"] == SERVER
    moved = sysmon.lines(connected(10, "ws2.corp.example", 1))
    assert not hunted(tmp_path / "moved", HOST_LOG, moved, flow).findings
    [back] = hunted(
        tmp_path / "back", HOST_LOG, moved, sysmon.lines(connected(15, sysmon.HOST, 92)), flow
    ).findings
    assert back.scope == {"host.id": sysmon.HOST}


def test_the_inventory_of_the_site(clew: Any) -> None:
    Path("sysmon.jsonl").write_text(sysmon.lines(*sysmon.incident()[:4]))
    Path("conn.log").write_text(conn(20))
    Path("d.yaml").write_text(TEXT)
    Path("hosts.csv").write_text("ip,host,from,to\n10.1.2.0/24,ws1,,2026-03-31T09:00:30Z\n")
    args = ("hunt", "sysmon.jsonl", "conn.log", "--detections", "d.yaml")
    assert "Left out 1 candidates that name no host." in clew(*args).err
    Path("clew.toml").write_text('[hosts]\ninventory = "hosts.csv"\n')
    ran = clew(*args, "--stats", "text")
    assert "a sensor saw 10.1.2.3 connect to 203.0.113.9:443" in ran.out
    assert "Placed 1 candidates of sensors on the hosts that had the addresses." in ran.err
    assert "Hosts, addresses and names" in ran.err
    Path("hosts.csv").write_text("ip,host\n10.1.2.300,ws1\n")
    ran = clew(*args)
    assert ran.code == 3
    assert "hosts.csv:2" in ran.err


def test_a_short_name_that_may_be_two_hosts_is_noted(tmp_path: Path) -> None:
    names = sysmon.lines(connected(-30, "WS1", 91), connected(-30, "ws1.b.example", 92))
    hunt = hunted(tmp_path, HOST_LOG, names, conn(20))
    [note] = hunt.tally.notes
    assert note.path == "ws1"
    assert "ws1.b.example or ws1.corp.example" in note.text


def test_values_for_hosts_fit_the_one_id(tmp_path: Path) -> None:
    """The event's own log calls the host by its short name, the pattern of the site by its full one."""

    [detection] = DETECTION
    ours = msgspec.structs.replace(detection, hosts=HostSet(((sysmon.HOST, True),), False))
    others = msgspec.structs.replace(detection, hosts=HostSet(((sysmon.HOST, False),), True))
    (tmp_path / "s.log").write_text(
        sysmon.lines(*sysmon.incident(host="WS1")[:4], connected(-60, sysmon.HOST, 90))
    )
    (tmp_path / "z.log").write_text(conn(20))
    short = msgspec.structs.replace(detection, hosts=HostSet((("Ws?", True),), False))
    assert len(clew.hunt([tmp_path], detections=[ours]).findings) == 1
    assert len(clew.hunt([tmp_path], detections=[short]).findings) == 1
    assert not clew.hunt([tmp_path], detections=[others]).findings
