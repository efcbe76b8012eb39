"""Another system where the run asks for one: the package is told so, the interpreter and its build tools are not."""

from __future__ import annotations

import os
import sys
import types

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .log import Log
from .stack import Stack

SYSTEMS = {
    "win32": ("nt", "Windows", "10", "10.0.22631"),
    "darwin": ("posix", "Darwin", "24.6.0", "Darwin Kernel Version 24.6.0"),
}


def simulate(platform: str, log: Log, stack: Stack) -> None:
    """`sys.platform`, `os.name` and the `platform` module answer as `platform`; who asks is told of, once."""
    name, system, release, version = SYSTEMS.get(platform, (os.name, "", "", ""))
    asked = [False]

    def ask(answer: object, truth: object) -> object:
        caller = stack.whence()
        if (
            caller.place is None
            or caller.tool
            or not all(file.endswith("/platform.py") for file in caller.between)
        ):
            return truth
        if not asked[0]:
            asked[0] = True
            log.emit("read_environment", name="sys.platform", layer=caller.layer, stack=caller.frames)
        return answer

    _answer(sys, "platform", platform if system else sys.platform, ask)
    _answer(os, "name", name, ask)
    if system:
        import platform as platforms

        node = platforms.node()
        answer = platforms.uname_result(system, node, release, version, "AMD64" if name == "nt" else "arm64")
        truth = platforms.uname()
        platforms.uname = lambda: ask(answer, truth)  # type: ignore[assignment,return-value]
    if name == "nt":
        _start_as_windows()


def _start_as_windows() -> None:
    """`subprocess` has the names that it has on Windows, and does not mind them."""
    import subprocess

    for word, value in _FLAGS.items():
        setattr(subprocess, word, value)
    subprocess.STARTUPINFO = _StartupInfo  # type: ignore[attr-defined]
    start = subprocess.Popen.__init__

    def __init__(self: object, *given: object, **named: object) -> None:  # noqa: N807
        named.pop("creationflags", None)
        named.pop("startupinfo", None)
        start(self, *given, **named)  # type: ignore[call-overload]

    subprocess.Popen.__init__ = __init__  # type: ignore[method-assign]


#: https://docs.python.org/3/library/subprocess.html#windows-constants
_FLAGS = {
    "CREATE_NEW_CONSOLE": 0x10,
    "CREATE_NEW_PROCESS_GROUP": 0x200,
    "CREATE_NO_WINDOW": 0x08000000,
    "DETACHED_PROCESS": 8,
    "CREATE_BREAKAWAY_FROM_JOB": 0x01000000,
    "STARTF_USESHOWWINDOW": 1,
    "STARTF_USESTDHANDLES": 0x100,
    "SW_HIDE": 0,
}


class _StartupInfo:
    """https://docs.python.org/3/library/subprocess.html#subprocess.STARTUPINFO"""

    def __init__(self, **fields: object) -> None:
        self.dwFlags = self.wShowWindow = 0
        self.hStdInput = self.hStdOutput = self.hStdError = None
        self.lpAttributeList: dict[str, object] = {}
        self.__dict__.update(fields)


def _answer(module: types.ModuleType, name: str, answer: object, ask: object) -> None:
    truth = getattr(module, name)
    kind = type(module)
    watched = type(kind.__name__, (kind,), {name: property(lambda _: ask(answer, truth))})  # type: ignore[operator]
    watched.__module__ = kind.__module__
    module.__class__ = watched
