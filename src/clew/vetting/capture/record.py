"""The lines of a hook's log, read within caps: whoever is watched can write there whatever he likes."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a folder of logs is read: files, their bytes, a line's bytes, calls, layers, a text's characters."""

    files: int = 2000
    bytes: int = 96 << 20
    line: int = 8 << 20
    calls: int = 50_000
    layers: int = 5000
    text: int = 1 << 20


class Record(msgspec.Struct, kw_only=True):
    """One line. `n` counts the records of a log from 0, `t` is microseconds since 1970; the rest depends on `call`."""

    n: Count
    t: Annotated[int, msgspec.Meta(ge=1_500_000_000_000_000, le=4_000_000_000_000_000)]
    call: str
    witness: str | None = None
    pid: Count | None = None
    parent_pid: Count | None = None
    thread: Count | None = None
    executable: str | None = None
    arguments: list[str] | None = None
    options: list[str] | None = None
    directory: str | None = None
    child: Count | None = None
    id: Count | None = None
    parent: Count | None = None
    layer: Count | None = None
    origin: str | None = None
    url: str | None = None
    size: Count | None = None
    stack: list[str] | None = None
    text: str | None = None
    bytes: str | None = None
    path: str | None = None
    target: str | None = None
    mode: str | None = None
    name: str | None = None
    type: str | None = None
    seconds: float | None = None
    address: str | None = None
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None
    transport: str | None = None
    method: str | None = None
    body: str | None = None
    user_agent: str | None = None
    what: str | None = None


class Log(msgspec.Struct, kw_only=True):
    """The log of one thread of one process, in the order of its numbers. `faults`: what is wrong with it, in words."""

    start: Record
    records: list[Record]
    faults: list[str]


_DECODER = msgspec.json.Decoder(Record)


def logs(folder: Path, caps: Caps) -> tuple[list[Log], list[str], list[str]]:
    """All logs of a folder, what in it is no log of a hook's (tampering), and which caps were reached."""
    found: list[Log] = []
    strange: list[str] = []
    left = caps.bytes
    names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".jsonl"))
    for name in names[: caps.files]:
        data = _bytes(folder / name, left + 1)
        if data is None:
            strange.append(f"{name} is no regular file")
            continue
        left -= len(data)
        log = _log(data[: left + len(data)] if left < 0 else data, caps)
        if isinstance(log, Log):
            found.append(log)
        else:
            strange.append(f"{name}: {log}")
        if left < 0:
            break
    return found, strange, [*["output"] * (left < 0), *["files"] * (len(names) > caps.files)]


def _bytes(path: Path, most: int) -> bytes | None:
    """What stands in a file; None for a link or a pipe, which the package put there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)


def _log(data: bytes, caps: Caps) -> Log | str:
    bad = 0
    records: list[Record] = []
    for record in _records(data, caps):
        if record is None:
            bad += 1
        else:
            records.append(record)
    records.sort(key=lambda record: record.n)
    if (
        not records
        or records[0].call != "start"
        or records[0].n
        or records[0].witness not in ("node", "python")
    ):
        return "does not begin as a hook's log does"
    faults = [f"{bad} lines that no hook writes"] if bad else []
    return Log(start=records[0], records=records[1:], faults=faults + _misnumbered(records))


def _misnumbered(records: list[Record]) -> list[str]:
    numbers = [record.n for record in records]
    twice = len(numbers) - len(set(numbers))
    missing = numbers[-1] + 1 - len(set(numbers))
    return [
        *([f"{twice} records whose numbers stand twice"] if twice else []),
        *([f"{missing} records missing"] if missing else []),
    ]


def _records(data: bytes, caps: Caps) -> Iterator[Record | None]:
    lines = data.split(b"\n")
    last = lines.pop()  # a process that was killed may leave half a line
    for line in lines:
        yield _record(line) if len(line) <= caps.line else None
    if last and (record := _record(last)):
        yield record


def _record(line: bytes) -> Record | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.ValidationError, RecursionError):
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _mended(line)


def _mended(line: bytes) -> Record | None:
    """A record with half a surrogate pair in a text, which JavaScript has and UTF-8 has not."""
    try:
        value = json.loads(line)
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
