"""Who is who in a trace: threads to processes, strace's numbers to those inside, parents, working directories.

Only what the step's own command started counts; strace also sees bubblewrap build the walls. A child's calls often
stand before the vfork that made it returns, so births are known first (`births`) and then lived through.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

import msgspec

from clew.vetting.detonate.strace import TEXT, End, Syscall, unquote

BIRTHS = ("clone", "fork", "vfork")
_DIRECTORY = re.compile(r"AT_FDCWD<((?:[^>\\]|\\.)*)>")
_MOVES = {"chdir": re.compile(TEXT, re.DOTALL), "fchdir": re.compile(r"\d+<((?:[^>\\]|\\.)*)>")}


class Process(msgspec.Struct):
    """A process inside. `pid` and `parent` are numbers inside.

    `started` is true once a program was run in it or before it; `tried` are programs that could not be run.
    """

    pid: int
    parent: int
    directory: str
    executable: str = ""
    arguments: list[str] = []
    started: bool = False
    tried: list[list[str]] = []


class _Birth(msgspec.Struct, frozen=True):
    parent: int
    inner: int
    thread: bool


class Processes:
    """Follows births, directories and ends through a trace."""

    def __init__(self, calls: Iterable[Syscall | End], directory: str) -> None:
        self._directory = directory
        self._births: dict[int, _Birth] = {}
        self._threads: dict[int, Process] = {}
        self._leaders: dict[int, int] = {}
        self._first = self._root = 0
        for call in calls:
            if isinstance(call, Syscall) and call.name in BIRTHS and call.given:
                self._born(call, call.given)

    def _born(self, call: Syscall, child: int) -> None:
        if not self._first:
            if "CLONE_NEWPID" in call.arguments:
                self._first = child  # bubblewrap's first process of the new pid namespace
            return
        if call.thread == self._first and not self._root:
            self._root = child
        self._births[child] = _Birth(call.thread, int(call.result), "CLONE_THREAD" in call.arguments)

    def of(self, call: Syscall | End) -> Process | None:
        """The process that made the call, or None where it belongs to the walls."""
        process = self._threads.get(call.thread) or self._meet(call.thread)
        if process and isinstance(call, Syscall):
            if found := _DIRECTORY.match(call.arguments):
                process.directory = unquote(found[1])
            elif (
                not call.error and call.name in _MOVES and (found := _MOVES[call.name].match(call.arguments))
            ):
                process.directory = absolute(process, unquote(found[1]))
        return process

    def _meet(self, thread: int) -> Process | None:
        birth = self._births.get(thread)
        if birth is None:
            return None
        if thread == self._root:
            process = Process(birth.inner, 1, self._directory)
        else:
            parent = self._threads.get(birth.parent) or self._meet(birth.parent)
            if parent is None:
                return None
            process = parent if birth.thread else _child(birth.inner, parent)
        self._threads[thread] = process
        if not birth.thread:
            self._leaders[thread] = process.pid
        return process

    def leads(self, thread: int) -> bool:
        """Whether the process ends with this thread."""
        return thread in self._leaders


def _child(pid: int, parent: Process) -> Process:
    return Process(
        pid,
        parent.pid,
        parent.directory,
        executable=parent.executable,
        arguments=parent.arguments,
        started=parent.started,
    )


def absolute(process: Process, path: str, folder: str = "") -> str:
    """A path as the process means it; `folder` is that of a descriptor, if the call names one."""
    return posixpath.normpath(posixpath.join(folder or process.directory, path))
