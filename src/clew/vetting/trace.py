"""The trace: what a package did in the sandbox, one call a line.

A trace is a log source like any other (ATT&CK's "Application Vetting"): JSON Lines that ``clew hunt`` reads through
normalise/vetting.sql. Each line stands for itself::

    {"trace":1,"time":"2026-11-24T10:00:00.123456Z","sequence":17,"package":"pkg:npm/left@1.0.0","digest":"9f2c...",
     "platform":"linux","phase":"postinstall","witness":"node","call":"run_code","pid":12,"parent_pid":7,
     "executable":"/usr/bin/node","layer":"51ab...","parent_layer":"c0de...","origin":"eval","size":2120}
"""

from __future__ import annotations

from typing import Literal

import msgspec

#: Who saw it. `node` and `python` speak from inside the watched process: their word is the package's to forge. The
#: others stand outside.
Witness = Literal["node", "python", "strace", "sinkhole", "tree", "runner"]

#: What the interpreters tell a package that they run on.
Platform = Literal["linux", "win32", "darwin"]

#: What was done, and the fields of `Call` that tell of it.
CallName = Literal[
    "execute",  # executable, arguments, directory
    "exit",  # code
    "run_code",  # layer, parent_layer, origin, size, stack
    "read",  # path: of a secret, a decoy or another's file; not of every library
    "write",  # path, mode where it is executable
    "delete",  # path
    "rename",  # path, target
    "change_mode",  # path, mode
    "link",  # path, target
    "load_library",  # path: dlopen, process.dlopen, ctypes
    "make_memory_file",  # path: the name given to memfd_create
    "trace_process",  # target: the pid that ptrace was asked for
    "read_environment",  # name
    "wait",  # seconds: asked for, not waited
    "resolve",  # name, type
    "connect",  # address, port, transport
    "handshake",  # name (SNI), address, port
    "request",  # method, name (host), path, port, body, user_agent
    "send",  # address, port, transport, body: neither HTTP nor DNS
    "exfiltrate",  # decoy, and where it left: name, address, path; the value of a decoy was seen leaving
    "find_unchanged",  # path: of the tree after the run; find_* are witnessed by `tree`
    "find_deleted",  # path
    "find_changed",  # path
    "find_added",  # path
    "bypass",  # what: one witness saw it and one that should have did not
    "reach_limit",  # what: time, processes, output, files
]


class Call(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="trace", tag=1):
    """One line of a trace, of version 1 (the tag). Text fields are as the package gave them: hostile."""

    time: str
    sequence: int
    package: str
    digest: str
    platform: Platform
    phase: str
    witness: Witness
    call: CallName
    pid: int | None = None
    parent_pid: int | None = None
    executable: str | None = None
    arguments: list[str] | None = None
    directory: str | None = None
    code: int | None = None
    layer: str | None = None
    parent_layer: str | None = None
    origin: str | None = None
    size: int | None = None
    stack: list[str] | None = None
    path: str | None = None
    target: str | None = None
    mode: str | None = None
    name: str | None = None
    type: str | None = None
    seconds: float | None = None
    address: str | None = None
    port: int | None = None
    transport: str | None = None
    method: str | None = None
    body: str | None = None
    user_agent: str | None = None
    decoy: str | None = None
    what: str | None = None


class Layer(msgspec.Struct, kw_only=True):
    """Code that came to be while the package ran: decoded, made, or fetched; never a file as it was published.

    `sha256` is of `text` as UTF-8 (of the bytes for WebAssembly and marshalled code, whose `text` is what could be
    told of them). `parent` is the layer that ran it, or None where a file of the package did; `depth` is 1 for those.
    """

    sha256: str
    parent: str | None
    depth: int
    origin: str
    phase: str
    pid: int
    text: str
    file: str | None = None
    stack: list[str] = msgspec.field(default_factory=list)
    truncated: bool = False


class Detonation(msgspec.Struct, kw_only=True):
    """What one run in the sandbox gave: all calls in order of time, all layers, and how it ended."""

    calls: list[Call]
    layers: list[Layer]
    seconds: float
    phases: list[str]
    incomplete: list[str] = msgspec.field(default_factory=list)
    """What could not be seen and why, in words: a limit, a witness that was lost."""
    notes: list[str] = msgspec.field(default_factory=list)
    """What is to be known of the run beside, in words: a phase that failed, dependencies that others stood in for."""
