"""Every log of Zeek that is mapped, in every form, and every kind of Suricata's events in every schema."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from clew.attack.index import attack_index
from clew.event import SCHEMA
from clew.normalise.mapping import Mapping, mappings
from clew.normalise.pretest import pretest
from clew.record import Tally
from normalise.network_records import FORMS, SURICATA, ZEEK, Record, eve
from normalise.test_sysmon import Events, events, plain


def of(text: str, folder: Path) -> tuple[Events, Tally]:
    path = folder / "log"
    path.write_text(text, "utf-8")
    return events(path, folder)


def one(record: Record, folder: Path) -> dict[str, Any]:
    [event] = of(json.dumps(record) + "\n", folder)[0]
    return event


def zeek(log: str, **changes: Any) -> Record:
    """The first record of a log with some values changed, and those that are None left out."""
    record = {"_path": log, **next(record for name, record in ZEEK if name == log)} | changes
    return {key: value for key, value in record.items() if value is not None}


def suricata(kind: str, **changes: Any) -> Record:
    return next(record for record in SURICATA if record["event_type"] == kind) | changes


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Events:
    return plain(of(FORMS["json"](), tmp_path_factory.mktemp("zeek"))[0])


def test_every_log_of_zeek_and_what_it_fills(expected: Events, snapshot: Any) -> None:
    assert [event["event.code"] for event in expected] == [log for log, _ in ZEEK]
    assert expected == snapshot


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"rocknsm", "milliseconds"}))
def test_the_same_events_in_every_form(form: str, expected: Events, tmp_path: Path) -> None:
    """With the same ids: a log that was written in two formats counts once."""
    found, tally = of(FORMS[form](), tmp_path)
    assert plain(found) == expected
    assert tally.complete


def test_rocknsm_names_the_sensor(expected: Events, tmp_path: Path) -> None:
    found, _ = of(FORMS["rocknsm"](), tmp_path)
    assert plain(found) == [{**event, "observer.name": "sensor-1"} for event in expected]


def test_times_in_milliseconds(expected: Events, tmp_path: Path) -> None:
    found, _ = of(FORMS["milliseconds"](), tmp_path)
    assert plain(found) == expected


def test_every_kind_of_suricata_and_what_it_fills(tmp_path: Path, snapshot: Any) -> None:
    found, tally = of(eve(), tmp_path)
    assert tally.complete
    assert [event["event.code"] for event in found] == [record["event_type"] for record in SURICATA]
    assert plain(found) == snapshot


def test_the_three_schemas_of_dns_say_the_same(tmp_path: Path) -> None:
    found, _ = of(eve(), tmp_path)
    first_query, first_answer, second_answer, third_query, third_answer = (
        {k: v for k, v in event.items() if k.startswith(("dns.", "destination."))}
        for event in found
        if event["event.code"] == "dns"
    )
    assert first_query == third_query
    assert second_answer == third_answer
    assert second_answer.pop("dns.resolved_ip") == "198.51.100.7 2001:db8::7"
    assert first_answer.pop("dns.resolved_ip") == "198.51.100.7"
    assert first_answer == second_answer


@pytest.mark.parametrize("source", ["Zeek", "Suricata"])
def test_a_sensor_is_no_host_and_columns_are_in_the_schema(source: str, tmp_path: Path) -> None:
    found, _ = of(FORMS["rocknsm"]() if source == "Zeek" else eve(), tmp_path)
    assert {event["event.provider"] for event in found} == {source}
    assert {column for event in found for column in event} <= set(SCHEMA) - {"host.id", "host.name"}
    assert "sensor-1" in {event.get("observer.name") for event in found}


def test_an_open_connection_is_written_again_and_again(tmp_path: Path) -> None:
    """What grows makes another event; the same once more, also in another format, does not."""
    opened = [zeek("conn", conn_state="S1", duration=60.0 * n, orig_bytes=n, resp_pkts=n) for n in (1, 2, 3)]
    text = "".join(json.dumps(record) + "\n" for record in [*opened, zeek("conn"), *opened])
    found, tally = of(text + FORMS["json-streaming-logs"](), tmp_path)
    assert len([event for event in found if event.get("clew.network.state") == "S1"]) == 3
    assert tally.records["duplicate"] == 4


def test_a_question_that_is_seen_twice_counts_twice(tmp_path: Path) -> None:
    """One packet on two interfaces: all is the same but how long the answer took."""
    twice = [zeek("dns"), zeek("dns", rtt=0.069984)]
    assert len(of("".join(json.dumps(record) + "\n" for record in twice), tmp_path)[0]) == 2


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"ts": 1, "uid": "C1", "id.orig_h": "10.1.2.3", "endpoint": "x"}, "not_parsed"),  # dce_rpc
        (zeek("http", _path=None, request_path=[], call_id="1"), "not_parsed"),  # sip has what http has
        ({**zeek("conn"), "_path": "weird"}, "not_parsed"),
        ({"ts": 1, "level": "info", "tags": ["a"], "established": True}, "irrelevant"),
        ({k: v for k, v in zeek("conn").items() if k != "ts"}, "irrelevant"),
        (zeek("conn", ts="soon"), "rejected"),
        (suricata("flow", event_type="dhcp"), "not_parsed"),
        ({"timestamp": "2026-03-31T09:00:00Z", "event_type": "stats", "stats": {"uptime": 9}}, "not_parsed"),
        ({"timestamp": "2026-03-31T09:00:00Z", "event_type": "alert", "message": "x"}, "irrelevant"),
    ],
)
def test_what_is_no_event_is_accounted_for(record: Record, status: str, tmp_path: Path) -> None:
    found, tally = of(json.dumps(record) + "\n", tmp_path)
    assert not found
    assert {name: count for name, count in tally.records.items() if count} == {status: 1}


@pytest.mark.parametrize(
    ("ends", "direction"),
    [
        (("10.1.2.3", "203.0.113.9"), "egress"),
        (("203.0.113.9", "10.1.2.3"), "ingress"),
        (("10.1.2.3", "192.168.7.7"), "internal"),
        (("203.0.113.9", "198.51.100.9"), "external"),
        (("fd00::1", "2001:db8::1"), "egress"),
    ],
)
def test_where_a_flow_goes(ends: tuple[str, str], direction: str, tmp_path: Path) -> None:
    source, destination = ends
    silent = {"id.orig_h": source, "id.resp_h": destination, "local_orig": None, "local_resp": None}
    flow = suricata("flow", src_ip=source, dest_ip=destination)
    assert one(zeek("conn", **silent), tmp_path)["network.direction"] == direction
    assert one(flow, tmp_path)["network.direction"] == direction


def test_what_the_sensor_says_of_the_ends_counts_more(tmp_path: Path) -> None:
    said = zeek("conn", local_orig=False, local_resp=True)
    assert one(said, tmp_path)["network.direction"] == "ingress"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7"),
        ("0000:0000:0000:0000:0000:0000:0000:0001", "::1"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("ff02:0:0:0:0:0:1:3", "ff02::1:3"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("FE80:0000:0000:0000:7850:57F1:AFC7:C40B", "fe80::7850:57f1:afc7:c40b"),
        ("2001:db8::10", "2001:db8::10"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_address_has_one_spelling(written: str, address: str, tmp_path: Path) -> None:
    """https://www.rfc-editor.org/rfc/rfc5952#section-4"""
    assert one(suricata("flow", dest_ip=written), tmp_path)["destination.ip"] == address


