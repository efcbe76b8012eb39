"""What stands on the sandbox's disk, and what a step did to it.

The walk follows no link and trusts no name. A file whose change time (ctime, which a program cannot set) and inode
are as before is not read again.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.vetting.sandbox.plan import Entry

_LARGEST = 64 << 20
_MOST = 50_000


class Tree(msgspec.Struct):
    """Entries by path inside; `cut` says that there was more than is looked at."""

    entries: dict[str, Entry]
    stamps: dict[str, tuple[int, int]]
    cut: bool = False


def snapshot(roots: dict[str, str], before: Tree | None = None) -> Tree:
    """Reads all files under `roots`: folder here -> its path inside."""
    tree = Tree({}, {})
    for here, inside in roots.items():
        for path, named in _walk(here, inside):
            if len(tree.entries) >= _MOST:
                tree.cut = True
                return tree
            _add(tree, path, named, before)
    return tree


def _walk(here: str, inside: str) -> Iterator[tuple[str, str]]:
    pending = [(here, inside)]
    while pending:
        folder, named = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue  # a folder that closed itself, or a path longer than the system takes
        for entry in entries:
            path = f"{named}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append((entry.path, path))
            else:
                yield entry.path, path


def _add(tree: Tree, path: str, named: str, before: Tree | None) -> None:
    try:
        found = os.lstat(path)
    except OSError:
        return
    stamp = (found.st_ino, found.st_ctime_ns)
    name = named.encode("utf-8", "replace").decode()
    if before and before.stamps.get(name) == stamp:
        entry = before.entries[name]
    else:
        entry = Entry(_content(path, found), stat.S_IMODE(found.st_mode), found.st_size)
    tree.entries[name], tree.stamps[name] = entry, stamp


def _content(path: str, found: os.stat_result) -> str:
    try:
        if stat.S_ISLNK(found.st_mode):
            return f"-> {Path(path).readlink()}".encode("utf-8", "replace").decode()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            return stat.filemode(found.st_mode)[0]
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "unreadable"
