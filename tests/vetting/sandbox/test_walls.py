"""What a process inside can see and do: nothing that is not its own. One stay for all of it."""

import re
from pathlib import Path

import pytest

from clew.vetting.detonate.place import place
from clew.vetting.sandbox.plan import Ended, Limits, Outcome
from vetting import machine
from vetting.sandbox.plans import ran

_CALLS = """python3 - <<'E'
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def told(name, result):
    print(name, 'done' if result >= 0 else errno.errorcode[ctypes.get_errno()])
told('unshare', libc.unshare(0x10000000))
told('setns', libc.setns(0, 0))
told('mount', libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))
told('ptrace', libc.ptrace(16, 1, 0, 0))
told('prctl', libc.prctl(22, 1, 0, 0, 0))
x86 = {'bpf': 321, 'io_uring': 425, 'seccomp': 317, 'keyctl': 250, 'userfaultfd': 323}
arm = {'bpf': 280, 'io_uring': 425, 'seccomp': 277, 'keyctl': 219, 'userfaultfd': 282}
for name, number in (x86 if os.uname().machine == 'x86_64' else arm).items():
    told(name, libc.syscall(number, 0, 0, 0))
clone = 56 if os.uname().machine == 'x86_64' else 220
told('untraced', libc.syscall(clone, 0x00800000 | 17, 0, 0, 0, 0))
for family in (40, 38, 17):  # AF_VSOCK, AF_ALG, AF_PACKET
    try:
        socket.socket(family, socket.SOCK_STREAM)
        print(family, 'open')
    except OSError as error:
        print(family, errno.errorcode[error.errno])
E
"""
_WRITES = """for folder in / /usr /usr/bin /etc /opt /dev /var /proc/sys; do
  (echo > $folder/new) 2>/dev/null && echo $folder
done
echo > ~/new && echo home
"""
_SCRIPTS = {
    "links": "sed 1,2d /proc/net/dev | cut -d: -f1",
    "homes": "ls -A /home /root /srv /mnt /media /var/lib 2>&1 | sort",
    "processes": "cat /proc/[0-9]*/comm | sort",
    "writes": _WRITES,
    "environment": "env | cut -d= -f1 | sort",
    "calls": _CALLS,
    "who": "id -un; hostname; cat /etc/hostname /etc/machine-id",
    "rights": "grep -h -e NoNewPrivs -e CapBnd /proc/self/status",
    "streams": "ls /proc/self/fd; [ -t 0 ] || echo no terminal",
}


@pytest.fixture(scope="module")
def inside() -> dict[str, Ended]:
    machine.sandbox()
    outcome: Outcome = ran(*_SCRIPTS.values(), limits=Limits(seconds=10))
    return dict(zip(_SCRIPTS, outcome.steps, strict=True))


def lines(ended: Ended) -> list[str]:
    return ended.printed.split("\n")[:-1]


def test_loopback_is_the_only_interface(inside: dict[str, Ended]) -> None:
    assert [line.strip() for line in lines(inside["links"])] == ["lo"]


def test_no_home_but_its_own_is_there(inside: dict[str, Ended]) -> None:
    seen = "\n".join(lines(inside["homes"]))
    for name in ("root", "srv", "mnt", "media"):
        assert re.search(rf"cannot access '/{name}'", seen)
    assert str(Path.home()) not in seen.replace("'/root'", "")


def test_no_process_but_its_own_is_there(inside: dict[str, Ended]) -> None:
    assert set(lines(inside["processes"])) <= {"bash", "bwrap", "cat", "sort"}


def test_it_writes_in_its_home_alone(inside: dict[str, Ended]) -> None:
    assert lines(inside["writes"]) == ["home"]


def test_no_variable_of_ours_is_there(inside: dict[str, Ended]) -> None:
    known = set(place().environment({})) | {"PWD", "OLDPWD", "SHLVL", "_"}
    assert set(lines(inside["environment"])) <= known


def test_what_would_change_or_hide_is_refused(inside: dict[str, Ended]) -> None:
    refused = [
        *(
            "unshare",
            "setns",
            "mount",
            "ptrace",
            "prctl",
            "bpf",
            "io_uring",
            "seccomp",
            "keyctl",
            "userfaultfd",
        ),
        "untraced",
    ]
    families = [f"{family} EAFNOSUPPORT" for family in (40, 38, 17)]
    assert lines(inside["calls"]) == [*(f"{name} EPERM" for name in refused), *families]


def test_names_are_new_for_each_stay(inside: dict[str, Ended]) -> None:
    mine, others = lines(inside["who"]), lines(ran(_SCRIPTS["who"]).steps[0])
    assert len(mine) == len(others) == 4
    assert mine[1] == mine[2]
    assert not set(mine) & set(others)


def test_no_rights_are_to_be_gained(inside: dict[str, Ended]) -> None:
    assert [line.split() for line in lines(inside["rights"])] == [["CapBnd:", "0" * 16], ["NoNewPrivs:", "1"]]


def test_our_descriptors_stay_with_us(inside: dict[str, Ended]) -> None:
    assert lines(inside["streams"]) == ["0", "1", "2", "3", "no terminal"]  # 3 is the folder that ls reads
