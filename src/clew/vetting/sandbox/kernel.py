"""The few calls of Linux that Python has no names for (before 3.12): namespaces and mounts.

Sources: unshare(2), mount(2), prctl(2), user_namespaces(7), pid_namespaces(7).
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

NEW_MOUNTS = 0x00020000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_USER = 0x10000000
NEW_PIDS = 0x20000000
NEW_NETWORK = 0x40000000

READ_ONLY, NO_SETUID, NO_DEVICES, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
_PARENT_DEATH_SIGNAL, _DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, doing: str) -> None:
    if result:
        error = ctypes.get_errno()
        raise OSError(error, f"{doing}: {os.strerror(error)}")


def unshare(namespaces: int) -> None:
    """Moves this process, which must have one thread, into new namespaces."""
    _check(_libc.unshare(namespaces), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int = 0, options: str = "") -> None:
    """Mounts, in this process's mount namespace."""
    kind_bytes = kind.encode() if kind else None
    _check(
        _libc.mount(os.fsencode(source), os.fsencode(target), kind_bytes, flags, options.encode()),
        f"mount {kind or 'bind'} on {target}",
    )


def die_with_parent() -> None:
    """The kernel kills this process as soon as its parent is gone."""
    _check(_libc.prctl(_PARENT_DEATH_SIGNAL, 9, 0, 0, 0), "prctl")


def be_dumpable() -> None:
    """After a change of user: without it /proc/self belongs to root, and the maps cannot be written."""
    _check(_libc.prctl(_DUMPABLE, 1, 0, 0, 0), "prctl")


def gain_no_privileges() -> None:
    """From now on no program that is run gets more rights than this process has."""
    _check(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")


def map_to_root(user: int, group: int) -> None:
    """In the new user namespace `user` is called 0, and nobody else exists."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
