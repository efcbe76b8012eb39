"""strace's lines: its own words are read exactly, and a package's words cannot pass for them."""

from pathlib import Path

import pytest

from clew.vetting.detonate.outside import Places, Traced, look
from clew.vetting.detonate.place import place
from clew.vetting.detonate.scribe import Scribe
from clew.vetting.detonate.strace import Syscall, Tally, read, unquote
from clew.vetting.sandbox.plan import Limits
from clew.vetting.sandbox.stay import stay
from vetting import machine
from vetting.sandbox.plans import plan

SCRIBE = Scribe(package="pkg:npm/a@1", digest="0" * 64, platform="linux", phase="install")
#: The walls go up (11 clones 12 into a new pid namespace, which forks 13), then 13 runs a shell.
HEAD = """\
11 100.000001 clone(child_stack=NULL, flags=CLONE_NEWNS|CLONE_NEWUSER|CLONE_NEWPID|SIGCHLD) = 12
12 100.000002 unlink("/of-the-walls") = 0
12 100.000003 clone(child_stack=NULL, flags=SIGCHLD) = 2 /* 13 in strace's PID NS */
13 100.000004 unlink("/before-it-runs") = 0
13 100.000005 execve("/bin/sh", ["sh", "-c", "x"], 0x7ffe /* 3 vars */) = 0
"""


def syscalls(text: str) -> tuple[list[Syscall], int]:
    tally = Tally()
    return [call for call in read(text.splitlines(), tally) if isinstance(call, Syscall)], tally.strange


def told(folder: Path, lines: str, head: str = HEAD) -> Traced:
    trace = folder / "trace"
    trace.write_text(head + lines)
    decoys = {"/home/a/.npmrc": ".npmrc"}
    return look(
        trace, Places(directory="/home/a", log="/var/log/x", writable=("/home/",), decoys=decoys), SCRIBE
    )


def brief(traced: Traced) -> list[tuple[object, ...]]:
    return [(call.call, call.pid, call.path or call.address or call.executable) for call in traced.calls]


def test_what_the_walls_do_is_not_told(tmp_path: Path) -> None:
    assert brief(told(tmp_path, "")) == [("execute", 2, "/bin/sh")]


def test_a_text_that_looks_like_a_result_is_a_text() -> None:
    (call,), strange = syscalls(
        '5 1.5 openat(AT_FDCWD</a) = 9</b>, "x) = 7", O_WRONLY|O_CREAT, 0666) = 3</a) = 9</c>'
    )
    assert (call.result, call.arguments, call.tail) == (
        "3",
        'AT_FDCWD</a) = 9</b>, "x) = 7", O_WRONLY|O_CREAT, 0666',
        "</a) = 9</c>",
    )
    assert strange == 0


def test_a_call_in_two_parts_has_the_time_of_its_begin() -> None:
    (call,), _ = syscalls(
        '5 1.5 unlink("a" <unfinished ...>\n6 1.6 +++ exited with 0 +++\n5 1.7 <... unlink resumed>) = 0'
    )
    assert (call.name, call.time, call.result) == ("unlink", 1.5, "0")


@pytest.mark.parametrize(
    "line", ["", "5", "x y z", "5 1.5 unlink(", '5 1.5 unlink("a) = 0', "5 1.5 " + "(" * 1000, "\0" * 9]
)
def test_what_is_no_line_is_counted(line: str) -> None:
    assert syscalls(f'{line}\n5 1.5 unlink("b") = 0')[1] == 1


def test_a_line_without_end_is_counted_and_not_looked_at() -> None:
    assert syscalls("5 1.5 execve(" + '"a", ' * 100_000)[1] == 1


def test_escapes_are_bytes_of_utf8() -> None:
    assert unquote(r"a\"b\\\n\303\244\x41\0017") == 'a"b\\\näA\x017'
    assert unquote(r"\377\376") == "��"


def test_a_child_belongs_to_its_parent_though_its_calls_come_first(tmp_path: Path) -> None:
    lines = """\
13 100.1 vfork( <unfinished ...>
14 100.2 execve("/usr/bin/rm", ["rm", "b"], 0x1 /* 3 vars */) = 0
13 100.3 <... vfork resumed>) = 3 /* 14 in strace's PID NS */
14 100.4 unlinkat(AT_FDCWD</home/a/deep>, "b", 0) = 0
14 100.5 +++ exited with 1 +++
13 100.6 chdir("..") = 0
13 100.7 rename("x", "y") = 0
"""
    found = told(tmp_path, lines).calls
    assert [(c.call, c.pid, c.parent_pid, c.path, c.target, c.code) for c in found[1:]] == [
        ("execute", 3, 2, None, None, None),
        ("delete", 3, 2, "/home/a/deep/b", None, None),
        ("exit", 3, 2, None, None, 1),
        ("rename", 2, 1, "/home/x", "/home/y", None),
    ]


