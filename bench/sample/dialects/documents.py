"""The records as products write them that keep to a common schema: ECS as Elastic Defend has it, and OCSF.

ECS: https://www.elastic.co/docs/reference/ecs. OCSF: https://schema.ocsf.io/1.5.0/. Kinds that neither schema has a
class for become documents of another category, so that there is one for each record.
"""

from __future__ import annotations

import base64

from sample.dialects.winlogbeat import Document, nested
from sample.dialects.written import Render, Written, encode
from sample.machine import HostPlan
from sample.records import Data
from sample.stamp import iso

#: Category, type and action of each id of Sysmon.
_KINDS = {
    1: ("process", "start", "start"),
    2: ("file", "change", "modification"),
    3: ("network", "start", "connection_attempted"),
    5: ("process", "end", "end"),
    6: ("driver", "start", "load"),
    7: ("library", "start", "load"),
    8: ("process", "change", "remote_thread"),
    10: ("process", "access", "open"),
    11: ("file", "creation", "creation"),
    12: ("registry", "creation", "creation"),
    13: ("registry", "change", "modification"),
    22: ("network", "protocol", "lookup_requested"),
    23: ("file", "deletion", "deletion"),
    26: ("file", "deletion", "deletion"),
}
_PLACES = {
    **dict.fromkeys(("ProcessGuid", "SourceProcessGUID", "SourceProcessGuid"), "process.entity_id"),
    **dict.fromkeys(("ProcessId", "SourceProcessId"), "process.pid"),
    **dict.fromkeys(("Image", "SourceImage"), "process.executable"),
    "CommandLine": "process.command_line",
    "CurrentDirectory": "process.working_directory",
    "ParentProcessGuid": "process.parent.entity_id",
    "ParentProcessId": "process.parent.pid",
    "ParentImage": "process.parent.executable",
    "ParentCommandLine": "process.parent.command_line",
    **dict.fromkeys(("TargetProcessGUID", "TargetProcessGuid"), "Target.process.entity_id"),
    "TargetProcessId": "Target.process.pid",
    "TargetImage": "Target.process.executable",
    "TargetFilename": "file.path",
    "ImageLoaded": "dll.path",
    "TargetObject": "registry.path",
    "Protocol": "network.transport",
    "SourceIp": "source.ip",
    "SourcePort": "source.port",
    "DestinationIp": "destination.ip",
    "DestinationHostname": "destination.domain",
    "DestinationPort": "destination.port",
    "SourceHostname": "source.domain",
    "DestinationPortName": "network.protocol",
    "ParentUser": "process.parent.user.name",
    "CreationUtcTime": "file.created",
    "QueryName": "dns.question.name",
}
_RESOURCE = {
    "OriginalFileName": "original_file_name",
    "Company": "company",
    "Product": "product",
    "Description": "description",
    "FileVersion": "file_version",
}


def defend(host: HostPlan) -> Render:
    """As an export of Elastic Defend's index has it: nested, each document in `_source`, its ids in Base64."""

    def render(record: Written) -> str:
        fields = ecs(host, record)
        for field in ("process.entity_id", "process.parent.entity_id", "Target.process.entity_id"):
            if field in fields:
                fields[field] = base64.b64encode(fields[field].encode()).decode()
        return encode(
            {
                "_index": ".ds-logs-endpoint.events-default",
                "_id": f"{record.number}",
                "_source": nested(fields),
            }
        )

    return render


def dotted(host: HostPlan) -> Render:
    """Bare documents with dotted keys, but for some that are nested."""

    def render(record: Written) -> str:
        fields = ecs(host, record)
        inner = {key: fields.pop(key) for key in list(fields) if key.startswith(("event.", "file.", "host."))}
        return encode({**fields, **nested(inner)})

    return render


