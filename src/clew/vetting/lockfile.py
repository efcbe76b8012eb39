"""A lockfile -> the packages that installing by it brings, and which of them run a script when they are installed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from clew.errors import TargetError, UsageError
from clew.package import lock
from clew.package.model import Listed, Package
from clew.package.tree import text_of
from clew.record import Reject
from clew.vetting.static.role import INSTALL_SCRIPTS

#: Ecosystems that can be vetted.
_TYPES = ("npm", "pypi")


class Entry(msgspec.Struct, frozen=True):
    """A package of the lockfile. `script` is None where neither the file nor node_modules beside it tells."""

    package: Package
    line: int
    hashes: tuple[str, ...]
    script: bool | None


class Lockfile(msgspec.Struct, frozen=True):
    """What a lockfile names, each package once, and what of it could not be read."""

    path: Path
    entries: tuple[Entry, ...]
    rejects: tuple[Reject, ...]


def read_lockfile(path: Path, since: str | None = None) -> Lockfile:
    """The lockfile's packages; with `since`, a git revision, those that it did not name then.

    Raises UsageError: no such file, no lockfile, no such revision.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    entries, rejects = _read(path, data)
    if since is not None:
        before = {entry.package for entry in _read(path, _at(path, since))[0]}
        entries = [entry for entry in entries if entry.package not in before]
    if any(entry.script is None and entry.package.type == "npm" for entry in entries):
        entries = list(_by_tree(path.parent / "node_modules", entries))
    return Lockfile(path, tuple(entries), tuple(rejects))


def _read(path: Path, data: bytes) -> tuple[list[Entry], list[Reject]]:
    reader = lock.reader_of(path.name)
    if reader is None:
        raise UsageError(f"{path}: no lockfile that is known here, by its name")
    found: dict[Package, Entry] = {}
    rejects = []
    for item in lock.read(str(path), data, reader) if data.strip() else ():
        if isinstance(item, Reject):
            rejects.append(item)
        elif isinstance(item, Listed) and item.package.version and item.package.type in _TYPES:
            found[item.package] = _merged(found.get(item.package), item)
    return list(found.values()), rejects


def _merged(before: Entry | None, item: Listed) -> Entry:
    """The same package may stand in several places; one that tells of a script is enough."""
    if before is None:
        return Entry(item.package, item.line, item.hashes, item.script)
    script = before.script or (item.script if before.script is None or item.script else before.script)
    return msgspec.structs.replace(before, hashes=before.hashes or item.hashes, script=script)


def _at(path: Path, revision: str) -> bytes:
    """The lockfile as it was at a revision; empty where it was not there."""
    if _git(
        path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    ).returncode:
        raise UsageError(f"--since {revision}: git knows no such revision where {path} lies")
    return _git(path, "show", "--end-of-options", f"{revision}:./{path.name}").stdout


def _git(path: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(path.resolve().parent), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TargetError(f"git is needed for --since, and did not run: {error}") from error


def _by_tree(modules: Path, entries: Sequence[Entry]) -> Iterator[Entry]:
    """What node_modules tells of the packages whose lockfile does not."""
    told = dict(_installed(modules)) if modules.is_dir() else {}
    for entry in entries:
        script = (
            told.get((entry.package.name, entry.package.version)) if entry.script is None else entry.script
        )
        yield msgspec.structs.replace(entry, script=script)


def _installed(modules: Path) -> Iterable[tuple[tuple[str, str], bool]]:
    """Name and version of each package that lies there, and whether it has an install script."""
    for path in modules.glob("**/package.json"):
        if path.parent.parent.name != "node_modules" and not path.parent.parent.name.startswith("@"):
            continue
        try:
            said = msgspec.json.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(said, dict):
            scripts = said.get("scripts")
            runs = isinstance(scripts, dict) and any(name in scripts for name in INSTALL_SCRIPTS)
            key = (text_of(said.get("name")), text_of(said.get("version")))
            yield key, runs or (path.parent / "binding.gyp").is_file()
