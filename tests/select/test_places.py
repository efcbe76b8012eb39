"""Hosts behind addresses, names of addresses: tables in SQL against a literal reading, and what becomes of candidates."""

import ipaddress
from collections.abc import Iterable
from typing import Any, NamedTuple

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from clew.bounded import Caps
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.entity.inventory import NOTHING, Entry, Inventory
from clew.runner.trial import START, tables
from clew.select.candidate import Candidate
from clew.select.places import Known

SECOND = 1_000_000
BASE = int(START.timestamp()) * SECOND
DETECTION = """
analytic: AN0001
strategy: DET0001
technique: T1071.001
platform: windows
title: A connection by name
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    open:
      on: file_creation
    call:
      where: {WHERE}
      any:
        - {on: network_connection_creation, after: open, weak: low}
        - {on: network_traffic_flow, after: open, weak: low}
      new: {key: [host.id, destination.address], for: 1h}
  findings: {low: call}
"""
ANYTHING = "{destination.ip|exists: true}"
NOT_APPROVED = "{a: {destination.domain|endswith: good.example}, condition: not a}"
APPROVED = "{destination.domain|endswith: good.example}"
HOSTS = ("h1", "h2")
ADDRESSES = ("10.0.0.1", "10.0.0.2")
SERVERS = ("203.0.113.1", "203.0.113.2")


def event(second: float, component: str, **columns: Any) -> CaseEvent:
    fields = {column.replace("__", "."): value for column, value in columns.items()}
    return CaseEvent(round(second * SECOND), component, fields)


def connection(second: float, host: str, source: str, destination: str, **more: Any) -> CaseEvent:
    ends = {"source__ip": source, "destination__ip": destination, "destination__address": destination}
    columns = {"network__direction": "egress", **ends, **more}
    return event(second, "network_connection_creation", host__id=host, host__name=host.upper(), **columns)


def flow(second: float, source: str, destination: str, **more: Any) -> CaseEvent:
    ends = {"source__ip": source, "destination__ip": destination, "destination__address": destination}
    return event(second, "network_traffic_flow", **ends, **more)


def answer(second: float, domain: str, *found: str, **who: Any) -> CaseEvent:
    component = "network_connection_creation" if "host__id" in who else "network_traffic_content"
    columns = {"dns__question__name": domain, "destination__domain": domain, **who}
    return event(second, component, dns__resolved_ip=" ".join(found), **columns)


def handshake(second: float, source: str, server: str, domain: str) -> CaseEvent:
    ends = {"source__ip": source, "destination__ip": server, "destination__domain": domain}
    return event(second, "network_traffic_content", tls__client__server_name=domain, **ends)


class Seen(NamedTuple):
    """A candidate as it comes out, in its order."""

    host: Any
    placed_by: Any
    address: Any
    named_by: Any


def seen(
    events: Iterable[CaseEvent], where: str = ANYTHING, inventory: Inventory = NOTHING, cap: int = 1_000_000
) -> tuple[list[Seen], Known]:
    """The candidates of the stage `call`."""
    detections = load_text(DETECTION.replace("{WHERE}", where))
    with connect(Limits(threads=1)) as database:
        gathered = tables(database, detections, list(events), inventory, Caps(facts=cap))
        found = [row.event for _, row in gathered.rows() if isinstance(row, Candidate) and row.stage == 1]
        known = gathered.known
    columns = ("host.id", "clew.host.placed_by", "destination.address", "clew.destination.named_by")
    for one in found:
        assert one.keys.get("host.id") == one.fields.get("host.id")
        assert one.keys.get("destination.address") == one.fields.get("destination.address")
    return [Seen(*map(one.fields.get, columns)) for one in found], known


def the_flow(*events: CaseEvent, **more: Any) -> Seen | None:
    """What becomes of the only flow at second 100."""
    found = [
        one
        for one in seen([*events, flow(100, ADDRESSES[0], SERVERS[0])], **more)[0]
        if one.placed_by or not one.host
    ]
    return found[0] if found else None


def test_a_flow_belongs_to_the_host_that_had_the_address_last() -> None:
    one, other = (connection(s, h, ADDRESSES[0], SERVERS[1]) for s, h in ((10, "h1"), (50, "h2")))
    assert the_flow(one) == ("h1", "address", SERVERS[0], None)
    assert the_flow(one, other) == ("h2", "address", SERVERS[0], None)
    elsewhere = connection(50, "h2", ADDRESSES[1], SERVERS[1])
    assert the_flow(one, elsewhere) == ("h1", "address", SERVERS[0], None)


