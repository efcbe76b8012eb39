"""Runs in the sandbox as it would tell them: hand-made calls of harmless stories, a millisecond apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.trace import Call, CallName, Detonation

HOME = "/home/ada"
WORK = f"{HOME}/shop/node_modules/left"
NODE, SH = "/usr/bin/node", "/bin/sh"
STAND_IN = "198.18.0.3"
Story = Sequence[tuple[CallName, dict[str, Any]]]


def subject(
    files: Sequence[str] = ("package.json", "setup.js", "index.js"),
    ecosystem: Ecosystem = "npm",
    **manifest: Any,
) -> Subject:
    told = {"name": "left", "version": "1.0.0", **manifest}
    return Subject(
        ecosystem=ecosystem,
        name=str(told["name"]),
        version=str(told["version"]),
        folder=Path("/nowhere"),
        sha256="9f2c" * 16,
        files=dict.fromkeys(files, "00" * 32),
        manifest=told,
    )


def run(story: Story, platform: str = "linux", phase: str = "postinstall") -> Detonation:
    """npm starts the script in a shell, which starts node (pid 3); then the story."""
    begun: Story = (
        (
            "execute",
            {"pid": 2, "parent_pid": 1, "executable": SH, "arguments": ["sh", "-c", "node setup.js"]},
        ),
        ("execute", {"pid": 3, "parent_pid": 2, "executable": NODE, "arguments": ["node", "setup.js"]}),
    )
    calls = [_call(n, name, platform, phase, told) for n, (name, told) in enumerate((*begun, *story))]
    return Detonation(calls=calls, layers=[], seconds=1.0, phases=[phase])


def _call(number: int, name: CallName, platform: Any, phase: str, told: dict[str, Any]) -> Call:
    own: dict[str, Any] = {"witness": "strace", "pid": 3, "directory": WORK} | told
    return Call(
        time=f"2026-11-24T10:00:00.{number:03}000Z",
        sequence=number,
        package="pkg:npm/left@1.0.0",
        digest="9f2c" * 16,
        platform=platform,
        phase=phase,
        call=name,
        **own,
    )


def asks(host: str, path: str = "/", method: str = "GET") -> Story:
    """What a request looks like to all witnesses."""
    place = {"address": STAND_IN, "port": 443}
    return (
        ("resolve", {"name": host, "type": "A", "witness": "node"}),
        ("connect", {**place, "transport": "tcp"}),
        ("handshake", {**place, "name": host, "witness": "sinkhole"}),
        ("request", {**place, "name": host, "path": path, "method": method, "witness": "sinkhole"}),
    )


#: Two layers, a shell, a call, and the script deletes itself and swaps its manifest: the way of the Axios dropper.
DROPPER: Story = (
    ("run_code", {"layer": "aa" * 32, "origin": "Function", "size": 900, "witness": "node"}),
    (
        "run_code",
        {"layer": "bb" * 32, "parent_layer": "aa" * 32, "origin": "eval", "size": 700, "witness": "node"},
    ),
    ("read_environment", {"name": "NPM_TOKEN", "witness": "node"}),
    (
        "execute",
        {
            "pid": 4,
            "parent_pid": 3,
            "executable": SH,
            "arguments": ["sh", "-c", "echo reached > reached.txt"],
        },
    ),
    *asks("c2.example.com", "/report", "POST"),
    (
        "exfiltrate",
        {"decoy": "NPM_TOKEN", "name": "c2.example.com", "address": STAND_IN, "witness": "sinkhole"},
    ),
    ("delete", {"path": f"{WORK}/setup.js"}),
    ("rename", {"path": f"{WORK}/package.md", "target": f"{WORK}/package.json"}),
    ("find_deleted", {"path": f"{WORK}/setup.js", "witness": "tree", "pid": None}),
    ("find_changed", {"path": f"{WORK}/package.json", "witness": "tree", "pid": None}),
)
SECOND_STAGE: Story = (
    *asks("stage.example.com", "/second.sh"),
    ("write", {"path": f"{HOME}/.cache-update.sh"}),
    ("change_mode", {"path": f"{HOME}/.cache-update.sh", "mode": "0755"}),
    (
        "execute",
        {"pid": 5, "parent_pid": 3, "executable": SH, "arguments": ["/bin/sh", f"{HOME}/.cache-update.sh"]},
    ),
)

#: What honest packages do: each story with what its manifest says.
TWINS: dict[str, tuple[Story, dict[str, Any]]] = {
    "a native build": (
        (
            *asks("nodejs.org", "/download/release/v20/node-headers.tar.gz"),
            ("write", {"path": f"{HOME}/.cache/node-gyp/headers.tar.gz"}),
            (
                "execute",
                {
                    "pid": 4,
                    "parent_pid": 3,
                    "executable": SH,
                    "arguments": ["sh", "-c", "make BUILDTYPE=Release"],
                },
            ),
            ("execute", {"pid": 5, "parent_pid": 4, "executable": "/usr/bin/make", "arguments": ["make"]}),
            ("write", {"path": f"{WORK}/build/left.node", "pid": 5, "mode": "755"}),
            ("delete", {"path": f"{WORK}/build/left.o", "pid": 5}),
            ("load_library", {"path": f"{WORK}/build/left.node"}),
            ("find_added", {"path": f"{WORK}/build/left.node", "witness": "tree"}),
        ),
        {},
    ),
    "hooks of git": (
        (
            ("read_environment", {"name": "CI", "witness": "node"}),
            ("write", {"path": f"{HOME}/shop/.husky/pre-commit", "mode": "755"}),
            (
                "execute",
                {
                    "pid": 4,
                    "parent_pid": 3,
                    "executable": "/usr/bin/git",
                    "arguments": ["git", "config", "core.hooksPath", ".husky"],
                },
            ),
        ),
        {},
    ),
    "a binary from its own host": (
        (
            *asks("downloads.left.example.com", "/v1/left-linux-x64"),
            ("write", {"path": f"{WORK}/bin/left", "mode": "755"}),
            (
                "execute",
                {
                    "pid": 4,
                    "parent_pid": 3,
                    "executable": f"{WORK}/bin/left",
                    "arguments": ["left", "--version"],
                },
            ),
        ),
        {"homepage": "https://left.example.com", "binary": {"host": "https://downloads.left.example.com/v1"}},
    ),
    "a binary from its releases": (
        (
            *asks("github.com", "/Acme/left/releases/download/v1/left"),
            ("write", {"path": f"{WORK}/bin/left", "mode": "755"}),
            (
                "execute",
                {
                    "pid": 4,
                    "parent_pid": 3,
                    "executable": f"{WORK}/bin/left",
                    "arguments": ["left", "--version"],
                },
            ),
        ),
        {"repository": {"type": "git", "url": "git+https://github.com/acme/left.git"}},
    ),
    "a binary from the registry": (
        (
            *asks("registry.npmjs.org", "/@left/linux-x64"),
            ("write", {"path": f"{WORK}/bin/left", "mode": "755"}),
            (
                "execute",
                {
                    "pid": 4,
                    "parent_pid": 3,
                    "executable": f"{WORK}/bin/left",
                    "arguments": ["left", "--version"],
                },
            ),
        ),
        {},
    ),
    "telemetry of its own": (
        (
            ("read_environment", {"name": "CI", "witness": "node"}),
            *asks("telemetry.left.example.com", "/event", "POST"),
            ("write", {"path": f"{HOME}/.config/left/telemetry.json"}),
            ("wait", {"seconds": 60.0, "witness": "node"}),
        ),
        {"homepage": "https://left.example.com"},
    ),
    "a compiler of templates": (
        (("run_code", {"layer": "cc" * 32, "origin": "Function", "size": 300, "witness": "node"}),),
        {},
    ),
}
