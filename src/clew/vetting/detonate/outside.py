"""The calls that strace witnessed: what each process ran, wrote, deleted, called."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from clew.vetting.detonate.processes import BIRTHS, Process, Processes, absolute
from clew.vetting.detonate.scribe import Scribe
from clew.vetting.detonate.strace import TEXT, End, Syscall, Tally, read, unquote
from clew.vetting.trace import Call, CallName

_FOLDER = r"(?:AT_FDCWD|-?\d+)(?:<((?:[^>\\]|\\.)*)>)?"
_AT = re.compile(rf"{_FOLDER}, {TEXT}(.*)", re.DOTALL)
_PLAIN = re.compile(rf"{TEXT}(.*)", re.DOTALL)
_TWO = re.compile(rf"{TEXT}, {TEXT}.*", re.DOTALL)
_TWO_AT = re.compile(rf"{_FOLDER}, {TEXT}, {_FOLDER}, {TEXT}.*", re.DOTALL)
_LINK_AT = re.compile(rf"{TEXT}, {_FOLDER}, {TEXT}.*", re.DOTALL)
_LIST = re.compile(rf"\[((?:{TEXT.replace('(', '(?:', 1)}(?:, )?)*)")
_QUOTED = re.compile(TEXT, re.DOTALL)
_MODE = re.compile(r", 0([0-7]{3,4})(?:, \w+)?$")
_DESCRIPTOR = re.compile(r"-?\d+<((?:[^>\\]|\\.)*)>(.*)", re.DOTALL)
_GIVEN = re.compile(r"<((?:[^>\\]|\\.)*)>")
_V4 = re.compile(r'sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)')
_V6 = re.compile(r'sa_family=AF_INET6, sin6_port=htons\((\d+)\),.*?inet_pton\(AF_INET6, "([^"]+)"')
_SOCKET = re.compile(r"AF_INET6?, SOCK_(STREAM|DGRAM|RAW)")
_WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
_LIBRARY = re.compile(r"\.(?:node|so(?:\.[\d.]+)?)$")
_OWN = re.compile(r"/dev/(?!shm/)|/proc/|pipe:|socket:|anon_inode:")
_MEMORIES = ("/environ", "/mem")
_MEMORY = re.compile(r"/proc/\d+/(?:environ|mem)")
_MOST = 5_000
"""Calls of a kind that are told of a step."""
_PTRACE = re.compile(r"PTRACE_(\w+)(?:, (\d+))?")


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """What is where inside: `writable` folders are the package's to change, `decoys` the files with secrets."""

    directory: str
    log: str
    writable: tuple[str, ...]
    decoys: dict[str, str]


class Traced(msgspec.Struct, kw_only=True):
    """What strace told: calls in order of time, and what was not understood."""

    calls: list[Call]
    refused: int
    """Children that could not be made for the limit of processes."""
    lost: list[str]
    """What could not be told, in words."""


def look(trace: Path, places: Places, scribe: Scribe) -> Traced:
    """Reads one step's trace."""
    tally = Tally()
    with trace.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        calls = list(read(_worth(lines, places), tally))
    reader = _Reader(places, Processes(calls, places.directory), scribe)
    counts: Counter[str] = Counter()
    found = []
    for told in (told for call in calls for told in reader.see(call)):
        counts[told.call] += 1
        if counts[told.call] <= _MOST:
            found.append(told)
    lost = [
        f"{count - _MOST} calls of {name} beyond {_MOST}" for name, count in counts.items() if count > _MOST
    ]
    if tally.strange:
        lost.append(f"{tally.strange} lines of strace that were not understood")
    found.sort(key=lambda call: call.time)
    return Traced(calls=found, refused=reader.refused, lost=lost)


def _worth(lines: Iterable[str], places: Places) -> Iterator[str]:
    """Leaves out the thousands of reads of libraries before anything is parsed."""
    names = (*places.decoys.values(), *_MEMORIES)
    for line in lines:
        if _reads(line) and not any(name in line for name in names):
            quoted = _QUOTED.search(line)
            if quoted is None or not _LIBRARY.search(quoted[1]):
                continue
        yield line


def _reads(line: str) -> bool:
    """Whether it opens for reading alone. A path may hold the words, but no quote without a backslash before it."""
    return '", O_RDONLY' in line and '\\", O_RDONLY' not in line