def test_a_thread_is_its_process(tmp_path: Path) -> None:
    lines = """\
13 100.1 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD|CLONE_SIGHAND) = 3 /* 15 in strace's PID NS */
15 100.2 unlink("/home/a/b") = 0
15 100.3 +++ exited with 0 +++
13 100.4 +++ killed by SIGKILL +++
"""
    assert brief(told(tmp_path, lines))[1:] == [("delete", 2, "/home/a/b"), ("exit", 2, "/bin/sh")]


def test_a_program_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    lines = "".join(
        f'13 100.{at} execve("{folder}/powershell", ["powershell", "-c", "x"], 0x1 /* 3 vars */) = -1 ENOENT (No such file)\n'
        for at, folder in enumerate(("/usr/bin", "/bin"))
    )
    call = told(tmp_path, lines + "13 101.0 +++ exited with 127 +++\n").calls[1]
    assert (call.call, call.executable, call.what) == ("execute", "powershell", "not there")
    assert call.arguments == ["powershell", "-c", "x"]


@pytest.mark.parametrize("name", ["O_RDONLY", r"a\", O_RDONLY", r"a\\", "AT_FDCWD</etc>", "x, 0777"])
def test_a_name_hides_no_write(name: str, tmp_path: Path) -> None:
    lines = f"""\
13 100.1 openat(AT_FDCWD</home/a>, "{name}", O_WRONLY|O_CREAT, 0644) = 3</home/a/given>
13 100.2 openat(AT_FDCWD</home/a>, "O_WRONLY", O_RDONLY) = 3</home/a/O_WRONLY>
13 100.3 unlink("AT_FDCWD</etc>, {name}") = 0
13 100.4 unlink("b") = 0
"""
    found = told(tmp_path, lines).calls[1:]
    assert [(c.call, c.mode) for c in found] == [("write", None), ("delete", None), ("delete", None)]
    assert (found[0].path, found[2].path) == ("/home/a/given", "/home/a/b")


def test_where_a_datagram_goes(tmp_path: Path) -> None:
    lines = """\
13 100.1 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 5<socket:[77]>
13 100.2 sendmmsg(5<socket:[77]>, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(99), sin_addr=inet_addr("203.0.113.9")}, msg_namelen=16, msg_iov=[{iov_base="inet_addr(\\"1.1.1.1\\")", iov_len=3}]}, msg_len=3}], 1, 0) = 1
13 100.3 connect(6<socket:[78]>, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINPROGRESS (Operation now in progress)
13 100.4 connect(6<socket:[78]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0
"""
    found = told(tmp_path, lines).calls[1:]
    assert [(c.call, c.address, c.port, c.transport) for c in found] == [
        ("send", "203.0.113.9", 99, "udp"),
        ("connect", "2001:db8::1", 443, "tcp"),
    ]


def test_a_flood_of_one_kind_hides_no_other(tmp_path: Path) -> None:
    flood = "".join(f'13 100.{at:06} unlink("/home/a/{at}") = 0\n' for at in range(6_000))
    traced = told(
        tmp_path,
        flood
        + '13 101.0 unlink("/home/a/last") = 0\n13 101.1 openat(AT_FDCWD</>, "/home/a/.npmrc", O_RDONLY) = 3</home/a/.npmrc>\n',
    )
    assert len(traced.calls) == 5_002
    assert traced.calls[-1].call == "read"
    assert traced.lost == ["1001 calls of delete beyond 5000"]


def test_names_that_forge_lines_come_back_as_they_are(tmp_path: Path) -> None:
    """With strace itself: files whose names are lines, quotes, escapes and bytes that are no text."""
    machine.sandbox()
    names = ['a") = 3', 'b\n13 1.5 unlink("c") = 0', "d> e <f", "tab\tü", "+++ exited with 0 +++"]
    here = place()
    script = "import os, sys\nfor name in sys.argv[1:]:\n    open(name, 'w').close()\n    os.rename(name, name + '.new')\n    os.unlink(name + '.new')\n"
    stay_plan = plan(tmp_path, "true", limits=Limits(seconds=10), here=here)
    stay_plan.steps[0].command[:] = ["/usr/bin/python3", "-c", script, *names]
    (step,) = stay(stay_plan).steps
    assert step.code == 0, step.printed
    home = here.disguise.home
    places = Places(directory=home, log=here.disguise.log, writable=("/home/",), decoys={})
    traced = look(tmp_path / step.trace, places, SCRIBE)
    assert traced.lost == []
    for call, ending in (("write", ""), ("rename", ""), ("delete", ".new")):
        assert [c.path for c in traced.calls if c.call == call] == [
            f"{home}/{name}{ending}" for name in names
        ]
