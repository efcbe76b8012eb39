"""Sysmon's records: the EventData of each id, all fields, in Sysmon's order (schema 4.90), values as text."""

from __future__ import annotations

from sample.machine import Process
from sample.network import Service
from sample.stamp import utc

Data = dict[str, str]

CREATE, CONNECT, END, DRIVER, LOAD, ACCESS, WRITE, KEY, VALUE, RENAME, QUERY, DELETE = (
    *(1, 3, 5, 6, 7, 10, 11, 12, 13, 14, 22, 23),
)


def creation(time: int, process: Process) -> Data:
    account, parent = process.account, process.parent
    assert parent is not None, "only processes of the recording have a creation record"
    return {
        "RuleName": "-",
        "UtcTime": utc(time),
        "ProcessGuid": process.guid,
        "ProcessId": process.pid,
        "Image": process.program.path,
        **process.program.resource(),
        "CommandLine": process.command,
        "CurrentDirectory": process.directory,
        "User": account.name,
        "LogonGuid": account.logon_guid,
        "LogonId": hex(account.logon_id),
        "TerminalSessionId": account.session,
        "IntegrityLevel": process.integrity,
        "Hashes": process.program.hashes,
        "ParentProcessGuid": parent.guid,
        "ParentProcessId": parent.pid,
        "ParentImage": parent.program.path,
        "ParentCommandLine": parent.command,
        "ParentUser": parent.account.name,
    }


def _head(time: int, process: Process) -> Data:
    return {
        "RuleName": "-",
        "UtcTime": utc(time),
        "ProcessGuid": process.guid,
        "ProcessId": process.pid,
        "Image": process.program.path,
    }


def termination(time: int, process: Process) -> Data:
    return {**_head(time, process), "User": process.account.name}


def image_load(time: int, process: Process, image: Data) -> Data:
    """`image` is what `modules.image_fields` gives."""
    return {**_head(time, process), **image, "User": process.account.name}


def driver_load(time: int, image: Data) -> Data:
    """A driver, which names no process; `image` as for `image_load`."""
    names = ("ImageLoaded", "Hashes", "Signed", "Signature", "SignatureStatus")
    return {"RuleName": "-", "UtcTime": utc(time), **{name: image[name] for name in names}}


def access(time: int, source: Process, target: Process, mask: str, trace: str, thread: str) -> Data:
    return {
        "RuleName": "-",
        "UtcTime": utc(time),
        "SourceProcessGUID": source.guid,
        "SourceProcessId": source.pid,
        "SourceThreadId": thread,
        "SourceImage": source.program.path,
        "TargetProcessGUID": target.guid,
        "TargetProcessId": target.pid,
        "TargetImage": target.program.path,
        "GrantedAccess": mask,
        "CallTrace": trace,
        "SourceUser": source.account.name,
        "TargetUser": target.account.name,
    }


def file_write(time: int, process: Process, path: str) -> Data:
    return {
        **_head(time, process),
        "TargetFilename": path,
        "CreationUtcTime": utc(time),
        "User": process.account.name,
    }


def key_event(time: int, process: Process, kind: str, key: str) -> Data:
    """`kind`: CreateKey, DeleteKey or DeleteValue."""
    return {"RuleName": "-", "EventType": kind, **_registry(time, process, key), "User": process.account.name}


def value_set(time: int, process: Process, key: str, details: str) -> Data:
    return {
        "RuleName": "-",
        "EventType": "SetValue",
        **_registry(time, process, key),
        "Details": details,
        "User": process.account.name,
    }


def key_renamed(time: int, process: Process, key: str, name: str) -> Data:
    head = {"RuleName": "-", "EventType": "RenameKey", **_registry(time, process, key)}
    return {**head, "NewName": name, "User": process.account.name}


def _registry(time: int, process: Process, key: str) -> Data:
    head = _head(time, process)
    del head["RuleName"]
    return {**head, "TargetObject": key}


def query(time: int, process: Process, name: str, status: str, results: str) -> Data:
    head = _head(time, process)
    image = head.pop("Image")
    return {
        **head,
        "QueryName": name,
        "QueryStatus": status,
        "QueryResults": results,
        "Image": image,
        "User": process.account.name,
    }


def connection(
    time: int,
    process: Process,
    source: tuple[str, str, str],
    destination: tuple[str, str, str],
    *,
    protocol: str = "tcp",
    initiated: bool = True,
) -> Data:
    """`source` and `destination` are (address, name or "-", port). `initiated` is false for inbound ones."""
    return {
        **_head(time, process),
        "User": process.account.name,
        "Protocol": protocol,
        "Initiated": "true" if initiated else "false",
        "SourceIsIpv6": "false",
        "SourceIp": source[0],
        "SourceHostname": source[1],
        "SourcePort": source[2],
        "SourcePortName": "-",
        "DestinationIsIpv6": "false",
        "DestinationIp": destination[0],
        "DestinationHostname": destination[1],
        "DestinationPort": destination[2],
        "DestinationPortName": _PORT_NAMES.get(destination[2], "-"),
    }


def deletion(time: int, process: Process, path: str, hashes: str, *, program: bool) -> Data:
    head = _head(time, process)
    image = head.pop("Image")
    return {
        **head,
        "User": process.account.name,
        "Image": image,
        "TargetFilename": path,
        "Hashes": hashes,
        "IsExecutable": "true" if program else "false",
        "Archived": "true",
    }


def end_of(service: Service, port: int) -> tuple[str, str, str]:
    """A service as the destination of a connection."""
    return (service.address, service.reverse, str(port))


_PORT_NAMES = {
    "80": "http",
    "443": "https",
    "53": "domain",
    "88": "kerberos",
    "389": "ldap",
    "445": "microsoft-ds",
}
