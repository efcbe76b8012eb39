"""Dialects: the shapes in which exporters write the same Windows event, each brought to one.

Every line that may be wanted is looked at in two steps. The *head* (provider, channel, code) tells which mapping
claims the record, and a line without a head is no JSON object. The *body* is read only of records that a
detection can use, and of it only the data that the mapping reads.

The one shape: SYSTEM, and the event's own data under the names that the log source gives it. See telemetry
shapes in docs/formats.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from clew.database import name, quote

Shape: TypeAlias = "Mapping[str, str | Shape]"

#: What every dialect gives of every record.
SYSTEM = ("provider", "channel", "code", "computer", "record_id", "written")


class Dialect(msgspec.Struct, frozen=True):
    """One shape: what is read of it, and how that becomes the one shape.

    `head` and `body` are JSON shapes as DuckDB's from_json takes them. `provider`, `code` and `is_this` are SQL
    over the head `h`; `system` gives each of SYSTEM as SQL over the body `b`. The event's data stand in the
    body's object `data`, a path. `codes` are the JSON keys whose value may be the code.
    """

    name: str
    head: Shape
    is_this: str
    provider: str
    code: str
    codes: tuple[str, ...]
    body: Shape
    system: Mapping[str, str]
    data: tuple[str, ...]

    def parsed(self, line: str, data: Iterable[str]) -> str:
        """SQL that reads a line's body, with these data fields, into a struct or null."""
        return from_json(line, _with(self.body, self.data, dict.fromkeys(data, "VARCHAR")))

    def fields(self, data: Iterable[str]) -> dict[str, str]:
        """SQL for each field of the one shape, over the body `b` that `parsed` gave."""
        around = ".".join(("b", *map(name, self.data)))
        return {**self.system, **{field: f"{around}.{name(field)}" for field in data}}


def from_json(line: str, shape: Shape) -> str:
    """SQL that reads JSON text into a struct, or null where it is no JSON."""
    return f"try(from_json({line}, {quote(json.dumps(shape))}))"


def _with(shape: Shape, path: tuple[str, ...], fields: Shape) -> Shape:
    """The shape with more fields in the object at the path."""
    if not path:
        return {**shape, **fields}
    inner = shape.get(path[0], {})
    assert not isinstance(inner, str)
    return {**shape, path[0]: _with(inner, path[1:], fields)}


_ATTRIBUTE = {"#attributes": {"Name": "VARCHAR"}}

# NXLog, and the flat form of OTRF's Security Datasets: System and EventData side by side. NXLog's ProcessID is
# the writer's and ProcessId the subject's, so a mapping reads exactly one of the two. The record number is
# missing in OTRF's form.
FLAT = Dialect(
    name="flat",
    head={"SourceName": "VARCHAR", "Channel": "VARCHAR", "EventID": "VARCHAR"},
    is_this="true",
    provider="coalesce(h.SourceName, h.Channel)",
    code="h.EventID",
    codes=("EventID",),
    body={
        **dict.fromkeys(("SourceName", "Channel", "EventID", "Hostname", "RecordNumber"), "VARCHAR"),
        **dict.fromkeys(("EventRecordID", "TimeCreated", "EventTime"), "VARCHAR"),
    },
    system={
        "provider": "coalesce(b.SourceName, b.Channel)",
        "channel": "b.Channel",
        "code": "b.EventID",
        "computer": "b.Hostname",
        "record_id": "coalesce(b.RecordNumber, b.EventRecordID)",
        "written": "coalesce(b.TimeCreated, b.EventTime)",
    },
    data=(),
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
    codes=("EventID", "#text"),
    body={
        "Event": {
            "System": {
                "Provider": _ATTRIBUTE,
                "TimeCreated": {"#attributes": {"SystemTime": "VARCHAR"}},
                **dict.fromkeys(("EventID", "EventRecordID", "Channel", "Computer"), "VARCHAR"),
            },
        }
    },
    system={
        "provider": 'b.Event.System.Provider."#attributes"."Name"',
        "channel": "b.Event.System.Channel",
        "code": _event_id("b.Event.System.EventID"),
        "computer": "b.Event.System.Computer",
        "record_id": "b.Event.System.EventRecordID",
        "written": 'b.Event.System.TimeCreated."#attributes".SystemTime',
    },
    data=("Event", "EventData"),
)

#: In this order a line is tried; the last one takes what no other claims.
DIALECTS = (EVTX, FLAT)


def head_shape() -> Shape:
    """What is read of every line that may be wanted: the heads of all dialects side by side."""
    return {key: value for dialect in DIALECTS for key, value in dialect.head.items()}
