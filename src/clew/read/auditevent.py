r"""The records of one audit event -> one record: the kernel writes a system call in several lines.

They share time and serial number, and stand among those of other events::

    type=SYSCALL msg=audit(1492037291.036:59): arch=c000003e syscall=59 success=yes ... exe="/usr/bin/grep"
    type=EXECVE msg=audit(1492037291.036:59): argc=3 a0="grep" a1="--color=auto" a2="mapping"
    type=PATH msg=audit(1492037291.036:59): item=0 name="/usr/bin/grep" ... nametype=NORMAL

    {"type":"SYSCALL", ..., "call":"execve", "command":"grep --color=auto mapping", "path":"/usr/bin/grep", "joined":2}

The one record is the SYSCALL's (of other events the first line's), and stands where that stands. It has what the
others tell: the command line of EXECVE (else of PROCTITLE, which the kernel cuts at 128 bytes), the working directory
of CWD, the `path` that PATH records name and, of a rename, the `former` one, both made absolute, the address of
SOCKADDR, the `module` of KERN_MODULE. `call` says what it was (see `auditcall`); of what is no system call it is the
type.

An event is whole when its EOE came (auditd's own log leaves that out), or at the end of the source, or when more than
NEAR other records came after its last one and the newest is of the same host and more than WAIT seconds away in time,
or more than FAR did: records of one event come late, and logs may be in any order. What is open takes BYTES at most;
past that the oldest is taken for whole, and a note says so.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeAlias

import msgspec

from clew.read.auditcall import Address, address_of, became, call_of
from clew.read.lines import Record
from clew.record import Joined, Note, Reject

#: As auditd's own tools do: https://man7.org/linux/man-pages/man5/auditd.conf.5.html (end_of_event_timeout).
WAIT = 2.0
NEAR, FAR = 64, 4096
BYTES = 64 << 20

Key: TypeAlias = tuple[str, str, int]
Found: TypeAlias = "Record | Reject | Note | Joined"


class AuditRecord(msgspec.Struct, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A line as `auditline` gives it, with what its event has beside it."""

    type: str
    node: str = ""
    time: Annotated[str, msgspec.Meta(pattern=r"^\d{1,15}\.\d{1,9}$")]
    serial: int
    call: str = ""
    fields: dict[str, Any]
    enriched: dict[str, Any] = {}
    text: str = ""
    command: str = ""
    cwd: str = ""
    path: str = ""
    former: str = ""
    ip: str = ""
    port: int = 0
    module: str = ""
    joined: int = 0
    header: dict[str, Any] = msgspec.field(default={}, name="#syslog")


class Event:
    """The records of one event that have come so far; `last` is the number of the newest, `size` their bytes."""

    def __init__(self, host: str, time: float) -> None:
        self.host, self.time = host, time
        self.records: list[tuple[int, AuditRecord]] = []
        self.last = self.size = 0

    def whole(self) -> tuple[int, AuditRecord]:
        """The one record, and where it stands."""
        position, head = next((one for one in self.records if one[1].type == "SYSCALL"), self.records[0])
        others = [record for _, record in self.records if record is not head]
        return position, _joined(head, others)


def assembled(name: str, reader: str, found: Iterable[Record | Reject | Note]) -> Iterator[Found]:
    """What was found in a source, with the records of each audit event as one; all else as it comes."""
    assembly = _Assembly()
    for item in found:
        record = _audit_record(item[1]) if isinstance(item, tuple) else None
        if record is None:
            yield item
        else:
            yield from assembly.add(item[0], record, len(item[1]))  # type: ignore[index]
    yield from assembly.rest()
    if assembly.joined:
        yield Joined(name, reader, assembly.joined)
    if assembly.forced:
        many = f"{assembly.forced:,} event{'s'[: assembly.forced == 1]}"
        yield Note(name, f"{many} of the audit log were too long to wait for all of their records")


class _Assembly:
    """The open events of one source, by host, time and serial number; the oldest first."""

    def __init__(self) -> None:
        self._open: dict[Key, Event] = {}
        self._count = self._size = 0
        self.joined = self.forced = 0

    def add(self, position: int, record: AuditRecord, size: int) -> Iterator[Record]:
        """Take one more record; gives the events that are whole now."""
        host = record.node or str(record.header.get("hostname", ""))
        key, time = (host, record.time, record.serial), float(record.time)
        self._count += 1
        event = self._open.get(key)
        if event is None:
            yield from self._passed(host, time)
            event = self._open[key] = Event(host, time)
        event.records.append((position, record))
        event.last = self._count
        event.size += size
        self._size += size
        if record.type == "EOE":
            yield self._take(key)
        while self._size > BYTES:
            self.forced += 1
            yield self._take(next(iter(self._open)))

    def rest(self) -> Iterator[Record]:
        """All that is open."""
        for key in [*self._open]:
            yield self._take(key)

    def _passed(self, host: str, time: float) -> Iterator[Record]:
        """Those that the source has left behind, up to the first that it has not."""
        while self._open:
            key, event = next(iter(self._open.items()))
            since = self._count - event.last
            away = event.host == host and abs(event.time - time) > WAIT
            if not ((since > NEAR and away) or since > FAR):
                return
            yield self._take(key)

    def _take(self, key: Key) -> Record:
        event = self._open.pop(key)
        self._size -= event.size
        self.joined += len(event.records) - 1
        position, record = event.whole()
        return position, msgspec.json.encode(record)


