"""Tracee's events, in the flat form and as v1beta1.Event: what each becomes, and in which container and pod."""

from pathlib import Path
from typing import Any

import pytest

from clew.event import SCHEMA
from normalise.test_docker import of
from normalise.test_kubernetes import picked

Record = dict[str, Any]
ID = "9758a9cf385a"
SOCKET = {"sa_family": "AF_INET", "sin_addr": "203.0.113.9", "sin_port": "443"}
#: The type under which v1beta1.Event has an argument.
TYPES = {"remote_addr": "sockaddr", "argv": "str_array", "flags": "int32", "dst_port": "u_int32"}


def flat(name: str, *, returned: int = 0, **arguments: Any) -> Record:
    return {
        "timestamp": 1764943681496816406,
        "cgroupId": 1,
        "processId": 7,
        "hostProcessId": 765,
        "hostParentProcessId": 754,
        "userId": 0,
        "processName": "sh",
        "executable": {"path": "/bin/busybox"},
        "hostName": ID,
        "container": {"id": ID + "0" * 52, "name": "web1", "image": "alpine:3.20"},
        "kubernetes": {"podName": "app", "podNamespace": "shop"},
        "eventId": "715",
        "eventName": name,
        "returnValue": returned,
        "processEntityId": 4274835278,
        "parentEntityId": 2075274802,
        "args": [{"name": key, "type": "string", "value": value} for key, value in arguments.items()],
    }


def workload(name: str, *, returned: int = 0, **arguments: Any) -> Record:
    process = {
        "thread": {"name": "sh"},
        "unique_id": {"value": 4274835278},
        "pid": {"value": 7},
        "host_pid": {"value": 765},
        "real_user": {"id": {"value": 0}},
        "executable": {"path": "/bin/busybox"},
        "ancestors": [{"unique_id": {"value": 2075274802}, "host_pid": {"value": 754}}],
    }
    container = {"id": ID + "0" * 52, "name": "web1", "image": {"name": "alpine:3.20"}}
    pod = {"pod": {"name": "app"}, "namespace": {"name": "shop"}}
    data = [
        {"name": key, TYPES.get(key, "str"): {"value": value} if key == "argv" else value}
        for key, value in arguments.items()
    ]
    return {
        "timestamp": {"seconds": "1764943681", "nanos": 496816406},
        "id": name,
        "name": name,
        "policies": {"matched": ["default-policy"]},
        "workload": {"process": process, "container": container, "k8s": pod},
        "data": [*data, {"name": "returnValue", "int64": returned}],
    }


FORMS = pytest.mark.parametrize("form", [flat, workload])


@FORMS
def test_a_program_that_starts(tmp_path: Path, form: Any) -> None:
    [found] = of(tmp_path, form("sched_process_exec", pathname="/bin/busybox", argv=["nsenter", "-t", "1"]))[
        0
    ]
    assert {key: found[key] for key in found if key.startswith(("process.", "user."))} == {
        "user.id": "0",
        "process.entity_id": "4274835278",
        "process.pid": 765,
        "process.executable": "/bin/busybox",
        "process.name": "nsenter",
        "process.command_line": "nsenter -t 1",
        "process.parent.entity_id": "2075274802",
        "process.parent.pid": 754,
    }
    columns = ("container.id", "container.name", "container.image.name", "orchestrator.resource.name")
    assert picked([found], *columns) == [(ID, "web1", "alpine:3.20", "app")]
    columns = ("clew.log_source", "clew.component", "orchestrator.namespace", "host.id")
    assert picked([found], *columns) == [("ebpf:syscalls", "process_creation", "shop", "localhost")]
    assert str(found["@timestamp"]) == "2025-12-05 14:08:01.496816" and set(found) <= set(SCHEMA)


EVENTS: list[tuple[str, Record, str, str, object]] = [
    ("sched_process_exit", {}, "process_termination", "process.pid", 765),
    ("security_socket_connect", {"remote_addr": SOCKET}, "network_connection_creation", "destination.ip", "203.0.113.9"),
    ("net_tcp_connect", {"dst": "203.0.113.9", "dst_port": 443}, "network_connection_creation", "destination.port", 443),
    ("security_file_open", {"pathname": "/etc/shadow", "flags": 0}, "file_access", "file.path", "/etc/shadow"),
    ("security_file_open", {"pathname": "/etc/passwd", "flags": 1}, "file_modification", "file.name", "passwd"),
    ("security_inode_unlink", {"pathname": "/a"}, "file_deletion", "file.path", "/a"),
    ("security_inode_rename", {"old_path": "/a", "new_path": "/b"}, "file_modification", "file.path", "/b"),
    ("security_sb_mount", {}, "os_api_execution", "event.action", "mount"),
    ("setns", {}, "os_api_execution", "event.action", "setns"),
    ("finit_module", {}, "kernel_module_load", "process.name", "sh"),
]  # fmt: skip


@FORMS
def test_what_each_becomes(tmp_path: Path, form: Any) -> None:
    found = of(tmp_path, *(form(name, **arguments) for name, arguments, *_ in EVENTS))[0]
    assert [
        (one["clew.component"], one[column]) for one, (*_, column, _value) in zip(found, EVENTS, strict=True)
    ] == [(component, value) for *_, component, _column, value in EVENTS]
    assert {one["container.id"] for one in found} == {ID}


@FORMS
def test_a_container_that_is_made_is_no_process(tmp_path: Path, form: Any) -> None:
    made = {
        "runtime": "docker",
        "container_id": "ab" * 32,
        "container_image": "tool:1",
        "container_name": "t",
    }
    [found] = of(tmp_path, form("container_create", **made))[0]
    columns = ("clew.component", "container.id", "container.image.name", "container.name")
    assert picked([found], *columns) == [("container_start", "abababababab", "tool:1", "t")]
    assert not [column for column in found if column.startswith(("process.", "user."))]


def test_an_older_version(tmp_path: Path) -> None:
    """Its container and pod stand beside the rest, and it has no ids of processes."""
    record = {
        key: value
        for key, value in flat("sched_process_exec", pathname="/bin/id", argv=["id"]).items()
        if key not in {"container", "kubernetes", "processEntityId", "parentEntityId"}
    }
    record |= {"containerId": ID, "containerImage": "a", "podName": "app", "podNamespace": "shop"}
    [found] = of(tmp_path, record)[0]
    columns = ("container.id", "container.image.name", "orchestrator.resource.name", "process.entity_id")
    assert picked([found], *columns) == [(ID, "a", "app", "localhost/765/1764943681496816")]


@FORMS
def test_what_nobody_reads(tmp_path: Path, form: Any) -> None:
    found, tally = of(tmp_path, form("mount", returned=-1), form("sched_process_fork"), form("read"))
    assert not found and tally.records["not_parsed"] == 3


def test_broken_parts_lose_nothing_else(tmp_path: Path) -> None:
    broken: list[Record] = [{"args": 7}, {"args": "["}, {"args": [[]]}, {"container": 1}]
    found, tally = of(tmp_path, *({**flat("setns"), **one} for one in broken))
    assert tally.records["event"] == 4 and {one["process.pid"] for one in found} == {765}


def test_what_is_no_event_of_tracee(tmp_path: Path) -> None:
    found, tally = of(tmp_path, {"name": "batch", "workload": "nightly"}, {"eventName": "ListUsers"})
    assert not found and tally.records["irrelevant"] == 2
