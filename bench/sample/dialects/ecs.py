r"""Winlogbeat after Elastic's pipeline for Sysmon: ECS names, and what was renamed is gone from event_data.

What the pipeline does: https://github.com/elastic/beats, x-pack/winlogbeat/module/sysmon/ingest/sysmon.yml.
It loses the hashes of ids 27 and 28, the upper half of a QWORD, the names of ports, and an account without domain.
"""

from __future__ import annotations

import json
import re

from sample.dialects.winlogbeat import Document, document, flattened, nested
from sample.dialects.written import Render, Written, encode
from sample.machine import HostPlan
from sample.records import Data

_NOBODY = "{00000000-0000-0000-0000-000000000000}"
_RENAMED = {
    **{"RuleName": "rule.name", "ProcessGuid": "process.entity_id", "Image": "process.executable"},
    **{"SourceProcessGuid": "process.entity_id", "SourceProcessGUID": "process.entity_id"},
    **{"SourceImage": "process.executable", "Destination": "process.executable"},
    **{"CommandLine": "process.command_line", "CurrentDirectory": "process.working_directory"},
    **{"ParentProcessGuid": "process.parent.entity_id", "ParentImage": "process.parent.executable"},
    "ParentCommandLine": "process.parent.command_line",
    **{
        "TargetFilename": "file.path",
        "Device": "file.path",
        "PipeName": "file.name",
        "ImageLoaded": "file.path",
    },
    **{"Protocol": "network.transport", "SourceHostname": "source.domain", "SourceIp": "source.ip"},
    **{"DestinationHostname": "destination.domain", "DestinationIp": "destination.ip"},
    **{"QueryName": "dns.question.name", "TargetProcessGuid": "winlog.event_data.TargetProcessGUID"},
}
_NUMBERS = {
    **{"ProcessId": "process.pid", "SourceProcessId": "process.pid", "ParentProcessId": "process.parent.pid"},
    **{
        "SourceThreadId": "process.thread.id",
        "SourcePort": "source.port",
        "DestinationPort": "destination.port",
    },
}
_REMOVED = frozenset(
    (
        *(
            "UtcTime",
            "Hash",
            "Hashes",
            "User",
            "Initiated",
            "SourceIsIpv6",
            "DestinationIsIpv6",
            "SourcePortName",
        ),
        *(
            "DestinationPortName",
            "QueryStatus",
            "QueryResults",
            "Archived",
            "IsExecutable",
            "TargetObject",
            "Details",
        ),
        "OriginalFileName",
    )
)
_HIVES = ("HKCR", "HKCU", "HKLM", "HKU")
_STATUS = {"0": "SUCCESS", "9003": "DNS_ERROR_RCODE_NAME_ERROR", "9501": "DNS_INFO_NO_RECORDS"}


def winlogbeat_ecs(host: HostPlan) -> Render:
    """A renderer of what stands in the index after the pipeline."""

    def render(record: Written) -> str:
        found = document(host, record)
        data = {k: v for k, v in found["winlog"].pop("event_data").items() if v not in ("-", _NOBODY)}
        found["@timestamp"] = data["UtcTime"].replace(" ", "T") + "Z"
        found["event"]["created"] = found["winlog"].pop("time_created")
        found["winlog"]["record_id"] = str(record.number)
        fields = flattened(found)
        for part in (
            _renamed,
            _hashes,
            _resource,
            _signature,
            _names,
            _connection,
            _question,
            _registry,
            _rest,
        ):
            fields |= part(record.code, data, fields)
        return encode(nested(fields))

    return render


def winlogbeat_bare(host: HostPlan) -> Render:
    """The same where somebody took the winlog block out, as some pipelines do to save space."""
    whole = winlogbeat_ecs(host)

    def render(record: Written) -> str:
        found = json.loads(whole(record))
        del found["winlog"]
        return encode(found)

    return render


def _renamed(code: int, data: Data, _: Document) -> Document:
    """What only changes its name, or its type; what keeps its own."""
    fields: Document = {}
    for name, value in data.items():
        if name in _RENAMED:
            fields[_RENAMED[name]] = value
        elif name in _NUMBERS:
            fields[_NUMBERS[name]] = int(value)
        elif name not in _REMOVED and (code, name) not in ((25, "Type"), (255, "ID")):
            fields[f"winlog.event_data.{name}"] = value
    return fields


