"""Dialects: the shapes in which exporters write the same event, each brought to one.

Every line that may be wanted is looked at in two steps. The *head* (provider, channel, code) tells which mapping
claims the record, and a line without a head is no JSON object. The *body* is read only of records that a
detection can use, and of it only the data that the mapping reads.

See telemetry shapes in docs/formats.md.
"""

from __future__ import annotations

from functools import reduce

from clew.normalise.auditd import AUDITD
from clew.normalise.docker import DOCKER, INSPECT, PODMAN
from clew.normalise.dockerapi import API_DIALECTS
from clew.normalise.ecs import ECS, ECS_MIXED
from clew.normalise.enginelog import ENGINE_LOGS
from clew.normalise.falco import FALCO
from clew.normalise.kubernetes import KUBERNETES_AUDIT, KUBERNETES_EVENTS
from clew.normalise.ocsf import OCSF
from clew.normalise.shape import Dialect, Part, Shape, UserData, merged, nested
from clew.normalise.suricata import SURICATA
from clew.normalise.tetragon import TETRAGON
from clew.normalise.tracee import TRACEE, TRACEE_FLAT
from clew.normalise.vetting import VETTING
from clew.normalise.winlogbeat import (
    WINLOGBEAT,
    WINLOGBEAT6,
    WINLOGBEAT_BARE,
    WINLOGBEAT_BARE_FLAT,
    WINLOGBEAT_FLAT,
)
from clew.normalise.zeek import ZEEK, ZEEK_NESTED, ZEEK_UNDERSCORED

_ATTRIBUTE = {"#attributes": {"Name": "VARCHAR"}}


def _texts(*keys: str) -> Shape:
    return dict.fromkeys(keys, "VARCHAR")


# NXLog, and the flat form of OTRF's Security Datasets: System and EventData side by side. NXLog's ProcessID is
# the writer's and ProcessId the subject's, so a mapping reads exactly one of the two; its later versions call the
# writer's ExecutionProcessID. A ThreadID or AccountType beside a name tells that it is NXLog's. The record number is
# missing in OTRF's form. NXLog's times are local: a collector that adds the UTC of the receipt tells the zone.
FLAT = Dialect(
    name="flat",
    head={"SourceName": "VARCHAR", "Channel": "VARCHAR", "EventID": "VARCHAR"},
    is_this="coalesce(h.SourceName, h.Channel) IS NOT NULL",
    provider="coalesce(h.SourceName, h.Channel)",
    code="h.EventID",
    codes=("EventID",),
    body={
        **dict.fromkeys(("Channel", "Hostname", "RecordNumber"), "VARCHAR"),
        **dict.fromkeys(("EventRecordID", "TimeCreated", "EventTime"), "VARCHAR"),
    },
    system={
        "channel": "b.Channel",
        "computer": "b.Hostname",
        "record_id": "coalesce(b.RecordNumber, b.EventRecordID)",
        "written": "coalesce(b.TimeCreated, b.EventTime)",
    },
    data=(),
    header={
        "time": Part(
            _texts("EventReceivedTime", "@timestamp"),
            'coalesce(b.TimeCreated, clew_utc(b.EventTime, b.EventReceivedTime, b."@timestamp"), b.EventTime)',
        ),
        "activity": Part(_texts("ActivityID"), "b.ActivityID"),
        "writer": Part(
            _texts("ExecutionProcessID", "ThreadID"),
            "coalesce(b.ExecutionProcessID, CASE WHEN b.ThreadID IS NOT NULL "
            "THEN json_extract_string(line, '$.\"ProcessID\"') END)",
        ),
        "account": Part(
            _texts("AccountName", "Domain", "AccountType"),
            "CASE WHEN b.AccountType IS NOT NULL THEN coalesce(b.Domain || '\\' || b.AccountName, b.AccountName) END",
        ),
        "sid": Part(_texts("UserID"), "b.UserID"),
    },
    user_data=UserData(()),
    taken={
        "ProcessID": Part(_texts("ThreadID"), "b.ThreadID IS NOT NULL"),
        "AccountName": Part(_texts("AccountType"), "b.AccountType IS NOT NULL"),
    },
)


def _event_id(place: str) -> str:
    """The number of an EventID that may be an object: {"#attributes":{"Qualifiers":...},"#text":7045}."""
    return f"coalesce(nullif(regexp_extract({place}, '\"#text\":\"?(\\d+)', 1), ''), {place})"


def _attribute(element: str, attribute: str) -> Part:
    """An attribute of an element of System."""
    shape = nested(("Event", "System", element, "#attributes"), {attribute: "VARCHAR"})
    return Part(shape, f'b.Event.System.{element}."#attributes".{attribute}')


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
                "TimeCreated": {"#attributes": {"SystemTime": "VARCHAR"}},
                **dict.fromkeys(("EventRecordID", "Channel", "Computer"), "VARCHAR"),
            },
        }
    },
    system={
        "channel": "b.Event.System.Channel",
        "computer": "b.Event.System.Computer",
        "record_id": "b.Event.System.EventRecordID",
        "written": 'b.Event.System.TimeCreated."#attributes".SystemTime',
    },
    data=("Event", "EventData"),
    header={
        "time": _attribute("TimeCreated", "SystemTime"),
        "activity": _attribute("Correlation", "ActivityID"),
        "writer": _attribute("Execution", "ProcessID"),
        "account": Part({}, "NULL::VARCHAR"),
        "sid": _attribute("Security", "UserID"),
    },
    user_data=UserData(("Event", "UserData"), wrapped=True),
    unnamed=("Event", "EventData", "Data", "#text"),
)

#: In this order a line is tried; those whose head is read apart stand last.
DIALECTS = (
    *(EVTX, WINLOGBEAT, WINLOGBEAT_FLAT, WINLOGBEAT6),
    *(KUBERNETES_AUDIT, KUBERNETES_EVENTS, DOCKER, PODMAN, INSPECT, FALCO, TETRAGON),
    *(AUDITD, VETTING),
    *(SURICATA, ZEEK_NESTED, ZEEK_UNDERSCORED, ZEEK, FLAT),
    *(WINLOGBEAT_BARE, WINLOGBEAT_BARE_FLAT, *ENGINE_LOGS, *API_DIALECTS),
    *(TRACEE_FLAT, TRACEE, ECS, ECS_MIXED, OCSF),
)


def head_shape() -> Shape:
    """What is read of every line that may be wanted: the heads of all dialects side by side."""
    return reduce(merged, (dialect.head for dialect in DIALECTS))


def apart_shape() -> Shape:
    """What is read of lines that no dialect claims by its head: the heads that stand apart, side by side."""
    return reduce(merged, (dialect.apart for dialect in DIALECTS))
