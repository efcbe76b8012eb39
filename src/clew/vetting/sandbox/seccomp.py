"""The filter of system calls inside: what no package needs and what would hide from the trace.

A classic BPF program (seccomp(2), linux/seccomp.h) for bubblewrap's ``--seccomp``. Refused are: ways to change the
namespaces or the kernel, io_uring (which opens and connects without a call that strace sees), a second seccomp
filter (whose listener could let a call pass untraced), children that the tracer may not follow, and sockets of
families that no network namespace holds back, such as AF_VSOCK to the hypervisor. ptrace stays: strace holds every
process already, so nobody else can, and the attempt is seen.
"""

from __future__ import annotations

import os
import platform
import struct

from clew.errors import SandboxError

#: Calls refused with EPERM: name -> number on x86_64 and on aarch64 (None: not there). linux/unistd.h.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "seccomp": (317, 277),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}
_CLONE, _CLONE3, _SOCKET, _PRCTL = (56, 220), (435, 435), (41, 198), (157, 167)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH

# CLONE_UNTRACED and the CLONE_NEW* flags, as in linux/sched.h.
_REFUSED_CLONE_FLAGS = (
    0x00800000 | 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x60000000
)
_FAMILIES = (0, 1, 2, 10, 16)  # AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
_SET_SECCOMP = 22
_X32 = 0x40000000

_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_PERMISSION, _NO_CALL, _NO_FAMILY = 1, 38, 97  # EPERM, ENOSYS, EAFNOSUPPORT
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _FIRST_AT = 0, 4, 16  # struct seccomp_data, little endian


def program(machine: str | None = None) -> bytes:
    """The filter as an array of struct sock_filter."""
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise SandboxError(f"no filter of system calls is known for {machine}: vet on x86_64 or aarch64")
    column, arch = _MACHINES[machine]
    code = [
        _step(_LOAD, _ARCH_AT),
        _step(_EQUAL, arch, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
    ]
    code += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _ERROR | _NO_CALL)]
    for numbers in REFUSED.values():
        if (number := numbers[column]) is not None:
            code += _refuse(number, _PERMISSION)
    code += _refuse(
        _CLONE3[column], _NO_CALL
    )  # its flags stand in memory, where no filter reads; libc falls back
    code += _only_families(_SOCKET[column])
    code += _without_argument(_CLONE[column], _FIRST_AT, _ANY_BIT, _REFUSED_CLONE_FLAGS)
    code += _without_argument(_PRCTL[column], _FIRST_AT, _EQUAL, _SET_SECCOMP)
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def descriptor() -> int:
    """A file descriptor that reads the filter, to be inherited by bubblewrap."""
    reader, writer = os.pipe()
    os.write(writer, program())  # a few hundred steps of eight bytes: less than a pipe holds
    os.close(writer)
    return reader


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, value)


def _refuse(number: int, error: int) -> list[bytes]:
    return [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ERROR | error)]


def _only_families(number: int) -> list[bytes]:
    tests = [_step(_EQUAL, family, len(_FAMILIES) - at, 0) for at, family in enumerate(_FAMILIES)]
    body = [_step(_LOAD, _FIRST_AT), *tests, _step(_RETURN, _ERROR | _NO_FAMILY), _step(_LOAD, _NUMBER_AT)]
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _without_argument(number: int, at: int, test: int, value: int) -> list[bytes]:
    body = [_step(_LOAD, at), _step(test, value, 0, 1), _step(_RETURN, _ERROR | _PERMISSION)]
    body.append(_step(_LOAD, _NUMBER_AT))
    return [_step(_EQUAL, number, 0, len(body)), *body]
