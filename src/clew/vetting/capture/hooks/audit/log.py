"""The log: one file for each process, one record a line, numbered from 0 without a gap."""

from __future__ import annotations

import os
import sys
import time
from _json import encode_basestring_ascii as quote
from _thread import _local
from contextlib import suppress

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401

RECORDS = 20_000
EACH = 6000
BYTES = 48 << 20
FIELD = 1 << 16
TEXT = 1 << 20


class Log:
    """Records of this process. The package can write into the file or remove it; whoever reads it looks for gaps."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.here = _local()
        self._pid, self._full = 0, False
        self._kinds: dict[str, int] = {}
        # Kept, since the package can change the modules that they stand in.
        self._write, self._open, self._fstat, self._getpid = os.write, os.open, os.fstat, os.getpid
        self._now = time.time_ns
        self._getppid, self._directory = os.getppid, os.getcwd
        self._begin()

    def emit(self, call: str, **fields: object) -> None:
        """Write a record, unless the log is full."""
        if self._getpid() != self._pid:  # a fork
            self._begin("fork")
        if self._full or self._drowns(call):
            return
        self._put(call, fields)
        if self._number >= RECORDS or self._written >= BYTES:
            self._put("reach_limit", {"what": "records" if self._number >= RECORDS else "output"})
            self._full = True

    def _drowns(self, call: str) -> bool:
        """A flood of one kind of call must not drown the others."""
        told = self._kinds[call] = self._kinds.get(call, 0) + 1
        if told == EACH + 1:
            self._put("reach_limit", {"what": call})
        return told > EACH

    def fault(self, event: str, error: BaseException) -> None:
        """Say that something was not seen; never raises."""
        with suppress(BaseException):
            self.emit("fault", what=f"{event}: {type(error).__name__}")

    def _begin(self, what: str | None = None) -> None:
        self._pid, self._number, self._written, self._full = self._getpid(), 0, 0, False
        self._name = f"{self.folder}/python-{self._pid}-{self._now() // 1000}.jsonl"
        self._reopen()
        self._put(
            "start",
            {
                "witness": "python",
                "pid": self._pid,
                "parent_pid": self._getppid(),
                "executable": sys.executable,
                "arguments": list(getattr(sys, "orig_argv", getattr(sys, "argv", []))),
                "directory": self._directory(),
                "version": sys.version.split()[0],
                "what": what,
            },
        )

    def _reopen(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = self._open(self._name, flags, 0o600)
        self._inode = self._fstat(self._descriptor).st_ino

    def _put(self, call: str, fields: dict[str, object]) -> None:
        parts = [f'"n":{self._number},"t":{self._now() // 1000},"call":{quote(call)}']
        parts += [
            f"{quote(name)}:{_json(value, name)}" for name, value in fields.items() if value is not None
        ]
        line = ("{" + ",".join(parts) + "}\n").encode("ascii")
        self._number += 1
        self._written += len(line)
        try:
            same = self._fstat(self._descriptor).st_ino == self._inode
        except OSError:
            same = False
        if not same:  # the package closed what it did not open
            self._reopen()
        self._write(self._descriptor, line)


def _json(value: object, name: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value) if abs(value) < 1e300 else "null"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_json(part, name) for part in value[:256]) + "]"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return quote(str(value)[: TEXT if name in ("text", "bytes") else FIELD])
