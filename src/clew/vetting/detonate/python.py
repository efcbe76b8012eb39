"""The Python inside: an interpreter of this machine whose site folders are ours.

Its standard library is bound as it is. In place of its first site folder stands one with the build tools of Clew's
own environment (and the hook); the others are empty, so nothing that was installed here runs along or is seen.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import msgspec

from clew.errors import SandboxError
from clew.vetting.detonate.place import Place
from clew.vetting.sandbox.plan import Bind

#: What sdists are built with, where Clew's environment has it.
TOOLS = (
    "pip",
    "setuptools",
    "wheel",
    "packaging",
    "flit_core",
    "hatchling",
    "poetry-core",
    "pathspec",
    "pluggy",
)
_VERSIONED = re.compile(r"python3\.(\d+)")
_HOME = "/opt/python"


class Python(msgspec.Struct, frozen=True):
    """Paths inside: the program, and the site folder that is ours. `environment` is what it needs to start."""

    program: str
    version: str
    site: str
    environment: dict[str, str]


def python(place: Place) -> Python:
    """Lays a Python into the place: Clew's own, or the system's where Clew's stands in somebody's home.

    Raises SandboxError where neither has a site folder to lay ours over.
    """
    real, prefix = _choose()
    found = _VERSIONED.search(real.name)
    version = f"3.{found[1]}" if found else f"3.{sys.version_info.minor}"
    sites = [site for site in _sites(prefix, version) if site.is_dir()]
    if not sites:
        raise SandboxError(f"{real} has no folder for packages; on Debian: apt-get install python3")
    if prefix.is_relative_to("/usr"):
        inside, environment = str(prefix), {}
    else:
        place.binds.append(Bind(str(prefix), _HOME))
        inside, environment = _HOME, {"LD_LIBRARY_PATH": f"{_HOME}/lib"}
    for at, site in enumerate(sites):
        laid = f"/opt/site-{at}"
        place.files[f"{laid}/README.txt"] = "This directory contains Python packages.\n"
        place.laid.append((laid, f"{inside}{str(site)[len(str(prefix)) :]}"))
    for tool in TOOLS:
        _bring(place, tool, "/opt/site-0")
    return Python(f"{inside}/bin/{real.name}", version, "/opt/site-0", environment)


def python_if_there(place: Place) -> Python | None:
    """The same for packages that need none: node-gyp and install scripts may call it."""
    try:
        return python(place)
    except SandboxError:
        return None


def _choose() -> tuple[Path, Path]:
    """The program and its prefix."""
    own = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    system = Path("/usr/bin/python3")
    if own.resolve().is_relative_to("/usr") or not system.exists():
        return own.resolve(), Path(sys.base_prefix)
    return system.resolve(), Path("/usr")


def _sites(prefix: Path, version: str) -> list[Path]:
    """Site folders, the first that Python itself looks into first (https://docs.python.org/3/library/site.html;
    Debian's dist-packages: https://wiki.debian.org/Python)."""
    if prefix == Path("/usr"):
        debian = [prefix / f"local/lib/python{version}/dist-packages", prefix / "lib/python3/dist-packages"]
        return [
            *debian,
            prefix / f"local/lib/python{version}/site-packages",
            prefix / f"lib/python{version}/site-packages",
        ]
    return [prefix / f"lib/python{version}/site-packages"]


def _bring(place: Place, tool: str, site: str) -> None:
    """Binds a tool's packages and its metadata, whose entry points make its commands known."""
    try:
        tops = {path.parts[0] for path in distribution(tool).files or () if ".." not in path.parts}
        root = Path(str(distribution(tool).locate_file("")))
    except PackageNotFoundError:
        return
    for top in sorted(tops):
        source = root / top
        if source.exists() and not top.startswith(("__pycache__", "bin")) and not top.endswith(".pth"):
            place.binds.append(Bind(str(source), f"{site}/{top}"))
