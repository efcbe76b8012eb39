"""Documents of ECS and events of OCSF as products write them: one or more of each kind that is mapped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]

_DEFEND: Record = {
    "@timestamp": "2026-03-31T09:00:00.1234567Z",
    "event.kind": "event",
    "event.module": "endpoint",
    "host.name": "WS-1",
    "host.os.type": "windows",
    "host.ip": ["10.1.2.3", "fe80::1"],
    "user.name": "kim",
    "user.domain": "CORP",
    "process.entity_id": "ZTUtMTYyNDA=",
    "process.pid": 16240,
    "process.executable": "C:\\ProgramData\\wt.exe",
    "process.name": "wt.exe",
}
_BEAT: Record = {
    "@timestamp": "2026-03-31T09:00:00.500Z",
    "event.kind": "event",
    "host.name": "db-1",
    "host.os.family": "debian",
    "host.ip": ["10.1.2.9"],
}
_ENDS: Record = {"source.ip": "10.1.2.3", "source.port": 50000, "destination.ip": "203.0.113.9"}
_ENDS |= {"destination.port": 443, "network.transport": "tcp"}


def _of(
    base: Record, category: str | list[str], types: str | list[str], action: str | list[str], **fields: Any
) -> Record:
    told = {"event.category": category, "event.type": types, "event.action": action}
    return base | told | {key.replace("__", "."): value for key, value in fields.items()}


#: With dotted keys, each with the code it has.
ECS: tuple[tuple[str, Record], ...] = (
    (
        "process/start",
        _of(
            _DEFEND,
            ["process"],
            ["start"],
            "start",
            process__args=["wt.exe", "-file", "a.ps1"],
            process__command_line='wt.exe -file "D:\\Temp\\a.ps1"',
            process__working_directory="C:\\w\\",
            process__hash__sha256="AB" * 32,
            process__pe__original_file_name="PowerShell.EXE",
            process__Ext__token__integrity_level_name="high",
            process__Ext__token__elevation_level="full",
            process__Ext__authentication_id="0x3e7",
            process__parent__entity_id="ZTUtMQ==",
            process__parent__executable="C:\\Windows\\System32\\cmd.exe",
        ),
    ),
    ("process/end", _of(_DEFEND, "process", "end", "end", process__exit_code=1)),
    ("process/access", _of(_DEFEND, ["process"], ["access"], "open", Target__process__entity_id="eA==")),
    ("file/creation", _of(_DEFEND, ["file"], ["creation"], "creation", file__path="C:\\a\\b.EXE")),
    ("file/change", _of(_DEFEND, ["file"], ["change"], "rename", file__path="C:\\a\\c.exe")),
    ("file/deletion", _of(_DEFEND, ["malware", "file"], ["deletion"], "deletion", file__path="C:\\b")),
    ("file/access", _of(_DEFEND, ["file"], ["access"], "open", file__path="C:\\a\\SAM")),
    (
        "library/start",
        _of(
            _DEFEND,
            ["library"],
            ["start"],
            "load",
            dll__path="C:\\a\\x.dll",
            dll__code_signature__exists=True,
            dll__code_signature__status="trusted",
            dll__code_signature__subject_name="Example Ltd.",
        ),
    ),
    (
        "driver/start",
        _of(
            _DEFEND,
            ["library", "driver"],
            ["start"],
            "load",
            file__path="C:\\d.sys",
            file__hash__md5="A" * 32,
        ),
    ),
    (
        "registry/change",
        _of(
            _DEFEND,
            ["configuration", "registry"],
            ["change"],
            "modification",
            registry__path="HKEY_USERS\\S-1-5-21\\Software\\Run\\a.b",
            registry__value="a.b",
            registry__data__strings=["C:\\ProgramData\\system.bat"],
            registry__data__type="REG_SZ",
        ),
    ),
    (
        "registry/creation",
        _of(_DEFEND, "registry", "creation", "creation", registry__hive="HKLM", registry__key="SOFTWARE\\X"),
    ),
    (
        "registry/deletion",
        _of(_DEFEND, "registry", "deletion", "deletion", registry__path="HKLM\\SOFTWARE\\X"),
    ),
    ("registry/access", _of(_DEFEND, "registry", "access", "query", registry__path="HKLM\\SAM\\X")),
    (
        "network/start",
        _of(_DEFEND | _ENDS, ["network"], ["start"], "connection_attempted", network__direction="egress"),
    ),
    ("network/end", _of(_DEFEND | _ENDS, ["network"], ["end"], "disconnect_received", source__bytes=9)),
    (
        "network/dns",
        _of(
            _DEFEND,
            ["network"],
            ["protocol", "info"],
            "lookup_result",
            dns__question__name="c2.example.org",
            dns__resolved_ip=["203.0.113.9", "2001:DB8::1"],
        ),
    ),
    ("session/start", _of(_DEFEND, ["authentication", "session"], ["start"], "log_on")),
    ("authentication/start", _of(_BEAT, "authentication", "start", "ssh_login", event__outcome="failure")),
    ("iam/user/creation", _of(_BEAT, ["iam"], ["user", "creation"], "added-user", user__name="eve")),
    *(
        ("process/fork", _of(_DEFEND, ["process"], types, action, process__parent__entity_id="P0"))
        for types, action in ((["start"], "fork"), (["start", "end"], ["fork", "end"]))
    ),
    ("process/start", _of(_DEFEND, ["process"], ["start"], ["fork", "exec"])),
    (
        "process/start",  # auditbeat: no id, so it is known by host, pid and start
        _of(
            _BEAT,
            ["process"],
            ["start"],
            "executed",
            event__module="auditd",
            process__pid=70,
            process__executable="/usr/bin/bash",
            process__args=["bash", "./a.sh"],
            process__working_directory="/srv/x",
            process__parent__pid=69,
        ),
    ),
    (
        "network/start/sensor",  # packetbeat on the host itself
        _of(
            _BEAT | _ENDS,
            ["network_traffic", "network"],
            ["connection"],
            "network_flow",
            agent__type="packetbeat",
            source__ip="10.1.2.9",
        ),
    ),
    (
        "network/dns/sensor",  # and on a mirrored port
        _of(
            _BEAT | _ENDS,
            ["network"],
            ["connection", "protocol"],
            "dns",
            agent__type="packetbeat",
            dns__question__name="c2.example.org",
        ),
    ),
    (
        "network/protocol",
        _of(
            _BEAT | _ENDS,
            ["network"],
            ["connection", "protocol"],
            "http",
            agent__type="packetbeat",
            url__full="http://c2.example.org/a",
            url__domain="c2.example.org",
            http__request__method="post",
        ),
    ),
)


def _spelt(record: Record, depth: int) -> Record:
    """The record with so many of each key's dots as objects."""
    made: Record = {}
    for key, value in record.items():
        *parents, last = key.split(".", depth)
        place = made
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return made


