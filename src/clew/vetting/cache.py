"""What is kept of an examination: by the package's digest, and by everything that decides what comes out.

The key holds the digest of the archive, of the rules, and of the code that detonates and examines: whatever of these
changes, the package is examined anew. Reputation, advisories and verdicts are never kept: they depend on the day.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from clew.vetting.fact import Fact
from clew.vetting.subject import Subject
from clew.vetting.trace import Detonation
from clew.vetting.vetted import Stage

#: The packages beside this file whose code decides what comes out.
_DECIDES = (
    "static",
    "detonate",
    "sandbox",
    "capture",
    "behaviour",
    "machine",
    "examine",
    "runs",
    "trace",
    "fact",
)
_MOST = 2_000


class Examined(msgspec.Struct):
    """What reading and running one package came to."""

    facts: list[Fact]
    stages: list[Stage]
    detonation: Detonation | None = None

    @property
    def whole(self) -> bool:
        """Whether everything that was asked for could be done; only that is kept."""
        lost = any(stage.ended == "impossible" for stage in self.stages)
        return not lost and not (self.detonation and self.detonation.incomplete)


def key(subject: Subject, asked: str) -> str:
    """The name under which an examination is kept; `asked` says what of it was asked for."""
    parts = (subject.ecosystem, subject.sha256, asked, version())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def version() -> str:
    """What tells this build's rules and sandbox from another's."""
    digest = hashlib.sha256()
    root = files("clew")
    for folder in (
        root.joinpath("vetting"),
        root.joinpath("content/vetting"),
        root.joinpath("content/detections"),
    ):
        for name, data in _contents(folder, folder.name):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _contents(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            if entry.name != "__pycache__" and (name != "vetting" or entry.name in _DECIDES):
                yield from _contents(entry, path)
        elif name != "vetting" or entry.name.partition(".")[0] in _DECIDES or entry.name.endswith(".yar"):
            yield path, entry.read_bytes()


def load(name: str) -> Examined | None:
    """What is kept under the name; None for nothing, and for what cannot be read any more."""
    try:
        return msgspec.json.decode((_folder() / f"{name}.json").read_bytes(), type=Examined)
    except (OSError, msgspec.DecodeError):
        return None


def save(name: str, examined: Examined) -> None:
    """Keep an examination. A full disk or a home that cannot be written to is no reason to fail."""
    folder = _folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(msgspec.json.encode(examined))
        Path(file.name).replace(folder / f"{name}.json")
        _prune(folder)
    except OSError:
        return


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-_MOST]:
        path.unlink(missing_ok=True)


def _folder() -> Path:
    """https://specifications.freedesktop.org/basedir-spec/latest/"""
    own = os.environ.get("XDG_CACHE_HOME")
    return (Path(own) if own else Path.home() / ".cache") / "clew" / "vetting"
