"""Joins what the hooks told from inside with what was seen from outside: each act stands once in the trace.

The witness is the one outside, who cannot be lied to; `layer` and `stack`, which code did it, are always a hook's
word. What a child that has no hook did is laid to the layer that started it. And where one saw what the other should
have told, that is told as `bypass`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from clew.vetting.detonate.scribe import Scribe, seconds
from clew.vetting.trace import Call

HOOKED = "hooked"
"""`what` of the execute by which a hook says that it stands (capture.reading)."""
_FILES = ("delete", "write", "change_mode", "read", "load_library", "make_memory_file")
_PAIRS = ("rename", "link")
_ON_A_CONNECTION = ("handshake", "request", "send", "exfiltrate")
_INTERPRETER = re.compile(r"(?:node|nodejs|python(?:3(?:\.\d+)?)?)")
_TALKS = ("-v", "-V", "--version", "-h", "--help", "--v8-options", "-c", "--check")
"""First arguments with which no code of anybody runs, or none of a package (``node -c``)."""
_START = 1.0
"""Seconds that a process may live before its hook stands."""
_KEPT = 50
"""Bypasses of a kind that are told of a step."""


class Joined:
    """One step's calls. `own` are the paths inside of the files that the package came with."""

    def __init__(self, outside: list[Call], inside: list[Call], scribe: Scribe, own: frozenset[str]) -> None:
        self._outside, self._scribe, self._own = outside, scribe, own
        self._hooked = {call.pid for call in inside if call.what == HOOKED}
        self._inside = [call for call in inside if call.what != HOOKED]
        folders = {call.pid: call.directory or "/" for call in inside if call.what == HOOKED}
        for call in self._inside:
            call.path, call.target = (
                _absolute(call, call.path, folders),
                _absolute(call, call.target, folders),
            )
        self._known: dict[tuple[object, ...], list[Call]] = {}
        for call in outside:
            for key in _keys(call):
                self._known.setdefault(key, []).append(call)
        self._told: set[int] = set()

    def calls(self) -> list[Call]:
        """All calls, without an order."""
        alone = [call for call in self._inside if not self._match(call)]
        self._inherit()
        self._accompany()
        return [*self._outside, *alone, *self._bypasses()]

    def _match(self, inner: Call) -> bool:
        """Lends a hook's word to the calls outside that it is about, if there are any."""
        found = [call for key in _keys(inner) for call in self._known.get(key, ())]
        if inner.call == "delete" and inner.path:
            below = inner.path.rstrip("/") + "/"
            deleted = self._known.get(("delete", inner.pid), ())
            found += [call for call in deleted if call.path and call.path.startswith(below)]
        for call in found:
            self._told.add(id(call))
            if call.layer is None:
                call.layer, call.stack = inner.layer, call.stack or inner.stack
        return bool(found)

    def _inherit(self) -> None:
        """What a process without a hook did is its starter's doing."""
        started: dict[int | None, str] = {}
        for call in self._outside:
            if call.call == "execute" and call.witness == "strace":
                layer = call.layer or (
                    started.get(call.parent_pid) if call.parent_pid not in self._hooked else None
                )
                if layer:
                    started[call.pid] = layer
        for call in self._outside:
            if call.layer is None and call.pid in started and call.pid not in self._hooked:
                call.layer = started[call.pid]

    def _accompany(self) -> None:
        """The handshake and the theft on a connection are the doing of whoever made the connection."""
        of = {
            (call.pid, call.address, call.port): call for call in self._outside if call.layer and call.address
        }
        for call in self._outside:
            if call.layer is None and call.call in _ON_A_CONNECTION:
                maker = of.get((call.pid, call.address or "", call.port))
                call.layer, call.stack = (maker.layer, maker.stack) if maker else (None, call.stack)

    def _bypasses(self) -> Iterator[Call]:
        for kind in (self._unhooked(), self._silent(), self._unseen()):
            for number, call in enumerate(kind):
                if number >= _KEPT:
                    break
                yield call

    def _unhooked(self) -> Iterator[Call]:
        """Interpreters that ran without a hook."""
        ended = max((seconds(call) for call in self._outside), default=0.0)
        exits = {call.pid for call in self._outside if call.call == "exit"}
        for call in self._outside:
            if call.call != "execute" or call.witness != "strace" or call.what or not _interprets(call):
                continue
            young = call.pid not in exits and ended - seconds(call) < _START
            if call.pid not in self._hooked and not young:
                what = f"a process ran without its hook: {' '.join(call.arguments or [])[:400]}"
                yield self._bypass(call, what)

    def _silent(self) -> Iterator[Call]:
        """What a hooked process did without a word of its hook's."""
        for call in self._outside:
            if call.pid not in self._hooked or id(call) in self._told:
                continue
            if call.call == "connect" and call.transport == "tcp" and not _local(call.address):
                yield self._bypass(
                    call, f"a connection to {call.address}:{call.port} without a word of the hook's"
                )
            elif call.call in ("delete", "rename") and call.path in self._own:
                yield self._bypass(call, f"{call.call} of {call.path} without a word of the hook's")

    def _unseen(self) -> Iterator[Call]:
        """Connections that reached the sinkhole past strace."""
        for call in self._outside:
            if call.witness == "sinkhole" and call.call == "connect" and call.pid is None:
                yield self._bypass(
                    call, f"a connection to {call.address}:{call.port} that strace did not see"
                )

    def _bypass(self, call: Call, what: str) -> Call:
        return self._scribe.note(
            seconds(call),
            "runner",
            "bypass",
            what=what,
            pid=call.pid,
            parent_pid=call.parent_pid,
            executable=call.executable,
            arguments=call.arguments,
            path=call.path,
            address=call.address,
            port=call.port,
        )


