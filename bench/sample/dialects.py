"""How collectors write a Sysmon record as one JSON line: three dialects, each as it was seen in real exports.

A dialect is made for a host, whose unchanging fields are encoded once, and then renders record after record.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sample.machine import HostPlan
from sample.records import KEY, VALUE, Data
from sample.stamp import clock, iso, iso_micro

CHANNEL = "Microsoft-Windows-Sysmon/Operational"
PROVIDER = "5770385f-c22a-43e0-bf4c-06f5698ffbd9"
SITE_OFFSET = 2 * 3600  # the site's clocks, seconds ahead of UTC: NXLog's EventTime has no zone
_VERSIONS = {1: 5, 3: 5, 5: 3, 7: 3, 10: 3, 11: 2, 12: 2, 13: 2, 22: 5, 23: 5}
_NUMBERS = frozenset(
    [
        "ProcessId",
        "ParentProcessId",
        "SourceProcessId",
        "SourceThreadId",
        "TargetProcessId",
        "TerminalSessionId",
        "SourcePort",
        "DestinationPort",
    ]
)
_BOOLEANS = frozenset(["Initiated", "SourceIsIpv6", "DestinationIsIpv6", "IsExecutable"])
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Written:
    """A record as the log has it: `time` is when Sysmon wrote it, `writer` the process id of Sysmon itself."""

    time: int
    code: int
    data: Data
    number: int
    writer: int
    thread: int


Render = Callable[[Written], str]


def otrf(host: HostPlan) -> Render:
    """Flat: the fields of EventData beside those of the header, numbers as text but EventID."""
    head = _encode(
        {
            "SourceName": "Microsoft-Windows-Sysmon",
            "ProviderGuid": f"{{{PROVIDER}}}",
            "Level": "4",
            "Keywords": "0x8000000000000000",
            "Channel": CHANNEL,
            "Hostname": host.fqdn,
        }
    )[:-1]

    def render(record: Written) -> str:
        time, code = iso(record.time), record.code
        return (
            f'{head},"TimeCreated":"{time}","@timestamp":"{time}","EventID":{code},"Task":"{code}",'
            f"{_encode(record.data)[1:]}"
        )

    return render


def nxlog(host: HostPlan) -> Render:
    """Flat as NXLog writes it: ProcessID is Sysmon's own, ProcessId the subject's; EventTime is local time."""
    head = _encode(
        {
            "Hostname": host.fqdn,
            "host": "collector.corp.example.com",
            "SourceName": "Microsoft-Windows-Sysmon",
            "ProviderGuid": f"{{{PROVIDER.upper()}}}",
            "Channel": CHANNEL,
            "OpcodeValue": 0,
            "Keywords": -9223372036854775808,
            "Severity": "INFO",
            "SeverityValue": 2,
            "Domain": "NT AUTHORITY",
            "AccountName": "SYSTEM",
            "UserID": "S-1-5-18",
            "AccountType": "User",
            "SourceModuleName": "eventlog",
            "SourceModuleType": "im_msvistalog",
        }
    )[:-1]

    def render(record: Written) -> str:
        code, received = record.code, record.time + 2_000_000 + record.number % 7 * 650_000
        # so spelt in real exports: where Sysmon has an EventType of its own, it takes the other's place
        kind = "EventTypeOrignal" if code in (KEY, VALUE) else "EventType"
        return (
            f'{head},"EventTime":"{clock(record.time, SITE_OFFSET)}","@timestamp":"{iso(received)}",'
            f'"EventReceivedTime":"{clock(received, SITE_OFFSET)}","EventID":{code},'
            f'"Version":{_VERSIONS[code]},"Task":{code},"{kind}":"INFO","RecordNumber":{record.number},'
            f'"ProcessID":{record.writer},"ThreadID":{record.thread},{_encode(record.data)[1:]}'
        )

    return render


def evtx(host: HostPlan) -> Render:
    """As the `evtx` library shows a record: numbers are numbers, GUIDs have no braces."""
    head = _encode({"Name": "Microsoft-Windows-Sysmon", "Guid": PROVIDER.upper()})
    tail = _encode(
        {"Channel": CHANNEL, "Computer": host.fqdn, "Security": {"#attributes": {"UserID": "S-1-5-18"}}}
    )[1:]
    schema = "http://schemas.microsoft.com/win/2004/08/events/event"

    def render(record: Written) -> str:
        code = record.code
        data = {name: _typed(name, value) for name, value in record.data.items()}
        return (
            f'{{"Event":{{"#attributes":{{"xmlns":"{schema}"}},"System":{{"Provider":{{"#attributes":{head}}},'
            f'"EventID":{code},"Version":{_VERSIONS[code]},"Level":4,"Task":{code},"Opcode":0,'
            f'"Keywords":"0x8000000000000000","TimeCreated":{{"#attributes":{{"SystemTime":'
            f'"{iso_micro(record.time)}"}}}},"EventRecordID":{record.number},"Correlation":null,"Execution":'
            f'{{"#attributes":{{"ProcessID":{record.writer},"ThreadID":{record.thread}}}}},{tail},'
            f'"EventData":{_encode(data)}}}}}'
        )

    return render


def _typed(name: str, value: str) -> str | int | bool:
    if name in _NUMBERS:
        return int(value)
    if name in _BOOLEANS:
        return value == "true"
    if name[-4:] in ("Guid", "GUID"):
        return value[1:-1].upper()
    return value


DIALECTS: dict[str, Callable[[HostPlan], Render]] = {"otrf": otrf, "nxlog": nxlog, "evtx": evtx}
