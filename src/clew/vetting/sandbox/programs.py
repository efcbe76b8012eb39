"""The programs that the sandbox stands on, and what to install where one is missing."""

from __future__ import annotations

import os
import shutil
import sys

from clew.errors import SandboxError

#: Program -> the Debian package that has it.
PROGRAMS = {
    "bwrap": "bubblewrap",
    "strace": "strace",
    "nft": "nftables",
    "ip": "iproute2",
    "prlimit": "util-linux",
    "bash": "bash",
}
_PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find(program: str) -> str | None:
    """Where a program is. A plain user's PATH often lacks the sbin folders, so they are looked into as well."""
    return shutil.which(program, path=_PLACES) or shutil.which(program)


def require() -> dict[str, str]:
    """Path by name of all programs needed.

    Raises SandboxError where the machine is no Linux or lacks any of them, with what to install.
    """
    if sys.platform != "linux":
        raise SandboxError(
            "packages are run in a sandbox of Linux namespaces: vet on Linux, or in a virtual machine"
        )
    found = {name: path for name in PROGRAMS if (path := find(name))}
    missing = [name for name in PROGRAMS if name not in found]
    if missing:
        packages = " ".join(PROGRAMS[name] for name in missing)
        raise SandboxError(
            f"the sandbox needs {', '.join(missing)}, not found in {_PLACES} or PATH; "
            f"on Debian: apt-get install {packages}"
        )
    if not os.access("/proc/self/ns/user", os.F_OK):
        raise SandboxError("this kernel has no user namespaces (CONFIG_USER_NS): the sandbox needs them")
    return found