def _keys(call: Call) -> list[tuple[object, ...]]:
    """Under which an act is known to both sides."""
    name, path = (call.name or "").lower().rstrip("."), _normal(call.path)
    if call.call == "execute":
        started = ("execute", call.parent_pid, *(call.arguments or ()))
        return [started, ("execute", call.pid)] if call.pid is not None else [started]
    if call.call in _FILES:
        return [
            (call.call, call.pid, path),
            *([("delete", call.pid)] if call.call == "delete" and _seen(call) else []),
        ]
    if call.call in _PAIRS:
        return [(call.call, call.pid, path, _normal(call.target))]
    if call.call == "resolve":
        return [("resolve", name)]
    if call.call == "connect":
        return [("connect", end, call.port) for end in {name, call.address} if end]
    if call.call == "request":
        return [("request", call.method, name, call.path)]
    if call.call == "send":
        return [("send", call.address, call.port)] if call.address else []
    return []


def _absolute(call: Call, path: str | None, folders: dict[int | None, str]) -> str | None:
    """A path as the process means it: the hook says what the package said."""
    if path is None or call.call not in (*_FILES, *_PAIRS) or call.call == "make_memory_file":
        return path
    return posixpath.normpath(posixpath.join(folders.get(call.pid, "/"), path))


def _seen(call: Call) -> bool:
    return call.witness == "strace"


def _normal(path: str | None) -> str:
    return posixpath.normpath(path) if path else ""


def _interprets(call: Call) -> bool:
    arguments = call.arguments or []
    return bool(_INTERPRETER.fullmatch(posixpath.basename(call.executable or ""))) and not (
        len(arguments) > 1 and arguments[1] in _TALKS and not _runs_text(call)
    )


def _runs_text(call: Call) -> bool:
    """Python's -c is a program, node's is a check."""
    return (call.arguments or ["", ""])[1] == "-c" and "python" in posixpath.basename(call.executable or "")


def _local(address: str | None) -> bool:
    return address is None or address.startswith("127.") or address in ("::1", "0.0.0.0", "::")
