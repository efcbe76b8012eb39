"""What is mounted on this host below a folder, and what of that is passed over.

The kernel's own file systems hold no files: what stands there is made while one looks, and vanishes.
https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

TABLE = Path("/proc/self/mountinfo")
#: https://docs.kernel.org/filesystems/. What people can put files into is none: tmpfs, devtmpfs, overlay.
_KERNEL = frozenset(
    (
        *("proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "debugfs", "tracefs", "securityfs"),
        *("configfs", "pstore", "bpf", "binfmt_misc", "fusectl", "fuse.lxcfs", "hugetlbfs", "efivarfs"),
        *("nsfs", "rpc_pipefs", "selinuxfs", "smackfs"),
    )
)
_OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(msgspec.Struct, frozen=True):
    """A place where a file system is mounted, and what kind it is."""

    path: str
    kind: str

    @property
    def kernel(self) -> bool:
        """Whether the kernel makes up what stands there."""
        return self.kind in _KERNEL


def below(top: Path) -> list[Mount]:
    """What is mounted below a folder of this host, by path; nothing where the system does not tell."""
    try:
        text = TABLE.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    inside = os.path.normpath(top.absolute()).rstrip("/") + "/"
    found = {path: Mount(path, kind) for path, kind in _mounts(text) if path.startswith(inside)}
    return [found[path] for path in sorted(found)]


def _mounts(text: str) -> Iterator[tuple[str, str]]:
    """Of a place that is mounted twice, the later one is what is seen."""
    for line in text.splitlines():
        fields, _, kinds = line.partition(" - ")
        if len(places := fields.split(" ")) > 4 and kinds:
            yield _OCTAL.sub(lambda match: chr(int(match[1], 8)), places[4]), kinds.split(" ")[0]
