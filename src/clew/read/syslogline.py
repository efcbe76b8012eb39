r"""One syslog line -> one record: what the program said, and the header it came with.

::

    Oct 24 17:05:46 web1 sysmon: <Event><System>...</Event>
    {"Event":{...},"#syslog":{"timestamp":"Oct 24 17:05:46","hostname":"web1","app":"sysmon"}}

    <34>1 2022-10-24T17:05:46.003Z web1 su 77 ID47 [a@1 x="y"] failed for kim
    {"message":"failed for kim","#syslog":{"timestamp":...,"structured_data":{"a@1":{"x":"y"}}}}

A payload that is a JSON object (also behind `@cee:`) or a Windows event as XML is the record, with the header under
one more key; an audit record and an entry of a container engine likewise; all else is text under `message`. The
header's key begins with a sign that no exporter uses and that the evtx library keeps for itself; should a payload have
it, it gets one more.

Kept of the header is what is there: timestamp, hostname, app, pid, priority (a number), message_id,
structured_data. Times stay as written: those of RFC 3164 have no year and no zone.
Specifications: RFC 5424; RFC 3164, with the ISO times of rsyslog and journalctl; for `@cee:` the CEE log syntax,
https://cee.mitre.org/language/1.0-beta1/clt.html; for audit records see `auditline`.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import msgspec

from clew.read.auditline import audit_line
from clew.read.engineentry import Entries, engine_of
from clew.read.eventxml import event
from clew.read.lines import Fields, NotARecord
from clew.read.logrus import entry

KEY = "#syslog"

_ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_BSD = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,9})?"
_PRIORITY = r"(?:<(?P<priority>\d{1,3})>)?"
_RFC5424 = re.compile(
    rf"{_PRIORITY}1 (?P<timestamp>{_ISO}|(?<=>1 )-) (?P<hostname>\S+) (?P<app>\S+) (?P<pid>\S+) (?P<message_id>\S+)"
    r" (?P<rest>-(?: .*)?|\[.*)",
    re.DOTALL | re.ASCII,
)
_RFC3164 = re.compile(rf"{_PRIORITY}(?:(?P<timestamp>{_BSD}|{_ISO}) )?(?P<rest>.*)", re.DOTALL | re.ASCII)
_TAG = re.compile(r"(?P<app>[^\s:\[\]<{]+)(?:\[(?P<pid>[^\]\s]*)\])?:(?: |\Z)", re.ASCII)
_HOSTNAME = re.compile(r"(?P<hostname>[^\s<{\[]+) ", re.ASCII)
_ELEMENT = re.compile(r'\[([^\s=\]"]+)((?: [^\s=\]"]+="(?:[^"\\\]]|\\.)*+")*+)\]', re.DOTALL)
_PARAMETER = re.compile(r' ([^\s=\]"]+)="((?:[^"\\\]]|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')
_JSON = re.compile(r'\{\s*["}]', re.ASCII)
_EVENT = re.compile(r"<Event[\s/>]", re.ASCII)
_AUDIT = re.compile(
    r"(?:\[ *\d+\.\d+\] )?(?:audit: )?((?:node=\S+ )?type=\S+ (?:msg=)?audit\(.*)", re.DOTALL | re.ASCII
)

Header: TypeAlias = "dict[str, Any]"

_ENGINES = 1 << 10


#: What engines say, by their hosts and what they are called there.
Engines: TypeAlias = "dict[tuple[str, str], Entries]"


def syslog_line(line: str, engines: Engines) -> bytes:
    """The line as JSON. One without a header is its payload alone, if that is more than text. Raises NotARecord."""
    header, payload = parts(line)
    text = payload.removeprefix("\ufeff").strip()
    if text.startswith("@cee:"):
        return _object(text[5:].lstrip(), header)
    if _JSON.match(text):
        return _object(text, header)
    if _EVENT.match(text):
        return _with(event(text), header)
    if audit := _AUDIT.fullmatch(text):
        return _with(msgspec.to_builtins(audit_line(audit[1])), header)
    if not header:
        raise NotARecord("no syslog header, and no payload that stands alone")
    if said := _of_engine(text, header, engines):
        return _with(said, header)
    return _with({"message": payload}, header)


def _of_engine(text: str, header: Header, engines: Engines) -> dict[str, Any]:
    """What an engine says in its own form of an entry; empty where it is none's, or in another form."""
    app = str(header.get("app", ""))
    engine = engine_of(app)
    if not engine or not text.startswith("time="):
        return {}
    key = (str(header.get("hostname", "")), app)
    if key not in engines:
        if len(engines) >= _ENGINES:
            engines.clear()
        engines[key] = Entries(engine)
    try:
        return entry(text, engines[key])
    except NotARecord:
        return {}


def parts(line: str) -> tuple[Header, str]:
    """The header, empty where there is none, and the payload."""
    if match := _RFC5424.fullmatch(line):
        structured, payload = _structured(match["rest"])
        return _present(match) | structured, payload
    match = _RFC3164.fullmatch(line)
    header = _present(match) if match else {}
    if not match or not header:
        return {}, line
    rest = match["rest"]
    tag = _TAG.match(rest)
    hostname = _HOSTNAME.match(rest) if "timestamp" in header and not tag else None
    if hostname:
        header |= _present(hostname)
        rest = rest[hostname.end() :]
        tag = _TAG.match(rest)
    if tag:
        header |= _present(tag)
        rest = rest[tag.end() :]
    return header, rest


def _present(match: re.Match[str]) -> Header:
    """What a match has of a header."""
    found: Header = {k: v for k, v in match.groupdict().items() if k != "rest" and v not in (None, "", "-")}
    if "priority" in found:
        found["priority"] = int(found["priority"])
    return found


def _structured(rest: str) -> tuple[Header, str]:
    """Structured data of RFC 5424, and what comes after it."""
    if rest.startswith("-"):
        return {}, rest[2:]
    elements, at = Fields(), 0
    while element := _ELEMENT.match(rest, at):
        parameters = Fields()
        for parameter in _PARAMETER.finditer(element[2]):
            parameters.add(parameter[1], _ESCAPED.sub(r"\1", parameter[2]))
        elements.add(element[1], parameters.found)
        at = element.end()
    if not at or rest[at : at + 1] not in ("", " "):
        raise NotARecord("its structured data are cut or broken")
    return {"structured_data": elements.found}, rest[at + 1 :]


def _object(text: str, header: Header) -> bytes:
    """A JSON object as it is, with the header behind its own keys."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotARecord(f"its JSON is cut or broken: {error}") from None
    if not isinstance(found, dict):
        raise NotARecord("its JSON is no object")
    line = text.replace("\n", " ").replace("\r", " ")  # in a frame; only between the parts of JSON
    if header:
        comma = "," if found else ""
        line = f'{line[:-1]}{comma}"{_key(found)}":{msgspec.json.encode(header).decode()}}}'
    return line.encode()


def _with(record: dict[str, Any], header: Header) -> bytes:
    return msgspec.json.encode({**record, _key(record): header} if header else record)


def _key(record: dict[str, Any]) -> str:
    key = KEY
    while key in record:
        key = "#" + key
    return key
