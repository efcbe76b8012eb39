"""Windows' own shapes: an event as XML, and as the `evtx` library writes it as JSON."""

from __future__ import annotations

from xml.sax.saxutils import escape

from sample.dialects.written import CHANNEL, PROVIDER, SOURCE, VERSIONS, Render, Written, encode
from sample.machine import HostPlan
from sample.stamp import iso_micro

_SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event"
#: Data that the manifest declares as numbers (GUIDs and the rest are text).
_NUMBERS = frozenset(
    (
        *(
            "ProcessId",
            "ParentProcessId",
            "SourceProcessId",
            "SourceThreadId",
            "TargetProcessId",
            "NewThreadId",
        ),
        *("TerminalSessionId", "SourcePort", "DestinationPort", "Session"),
    )
)
_BOOLEANS = frozenset(("Initiated", "SourceIsIpv6", "DestinationIsIpv6", "IsExecutable"))


def evtx(host: HostPlan) -> Render:
    """As the `evtx` library shows a record: numbers are numbers, GUIDs have no braces."""
    head = encode({"Name": SOURCE, "Guid": PROVIDER.upper()})
    tail = encode(
        {"Channel": CHANNEL, "Computer": host.fqdn, "Security": {"#attributes": {"UserID": "S-1-5-18"}}}
    )[1:]

    def render(record: Written) -> str:
        code = record.code
        data = {name: _typed(name, value) for name, value in record.data.items()}
        return (
            f'{{"Event":{{"#attributes":{{"xmlns":"{_SCHEMA}"}},"System":{{"Provider":{{"#attributes":{head}}},'
            f'"EventID":{code},"Version":{VERSIONS[code]},"Level":4,"Task":{code},"Opcode":0,'
            f'"Keywords":"0x8000000000000000","TimeCreated":{{"#attributes":{{"SystemTime":'
            f'"{iso_micro(record.time)}"}}}},"EventRecordID":{record.number},"Correlation":null,"Execution":'
            f'{{"#attributes":{{"ProcessID":{record.writer},"ThreadID":{record.thread}}}}},{tail},'
            f'"EventData":{encode(data)}}}}}'
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


def xml(host: HostPlan) -> Render:
    """As Windows renders an event: single quotes, GUIDs in braces, nine digits of a second of which seven are told."""
    head = f"<Event xmlns='{_SCHEMA}'><System><Provider Name='{SOURCE}' Guid='{{{PROVIDER}}}'/>"
    tail = (
        f"<Channel>{CHANNEL}</Channel><Computer>{host.fqdn}</Computer><Security UserID='S-1-5-18'/></System>"
    )

    def render(record: Written) -> str:
        code = record.code
        data = "".join(
            f"<Data Name='{name}'>{escape(value)}</Data>" if value else f"<Data Name='{name}'></Data>"
            for name, value in record.data.items()
        )
        return (
            f"{head}<EventID>{code}</EventID><Version>{VERSIONS[code]}</Version><Level>4</Level><Task>{code}</Task>"
            f"<Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
            f"<TimeCreated SystemTime='{iso_micro(record.time)[:-1]}000Z'/><EventRecordID>{record.number}"
            f"</EventRecordID><Correlation/><Execution ProcessID='{record.writer}' ThreadID='{record.thread}'/>{tail}"
            f"<EventData>{data}</EventData></Event>"
        )

    return render
