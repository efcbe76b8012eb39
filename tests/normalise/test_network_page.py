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

* A sensor knows addresses, not hosts. `host.id` is empty, and the sensor is `observer.name`. Stages whose chain lives on
  a host count such events as *unplaced* until the host behind an address is known.
* A connection is written when it ends, but its time is when it began: Zeek's `ts`, Suricata's `flow.start`. So a log
  is not in the order of its times, and a long connection stands far behind what happened after its beginning.
* *Source* is who opened the connection. Suricata names the sender of a packet or file first; there it is turned.
* `destination.domain` is the name asked for in a DNS question, a TLS handshake (SNI) or a Host header, not what an
  address is called elsewhere. In DNS events `destination.ip` is the server that was asked.
* Addresses have one spelling: IPv6 is written short (RFC 5952), though Suricata writes it in full.

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