#: How documents are laid out.
FORMS = {
    "dotted": lambda record: record,
    "nested": lambda record: _spelt(record, 9),
    "mixed": lambda record: _spelt(record, 1),
    "wrapped": lambda record: {"_index": "logs", "_id": "1", "_source": _spelt(record, 9), "sort": [1]},
    "wrapped dotted": lambda record: {"_index": "logs", "_source": record},
}

_ACTOR: Record = {
    "process": {
        "uid": "P1",
        "pid": 7,
        "file": {"path": "C:\\ProgramData\\wt.exe"},
        "user": {"name": "kim", "domain": "CORP"},
    }
}
_FILE: Record = {
    "path": "C:\\a\\b.exe",
    "hashes": [{"algorithm_id": 3, "algorithm": "SHA-256", "value": "AB" * 32}],
}
_LAUNCHED: Record = {
    "uid": "P2",
    "pid": 8,
    "cmd_line": "node setup.js",
    "file": {"path": "C:\\w\\node.exe", "internal_name": "node.exe", "hashes": _FILE["hashes"]},
    "working_directory": "C:\\w",
}
_WIRE: Record = {
    "src_endpoint": {"ip": "10.1.2.3", "port": 50000},
    "dst_endpoint": {"ip": "203.0.113.9", "port": 443, "hostname": "c2.example.org"},
    "connection_info": {"direction_id": 2, "protocol_name": "tcp"},
}