class _Reader:
    """Turns system calls into the trace's; knows the kind of each socket by the name that strace gives it."""

    def __init__(self, places: Places, processes: Processes, scribe: Scribe) -> None:
        self._places, self._processes, self._scribe = places, processes, scribe
        self._sockets: dict[str, str] = {}
        self.refused = 0

    def see(self, call: Syscall | End) -> Iterator[Call]:
        process = self._processes.of(call)
        if process is None:
            return
        if isinstance(call, End):
            yield from self._end(process, call)
        elif call.name in ("execve", "execveat"):
            yield from self._execute(process, call)
        elif call.name in BIRTHS and call.error == "EAGAIN":
            self.refused += 1
        elif process.started and (tell := _TELLERS.get(call.name)):
            yield from tell(self, process, call)

    def _end(self, process: Process, end: End) -> Iterator[Call]:
        if not self._processes.leads(end.thread) or not process.started:
            return
        for tried in process.tried[:1]:
            words = {"executable": tried[0], "arguments": tried[1:]}
            yield self._note(process, end.time, "execute", what="not there", **words)
        code = end.code if end.code is not None else 128
        yield self._note(process, end.time, "exit", code=code, executable=process.executable)

    def _execute(self, process: Process, call: Syscall) -> Iterator[Call]:
        found = (_AT if call.name == "execveat" else _PLAIN).match(call.arguments)
        if found is None:
            return
        at = 2 if call.name == "execveat" else 1
        path, rest = unquote(found[at]), found[at + 1]
        listed = _LIST.search(rest)
        arguments = [unquote(text) for text in _QUOTED.findall(listed[1])] if listed else []
        if call.error:
            if process.started and not any(tried[1:] == arguments for tried in process.tried):
                process.tried = [*process.tried, [posixpath.basename(path), *arguments]]
            return
        process.executable, process.arguments = absolute(process, path), arguments
        process.tried, process.started = [], True
        yield self._note(
            process,
            call.time,
            "execute",
            executable=process.executable,
            arguments=arguments,
            directory=process.directory,
        )

    def _note(self, process: Process, time: float, call: CallName, **fields: Any) -> Call:
        return self._scribe.note(time, "strace", call, pid=process.pid, parent_pid=process.parent, **fields)

    def _open(self, process: Process, call: Syscall) -> Iterator[Call]:
        path = self._opened(process, call)
        if path is None or path.startswith(self._places.log):
            return
        if _MEMORY.fullmatch(path):
            yield self._note(process, call.time, "read", path=path)
        elif call.name == "creat" or any(flag in _after_path(call) for flag in _WRITES):
            if not _OWN.match(path):
                mode = _MODE.search(call.arguments)
                executable = mode[1] if mode and int(mode[1], 8) & 0o111 else None
                yield self._note(process, call.time, "write", path=path, mode=executable)
        elif path in self._places.decoys:
            yield self._note(process, call.time, "read", path=path, decoy=self._places.decoys[path])
        elif _LIBRARY.search(path) and path.startswith(self._places.writable):
            yield self._note(process, call.time, "load_library", path=path)

    def _opened(self, process: Process, call: Syscall) -> str | None:
        if call.error:
            return None
        if given := _GIVEN.match(call.tail):
            return unquote(given[1]).removesuffix(" (deleted)")
        return self._path(process, call)

    def _path(self, process: Process, call: Syscall) -> str | None:
        """The path of a call with one, which a descriptor may stand before."""
        if found := _AT.match(call.arguments):
            return absolute(process, unquote(found[2]), unquote(found[1] or ""))
        if found := _PLAIN.match(call.arguments):
            return absolute(process, unquote(found[1]))
        return None

    def _delete(self, process: Process, call: Syscall) -> Iterator[Call]:
        if not call.error and (path := self._path(process, call)):
            yield self._note(process, call.time, "delete", path=path)

    def _truncate(self, process: Process, call: Syscall) -> Iterator[Call]:
        if not call.error and (path := self._path(process, call)):
            yield self._note(process, call.time, "write", path=path)

    def _rename(self, process: Process, call: Syscall) -> Iterator[Call]:
        if (pair := self._pair(process, call)) and not call.error:
            yield self._note(process, call.time, "rename", path=pair[0], target=pair[1])

    def _link(self, process: Process, call: Syscall) -> Iterator[Call]:
        if (pair := self._pair(process, call)) and not call.error:
            yield self._note(process, call.time, "link", path=pair[1], target=pair[0])

    def _pair(self, process: Process, call: Syscall) -> tuple[str, str] | None:
        if found := _TWO_AT.match(call.arguments):
            one, two = found[2], found[4]
            return absolute(process, unquote(one), unquote(found[1] or "")), absolute(
                process, unquote(two), unquote(found[3] or "")
            )
        if found := _LINK_AT.match(call.arguments):
            return unquote(found[1]), absolute(process, unquote(found[3]), unquote(found[2] or ""))
        if found := _TWO.match(call.arguments):
            one = unquote(found[1])
            return one if call.name == "symlink" else absolute(process, one), absolute(
                process, unquote(found[2])
            )
        return None

    def _change_mode(self, process: Process, call: Syscall) -> Iterator[Call]:
        mode = _MODE.search(call.arguments)
        if call.error or mode is None:
            return
        if call.name == "fchmod":
            found = _DESCRIPTOR.match(call.arguments)
            path = unquote(found[1]) if found else None
        else:
            path = self._path(process, call)
        if path and not path.startswith(self._places.log):
            yield self._note(process, call.time, "change_mode", path=path, mode=mode[1])

    def _memory_file(self, process: Process, call: Syscall) -> Iterator[Call]:
        if (found := _PLAIN.match(call.arguments)) and not call.error:
            yield self._note(process, call.time, "make_memory_file", path=unquote(found[1]))

    def _trace_process(self, process: Process, call: Syscall) -> Iterator[Call]:
        if found := _PTRACE.match(call.arguments):
            yield self._note(
                process, call.time, "trace_process", target=found[2] or "self", what=f"PTRACE_{found[1]}"
            )

    def _socket(self, _: Process, call: Syscall) -> Iterator[Call]:
        if (kind := _SOCKET.match(call.arguments)) and (name := _GIVEN.match(call.tail)):
            self._sockets[name[1]] = {"STREAM": "tcp", "DGRAM": "udp"}.get(kind[1], "raw")
        return iter(())

    def _connect(self, process: Process, call: Syscall) -> Iterator[Call]:
        transport = self._transport(call)
        for port, address in _addresses(call.arguments)[:1]:
            yield self._note(process, call.time, "connect", address=address, port=port, transport=transport)

    def _send(self, process: Process, call: Syscall) -> Iterator[Call]:
        if call.error not in ("", "EINPROGRESS"):
            return
        for port, address in _addresses(call.arguments)[:8]:
            yield self._note(
                process, call.time, "send", address=address, port=port, transport=self._transport(call)
            )

    def _transport(self, call: Syscall) -> str:
        found = _DESCRIPTOR.match(call.arguments)
        return self._sockets.get(found[1], "tcp") if found else "tcp"