def ecs(host: HostPlan, record: Written) -> Document:
    """A record as ECS, with dotted keys."""
    data = {name: value for name, value in record.data.items() if value and value != "-"}
    category, type_, action = _KINDS.get(record.code, ("configuration", "info", "other"))
    fields: Document = {
        "@timestamp": data["UtcTime"].replace(" ", "T") + "Z",
        "event.kind": "event",
        "event.category": [category],
        "event.type": [type_, "info"] if record.code == 22 else [type_],
        "event.action": action,
        "event.module": "endpoint",
        "event.dataset": f"endpoint.events.{category}",
        "event.id": f"{host.fqdn}-{record.number}",
        "event.created": iso(record.time),
        "host.name": host.fqdn,
        "host.os.type": "windows",
        "ecs.version": "8.11.0",
    }
    fields |= {_PLACES[name]: _plain(name, value) for name, value in data.items() if name in _PLACES}
    domain, separator, user = data.get("User", data.get("SourceUser", "")).partition("\\")
    fields |= {"user.domain": domain, "user.name": user} if separator else {}
    if category == "network" and "Initiated" in data:
        fields["network.direction"] = "egress" if data["Initiated"] == "true" else "ingress"
    return fields | _of_image(record.code, data) | _of_value(data) | _of_answer(data)


def _plain(name: str, value: str) -> str | int:
    return int(value) if name.endswith(("ProcessId", "Port")) else value


def _of_image(code: int, data: Data) -> Document:
    """Hashes, version resource and signature of the program, the module or the file."""
    owner = {1: "process", 6: "dll", 7: "dll"}.get(code, "file")
    fields: Document = {}
    for kind, value in _hashes(data).items():
        fields[f"{owner}.{'pe' if kind == 'imphash' else 'hash'}.{kind}"] = value
    fields |= {f"{owner}.pe.{there}": data[name] for name, there in _RESOURCE.items() if name in data}
    if "Signed" in data:
        valid = data.get("SignatureStatus") == "Valid"
        status = "trusted" if valid else data.get("SignatureStatus")
        fields |= {f"{owner}.code_signature.exists": data["Signed"] == "true"}
        fields |= {f"{owner}.code_signature.status": status} if status else {}
        fields |= {f"{owner}.code_signature.subject_name": data["Signature"]} if "Signature" in data else {}
    return fields


def _hashes(data: Data) -> dict[str, str]:
    pairs = (pair.lower().partition("=") for pair in data.get("Hashes", "").split(",") if "=" in pair)
    return {kind: value for kind, _, value in pairs}


def _of_value(data: Data) -> Document:
    if "Details" not in data:
        return {}
    return {
        "registry.value": data["TargetObject"].rpartition("\\")[2],
        "registry.data.strings": [_number(data["Details"])],
    }


def _of_answer(data: Data) -> Document:
    answers = [
        text for text in data.get("QueryResults", "").split(";") if text and not text.startswith("type:")
    ]
    code = {"0": "NOERROR", "9003": "NXDOMAIN"}.get(data.get("QueryStatus", ""))
    fields: Document = {"dns.resolved_ip": answers} if answers else {}
    return fields | ({"dns.response_code": code} if code else {})


def _number(details: str) -> str:
    return str(int(details[7:-1], 16)) if details.startswith("DWORD (0x") else details


#: Class and activity of each id of Sysmon.
_CLASSES = {
    **{1: (1007, 1), 2: (1001, 6), 3: (4001, 1), 5: (1007, 2), 6: (1002, 1), 7: (1005, 1), 8: (1007, 4)},
    **{10: (1007, 3), 11: (1001, 1), 12: (201001, 1), 13: (201002, 2), 22: (4003, 1), 23: (1001, 4)},
    26: (1001, 4),
}
_ALGORITHMS = {"md5": (1, "MD5"), "sha1": (2, "SHA-1"), "sha256": (3, "SHA-256"), "imphash": (99, "imphash")}


def ocsf(host: HostPlan) -> Render:
    """OCSF 1.5, as a collector writes it that reads Sysmon's log."""

    def render(record: Written) -> str:
        fields = ecs(host, record)
        class_, activity = _CLASSES.get(record.code, (2004, 1))
        event: Document = {
            "class_uid": class_,
            "activity_id": activity,
            "type_uid": class_ * 100 + activity,
            "time_dt": fields["@timestamp"],
            "severity_id": 1,
            "metadata": {
                "version": "1.5.0",
                "uid": fields["event.id"],
                "product": {"name": "Collector", "vendor_name": "Example"},
            },
            "device": {"hostname": host.fqdn, "os": {"name": "Windows", "type": "Windows", "type_id": 100}},
            "unmapped": {"EventID": record.code},
        }
        return encode(event | _objects(record.code, fields, _hashes(record.data)))

    return render


