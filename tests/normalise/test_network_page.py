"""docs/network.md is made from the mappings and from what the records of each log become."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from clew.normalise.mapping import Mapping, mappings
from normalise.network_records import FORMS, eve
from normalise.test_network import of
from normalise.test_sysmon import Events

PAGE = Path(__file__).parents[2] / "docs" / "network.md"
#: Every event has these.
COMMON = frozenset(
    (
        *("@timestamp", "event.id", "event.code", "event.provider", "clew.component", "clew.log_source"),
        *("observer.name", "clew.network.session", "clew.log.source", "log.file.path", "log.position"),
    )
)
#: The two ends of a connection.
ENDS = (
    *("source.ip", "source.port", "destination.ip", "destination.port", "destination.domain"),
    *("destination.address", "clew.destination.public", "clew.destination.own"),
    *("network.direction", "network.transport", "network.protocol"),
)

INTRODUCTION = """# Network sensors: Zeek and Suricata

What a sensor sees on the wire, in ATT&CK's log source `NSM:Flow`. This page is made from `src/clew/normalise/zeek.sql`
and `suricata.sql`, and from a record of each log.

* A sensor knows addresses, not hosts. In its records `host.id` is empty, and the sensor is `observer.name`. A hunt fills
  it where it knows [who had the address](#who-is-who); where nobody does, a chain that lives on a host counts the event as
  *unplaced*.
* A connection is written when it ends, but its time is when it began: Zeek's `ts`, Suricata's `flow.start`. So a log
  is not in the order of its times, and a long connection stands far behind what happened after its beginning.
* *Source* is who opened the connection. Suricata names the sender of a packet or file first; there it is turned.
* `destination.domain` is the name asked for in a DNS question, a TLS handshake (SNI) or a Host header, not what an
  address is called elsewhere. In DNS events `destination.ip` is the server that was asked.
* Addresses have one spelling: IPv6 is written short (RFC 5952), though Suricata writes it in full.

## Who is who

When everything was read, a hunt fills what records lack by what others told, whatever file they stood in. A fact counts
for events from its time - `skew` on (2 s by default), until a later fact says otherwise.

**Hosts by address.** A host's address is learned from connections that the host itself logged (Sysmon 3, Security 5156):
the source's of those it opened, the destination's of those it took. Loopback, link-local, multicast and unspecified
addresses tell nothing. An event of a sensor gets `host.id` and `host.name` of the host that was last seen with the
source's address, or where nothing is known of that, with the destination's; then `clew.destination.own` is true, since
the host received it. `clew.host.placed_by` says who told: `address`, or `inventory`. `--host` chooses by what records
say themselves, so it leaves out all that sensors saw.

**The inventory.** What the site knows stands above what was learned. `clew.toml` names a file, relative to itself:

```toml
[hosts]
inventory = "hosts.csv"
```

```csv
ip,host,from,to
10.1.2.3,ws1.corp.example,,
10.1.2.4,ws2.corp.example,2026-03-01,2026-04-01T12:00:00Z
10.9.0.0/16,vpn-gateway,,
```

A line counts from `from` on and before `to`; either may be empty. Times are ISO 8601, UTC unless they say otherwise. Of
several lines for one address the smallest network counts. Two hosts with one network at one time are a fault.

**Names.** `destination.domain` and `destination.address` of an event that has only an address are the name by which its
host knew that address: of the DNS answer that had it (Sysmon 22, Zeek, Suricata; of an alias the name that was asked
for), or of a TLS handshake with it (SNI), whichever came last. `clew.destination.named_by` says which: `dns`, `tls`.
What one host was told says nothing of another. An answer that a sensor overheard is that of the host behind the address
that asked; while none is known, it is the address's own. A name is what the client said or was told, and no proof of
who answered: a program can write any name into its handshake.

**One host, one id.** `ws1` and `ws1.corp.example` are one host, whose `host.id` is the full name; `host.name` stays what
the record says. Where two full names begin with `ws1`, nobody can tell: then `ws1` alone is a host of its own, and the
hunt notes it. A short and a full name that both stand in the inventory are two hosts. A pattern in `[[host]]` of
`clew.toml` fits the id or its first label.

At most `facts_cap` facts of addresses are kept (1,000,000), as many of names, of CodeIntegrity's signatures and of
processes whose creation is not recorded, the latest; what was forgotten is
counted and said. `--stats` shows what was learned and used.

## Forms

| written by | as | the log is told by |
|---|---|---|
| Zeek | tab-separated, with a header | `#path` |
| Zeek, `LogAscii::use_json` | JSON, `id.orig_h`; times since 1970 in seconds or thousandths, or as text | a field that only this log has |
| json-streaming-logs, Corelight | JSON, `id.orig_h` | `_path` |
| RockNSM | JSON, `id_orig_h` | `@stream` |
| pipelines that make objects of dots | JSON, `{"id": {"orig_h": ...}}` | `_path`, or a field that only this log has |
| Suricata | EVE, JSON; DNS in versions 1, 2 and 3 | `event_type` |

The name of a file does not count, so a log may be called anything. A log of Zeek that was written in two formats counts
once: a record is known by its connection, its time, and what tells it from others of the same connection. A connection
that is still open (`open_conn`) is written again and again: each record that says something new is an event.
A record of Suricata is known by its bytes.

"""


def page(found: dict[str, Events]) -> str:
    lines = [
        f"All have {_listed(sorted(COMMON))}, where the record has them.",
        f"*Ends* stands for {_listed(ENDS)}.",
    ]
    for mapping in _network():
        lines += [
            "",
            f"## {mapping.provider}",
            "",
            "| log | ATT&CK channel | data component | columns |",
            "|---|---|---|---|",
        ]
        lines += _rows(mapping, found[mapping.provider])
        lines += [
            "",
            "What cannot be filled:",
            "",
            *(f"* {columns}: {why}" for columns, why in mapping.cannot.items()),
        ]
    return INTRODUCTION + "\n".join((*lines, ""))


def _network() -> list[Mapping]:
    return [mapping for mapping in mappings() if mapping.log_source == "NSM:Flow"]


def _rows(mapping: Mapping, found: Events) -> Iterator[str]:
    for channel in mapping.channels:
        mine = [event for event in found if event["event.code"] == channel.code]
        columns = {column for event in mine for column in event} - COMMON
        assert {event["clew.component"] for event in mine} == {channel.component}
        ends = "*ends*, " if {"source.ip", "destination.ip"} <= columns else ""
        named = _listed(sorted(columns - set(ENDS) if ends else columns))
        yield f"| {channel.code} | {channel.channel} | `{channel.component}` | {ends}{named} |"


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)


def test_the_page_is_current(tmp_path: Path) -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    made = page({"Zeek": of(FORMS["rocknsm"](), tmp_path)[0], "Suricata": of(eve(), tmp_path)[0]})
    if os.environ.get("CLEW_UPDATE_DOCS"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made
