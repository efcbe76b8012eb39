r"""Which system call a SYSCALL record is of, and what its numbers and its address mean.

The kernel writes the call's number, which is the architecture's own, and its first four arguments in hexadecimal. A
call is known by its name and, where that makes a difference, by what became of it::

    open/write  open/create      of open, openat, openat2 and creat, by flags and by what was made; open alone reads
    clone/thread  clone/inner    a thread; a child whose number is of a pid namespace of its own
    connect/unix  bind/netlink   an address that is no IP address; connect/unknown without one
    ptrace/attach ptrace/write   what takes hold of another process; ptrace alone is the rest
    rename/failed                what was refused or went wrong; an attempt to connect is one all the same

Numbers: `ausyscall` of the audit daemon, after the kernel's arch/*/entry/syscalls tables. Addresses:
https://man7.org/linux/man-pages/man2/bind.2.html, include/linux/socket.h.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

import msgspec

#: By the architecture as the kernel writes it (AUDIT_ARCH_* of include/uapi/linux/audit.h): x86-64, 386, ARM 64.
_NUMBERS = {
    "c000003e": (
        "2:open 41:socket 42:connect 43:accept 44:sendto 46:sendmsg 49:bind 56:clone 57:fork 58:vfork "
        "59:execve 60:exit 76:truncate 77:ftruncate 82:rename 84:rmdir 85:creat 86:link 87:unlink 88:symlink "
        "90:chmod 91:fchmod 92:chown 93:fchown 94:lchown 101:ptrace 155:pivot_root 161:chroot 165:mount "
        "175:init_module 188:setxattr 189:lsetxattr 190:fsetxattr 231:exit_group 250:keyctl 257:openat "
        "260:fchownat 263:unlinkat 264:renameat 265:linkat 266:symlinkat 268:fchmodat 272:unshare 288:accept4 "
        "308:setns 310:process_vm_readv 311:process_vm_writev 313:finit_module 316:renameat2 319:memfd_create "
        "321:bpf 322:execveat 435:clone3 437:openat2 452:fchmodat2"
    ),
    "40000003": (
        "1:exit 2:fork 5:open 8:creat 9:link 10:unlink 11:execve 15:chmod 16:lchown 21:mount 26:ptrace 38:rename "
        "40:rmdir 61:chroot 83:symlink 92:truncate 93:ftruncate 94:fchmod 95:fchown 120:clone 128:init_module "
        "182:chown 190:vfork 217:pivot_root 226:setxattr 227:lsetxattr 228:fsetxattr 252:exit_group 288:keyctl "
        "295:openat 298:fchownat 301:unlinkat 302:renameat 303:linkat 304:symlinkat 306:fchmodat 310:unshare 346:setns "
        "347:process_vm_readv 348:process_vm_writev 350:finit_module 353:renameat2 356:memfd_create 357:bpf "
        "358:execveat 359:socket 361:bind 362:connect 364:accept4 369:sendto 370:sendmsg 435:clone3 437:openat2 "
        "452:fchmodat2"
    ),
    "c00000b7": (
        "5:setxattr 6:lsetxattr 7:fsetxattr 35:unlinkat 36:symlinkat 37:linkat 38:renameat 40:mount 41:pivot_root "
        "45:truncate 46:ftruncate 51:chroot 52:fchmod 53:fchmodat 54:fchownat 55:fchown 56:openat 93:exit "
        "94:exit_group 97:unshare 105:init_module 117:ptrace 198:socket 200:bind 202:accept 203:connect 206:sendto "
        "211:sendmsg 219:keyctl 220:clone 221:execve 242:accept4 268:setns 270:process_vm_readv 271:process_vm_writev "
        "273:finit_module 276:renameat2 279:memfd_create 280:bpf 281:execveat 435:clone3 437:openat2 452:fchmodat2"
    ),
}
_CALLS = {arch: dict(one.split(":") for one in numbers.split()) for arch, numbers in _NUMBERS.items()}
_ARCHITECTURES = {"x86_64": "c000003e", "i386": "40000003", "aarch64": "c00000b7"}

#: Which argument of these has the flags; creat always writes, and openat2's stand in memory that is not recorded.
_FLAGS = {"open": "a1", "openat": "a2"}
_OPENS = (*_FLAGS, "openat2", "creat")
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
_FORKS = ("clone", "clone3", "fork", "vfork")
_CLONE_THREAD = 0x10000
_ADDRESSED = ("connect", "accept", "accept4", "bind", "sendto", "sendmsg")
_PTRACE = {
    **dict.fromkeys((0x10, 0x4206), "attach"),  # PTRACE_ATTACH, PTRACE_SEIZE
    **dict.fromkeys((4, 5, 6, 0xD, 0x4205), "write"),  # POKETEXT, POKEDATA, POKEUSER, SETREGS, SETREGSET
}


class Address(msgspec.Struct, frozen=True):
    """What a SOCKADDR has: its family, and of an IP address that and the port."""

    family: str
    ip: str = ""
    port: int = 0


def call_of(fields: Mapping[str, Any], named: Mapping[str, Any]) -> str:
    """The name of the call, by what auditd resolved or by its number; '' where it is none of those that are read."""
    number, arch = str(fields.get("syscall", "")), str(fields.get("arch", ""))
    resolved = str(named.get("SYSCALL", ""))
    if resolved and not resolved.startswith("unknown"):
        return resolved
    return _CALLS.get(_ARCHITECTURES.get(arch, arch), {}).get(number, "" if number.isdigit() else number)


def became(call: str, fields: Mapping[str, Any], address: Address | None, made: bool) -> str:
    """The call with what became of it. `made`: one of its paths was created by it."""
    if call == "connect":
        return _addressed(call, address)
    if fields.get("success") == "no":
        return f"{call}/failed"
    if call in _OPENS:
        return _opened(call, fields, made)
    if call in _FORKS:
        return _forked(call, fields)
    if call in _ADDRESSED:
        return _addressed(call, address)
    if call == "ptrace":
        request = _PTRACE.get(_hex(fields.get("a0")))
        return f"ptrace/{request}" if request else call
    return call


def _opened(call: str, fields: Mapping[str, Any], made: bool) -> str:
    if made:
        return f"{call}/create"
    writes = call == "creat" or _hex(fields.get(_FLAGS.get(call, ""))) & _WRITES
    return f"{call}/write" if writes else call


def _forked(call: str, fields: Mapping[str, Any]) -> str:
    """The kernel returns the child's number in its maker's namespace, which is the host's if it is no smaller."""
    if call == "clone" and _hex(fields.get("a0")) & _CLONE_THREAD:
        return "clone/thread"
    return call if _number(fields.get("exit")) > _number(fields.get("pid")) else f"{call}/inner"


def _addressed(call: str, address: Address | None) -> str:
    if address is None:
        return f"{call}/unknown"
    return call if address.ip else f"{call}/{address.family}"


def address_of(saddr: str) -> Address | None:
    """The address of a SOCKADDR's hexadecimal dump; None where it is none."""
    try:
        data = bytes.fromhex(saddr)
    except ValueError:
        return None
    if len(data) < 2:
        return None
    family = int.from_bytes(data[:2], "little")
    port = int.from_bytes(data[2:4], "big")
    if family == 2 and len(data) >= 8:
        return Address("inet", str(ipaddress.IPv4Address(data[4:8])), port)
    if family == 10 and len(data) >= 24:
        ip = ipaddress.IPv6Address(data[8:24])
        return Address("inet6", str(ip.ipv4_mapped or ip), port)
    return Address({1: "unix", 16: "netlink", 17: "packet"}.get(family, "other"))


def _hex(value: Any) -> int:
    try:
        return int(str(value), 16)
    except ValueError:
        return 0


def _number(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0
