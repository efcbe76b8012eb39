"""Paths from the command line -> the files to read, in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from clew.errors import UsageError

#: The name of standard input.
STDIN = Path("-")


def length(file: Path) -> int:
    """Bytes of a file; 0 where it has no size or is gone."""
    try:
        return 0 if file == STDIN else file.stat().st_size
    except OSError:
        return 0


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file under the paths, each once, sorted by path within each argument.

    Links to folders are not followed, so a loop of links ends. A folder that cannot be listed is given itself, for
    whoever opens it to say why. `-` stands for standard input. Raises UsageError
    for a path that is not there.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path == STDIN:
            yield path
            continue
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        for file in _files_under(path):
            identity = _identity(file)
            if identity not in seen:
                seen.add(identity)
                yield file


def _files_under(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    closed: list[OSError] = []
    for folder, subfolders, names in os.walk(path, onerror=closed.append):
        subfolders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file():  # no sockets, pipes or dangling links
                yield file
    yield from (Path(error.filename) for error in closed)


def _identity(file: Path) -> tuple[int, int]:
    """Device and inode: one file named twice is read once."""
    try:
        status = file.stat()
    except OSError:
        return (-1, hash(file))
    return (status.st_dev, status.st_ino)