def test_what_is_learned_after_the_skew_is_not_known_yet() -> None:
    assert the_flow(connection(102, "h1", ADDRESSES[0], SERVERS[1])) == ("h1", "address", SERVERS[0], None)
    assert the_flow(connection(102.1, "h1", ADDRESSES[0], SERVERS[1])) == (None, None, SERVERS[0], None)


def test_an_address_that_is_nobodys_tells_nothing() -> None:
    for address in ("127.0.0.1", "169.254.1.1", "224.0.0.1", "::1", "fe80::1", "0.0.0.0"):
        learned = connection(1, "h1", address, SERVERS[1])
        found, _ = seen([learned, flow(2, address, SERVERS[0])])
        assert found[-1].host is None


def test_a_flow_towards_a_host_is_its_own() -> None:
    events = [connection(1, "h1", ADDRESSES[0], SERVERS[1]), flow(2, ADDRESSES[1], ADDRESSES[0])]
    assert seen(events)[0][-1] == ("h1", "address", ADDRESSES[0], None)
    own = "{own: {clew.destination.own: true}, condition: not own}"
    assert len(seen(events, own)[0]) == 1


def test_a_name_is_what_the_host_was_told_last() -> None:
    host = connection(10, "h1", ADDRESSES[0], SERVERS[1])
    told = answer(20, "evil.example", "198.51.100.9", SERVERS[0], host__id="h1")
    assert the_flow(host, told) == ("h1", "address", "evil.example", "dns")
    assert the_flow(host, answer(20, "evil.example", SERVERS[0], host__id="h2")) == (
        "h1",
        "address",
        SERVERS[0],
        None,
    )
    assert the_flow(host, answer(102.1, "evil.example", SERVERS[0], host__id="h1"))[2] == SERVERS[0]  # type: ignore[index]
    sni = handshake(20, ADDRESSES[0], SERVERS[0], "late.example")
    assert the_flow(host, told, sni) == ("h1", "address", "late.example", "tls")


def test_a_sensor_names_by_the_address_where_no_host_is_known() -> None:
    told = answer(20, "evil.example", SERVERS[0], source__ip=ADDRESSES[0])
    assert the_flow(told) == (None, None, "evil.example", "dns")
    assert the_flow(told, connection(50, "h1", ADDRESSES[0], SERVERS[1])) == (
        "h1",
        "address",
        "evil.example",
        "dns",
    )
    moved = [connection(s, h, ADDRESSES[0], SERVERS[1]) for s, h in ((10, "h2"), (50, "h1"))]
    assert the_flow(told, *moved) == ("h1", "address", SERVERS[0], None)


def test_texts_and_sinkholes_name_nothing() -> None:
    told = answer(20, "evil.example", SERVERS[0], source__ip=ADDRESSES[0], dns__question__type="TXT")
    assert the_flow(told) == (None, None, SERVERS[0], None)
    found, _ = seen(
        [answer(1, "ads.example", "127.0.0.1", host__id="h1"), connection(2, "h1", ADDRESSES[0], "127.0.0.1")]
    )
    assert found[-1].named_by is None


def test_a_condition_is_tested_with_the_name_filled_in() -> None:
    good = answer(20, "www.good.example", SERVERS[0], source__ip=ADDRESSES[0])
    assert the_flow(good, where=NOT_APPROVED) is None
    assert the_flow(good, where=APPROVED) == (None, None, "www.good.example", "dns")
    assert the_flow(answer(20, "bad.example", SERVERS[0], source__ip=ADDRESSES[0]), where=APPROVED) is None
    assert the_flow(where=APPROVED) is None
    assert the_flow(where=NOT_APPROVED) == (None, None, SERVERS[0], None)


def test_the_inventory_wins_within_its_time() -> None:
    def listed(since: float, until: float, network: str = ADDRESSES[0]) -> Inventory:
        times = (BASE + round(since * SECOND), BASE + round(until * SECOND))
        return Inventory([Entry(ipaddress.ip_network(network), "h2.corp", *times)])

    learned = connection(10, "h1", ADDRESSES[0], SERVERS[1])
    assert the_flow(learned, inventory=listed(100, 100.1)) == ("h2.corp", "inventory", SERVERS[0], None)
    assert the_flow(learned, inventory=listed(0, 100)) == ("h1", "address", SERVERS[0], None)
    assert the_flow(inventory=listed(0, 200, "10.0.0.0/24")) == ("h2.corp", "inventory", SERVERS[0], None)


