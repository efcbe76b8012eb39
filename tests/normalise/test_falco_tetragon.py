"""Falco's alerts and Tetragon's events: what each becomes, and in which container and pod."""

import json
from pathlib import Path
from typing import Any

import pytest

from clew.event import SCHEMA
from clew.record import Tally
from normalise.test_kubernetes import picked
from normalise.test_sysmon import Events, events
from recordings import recording

Record = dict[str, Any]
ID = "209e26fd88fa"


def alert(call: str | None, **fields: Any) -> Record:
    told = {"container.id": ID, "evt.type": call, "proc.cmdline": "sh -c id", "proc.name": "sh", **fields}
    return {
        "hostname": "web1",
        "output": "11:54:35.745254230: Notice ...",
        "output_fields": {key: value for key, value in told.items() if value is not None},
        "priority": "Notice",
        "rule": "A rule",
        "source": "syscall",
        "tags": ["container"],
        "time": "2026-03-31T11:54:35.745254230Z",
    }


def tetragon(kind: str, **more: Any) -> Record:
    pod = {
        "namespace": "shop",
        "name": "app",
        "container": {
            "id": f"docker://{ID}{'0' * 52}",
            "name": "a",
            "image": {"id": "", "name": "nginx:latest"},
        },
    }
    process = {
        "exec_id": "b25l",
        "pid": 19009,
        "uid": 0,
        "cwd": "/",
        "binary": "/usr/bin/nsenter",
        "arguments": "-t 1 -m bash",
        "start_time": "2026-03-31T11:16:29.378Z",
        "pod": pod,
        "docker": ID + "0" * 12,
        "parent_exec_id": "dHdv",
    }
    parent = {"exec_id": "dHdv", "pid": 17022, "binary": "/bin/bash"}
    return {
        kind: {"process": process, "parent": parent, **more},
        "node_name": "n1",
        "time": "2026-03-31T11:16:30Z",
    }


def of(folder: Path, *records: Record) -> tuple[Events, Tally]:
    (folder / "log").write_text("".join(json.dumps(record) + "\n" for record in records))
    return events(folder / "log", folder)


@pytest.mark.parametrize(
    ("record", "component"),
    [
        (alert("execve"), "process_creation"),
        (alert("connect", **{"fd.name": "10.1.2.3:4711->203.0.113.9:443"}), "network_connection_creation"),
        (alert("openat", **{"fd.name": "/etc/shadow", "evt.arg.flags": "O_RDONLY|O_CLOEXEC"}), "file_access"),
        (alert("openat", **{"fd.name": "/etc/passwd", "evt.arg.flags": "O_TRUNC|O_CREAT|O_WRONLY"}), "file_modification"),
        (alert("unlinkat"), "file_deletion"),
        (alert("setns"), "os_api_execution"),
        (alert("finit_module"), "kernel_module_load"),
        (tetragon("process_exec"), "process_creation"),
        (tetragon("process_exit", status=1), "process_termination"),
        (tetragon("process_kprobe", function_name="__x64_sys_setns"), "os_api_execution"),
        (tetragon("process_kprobe", function_name="tcp_connect",
                  args=[{"sock_arg": {"daddr": "203.0.113.9", "dport": 443}}]), "network_connection_creation"),
        (tetragon("process_connect", destination_ip="203.0.113.9", destination_port=443), "network_connection_creation"),
    ],
)  # fmt: skip
def test_what_each_becomes(tmp_path: Path, record: Record, component: str) -> None:
    [found] = of(tmp_path, record)[0]
    assert picked([found], "clew.component", "container.id", "clew.log_source") == [
        (component, ID, "ebpf:syscalls")
    ]
    if component == "network_connection_creation":
        assert (found["destination.ip"], found["destination.port"]) == ("203.0.113.9", 443)
    assert set(found) <= set(SCHEMA)


@pytest.mark.parametrize(
    "record",
    [
        alert(None),
        alert("chmod"),
        tetragon("process_kprobe", function_name="__x64_sys_read"),
        tetragon("process_tracepoint"),
        tetragon("process_listen"),
    ],
)
def test_what_nobody_reads(tmp_path: Path, record: Record) -> None:
    found, tally = of(tmp_path, record)
    assert not found and tally.records["not_parsed"] == 1


def test_a_process_in_a_pod(tmp_path: Path) -> None:
    pod = {"k8s.pod.name": "app", "k8s.ns.name": "shop", "proc.exepath": "/bin/busybox", "proc.pname": "<NA>"}
    [falco, other] = of(tmp_path, alert("execve", **pod), tetragon("process_exec"))[0]
    columns = ("orchestrator.cluster.name", "orchestrator.namespace", "orchestrator.resource.name")
    assert picked([falco, other], *columns) == [("kubernetes", "shop", "app")] * 2
    assert falco["process.executable"] == "/bin/busybox" and "process.parent.name" not in falco
    columns = ("process.entity_id", "process.parent.entity_id", "process.command_line", "process.parent.name")
    assert picked([other], *columns) == [("b25l", "dHdv", "/usr/bin/nsenter -t 1 -m bash", "bash")]


def test_a_process_of_the_host_is_in_no_container(tmp_path: Path) -> None:
    [found] = of(
        tmp_path, alert("execve", **{"container.id": "host", "container.name": "host", "k8s.pod.name": None})
    )[0]
    assert not [column for column in found if column.startswith(("container.", "orchestrator."))]


def test_the_recordings_are_read_whole(tmp_path: Path) -> None:
    found, tally = events(recording("falco/falco-eventgen-2025-11.jsonl"), tmp_path)
    assert (tally.records["event"], tally.records["not_parsed"], tally.total) == (23, 1, 29)
    assert [one.position for one in tally.rejects] == [
        2,
        3,
        4,
        5,
        6,
    ]  # what its rules found is summed up at the end
    assert all(len(one["container.id"]) == 12 for one in found)
    read = [events(path, tmp_path) for path in recording("tetragon").rglob("*.json")]
    assert read and all(tally.complete for _, tally in read)
    assert {one["clew.component"] for found, _ in read for one in found} == {
        "process_creation", "process_termination", "network_connection_creation"
    }  # fmt: skip
