"""A record of any Windows log, and how each collector writes it as one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

HOST, SID, ACCOUNT = "ws1.corp.example", "S-1-5-21-1-2-3-1001", ("CORP", "kim")
START = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
_ZONE = timedelta(hours=2)
_SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event"


@dataclass(frozen=True)
class Record:
    """One record: its data as text, under names, or as a list where the provider gives them none.

    `wrapper` is the element in UserData that holds them, `message` what the provider's text says, which NXLog gives
    in the place of data without names. `qualifiers` beside the id make it an object in JSON.
    """

    code: int
    data: dict[str, str] | list[str]
    activity: str = ""
    wrapper: str = ""
    message: str = ""
    qualifiers: int | None = None
    writer: int = 4000

    def named(self) -> dict[str, str]:
        """The data as Winlogbeat names them, without those that are empty."""
        data = self.data
        if isinstance(data, list):
            data = {f"param{n}": text for n, text in enumerate(data, 1)}
        return {name: text for name, text in data.items() if text}


@dataclass(frozen=True)
class Log:
    """Who writes some records, and into which log."""

    provider: str
    channel: str
    records: tuple[Record, ...]


@dataclass(frozen=True)
class _Written:
    log: Log
    record: Record
    number: int

    def at(self, digits: int) -> str:
        """The time in UTC, with digits of a second."""
        return f"{self._clock(timedelta()).replace(' ', 'T')}.{'0' * digits}Z"

    def local(self, later: float = 0) -> str:
        """The time on a clock two hours ahead of UTC, without its zone."""
        return self._clock(_ZONE + timedelta(seconds=later))

    def _clock(self, ahead: timedelta) -> str:
        return f"{START + timedelta(seconds=self.number) + ahead:%Y-%m-%d %H:%M:%S}"


def _evtx(one: _Written) -> str:
    record = one.record
    code: Any = record.code
    if record.qualifiers is not None:
        code = {"#attributes": {"Qualifiers": record.qualifiers}, "#text": record.code}
    activity = {"#attributes": {"ActivityID": record.activity.upper()}} if record.activity else None
    system = {
        "Provider": {"#attributes": {"Name": one.log.provider}},
        "EventID": code,
        "TimeCreated": {"#attributes": {"SystemTime": one.at(6)}},
        "EventRecordID": one.number,
        "Correlation": activity,
        "Execution": {"#attributes": {"ProcessID": record.writer, "ThreadID": 4}},
        "Channel": one.log.channel,
        "Computer": HOST,
        "Security": {"#attributes": {"UserID": SID}},
    }
    data: Any = record.data
    if isinstance(data, list):
        data = {"Data": {"#text": data}, "Binary": None}
    if record.wrapper:
        body = {"UserData": {record.wrapper: {"#attributes": {"xmlns": "urn:x"}, **record.named()}}}
    else:
        body = {"EventData": data}
    return json.dumps({"Event": {"#attributes": {"xmlns": _SCHEMA}, "System": system, **body}})


def _xml(one: _Written) -> str:
    record, data = one.record, one.record.data
    qualifiers = f" Qualifiers='{record.qualifiers}'" if record.qualifiers is not None else ""
    activity = f"<Correlation ActivityID='{{{record.activity}}}'/>" if record.activity else "<Correlation/>"
    if record.wrapper:
        inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in record.named().items())
        body = f"<UserData><{record.wrapper} xmlns='urn:x'>{inner}</{record.wrapper}></UserData>"
    elif isinstance(data, list):
        inner = "".join(f"<Data>{escape(text)}</Data>" for text in data)
        body = f"<EventData>{inner}<Binary></Binary></EventData>"
    else:
        inner = "".join(f"<Data Name={quoteattr(name)}>{escape(text)}</Data>" for name, text in data.items())
        body = f"<EventData>{inner}</EventData>"
    return (
        f"<Event xmlns='{_SCHEMA}'><System><Provider Name='{one.log.provider}'/>"
        f"<EventID{qualifiers}>{record.code}</EventID>"
        f"<TimeCreated SystemTime='{one.at(9)}'/><EventRecordID>{one.number}</EventRecordID>"
        f"{activity}<Execution ProcessID='{record.writer}' ThreadID='4'/><Channel>{one.log.channel}</Channel>"
        f"<Computer>{HOST}</Computer><Security UserID='{SID}'/></System>{body}</Event>"
    ).replace("\n", "&#10;")


def _winlogbeat6(one: _Written) -> str:
    record = one.record
    found: dict[str, Any] = {
        "@timestamp": one.at(3),
        "source_name": one.log.provider,
        "log_name": one.log.channel,
        "computer_name": HOST,
        "record_number": str(one.number),
        "event_id": record.code,
        "process_id": record.writer,
        "thread_id": 4,
        "user": {"identifier": SID, "domain": ACCOUNT[0], "name": ACCOUNT[1]},
        "message": record.message,
    }
    if record.activity:
        found["activity_id"] = f"{{{record.activity}}}"
    return json.dumps(found | ({"user_data" if record.wrapper else "event_data": record.named()}))


def _document(one: _Written) -> dict[str, Any]:
    record = one.record
    found: dict[str, Any] = {
        "channel": one.log.channel,
        "computer_name": HOST,
        "event_id": str(record.code),
        "provider_name": one.log.provider,
        "record_id": one.number,
        "process": {"pid": record.writer, "thread": {"id": 4}},
        "user": {"identifier": SID, "domain": ACCOUNT[0], "name": ACCOUNT[1]},
        "user_data" if record.wrapper else "event_data": record.named(),
    }
    if record.activity:
        found["activity_id"] = f"{{{record.activity}}}"
    return {"@timestamp": one.at(3), "message": record.message, "winlog": found}


def _winlogbeat_flat(one: _Written) -> str:
    def flat(value: Any, place: str = "") -> Iterable[tuple[str, Any]]:
        if not isinstance(value, dict):
            return [(place[1:], value)]
        return [pair for key, inner in value.items() for pair in flat(inner, f"{place}.{key}")]

    return json.dumps(dict(flat(_document(one))))


def _nxlog(one: _Written) -> str:
    record = one.record
    named = isinstance(record.data, dict) and not record.wrapper
    data = {{"ProcessID": "ProcessId"}.get(k, k): v for k, v in record.named().items()} if named else {}
    found = {
        "EventTime": one.local(),
        "Hostname": HOST,
        "EventID": record.code,
        "SourceName": one.log.provider,
        "Channel": one.log.channel,
        "RecordNumber": one.number,
        "ExecutionProcessID": record.writer,
        "ThreadID": 4,
        "EventReceivedTime": one.local(2),
        "@timestamp": _Written(one.log, record, one.number + 2).at(3),
        **data,
        "Domain": ACCOUNT[0],
        "AccountName": ACCOUNT[1],
        "AccountType": "User",
        "UserID": SID,
        "Message": record.message,
    }
    return json.dumps(found | ({"ActivityID": f"{{{record.activity}}}"} if record.activity else {}))


def _otrf(one: _Written) -> str:
    record = one.record
    head = {
        "SourceName": one.log.provider,
        "Channel": one.log.channel,
        "Hostname": HOST,
        "TimeCreated": one.at(3),
        "@timestamp": one.at(3),
        "EventID": record.code,
        "Message": record.message,
    }
    return json.dumps(head | record.named())


_DIALECTS: dict[str, Callable[[_Written], str]] = {
    "evtx": _evtx,
    "xml": _xml,
    "winlogbeat6": _winlogbeat6,
    "winlogbeat": lambda one: json.dumps(_document(one)),
    "winlogbeat-flat": _winlogbeat_flat,
    "nxlog": _nxlog,
    "otrf": _otrf,
}
DIALECTS = tuple(_DIALECTS)


def written(log: Log, dialect: str, folder: Path) -> Path:
    """The records as a file of one dialect, a second between them."""
    render = _DIALECTS[dialect]
    lines = [render(_Written(log, record, 700 + n)) + "\n" for n, record in enumerate(log.records)]
    path = folder / f"log.{dialect}"
    path.write_text("".join(lines), "utf-8")
    return path