def test_a_short_name_and_its_full_name_are_one_scope() -> None:
    events = [connection(s, h, ADDRESSES[0], SERVERS[s % 2]) for s, h in ((1, "h1"), (2, "h1.corp"))]
    found, known = seen([*events, flow(3, ADDRESSES[0], SERVERS[0])])
    assert {one.host for one in found} == {"h1.corp"}
    assert known.folded == 1
    found, known = seen([*events, connection(3, "h1.other", ADDRESSES[0], SERVERS[0])])
    assert [one.host for one in found] == ["h1", "h1.corp", "h1.other"]
    assert known.unclear == {"h1": ("h1.corp", "h1.other")}


def test_the_oldest_facts_go_first() -> None:
    events = [connection(s, f"h{s}", f"10.0.1.{s}", SERVERS[0]) for s in range(20)]
    flows = [flow(100, f"10.0.1.{s}", SERVERS[0]) for s in range(20)]
    found, known = seen([*events, *flows], cap=5)
    assert {one.host for one in found if one.placed_by} == {f"h{s}" for s in range(15, 20)}
    # ... and 15 of 20 hosts, which keep the name that their records have
    assert (known.facts, known.forgotten) == (20, 15 + 15)


class Fact(NamedTuple):
    """Random facts and events: at a second, something is seen of a host, an address and a server."""

    second: int
    kind: str
    host: str
    address: str
    server: str
    domain: str


FACTS = st.lists(
    st.builds(
        Fact,
        st.integers(0, 12),
        st.sampled_from(["connection", "flow", "asked", "overheard", "handshake"]),
        *map(st.sampled_from, (HOSTS, ADDRESSES, SERVERS, ("a.good.example", "b.example"))),
    ),
    max_size=12,
)


def made(fact: Fact) -> CaseEvent:
    second, kind, host, address, server, domain = fact
    match kind:
        case "connection":
            return connection(second, host, address, server)
        case "flow":
            return flow(second, address, server)
        case "asked":
            return answer(second, domain, server, host__id=host)
        case "overheard":
            return answer(second, domain, server, source__ip=address)
    return handshake(second, address, server, domain)


def last(facts: Iterable[tuple[Any, ...]], time: int) -> Any:
    """Of facts (time, what), what the last of them says up to a time and the skew; the greatest of several."""
    return max((fact for fact in facts if fact[0] <= time + 2), default=(0, None))[1]


def holder(facts: list[Fact], address: str, time: int) -> Any:
    return last([(f.second, f.host) for f in facts if f.kind == "connection" and f.address == address], time)


def name(facts: list[Fact], host: Any, fact: Fact) -> Any:
    told = []
    for one in facts:
        if one.kind not in ("asked", "overheard", "handshake") or one.server != fact.server:
            continue
        by = "tls" if one.kind == "handshake" else "dns"
        owner = one.host if one.kind == "asked" else holder(facts, one.address, one.second)
        same = owner == host if owner else one.address == fact.address
        if same:
            told.append((one.second, (by, one.domain)))
    return last(told, fact.second)


def literally(facts: list[Fact], where: str) -> list[tuple[Any, ...]]:
    found = []
    for fact in facts:
        if fact.kind not in ("connection", "flow"):
            continue
        host = fact.host if fact.kind == "connection" else holder(facts, fact.address, fact.second)
        by, domain = name(facts, host, fact) or (None, None)
        good = domain == "a.good.example"
        if where == ANYTHING or good == (where == APPROVED):
            placed = "address" if fact.kind == "flow" and host else None
            found.append((fact.second, host, placed, domain or fact.server, by))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FACTS, st.sampled_from([ANYTHING, NOT_APPROVED, APPROVED]), st.randoms())
def test_tables_say_what_a_literal_reading_says(facts: list[Fact], where: str, random: Any) -> None:
    shuffled = random.sample(facts, len(facts))
    found = [one for one in seen(map(made, shuffled), where)[0] if one.address in (*SERVERS,) or one.named_by]
    expected = [one[1:] for one in literally(facts, where)]
    assert sorted(map(str, found)) == sorted(str(Seen(*one)) for one in expected)