def _hashes(code: int, data: Data, _: Document) -> Document:
    owner = {**dict.fromkeys((1, 23, 24, 25, 26), "process"), **dict.fromkeys((6, 7, 15, 29), "file")}.get(
        code
    )
    text = data.get("Hashes") or data.get("Hash") or ""
    if not owner or "=" not in text:
        return {}
    pairs = (pair.lower().split("=") for pair in text.split(","))
    return {
        f"{owner}.{'pe' if name == 'imphash' else 'hash'}.{name}": value
        for name, value in pairs
        if value.strip("0")
    }


def _resource(code: int, data: Data, _: Document) -> Document:
    owner = "file" if code == 7 else "process"
    names = {"OriginalFileName": "original_file_name", "Company": "company", "Product": "product"}
    names |= {"Description": "description", "FileVersion": "file_version"}
    return {f"{owner}.pe.{there}": data[name] for name, there in names.items() if name in data}


def _signature(_code: int, data: Data, _: Document) -> Document:
    fields: Document = {}
    if "Signature" in data:
        fields["file.code_signature.subject_name"] = data["Signature"]
    if "SignatureStatus" in data:
        fields["file.code_signature.status"] = data["SignatureStatus"]
        fields |= {"file.code_signature.valid": True} if data["SignatureStatus"] == "Valid" else {}
    return fields


def _names(_code: int, _data: Data, fields: Document) -> Document:
    """Names of processes, and name, folder and extension of a file, all by the last backslash."""
    found: Document = {}
    for owner in ("process", "process.parent"):
        folder, _, name = fields.get(f"{owner}.executable", "").rpartition("\\")
        found |= {f"{owner}.name": name} if folder else {}
    path = fields.get("file.path", "")
    folder, _, name = path.rpartition("\\")
    if folder:
        found |= {"file.name": name, "file.directory": folder}
        found |= {"file.extension": path.rpartition(".")[2]} if "." in path else {}
    return found


def _connection(code: int, data: Data, _: Document) -> Document:
    if code != 3:
        return {}
    fields: Document = {
        "network.direction": "egress" if data["Initiated"] == "true" else "ingress",
        "network.type": "ipv6" if data["SourceIsIpv6"] == "true" else "ipv4",
    }
    protocol = data.get("DestinationPortName") or data.get("SourcePortName")
    return fields | ({"network.protocol": protocol} if protocol else {})


def _question(code: int, data: Data, _: Document) -> Document:
    if code != 22:
        return {}
    answers = [answer for answer in data.get("QueryResults", "").split(";") if answer]
    addresses = [a.removeprefix("::ffff:") for a in answers if not a.startswith("type:")]
    aliases = [{"type": "CNAME", "data": a.split()[2]} for a in answers if a.startswith("type:  5 ")]
    listed = aliases + [{"type": "AAAA" if ":" in a else "A", "data": a} for a in addresses]
    fields: Document = {"network.protocol": "dns", "sysmon.dns.status": _status(data.get("QueryStatus", ""))}
    fields |= {"dns.resolved_ip": addresses} if addresses else {}
    return fields | ({"dns.answers": listed} if listed else {})


def _status(number: str) -> str:
    return _STATUS.get(number, number)


def _registry(_code: int, data: Data, _: Document) -> Document:
    if "TargetObject" not in data:
        return {}
    path = data["TargetObject"]
    hive, *rest = path.split("\\")
    fields: Document = {"registry.path": path, "registry.value": (rest or [hive])[-1]}
    fields |= {"registry.hive": hive, "registry.key": "\\".join(rest)} if hive in _HIVES else {}
    if details := data.get("Details"):
        kind, text = _details(details)
        fields |= {"registry.data.type": kind, "registry.data.strings": [text]}
    return fields


def _details(text: str) -> tuple[str, str]:
    if match := re.fullmatch(r"(?i)DWORD \((0x[0-9a-f]{8})\)", text):
        return "SZ_DWORD", str(int(match[1], 16))
    if match := re.fullmatch(r"(?i)QWORD \((0x[0-9a-f]{8})-(0x[0-9a-f]{8})\)", text):
        return "SZ_QWORD", str((int(match[1], 16) << 8) + int(match[2], 16))  # so it is in the pipeline
    return ("REG_BINARY" if text == "Binary Data" else "REG_SZ"), text


def _rest(code: int, data: Data, _: Document) -> Document:
    fields: Document = {"event.module": "sysmon", "user.id": "S-1-5-18"}
    domain, separator, name = data.get("User", "").partition("\\")
    fields |= {"user.domain": domain, "user.name": name} if separator else {}
    for name, there in (("Archived", "archived"), ("IsExecutable", "is_executable")):
        fields |= {f"sysmon.file.{there}": data[name] == "true"} if name in data else {}
    fields |= {"error.code": data["ID"]} if code == 255 else {}
    return fields | ({"message": data["Type"]} if code == 25 else {})
