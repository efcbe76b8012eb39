"""A trace with each call once, as a dropper and its sandbox would write it: raw records, nothing that could attack."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from clew.vetting.trace import Call, CallName

DIGEST = "9f2c" * 16
NODE = "/usr/bin/node"
FOLDER = "/home/ada/shop/node_modules/left"
#: What each call tells beside what all of them do.
TOLD: dict[CallName, dict[str, Any]] = {
    "execute": {
        "executable": NODE,
        "arguments": ["node", "./setup.js", "--quiet"],
        "directory": FOLDER,
        "parent_pid": 7,
    },
    "exit": {"code": 1},
    "run_code": {
        "layer": "51" * 32,
        "parent_layer": "c0" * 32,
        "origin": "eval",
        "size": 2120,
        "stack": ["eval at setup.js:3", "setup.js:9"],
    },
    "read": {"path": "/home/ada/.ssh/id_ed25519"},
    "write": {"path": "/tmp/.cache/update", "mode": "0755"},
    "delete": {"path": f"{FOLDER}/setup.js"},
    "rename": {"path": f"{FOLDER}/package.md", "target": f"{FOLDER}/package.json"},
    "change_mode": {"path": "/tmp/.cache/update", "mode": "0755"},
    "link": {"path": f"{FOLDER}/a", "target": "/home/ada/.npmrc"},
    "load_library": {"path": f"{FOLDER}/build/left.node"},
    "make_memory_file": {"path": "kworker"},
    "trace_process": {"target": "41"},
    "read_environment": {"name": "NPM_TOKEN"},
    "wait": {"seconds": 86400.4},
    "resolve": {"name": "c2.example.com", "type": "A"},
    "connect": {"address": "203.0.113.9", "port": 4444, "transport": "tcp"},
    "handshake": {"name": "c2.example.com", "address": "203.0.113.9", "port": 443},
    "request": {
        "method": "POST",
        "name": "c2.example.com",
        "port": 443,
        "path": "/in?id=7",
        "body": "token=abc",
        "user_agent": "curl/8",
    },
    "send": {"address": "203.0.113.9", "port": 53, "transport": "udp", "body": "hello"},
    "exfiltrate": {"decoy": "NPM_TOKEN", "name": "c2.example.com", "address": "203.0.113.9"},
    "find_unchanged": {"path": f"{FOLDER}/index.js"},
    "find_deleted": {"path": f"{FOLDER}/setup.js"},
    "find_changed": {"path": f"{FOLDER}/package.json"},
    "find_added": {"path": f"{FOLDER}/x"},
    "bypass": {"what": "strace saw node start /tmp/.cache/update, and no hook did"},
    "reach_limit": {"what": "time"},
}


def call(number: int, what_was_done: CallName, /, **told: Any) -> Call:
    """One call of the run, so many thousandths of a second after its beginning."""
    witness = {"find": "tree", "exfi": "sinkhole", "bypa": "runner", "reac": "runner"}.get(
        what_was_done[:4], "node"
    )
    own: dict[str, Any] = {"pid": 12, "executable": NODE, "witness": witness} | told
    return Call(
        time=f"2026-11-24T10:00:00.{number:03}456Z",
        sequence=number,
        package="pkg:npm/%40acme/left@1.0.0",
        digest=DIGEST,
        platform="linux",
        phase="postinstall",
        call=what_was_done,
        **own,
    )


def trace() -> list[Call]:
    """Each call, in the order of `CallName`."""
    return [call(number, name, **TOLD[name]) for number, name in enumerate(get_args(CallName))]


def lines(calls: list[Call]) -> bytes:
    """A trace as it stands in a file."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in calls)
