"""A package's archive -> a folder of plain files, within limits, with the digest of each.

Nothing but plain files with plain paths is written. What npm and pip would write elsewhere, or would overwrite, is
an error or a remark: an archive that two programs read differently hides something from one of them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.archive import climbs, kind_of
from clew.archive.compression import COMPRESSIONS
from clew.archive.pack import Entry, Fault, Member, Others, tarred, zipped
from clew.archive.stream import HEAD_BYTES, Budget, Inflow, Limits
from clew.errors import TargetError

#: The largest package of the registries has some hundred megabytes.
LIMITS = Limits(unpacked=2 << 30, ratio=300, grace=64 << 20, members=100_000)
_CHUNK = 1 << 20


class Unpacked(msgspec.Struct, frozen=True):
    """The digests (SHA-256) of the files that were written, by their path, and what is strange about the archive."""

    files: dict[str, str]
    remarks: tuple[str, ...]


def unpack(archive: Path, folder: Path, *, strip: int = 0, limits: Limits = LIMITS) -> Unpacked:
    """Write the archive's files under `folder`, without the first `strip` parts of their paths.

    Raises TargetError: no archive, a broken one, a bomb, or a path that climbs out.
    """
    files: dict[str, str] = {}
    remarks: dict[str, None] = {}
    budget = Budget(limits, lambda: archive.stat().st_size)
    with archive.open("rb") as stream:
        for entry in _entries(archive, stream, budget):
            match entry:
                case Fault(path, reason):
                    raise TargetError(f"{archive}{'!' + path if path else ''}: {reason}")
                case Others(text):
                    remarks[text] = None
                case Member(path):
                    if over := budget.member():
                        raise TargetError(f"{archive}: {over}")
                    name = _plain(archive, path, strip)
                    if name in files:
                        remarks[f"it holds {name} twice; the last one counts"] = None
                    if name:
                        files[name] = _write(archive, entry, folder / name, budget)
    if not files:
        raise TargetError(f"{archive}: the archive holds no files")
    return Unpacked(files, tuple(remarks))


def _entries(archive: Path, stream: io.BufferedReader, budget: Budget) -> Iterator[Entry]:
    kind = kind_of(stream.peek(HEAD_BYTES)[:HEAD_BYTES])
    if kind == "zip":
        yield from zipped(stream)
        return
    inner = Inflow(COMPRESSIONS[kind](stream), budget) if kind in COMPRESSIONS else None
    tar = inner.buffered() if inner else stream
    if kind_of(tar.peek(HEAD_BYTES)[:HEAD_BYTES]) != "tar":
        raise TargetError(f"{archive}: no package: neither a tar nor a zip archive")
    yield from tarred(tar)
    if inner and inner.trouble:
        raise TargetError(f"{archive}: {inner.trouble}")


def _plain(archive: Path, path: str, strip: int) -> str:
    if climbs(path) or "\0" in path:
        raise TargetError(f"{archive}!{path}: its path climbs out of the archive; no honest package has one")
    return "/".join([part for part in path.split("/") if part not in ("", ".")][strip:])


def _write(archive: Path, member: Member, path: Path, budget: Budget) -> str:
    digest = hashlib.sha256()
    inflow = Inflow(member.pull, budget)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            while data := inflow.read(_CHUNK):
                digest.update(data)
                out.write(data)
    except OSError as error:
        raise TargetError(f"{archive}!{member.path}: cannot be unpacked: {error.strerror}") from error
    if inflow.trouble:
        raise TargetError(f"{archive}!{member.path}: {inflow.trouble}")
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_under(folder: Path) -> Unpacked:
    """The digests of a folder's files; links are not followed, and what tools keep there is passed over."""
    files: dict[str, str] = {}
    links, passed = 0, set[str]()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if own := _KEPT.intersection(parts):
            passed |= own
        elif path.is_symlink():
            links += 1
        elif path.is_file():
            files["/".join(parts)] = digest_of(path)
    if len(files) > LIMITS.members:
        raise TargetError(f"{folder}: has more than {LIMITS.members:,} files: is it the package's folder?")
    remarks = [f"{links} links were passed over"] if links else []
    remarks += [f"{name}/ was passed over" for name in sorted(passed)]
    return Unpacked(files, tuple(remarks))


_KEPT = frozenset((".git", "node_modules", "__pycache__", ".venv"))