@pytest.mark.parametrize(
    ("record", "own"),
    [
        (zeek("conn"), False),
        (zeek("conn", **{"id.resp_h": "224.0.0.251"}), True),
        (zeek("conn", **{"id.resp_h": "10.1.2.3"}), True),
        (zeek("dns", query="printer"), True),
        (zeek("dns"), False),
        (zeek("ssl", server_name="printer"), False),  # a public address is not the host
        (zeek("ssl", server_name="printer", **{"id.resp_h": "10.1.2.4"}), True),
    ],
)
def test_the_host_itself_is_no_destination(record: Record, own: bool, tmp_path: Path) -> None:
    assert one(record, tmp_path)["clew.destination.own"] is own


@pytest.mark.parametrize(
    ("changes", "url", "domain"),
    [
        ({}, "http://c2.example.org/up/a.php?id=1&x=%20", "c2.example.org"),
        (
            {"uri": "http://c2.example.org/p", "host": "proxy.example.net"},
            "http://c2.example.org/p",
            "proxy.example.net",
        ),
        ({"host": "[2001:db8::1]:80", "uri": "/"}, "http://[2001:db8::1]/", None),
        (
            {"method": "CONNECT", "uri": "c2.example.org:443", "host": "c2.example.org"},
            None,
            "c2.example.org",
        ),
        ({"host": None, "uri": "/x"}, "http://203.0.113.9/x", None),
    ],
)
def test_urls(changes: dict[str, Any], url: str | None, domain: str | None, tmp_path: Path) -> None:
    event = one(zeek("http", **changes), tmp_path)
    assert event.get("url.full") == url
    assert event.get("destination.domain") == domain