def _objects(code: int, fields: Document, hashes: dict[str, str]) -> Document:
    acting = _process(fields, "process")
    fingerprints = [
        {"algorithm_id": _ALGORITHMS[kind][0], "algorithm": _ALGORITHMS[kind][1], "value": value.upper()}
        for kind, value in hashes.items()
    ]
    if code == 1:
        acting["file"] |= _resource(fields, "process") | {"hashes": fingerprints}
        acting["parent_process"] = _process(fields, "process.parent")
        return {"process": acting}
    if code == 5:
        return {"process": acting}
    event: Document = {"actor": {"process": acting}}
    if code in (8, 10):
        event["process"] = _process(fields, "Target.process")
    if "file.path" in fields:
        event["file"] = {"path": fields["file.path"], "hashes": fingerprints}
        event["file"] |= {"created_time_dt": fields["file.created"]} if "file.created" in fields else {}
    if "dll.path" in fields:
        of = {"path": fields["dll.path"], "hashes": fingerprints} | _resource(fields, "dll")
        event["driver" if code == 6 else "module"] = {"file": of | _signature(fields)}
    return event | _registry(fields) | _network(fields)


def _process(fields: Document, whose: str) -> Document:
    found = {"uid": "entity_id", "pid": "pid", "cmd_line": "command_line"}
    process: Document = {
        key: fields[f"{whose}.{there}"] for key, there in found.items() if f"{whose}.{there}" in fields
    }
    if f"{whose}.executable" in fields:
        process["file"] = {"path": fields[f"{whose}.executable"]}
    if whose == "process":
        if "process.working_directory" in fields:
            process["working_directory"] = fields["process.working_directory"]
        if "user.name" in fields:
            process["user"] = {"name": fields["user.name"], "domain": fields["user.domain"]}
    elif f"{whose}.user.name" in fields:
        process["user"] = {"name": fields[f"{whose}.user.name"]}
    return process


def _resource(fields: Document, owner: str) -> Document:
    names = {"internal_name": "original_file_name", "company_name": "company", "desc": "description"}
    found = {k: fields[f"{owner}.pe.{v}"] for k, v in names.items() if f"{owner}.pe.{v}" in fields}
    if f"{owner}.pe.product" in fields:
        found["product"] = {"name": fields[f"{owner}.pe.product"]}
    return found | (
        {"version": fields[f"{owner}.pe.file_version"]} if f"{owner}.pe.file_version" in fields else {}
    )


def _signature(fields: Document) -> Document:
    if not fields.get("dll.code_signature.exists"):
        return {}
    valid = fields.get("dll.code_signature.status") == "trusted"
    state = {"state_id": 1} if valid else {"state": fields.get("dll.code_signature.status")}
    return {
        "signature": {
            **state,
            "certificate": {"subject": fields.get("dll.code_signature.subject_name")},
        }
    }


def _registry(fields: Document) -> Document:
    if "registry.path" not in fields:
        return {}
    if "registry.value" not in fields:
        return {"reg_key": {"path": fields["registry.path"]}}
    value = fields["registry.value"]
    return {
        "reg_value": {
            "path": fields["registry.path"].removesuffix("\\" + value),
            "name": value,
            "data": fields["registry.data.strings"][0],
        }
    }


def _network(fields: Document) -> Document:
    if "dns.question.name" in fields:
        answers = [{"rdata": address} for address in fields.get("dns.resolved_ip", ())]
        rcode = {"NOERROR": "NoError", "NXDOMAIN": "NXDomain"}.get(fields.get("dns.response_code", ""))
        return {"query": {"hostname": fields["dns.question.name"]}, "answers": answers, "rcode": rcode}
    if "destination.ip" not in fields:
        return {}
    ends = {
        f"{there}_endpoint": {
            key: fields[f"{end}.{place}"]
            for key, place in (("ip", "ip"), ("port", "port"), ("hostname", "domain"))
            if f"{end}.{place}" in fields
        }
        for there, end in (("src", "source"), ("dst", "destination"))
    }
    direction = {"egress": 2, "ingress": 1}.get(fields.get("network.direction", ""), 0)
    return {
        **ends,
        "app_name": fields.get("network.protocol"),
        "connection_info": {"direction_id": direction, "protocol_name": fields.get("network.transport")},
    }
