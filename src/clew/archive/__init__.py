"""Opening compressed and packed things within limits: one file -> the logs in it, each with its name.

What a thing is, is told by its first bytes: gzip, bzip2, xz and zstd; zip and tar. A member of an archive is
called `archive.zip!path/in/it`; a compressed file keeps its name. Nothing is ever written under a member's name,
so a path that climbs out of its archive reaches nothing. A stream ends where it breaks: what came before is
kept, and afterwards it is said what broke (`Trouble`).
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import msgspec

from clew.archive.compression import COMPRESSIONS
from clew.archive.pack import Entry, Fault, Member, Others, tarred, zipped
from clew.archive.stream import HEAD_BYTES, Budget, Inflow, Limits

_LIMITS = Limits()


class Leaf(msgspec.Struct, frozen=True):
    """A log: its name, its first HEAD_BYTES, all its bytes in order. `path`: where they stand as they are on disk."""

    name: str
    head: bytes
    stream: io.BufferedReader
    path: Path | None = None


class Trouble(msgspec.Struct, frozen=True):
    """What could not be opened, or not to its end."""

    name: str
    reason: str


class Remark(msgspec.Struct, frozen=True):
    """What was passed over or is strange, though nothing was lost."""

    name: str
    text: str


Found: TypeAlias = Leaf | Trouble | Remark


class _Layer(msgspec.Struct, frozen=True):
    """Something to open: in how many archives it stands, and under how many layers of packing."""

    name: str
    stream: io.BufferedReader
    path: Path | None = None
    archives: int = 0
    layers: int = 0


def leaves(
    name: str, stream: io.BufferedReader, spill: Path, path: Path | None = None, limits: Limits = _LIMITS
) -> Iterator[Found]:
    """Every log in a file. A Leaf's stream must be read before the next one is asked for.

    `path` is the file that the stream reads, where it is one: it can be sought in. `spill` is a folder for what
    must be sought in and cannot. Raises OSError where the file itself cannot be read.
    """
    size = path.stat().st_size if path else 0
    opener = _Opener(spill, Budget(limits, lambda: size or stream.tell()))
    told: set[str] = set()
    for found in opener.open(_Layer(name, stream, path)):
        if isinstance(found, Trouble):
            if found.name in told:  # a cut stream cuts what is in it
                continue
            told.add(found.name)
        yield found


class _Opener:
    """Goes through the layers of one file."""

    def __init__(self, spill: Path, budget: Budget) -> None:
        self._spill, self._budget = spill, budget

    def open(self, layer: _Layer) -> Iterator[Found]:
        """Every log in a layer."""
        head = layer.stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        kind, limits = kind_of(head), self._budget.limits
        packs = kind in ("zip", "tar")
        if not kind:
            yield Leaf(layer.name, head, layer.stream, layer.path)
        elif layer.layers >= limits.layers or (packs and layer.archives >= limits.archives):
            yield Trouble(layer.name, f"{kind}: nested too deep; unpack it yourself")
        elif packs:
            yield from self._unpack(layer, kind)
        else:
            inner = Inflow(COMPRESSIONS[kind](layer.stream), self._budget)
            yield from self.open(_Layer(layer.name, inner.buffered(), None, layer.archives, layer.layers + 1))
            if inner.trouble:
                yield Trouble(layer.name, f"{kind}: {inner.trouble}")

    def _unpack(self, layer: _Layer, kind: str) -> Iterator[Found]:
        junk = 0
        for entry in tarred(layer.stream) if kind == "tar" else self._zipped(layer):
            match entry:
                case Fault(path, reason):
                    yield Trouble(f"{layer.name}!{path}" if path else layer.name, f"{kind}: {reason}")
                case Others(text):
                    yield Remark(layer.name, text)
                case Member(path, pull):
                    if over := self._budget.member():
                        yield Trouble(layer.name, over)
                        return
                    inner = Inflow(pull, self._budget)
                    stream = inner.buffered()
                    if _is_apple_double(path, stream):
                        junk += 1
                    else:
                        yield from self._member(layer, path, stream)
                    if inner.trouble:
                        yield Trouble(f"{layer.name}!{path}", inner.trouble)
        if junk:
            yield Remark(layer.name, f"AppleDouble files of macOS passed over: {junk}")

    def _member(self, layer: _Layer, path: str, stream: io.BufferedReader) -> Iterator[Found]:
        name = f"{layer.name}!{path}"
        if climbs(path):
            yield Remark(name, "its path climbs out of the archive; nothing is written there")
        yield from self.open(_Layer(name, stream, None, layer.archives + 1, layer.layers + 1))

    def _zipped(self, layer: _Layer) -> Iterator[Entry]:
        if layer.path:
            yield from zipped(layer.stream)
            return
        with tempfile.TemporaryFile(dir=self._spill) as file:
            shutil.copyfileobj(layer.stream, file)
            yield from zipped(file)


def _is_apple_double(path: str, stream: io.BufferedReader) -> bool:
    """Whether a member is what macOS packs beside each file: its resource fork, named ._file."""
    parts = PurePosixPath(path)
    named = parts.name.startswith("._") or parts.parts[:1] == ("__MACOSX",)
    return named and stream.peek(4).startswith(b"\x00\x05\x16\x07")


def climbs(path: str) -> bool:
    """Whether a member's path leaves the folder that its archive would be unpacked into."""
    return ".." in path.replace("\\", "/").split("/") or path.startswith(("/", "\\")) or path[1:2] == ":"


def kind_of(head: bytes) -> str:
    """What packs the thing that begins so: gzip, bzip2, xz, zstd, zip or tar; an empty text for nothing."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return "tar" if _is_tar(head) else ""


_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    *((b"BZh%d1AY&SY" % level, "bzip2") for level in range(1, 10)),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)


def _is_tar(head: bytes) -> bool:
    """Whether a header with a true checksum stands there; old tars have no signature."""
    if b"\0" not in head[1:100]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
