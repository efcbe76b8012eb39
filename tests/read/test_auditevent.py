"""The records of one audit event become one record, whatever stands between them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.read import auditd, auditevent
from clew.read.source import Source
from clew.record import Batch, Note
from taken import Read, made, read

CALL = "arch=c000003e syscall={} success={} exit={} a0={} a1={} a2=0 a3=0 items=2 ppid=40 pid=70 uid=0 exe={}"


def stamp(serial: int, time: float = 1492037291.036, node: str = "") -> str:
    return f"{f'node={node} ' * bool(node)}type={{}} msg=audit({time:.3f}:{serial}): {{}}"


def lines(serial: int, *records: tuple[str, str], time: float = 1492037291.036, node: str = "") -> list[str]:
    return [stamp(serial, time, node).format(kind, text) for kind, text in records]


def syscall(
    number: int | str,
    success: str = "yes",
    exit: str = "0",
    a0: str = "0",
    a1: str = "0",
    exe: str = '"/bin/a"',
) -> tuple[str, str]:
    return "SYSCALL", CALL.format(number, success, exit, a0, a1, exe)


def path(item: int, name: str, kind: str = "NORMAL") -> tuple[str, str]:
    return "PATH", f'item={item} name="{name}" inode=1 dev=08:01 nametype={kind}'


EXEC = (
    syscall(59, exe='"/usr/bin/grep"'),
    ("EXECVE", 'argc=3 a0="grep" a1=2D65206F a2="b"'),
    ("CWD", 'cwd="/srv"'),
    path(0, "/usr/bin/grep"),
    path(1, "/lib64/ld.so"),
    ("PROCTITLE", "proctitle=67726570002D65"),
)


def taken(written: Iterable[str], folder: Path) -> Read:
    result = read(
        made(folder / "audit.log", "".join(f"{line}\n" for line in written).encode()), folder=folder
    )
    assert not result.rejects
    return result


def event(folder: Path, *records: tuple[str, str]) -> Any:
    result = taken(lines(59, *records), folder)
    [found] = result.lines.values()
    assert result.joined == len(records) - 1
    return json.loads(found)


def told(found: dict[str, Any]) -> dict[str, Any]:
    return {
        key: found[key]
        for key in ("call", "command", "cwd", "path", "former", "ip", "port", "module")
        if key in found
    }


def test_an_execution_is_one_record(tmp_path: Path) -> None:
    found = event(tmp_path, *EXEC)
    assert told(found) == {"call": "execve", "command": "grep -e o b", "cwd": "/srv", "path": "/usr/bin/grep"}
    assert (found["type"], found["serial"], found["fields"]["pid"], found["joined"]) == (
        "SYSCALL",
        59,
        "70",
        5,
    )


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((syscall(59), ("EXECVE", 'argc=2 a0="a" a1_len=6 a1[0]=6162 a1[1]="c"')), {"call": "execve", "command": "a abc"}),
        ((syscall(59), ("EXECVE", 'a2="c"'), ("EXECVE", 'argc=3 a0="a" a1="b"')), {"call": "execve", "command": "a b c"}),
        ((syscall(59), ("PROCTITLE", "proctitle=6100622063")), {"call": "execve", "command": "a b c"}),
        ((syscall(59, "no", "-2"), path(0, "/x", "UNKNOWN")), {"call": "execve/failed", "path": "/x"}),
        ((syscall(42, "no", "-115"), ("SOCKADDR", "saddr=020001BBCB007109" + "0" * 16)), {"call": "connect", "ip": "203.0.113.9", "port": 443}),
        ((syscall(42), ("SOCKADDR", "saddr=0A0001BB00000000" + "20010DB8" + "0" * 22 + "01" + "0" * 8)), {"call": "connect", "ip": "2001:db8::1", "port": 443}),
        ((syscall(42), ("SOCKADDR", "saddr=0A00005000000000" + "0" * 20 + "FFFFCB007109")), {"call": "connect", "ip": "203.0.113.9", "port": 80}),
        ((syscall(42), ("SOCKADDR", "saddr=01002F72756E")), {"call": "connect/unix"}),
        ((syscall(42), ("SOCKADDR", "saddr=0200")), {"call": "connect/other"}),
        ((syscall(42), ("SOCKADDR", "saddr=zz")), {"call": "connect/unknown"}),
        ((syscall(257, a0="ffffff9c"), ("CWD", 'cwd="/srv"'), path(0, "a/../b")), {"call": "openat", "cwd": "/srv", "path": "/srv/b"}),
        ((syscall(257, a0="5"), ("CWD", 'cwd="/srv"'), path(0, "b")), {"call": "openat", "cwd": "/srv", "path": "b"}),
        ((syscall(2, a1="241"), path(0, "/tmp", "PARENT"), path(1, "/tmp/a", "CREATE")), {"call": "open/create", "path": "/tmp/a"}),
        ((syscall(2, a1="241"), path(0, "/tmp/a")), {"call": "open/write", "path": "/tmp/a"}),
        ((syscall(82), ("CWD", 'cwd="/s"'), path(0, "/s", "PARENT"), path(2, "old", "DELETE"), path(3, "new", "CREATE")),
         {"call": "rename", "cwd": "/s", "path": "/s/new", "former": "/s/old"}),
        ((syscall(87), path(0, "/t", "PARENT"), path(1, "/t/a", "DELETE")), {"call": "unlink", "path": "/t/a"}),
        ((syscall(56, exit="71"),), {"call": "clone"}),
        ((syscall(56, exit="7"),), {"call": "clone/inner"}),
        ((syscall(56, exit="71", a0="3d0f00"),), {"call": "clone/thread"}),
        ((syscall(101, a0="10"),), {"call": "ptrace/attach"}),
        ((syscall(101, a0="7"),), {"call": "ptrace"}),
        ((syscall(313), ("KERN_MODULE", 'name="evil"')), {"call": "finit_module", "module": "evil"}),
        ((syscall(9999),), {"call": "unknown"}),
        ((("USER_LOGIN", "pid=1 msg='op=login acct=\"kim\" res=success'"),), {"call": "USER_LOGIN"}),
        ((path(0, "/x"), ("CWD", 'cwd="/"')), {"call": "PATH"}),
        ((("1300", syscall(59)[1]), ("1309", 'argc=1 a0="a"'), ("UNKNOWN[1307]", 'cwd="/"')), {"call": "execve", "command": "a", "cwd": "/"}),
        ((("SYSCALL", CALL.format("7", "yes", "0", "0", "0", '"/a"') + '\x1dARCH=mips SYSCALL=setns UID="root"'),), {"call": "setns"}),
        ((("SYSCALL", CALL.replace("c000003e", "c00000b7").format(221, "yes", "0", "0", "0", '"/a"')),), {"call": "execve"}),
    ],
)  # fmt: skip
def test_what_an_event_tells(
    tmp_path: Path, records: tuple[tuple[str, str], ...], expected: dict[str, Any]
) -> None:
    assert told(event(tmp_path, *records)) == expected


def test_it_stands_where_its_call_stands(tmp_path: Path) -> None:
    written = lines(1, EXEC[3], EXEC[0], EXEC[1])
    assert [position for _, position in taken(written, tmp_path).lines] == [2]


def test_equal_serials_of_hosts_and_of_times_are_apart(tmp_path: Path) -> None:
    written = [
        *lines(1, *EXEC[:2], node="a"),
        *lines(1, *EXEC[:2], node="b"),
        *lines(1, *EXEC[:2], time=1492037299.5),
    ]
    result = taken(written, tmp_path)
    assert (len(result.lines), result.joined) == (3, 3)


def test_its_end_marker_ends_it(tmp_path: Path) -> None:
    result = taken(lines(1, *EXEC[:2], ("EOE", ""), ("CWD", 'cwd="/"')), tmp_path)
    assert [json.loads(line).get("call") for line in result.lines.values()] == ["execve", "CWD"]


def test_a_late_record_is_its_events_until_time_and_records_have_passed(tmp_path: Path) -> None:
    others = [line for n in range(200) for line in lines(100 + n, EXEC[0], time=1492037300 + n / 100)]
    late = lines(1, EXEC[1])
    near = taken(
        [*lines(1, EXEC[0]), *others[: auditevent.NEAR], *late, *others[auditevent.NEAR :]], tmp_path
    )
    far = taken([*lines(1, EXEC[0]), *others, *late], tmp_path)
    assert (near.joined, far.joined) == (1, 0)
    assert near.total == far.total == 202


def test_what_is_open_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditevent, "BYTES", 2000)
    result = taken(lines(1, *EXEC * 20), tmp_path)
    assert result.total == 120
    [note] = result.notes
    assert isinstance(note, Note) and "too long to wait for" in note.text


def test_a_payload_of_syslog_that_looks_like_one_is_none(tmp_path: Path) -> None:
    payloads = [
        '{"type":"SYSCALL","time":"x","serial":1,"fields":{}}',
        '{"type":"a","time":"1.5","serial":1,"fields":{},"b":1}',
    ]
    made(
        tmp_path / "syslog",
        "".join(f"Oct 24 17:05:46 web1 app: {payload}\n" for payload in payloads).encode(),
    )
    result = read(tmp_path / "syslog", folder=tmp_path)
    for line, payload in zip(result.lines.values(), payloads, strict=True):
        assert json.loads(line).items() >= json.loads(payload).items()


def woven(streams: list[list[str]], order: list[int]) -> list[str]:
    """The lines of the streams, each in its order, woven by the numbers."""
    left = [list(stream) for stream in streams]
    found = []
    for number in order:
        waiting = [stream for stream in left if stream]
        if waiting:
            found.append(waiting[number % len(waiting)].pop(0))
    return found + [line for stream in left for line in stream]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(EXEC), min_size=1, max_size=8), min_size=1, max_size=5),
    st.lists(st.integers(0, 4), max_size=40),
    st.integers(1, 4000),
)
def test_records_of_others_between_them_and_the_size_of_batches_change_nothing(
    tmp_path: Path, events: list[list[tuple[str, str]]], order: list[int], size: int
) -> None:
    streams = [lines(serial, *records) for serial, records in enumerate(events)]
    apart = [json.loads(line) for stream in streams for line in taken(stream, tmp_path).lines.values()]
    (tmp_path / "woven").write_text("".join(f"{line}\n" for line in woven(streams, order)))
    together = list(records_of(tmp_path / "woven", tmp_path, size))
    assert sorted(together, key=lambda one: int(one["serial"])) == apart


def records_of(file: Path, folder: Path, size: int) -> Iterable[Any]:
    """What the reader makes of a file, in batches of at most so many bytes and a record."""
    with file.open("rb") as stream:
        for item in auditd.read(Source(str(file), file.read_bytes()[:4096], stream, file), folder, size):  # type: ignore[arg-type]
            if isinstance(item, Batch):
                yield from map(json.loads, item.lines.read_text().splitlines())
                item.done()