_Teller = Callable[[_Reader, Process, Syscall], Iterator[Call]]
_TELLERS: dict[str, _Teller] = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), _Reader._open),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), _Reader._delete),
    **dict.fromkeys(("rename", "renameat", "renameat2"), _Reader._rename),
    **dict.fromkeys(("link", "linkat", "symlink", "symlinkat"), _Reader._link),
    **dict.fromkeys(("chmod", "fchmod", "fchmodat", "fchmodat2"), _Reader._change_mode),
    **dict.fromkeys(("sendto", "sendmsg", "sendmmsg"), _Reader._send),
    "truncate": _Reader._truncate,
    "connect": _Reader._connect,
    "socket": _Reader._socket,
    "memfd_create": _Reader._memory_file,
    "ptrace": _Reader._trace_process,
}


def _after_path(call: Syscall) -> str:
    """The arguments behind the path: flags and mode, as strace writes them."""
    found = _AT.match(call.arguments) or _PLAIN.match(call.arguments)
    return found[found.re.groups] if found else ""


def _addresses(arguments: str) -> list[tuple[int, str]]:
    """Port and address of each IP address that a call names."""
    found = _V4.findall(arguments) + _V6.findall(arguments)
    return [(int(port), address.removeprefix("::ffff:")) for port, address in found]
