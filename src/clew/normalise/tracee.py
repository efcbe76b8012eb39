"""Tracee's JSON: what its eBPF programs saw, one object an event; the code is the event's name.

The flat form names the host's view of a process `hostProcessId` and has the event's own data in `args`. Since Tracee
0.24 the object is a v1beta1.Event: the process, container and pod stand in `workload`, the data in `data`, each
under the name of its type. A system call that failed has /failed behind its name.

Built from documentation; there is no recording:

https://aquasecurity.github.io/tracee/dev/docs/outputs/event-structure,
https://github.com/aquasecurity/tracee/blob/main/types/trace/trace.go,
https://github.com/aquasecurity/tracee/blob/main/api/v1beta1/event_data.proto
"""

from __future__ import annotations

from clew.normalise.shape import Dialect, Part

TRACEE_PROVIDER = "Tracee"

#: The events that are read.
EVENTS = (
    *("sched_process_exec", "sched_process_exit", "security_socket_connect", "net_tcp_connect"),
    *("security_file_open", "security_inode_unlink", "security_inode_rename", "security_inode_symlink"),
    *("magic_write", "file_modification", "security_sb_mount", "mount", "setns", "unshare", "keyctl", "ptrace", "bpf"),
    *("init_module", "finit_module", "module_load", "container_create"),
)  # fmt: skip


def _in_workload(*places: str) -> Part:
    """The first of these places in the workload where something stands; a number may be the value of an object."""
    found = (
        f"try(json_extract_string(b.workload, '$.{place}{value}'))"
        for place in places
        for value in (".value", "")
    )
    return Part({"workload": "VARCHAR"}, f"coalesce({', '.join(found)})")


def _tracee(  # noqa: PLR0913, PLR0917 - what it is called, how it is told, and where its parts stand
    name: str, sign: str, is_this: str, code: str, written: str, places: dict[str, Part]
) -> Dialect:
    """A dialect whose records have the key `sign`."""
    return Dialect(
        name=name,
        head={},
        apart=dict.fromkeys(
            ("eventName", "hostProcessId", "returnValue", "name", "workload", "data"), "VARCHAR"
        ),
        signs=(f'"{sign}"',),
        is_this=is_this,
        provider=f"'{TRACEE_PROVIDER}'",
        code=code,
        codes=(),
        body={"timestamp": "VARCHAR"},
        system={
            "channel": "'tracee'",
            "computer": "NULL::VARCHAR",
            "record_id": "NULL::VARCHAR",
            "written": written,
        },
        data=(),
        renamed={TRACEE_PROVIDER: places},
        dots=None,
        marks=dict.fromkeys(EVENTS, sign),
        only=TRACEE_PROVIDER,
    )


TRACEE_FLAT = _tracee(
    "tracee, flat",
    "cgroupId",
    "e.eventName IS NOT NULL AND e.hostProcessId IS NOT NULL",
    "e.eventName || CASE WHEN starts_with(e.returnValue, '-') THEN '/failed' ELSE '' END",
    "make_timestamp(try_cast(b.timestamp AS BIGINT) // 1000)::VARCHAR",
    {},
)

_SECONDS = "try_cast(json_extract_string(b.timestamp, '$.seconds') AS BIGINT)"
_NANOSECONDS = "coalesce(try_cast(json_extract_string(b.timestamp, '$.nanos') AS BIGINT), 0)"
_FAILED = """regexp_matches(e.data, '"name": *"returnValue", *"int(?:32|64)": *"?-')"""

TRACEE = _tracee(
    "tracee",
    "workload",
    "e.name IS NOT NULL AND starts_with(e.workload, '{')",
    f"e.name || CASE WHEN {_FAILED} THEN '/failed' ELSE '' END",
    f"""CASE WHEN starts_with(b.timestamp, '{{')
        THEN make_timestamp({_SECONDS} * 1000000 + {_NANOSECONDS} // 1000)::VARCHAR ELSE b.timestamp END""",
    {
        "args": Part({"data": "VARCHAR"}, "b.data"),
        "processName": _in_workload("process.thread.name"),
        "executable.path": _in_workload("process.executable.path"),
        "userId": _in_workload("process.real_user.id"),
        "hostProcessId": _in_workload("process.host_pid", "process.pid"),
        "hostParentProcessId": _in_workload("process.ancestors[0].host_pid", "process.ancestors[0].pid"),
        "processEntityId": _in_workload("process.unique_id", "process.thread.unique_id"),
        "parentEntityId": _in_workload("process.ancestors[0].unique_id"),
        "container.id": _in_workload("container.id"),
        "container.name": _in_workload("container.name"),
        "container.image": _in_workload("container.image.name"),
        "container.imageDigest": _in_workload("container.image.repo_digests[0]", "container.image.id"),
        "kubernetes.podName": _in_workload("k8s.pod.name", "pod.name"),
        "kubernetes.podNamespace": _in_workload("k8s.namespace.name", "pod.namespace.name", "pod.namespace"),
        "kubernetes.podUID": _in_workload("k8s.pod.uid", "pod.uid"),
    },
)
