"""Dialects: the shapes in which exporters write the same Windows event, each brought to one.

Every line is looked at in two steps. The *head* (provider, channel, code) is read of all lines: it tells
which mapping claims the record, and a line without a head is no JSON object. The *body* is read only of
records that a detection can use.

The one shape (`FIELDS`): provider, channel, code, computer, record_id, written, and the event's own data
under Sysmon's names. See telemetry shapes in docs/formats.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from clew.database import name, quote

Shape: TypeAlias = "Mapping[str, str | Shape]"

#: Data of Sysmon events that the mapping reads. Column names must differ by more than case.
DATA = (
    *("UtcTime", "ProcessGuid", "ProcessId", "Image", "CommandLine", "CurrentDirectory", "User", "Hashes"),
    *("OriginalFileName", "Company", "Product"),
    *("ParentProcessGuid", "ParentProcessId", "ParentImage", "ParentCommandLine"),
    *("TargetFilename", "Protocol", "Initiated", "SourceIp", "SourcePort"),
    *("DestinationIp", "DestinationHostname", "DestinationPort", "QueryName", "QueryResults"),
)

FIELDS = ("provider", "channel", "code", "computer", "record_id", "written", *DATA)


class Dialect(msgspec.Struct, frozen=True):
    """One shape: what is read of it, and how that becomes the one shape.

    `head` and `body` are JSON shapes as DuckDB's from_json takes them. `provider`, `code` and `is_this` are SQL
    over the head `h`; `fields` gives each of FIELDS as SQL over the body `b` (data fields by `data`, a
    pattern).
    """

    name: str
    head: Shape
    is_this: str
    provider: str
    code: str
    body: Shape
    fields: Mapping[str, str]
    data: str

    def parsed(self, line: str) -> str:
        """SQL that reads a line's body into a struct of FIELDS."""
        values = {field: self.fields.get(field) or self.data.format(field) for field in FIELDS}
        packed = ", ".join(f"{name(field)}: {value}" for field, value in values.items())
        return f"list_transform([{from_json(line, self.body)}], lambda b: {{{packed}}})[1]"


def from_json(line: str, shape: Shape) -> str:
    """SQL that reads JSON text into a struct, or null where it is no JSON."""
    return f"try(from_json({line}, {quote(json.dumps(shape))}))"


_TEXT = dict.fromkeys(DATA, "VARCHAR")
_ATTRIBUTE = {"#attributes": {"Name": "VARCHAR"}}

# NXLog, and the flat form of OTRF's Security Datasets: System and EventData side by side. NXLog's ProcessID is
# the writer's and ProcessId the subject's, so the shape names exactly one of the two. The record number is
# missing in OTRF's form.
FLAT = Dialect(
    name="flat",
    head={"SourceName": "VARCHAR", "Channel": "VARCHAR", "EventID": "VARCHAR"},
    is_this="true",
    provider="coalesce(h.SourceName, h.Channel)",
    code="h.EventID",
    body={
        **dict.fromkeys(("SourceName", "Channel", "EventID", "Hostname", "RecordNumber"), "VARCHAR"),
        **dict.fromkeys(("EventRecordID", "TimeCreated", "EventTime"), "VARCHAR"),
        **_TEXT,
    },
    fields={
        "provider": "coalesce(b.SourceName, b.Channel)",
        "channel": "b.Channel",
        "code": "b.EventID",
        "computer": "b.Hostname",
        "record_id": "coalesce(b.RecordNumber, b.EventRecordID)",
        "written": "coalesce(b.TimeCreated, b.EventTime)",
    },
    data="b.{}",
)


def _event_id(place: str) -> str:
    """The number of an EventID that may be an object: {"#attributes":{"Qualifiers":...},"#text":7045}."""
    return f"coalesce(nullif(regexp_extract({place}, '\"#text\":\"?(\\d+)', 1), ''), {place})"


# pyevtx-rs and evtx_dump: {"Event":{"System":{...},"EventData":{...}}}. EventID is a number, or an object where
# the event has qualifiers.
EVTX = Dialect(
    name="evtx",
    head={"Event": {"System": {"Provider": _ATTRIBUTE, "EventID": "VARCHAR"}}},
    is_this="h.Event.System.EventID IS NOT NULL",
    provider='h.Event.System.Provider."#attributes"."Name"',
    code=_event_id("h.Event.System.EventID"),
    body={
        "Event": {
            "System": {
                "Provider": _ATTRIBUTE,
                "TimeCreated": {"#attributes": {"SystemTime": "VARCHAR"}},
                **dict.fromkeys(("EventID", "EventRecordID", "Channel", "Computer"), "VARCHAR"),
            },
            "EventData": _TEXT,
        }
    },
    fields={
        "provider": 'b.Event.System.Provider."#attributes"."Name"',
        "channel": "b.Event.System.Channel",
        "code": _event_id("b.Event.System.EventID"),
        "computer": "b.Event.System.Computer",
        "record_id": "b.Event.System.EventRecordID",
        "written": 'b.Event.System.TimeCreated."#attributes".SystemTime',
    },
    data="b.Event.EventData.{}",
)

#: In this order a line is tried; the last one takes what no other claims.
DIALECTS = (EVTX, FLAT)


def head_shape() -> Shape:
    """What is read of every line: the heads of all dialects side by side."""
    return {key: value for dialect in DIALECTS for key, value in dialect.head.items()}
