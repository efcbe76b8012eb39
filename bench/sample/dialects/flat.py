"""Flat JSON: the fields of EventData beside those of the header, as OTRF's Security Datasets and NXLog have them."""

from __future__ import annotations

from sample.dialects.written import CHANNEL, PROVIDER, SOURCE, VERSIONS, Render, Written, encode
from sample.machine import HostPlan
from sample.records import KEY, VALUE
from sample.stamp import clock, iso

SITE_OFFSET = 2 * 3600  # the site's clocks, seconds ahead of UTC: NXLog's EventTime has no zone
#: Ids whose data have an EventType of their own, which then stands where NXLog's would.
_TYPED = frozenset((KEY, VALUE, 14, 17, 18, 19, 20, 21))


def otrf(host: HostPlan) -> Render:
    """Flat: the fields of EventData beside those of the header, numbers as text but EventID."""
    head = encode(
        {
            "SourceName": SOURCE,
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
            f"{encode(record.data)[1:]}"
        )

    return render


def nxlog(host: HostPlan) -> Render:
    """Flat as NXLog writes it: ProcessID is Sysmon's own, ProcessId the subject's; EventTime is local time."""
    head = encode(
        {
            "Hostname": host.fqdn,
            "host": "collector.corp.example.com",
            "SourceName": SOURCE,
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
        kind = "EventTypeOrignal" if code in _TYPED else "EventType"
        return (
            f'{head},"EventTime":"{clock(record.time, SITE_OFFSET)}","@timestamp":"{iso(received)}",'
            f'"EventReceivedTime":"{clock(received, SITE_OFFSET)}","EventID":{code},'
            f'"Version":{VERSIONS[code]},"Task":{code},"{kind}":"INFO","RecordNumber":{record.number},'
            f'"ProcessID":{record.writer},"ThreadID":{record.thread},{encode(record.data)[1:]}'
        )

    return render