@pytest.mark.parametrize(
    ("changes", "turned"),
    [
        ({"src_port": 80, "dest_port": 50000}, True),
        ({"src_port": 50000, "dest_port": 80}, False),
        ({"src_port": 50000, "dest_port": 8080}, False),
        ({"src_port": 8080, "dest_port": 50000, "direction": "to_client"}, True),
        ({"src_port": 80, "dest_port": 50000, "direction": "to_server"}, False),
        ({"src_port": 8080, "dest_port": 50000, "flow": {"src_ip": "192.0.2.7", "src_port": 50000}}, True),
        ({"src_port": 80, "dest_port": 50000, "flow": {"src_ip": "10.1.2.3", "src_port": 80}}, False),
    ],
)
def test_who_opened_the_connection(changes: dict[str, Any], turned: bool, tmp_path: Path) -> None:
    """Suricata names the sender of a packet or file first."""
    event = one(suricata("alert", **changes), tmp_path)
    assert event["source.ip"] == ("192.0.2.7" if turned else "10.1.2.3")
    assert event["destination.port"] == changes["src_port" if turned else "dest_port"]


HOSTILE = (
    *(
        1e300,
        -1e300,
        -1,
        10**40,
        "infinity",
        "9999-12-31T23:59:59Z",
        "1e999",
        "NaN",
        "",
        " ",
        "-",
        "a:b:c",
        "0:0:0:0",
    ),
    *([], {}, [[]], ["x", 1, None], {"rrname": 7}, True, "\\", "[", '{"'),
)


def _changed(record: Record) -> Iterator[Record]:
    """The record with each of its values, and each in its objects, replaced by what nobody should write."""
    for key, value in record.items():
        yield from ({**record, key: bad} for bad in HOSTILE)
        if isinstance(value, dict):
            yield from ({**record, key: inner} for inner in _changed(value))


@pytest.mark.parametrize("records", [[r for _, r in ZEEK], SURICATA], ids=["zeek", "suricata"])
def test_no_value_stops_the_reading(records: Sequence[Record], tmp_path: Path) -> None:
    lines = [json.dumps(changed) for record in records for changed in _changed(record)]
    found, tally = of("\n".join(lines) + "\n", tmp_path)
    assert tally.total == len(lines)
    assert len(found) == tally.records["event"]
    assert tally.records["event"] + tally.records["duplicate"] > len(lines) * 0.8


def _network() -> list[Mapping]:
    return [m for m in mappings() if m.log_source == "NSM:Flow"]


def test_channels_are_those_of_attack() -> None:
    theirs = {
        (part, source.component)
        for strategy in attack_index().strategies()
        for analytic in strategy.analytics
        for source in analytic.log_sources
        if source.name == "NSM:Flow"
        for part in (source.channel, *source.channel.split(", "))
    }
    assert {(c.channel, c.component) for m in _network() for c in m.channels} <= theirs


@pytest.mark.parametrize("component", ["network_traffic_flow", "network_traffic_content"])
def test_the_pretest_lets_every_wanted_record_pass_and_few_others(component: str) -> None:
    test = pretest(mappings(), frozenset({component}))
    wanted = {code for m in _network() for code in m.codes(frozenset({component}))}
    for form in sorted(set(FORMS) - {"tsv"}):
        passed = [test.passes(line) for line in FORMS[form]().splitlines()]
        assert passed == [log in wanted for log, _ in ZEEK], form
    spaced = [json.dumps(record, separators=(" , ", "\t: ")) for record in SURICATA]
    assert [test.passes(line) for line in spaced] == [r["event_type"] in wanted for r in SURICATA]


def test_the_pretest_of_windows_events_asks_nothing_of_sensors() -> None:
    test = pretest(mappings(), frozenset({"process_creation", "file_creation"}))
    assert not any(word in pattern for pattern in test.patterns for word in ("_path", "stream", "_type"))


@pytest.mark.parametrize("hidden", [r'"\u005fpath"', r'"_p\u0061th"', r'"\u0063onn"'])
def test_a_key_or_code_in_disguise_passes(hidden: str) -> None:
    record = zeek("conn", conn_state=None)
    key = json.loads(hidden)
    line = json.dumps(record).replace(json.dumps(key), hidden)
    assert hidden in line
    assert pretest(mappings(), frozenset({"network_traffic_flow"})).passes(line)
