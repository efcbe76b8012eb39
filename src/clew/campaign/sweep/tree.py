"""A tree of folders and files: a disk, or a layer of an image. Paths are tuples of components from its top."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Protocol, TypeAlias

Parts: TypeAlias = tuple[str, ...]


class Entries(NamedTuple):
    """What stands in a folder, by name. `links` are symbolic links, which nobody follows: so no loop holds us."""

    folders: Sequence[str]
    files: Sequence[str]
    links: Sequence[str]


class Tree(Protocol):
    """What a sweep needs of a tree. What cannot be read raises OSError, also where it vanished meanwhile."""

    def entries(self, parts: Parts) -> Entries:
        """What stands in a folder, sorted."""
        ...

    def open(self, parts: Parts) -> IO[bytes]:
        """A file, to be read."""
        ...

    def changed(self, parts: Parts) -> float:
        """When it was last changed, in seconds since 1970."""
        ...

    def shown(self, parts: Parts) -> str:
        """The path as the user knows it."""
        ...

    def roots(self, parts: Parts) -> Sequence[str]:
        """The whole paths that a file may have on the system that it is of, POSIX; the likeliest first."""
        ...


class Disk:
    """A folder on a disk: of this host, or of another one's, mounted or copied."""

    def __init__(self, top: str, passed: Collection[str] = ()) -> None:
        self._top = top
        self._real = os.path.normpath(Path(top).absolute())
        #: Whole paths of folders that are passed over: below them other file systems begin.
        self._passed = frozenset(passed)

    def entries(self, parts: Parts) -> Entries:
        """Sorted by name, so that a sweep tells the same twice."""
        folders, files, links = [], [], []
        with os.scandir(self._path(parts)) as found:
            for entry in found:
                if entry.is_symlink():
                    links.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    if not self._passed or self._whole((*parts, entry.name)) not in self._passed:
                        folders.append(entry.name)
                elif entry.is_file(follow_symlinks=False):
                    files.append(entry.name)
        return Entries(sorted(folders), sorted(files), sorted(links))

    def open(self, parts: Parts) -> IO[bytes]:
        """Opened without buffering: most files are read whole."""
        return Path(self._path(parts)).open("rb", buffering=0)

    def changed(self, parts: Parts) -> float:
        """By the modification time."""
        return os.lstat(self._path(parts)).st_mtime

    def shown(self, parts: Parts) -> str:
        """Below the path that the user named."""
        return self._path(parts)

    def roots(self, parts: Parts) -> Sequence[str]:
        """On this host; below the top; and below each folder on the way that looks like the top of a disk.

        What lies in `/private` has the paths as well that macOS's links /tmp, /var and /etc give it.
        """
        found = [self._whole(parts), "/" + "/".join(parts)]
        found += [path.removeprefix("/private") for path in found if path.startswith("/private/")]
        for depth in range(1, len(parts)):
            if _is_root(parts[depth - 1], self._path(parts[:depth])):
                found.append("/" + "/".join(parts[depth:]))
        return found

    def _whole(self, parts: Parts) -> str:
        return self._real.rstrip("/") + "/" + "/".join(parts)

    def _path(self, parts: Parts) -> str:
        return f"{self._top.rstrip('/')}/{'/'.join(parts)}" if parts else self._top


def _is_root(name: str, path: str) -> bool:
    if _DRIVE.fullmatch(name):
        return True
    try:
        with os.scandir(path) as found:
            inside = {entry.name.casefold() for entry in found}
    except OSError:
        return False
    return any(marks <= inside for marks in _MARKS)


#: Drives as collectors of evidence write them: C, C:, C_, C%3A, C$.
_DRIVE = re.compile(r"[A-Za-z](:|_|\$|%3A|_drive)?", re.IGNORECASE)
#: Folders that stand side by side only at the top of a disk.
_MARKS = ({"etc", "usr"}, {"windows", "users"}, {"system", "library"}, {"windows", "program files"})