def _event(code: str, **objects: Any) -> tuple[str, Record]:
    class_, activity, *sensor = code.split("/")
    event: Record = {
        "class_uid": int(class_),
        "activity_id": int(activity),
        "time": 1774947600123,
        "metadata": {"version": "1.3.0", "product": {"name": "Example EDR"}},
        "device": {"hostname": "WS-1", "uid": "d-1", "os": {"type": "Windows", "type_id": 100}},
    }
    return code, event | ({} if sensor else {"actor": _ACTOR}) | objects


OCSF: tuple[tuple[str, Record], ...] = (
    _event("1001/1", file=_FILE),
    _event("1001/2", file=_FILE),
    _event("1001/3", file=_FILE),
    _event("1001/4", file=_FILE),
    _event("1001/5", file=_FILE, file_result={"path": "C:\\a\\c.exe"}),
    _event("1001/6", file=_FILE),
    _event("1001/7", file=_FILE),
    _event("1001/10", file=_FILE),
    _event("1001/14", file={"name": "SAM", "parent_folder": "C:\\Windows\\System32\\config"}),
    _event("1002/1", driver={"file": _FILE | {"signature": {"state_id": 3, "state": "Revoked"}}}),
    _event(
        "1005/1",
        module={"file": _FILE | {"signature": {"state_id": 1, "certificate": {"subject": "Example Ltd."}}}},
    ),
    _event("1007/1", process=_LAUNCHED),
    _event("1007/1", process=_LAUNCHED | {"parent_process": {"uid": "P0", "pid": 6, "name": "cmd.exe"}}),
    _event("1007/1/fork", process=_LAUNCHED, launch_type_id=2),
    _event("1007/1", process=_LAUNCHED, launch_type_id=3),
    _event("1007/2", process=_LAUNCHED, exit_code=1),
    _event("1007/3", process=_LAUNCHED, actual_permissions=2097151),
    _event("1007/4", process=_LAUNCHED),
    _event("201001/1", reg_key={"path": "HKEY_LOCAL_MACHINE\\SOFTWARE\\X"}),
    _event("201001/4", reg_key={"path": "HKLM\\SOFTWARE\\X"}),
    _event(
        "201002/2", reg_value={"path": "HKLM\\SOFTWARE\\Run", "name": "a.b", "data": "x", "type": "REG_SZ"}
    ),
    _event("201002/4", reg_value={"path": "HKLM\\SOFTWARE\\Run\\a.b", "name": "a.b"}),
    _event("4001/1", **_WIRE),
    _event("4001/1/sensor", **_WIRE),
    _event("4001/6/sensor", **_WIRE, traffic={"bytes_in": 5, "bytes_out": 4}),
    _event(
        "4002/6",
        **_WIRE,
        http_request={"http_method": "POST", "url": {"hostname": "c2.example.org", "path": "/a"}},
        http_response={"code": 200},
    ),
    _event("4003/1", query={"hostname": "c2.example.org", "type": "A"}),
    _event(
        "4003/2/sensor",
        **_WIRE,
        query={"hostname": "c2.example.org"},
        answers=[{"rdata": "203.0.113.9"}],
        rcode="NoError",
    ),
)

#: What nobody should write in the place of any value.
HOSTILE: tuple[Any, ...] = (
    None,
    [],
    {},
    [[]],
    ["x", 1, None],
    "",
    " ",
    "-",
    True,
    7,
    -1,
    1e300,
    "\\",
    '{"',
    {"": None},
)


def changed(record: Record) -> Iterator[Record]:
    """The record with each of its values, and each in its objects, replaced."""
    for key, value in record.items():
        yield from ({**record, key: bad} for bad in HOSTILE)
        if isinstance(value, dict):
            yield from ({**record, key: inner} for inner in changed(value))
