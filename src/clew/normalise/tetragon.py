"""Tetragon's JSON export: one object an event, whose kind is the key that holds it.

The code is that key. A probe's is process_kprobe with the kernel's function, without its prefixes:
`__x64_sys_mount` is process_kprobe/mount.

https://tetragon.io/docs/reference/grpc-api/
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

TETRAGON_PROVIDER = "Tetragon"

_KINDS = (
    "process_exec",
    "process_exit",
    "process_connect",
    "process_listen",
    "process_close",
    "process_kprobe",
)
#: Functions of probes that are read.
PROBES = (
    *("tcp_connect", "security_socket_connect", "mount", "setns", "unshare", "keyctl", "ptrace"),
    *("init_module", "finit_module"),
)
_FUNCTION = (
    "regexp_replace(try(json_extract_string(h.process_kprobe, '$.function_name')), "
    "'^(?:__(?:x64|arm64|ia32)_)?(?:sys_)?', '')"
)

TETRAGON = Dialect(
    name="tetragon",
    head=dict.fromkeys((*_KINDS, "process_tracepoint", "node_name"), "VARCHAR"),
    is_this=f"coalesce({', '.join(f'h.{kind}' for kind in (*_KINDS, 'process_tracepoint'))}) IS NOT NULL",
    provider=f"'{TETRAGON_PROVIDER}'",
    code=f"""CASE WHEN h.process_kprobe IS NOT NULL THEN 'process_kprobe/' || coalesce({_FUNCTION}, '')
        {" ".join(f"WHEN h.{kind} IS NOT NULL THEN '{kind}'" for kind in _KINDS[:-1])}
        ELSE 'process_tracepoint' END""",
    codes=(),
    body={"time": "VARCHAR"},
    system={
        "channel": "code",
        "computer": "NULL::VARCHAR",
        "record_id": "NULL::VARCHAR",
        "written": "b.time",
    },
    data=(),
    dots=None,
    marks={
        **{kind: kind for kind in _KINDS[:-1]},
        **{f"process_kprobe/{probe}": "process_kprobe" for probe in PROBES},
    },
    only=TETRAGON_PROVIDER,
)