def _audit_record(line: bytes) -> AuditRecord | None:
    """What `auditline` made; None for what stands in a syslog beside it."""
    if not line.startswith(b'{"type":'):
        return None
    try:
        record = _DECODER.decode(line)
    except msgspec.DecodeError:
        return None
    record.type = _NAMED.get(record.type.removeprefix("UNKNOWN[").rstrip("]"), record.type)
    return record


def _joined(head: AuditRecord, others: list[AuditRecord]) -> AuditRecord:
    """The record of a whole event."""
    of: dict[str, list[dict[str, Any]]] = {}
    for record in others:
        of.setdefault(record.type, []).append(record.fields)
    head.joined = len(others)
    head.call = head.type
    if head.type != "SYSCALL":
        return head
    call = call_of(head.fields, head.enriched)
    paths = sorted(of.get("PATH", ()), key=lambda path: _int(path.get("item")))
    made = any(_nametype(path) == "CREATE" for path in paths)
    address = _address(of.get("SOCKADDR", ()))
    head.call = became(call, head.fields, address, made) or "unknown"
    head.cwd = next((str(fields["cwd"]) for fields in of.get("CWD", ()) if "cwd" in fields), "")
    head.command = _command(of.get("EXECVE", ()), of.get("PROCTITLE", ()))
    head.path, head.former = _paths(call, head, paths)
    head.module = next((str(fields.get("name", "")) for fields in of.get("KERN_MODULE", ())), "")
    if address:
        head.ip, head.port = address.ip, address.port
    return head


def _address(records: Iterable[dict[str, Any]]) -> Address | None:
    return next((a for fields in records if (a := address_of(str(fields.get("saddr", ""))))), None)


def _command(execve: Iterable[dict[str, Any]], titles: Iterable[dict[str, Any]]) -> str:
    """The command line: the arguments joined by blanks, those of many or long ones from several records."""
    told: dict[tuple[int, int], str] = {}
    for fields in execve:
        for name, value in fields.items():
            if match := _ARGUMENT.fullmatch(name):
                told.setdefault((int(match[1]), int(match[2] or 0)), str(value))
    arguments: dict[int, str] = {}
    for (number, _), value in sorted(told.items()):
        arguments[number] = arguments.get(number, "") + value
    if arguments:
        return " ".join(arguments.values())
    return next((str(f.get("proctitle", "")).rstrip("\0").replace("\0", " ") for f in titles), "")


def _paths(call: str, head: AuditRecord, paths: list[dict[str, Any]]) -> tuple[str, str]:
    """What the call was about, and what that was called before; '' where nobody says."""
    named = [path for path in paths if path.get("name") not in (None, "(null)", "")]
    if call.startswith("rename"):
        return tuple(_named(call, head, named, (kind,)) for kind in ("CREATE", "DELETE"))  # type: ignore[return-value]
    if call.startswith(("link", "symlink")):
        return _named(call, head, named, ("CREATE",)), ""
    return _named(call, head, named, ("CREATE", "DELETE", "NORMAL", "UNKNOWN", "")), ""


def _named(call: str, head: AuditRecord, paths: list[dict[str, Any]], kinds: tuple[str, ...]) -> str:
    for kind in kinds:
        for path in paths:
            if _nametype(path) == kind:
                return _absolute(str(path["name"]), head, call)
    return ""


def _absolute(path: str, head: AuditRecord, call: str) -> str:
    """Of a path that begins at a folder of its own (the first argument of ...at) nobody says where that is."""
    at_folder = call.endswith("at") and not str(head.fields.get("a0", "")).endswith("ffffff9c")
    if not path.startswith("/") and (at_folder or not head.cwd.startswith("/")):
        return path
    return posixpath.normpath(posixpath.join(head.cwd, path))


def _nametype(path: dict[str, Any]) -> str:
    return str(path.get("nametype", path.get("objtype", "")))


def _int(value: Any) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 9 else 0


_DECODER = msgspec.json.Decoder(AuditRecord)
_ARGUMENT = re.compile(r"a(\d{1,7})(?:\[(\d{1,7})\])?", re.ASCII)
#: Types that are read, by the numbers that the kernel's own log has for them.
_NAMED = {
    **{"1300": "SYSCALL", "1302": "PATH", "1306": "SOCKADDR", "1307": "CWD", "1309": "EXECVE"},
    **{"1320": "EOE", "1327": "PROCTITLE", "1330": "KERN_MODULE"},
}
