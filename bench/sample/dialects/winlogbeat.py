"""Elastic's Winlogbeat: version 6, and from 7 on before the module's pipeline; empty data are left out."""

from __future__ import annotations

from typing import Any

from sample.dialects.written import CHANNEL, PROVIDER, SOURCE, VERSIONS, Render, Written, encode
from sample.machine import HostPlan
from sample.records import Data
from sample.stamp import iso

_WRITER = {"identifier": "S-1-5-18", "name": "SYSTEM", "domain": "NT AUTHORITY", "type": "User"}
Document = dict[str, Any]


def winlogbeat6(host: HostPlan) -> Render:
    """Version 6: everything on top, Sysmon's data in event_data; process_id is Sysmon's own."""
    beat = {"name": "collector", "hostname": "collector", "version": "6.8.23"}

    def render(record: Written) -> str:
        return encode(
            {
                "@timestamp": iso(record.time),
                "@metadata": {
                    "beat": "winlogbeat",
                    "type": "doc",
                    "version": "6.8.23",
                    "topic": "winlogbeat",
                },
                "type": "wineventlog",
                "source_name": SOURCE,
                "provider_guid": f"{{{PROVIDER}}}",
                "log_name": CHANNEL,
                "computer_name": host.fqdn,
                "record_number": str(record.number),
                "event_id": record.code,
                "version": VERSIONS[record.code],
                "level": "Information",
                "opcode": "Info",
                "process_id": record.writer,
                "thread_id": record.thread,
                "user": _WRITER,
                "event_data": filled(record.data),
                "beat": beat,
                "host": {"name": "collector"},
            }
        )

    return render


def winlogbeat(host: HostPlan) -> Render:
    """Version 7 and later: Windows' part stands under winlog, Sysmon's data in winlog.event_data."""
    return lambda record: encode(document(host, record))


def winlogbeat_flat(host: HostPlan) -> Render:
    """The same with dotted keys, as exports of an index have it."""
    return lambda record: encode(flattened(document(host, record)))


def document(host: HostPlan, record: Written) -> Document:
    """A record as Winlogbeat 8 sends it."""
    return {
        "@timestamp": iso(record.time),
        "event": {
            "code": str(record.code),
            "kind": "event",
            "provider": SOURCE,
            "created": iso(record.time + 900_000),
        },
        "host": {"name": host.fqdn},
        "log": {"level": "information"},
        "agent": {"type": "winlogbeat", "version": "8.17.0", "name": "collector"},
        "ecs": {"version": "8.0.0"},
        "winlog": {
            "api": "wineventlog",
            "channel": CHANNEL,
            "computer_name": host.fqdn,
            "event_data": filled(record.data),
            "event_id": str(record.code),
            "opcode": "Info",
            "process": {"pid": record.writer, "thread": {"id": record.thread}},
            "provider_guid": f"{{{PROVIDER.upper()}}}",
            "provider_name": SOURCE,
            "record_id": record.number,
            "time_created": iso(record.time),
            "user": _WRITER,
            "version": VERSIONS[record.code],
        },
    }


def filled(data: Data) -> Data:
    """What Winlogbeat keeps of the data: not what is empty."""
    return {name: value for name, value in data.items() if value}


def flattened(document: Document, under: str = "") -> Document:
    """A nested document with dotted keys."""
    flat: Document = {}
    for key, value in document.items():
        flat.update(flattened(value, f"{under}{key}.") if isinstance(value, dict) else {under + key: value})
    return flat


def nested(flat: Document) -> Document:
    """The opposite of `flattened`."""
    document: Document = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return document
