"""A layer of a container image: a tar archive as a tree, and what it takes away from the layers below.

Whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Sequence
from typing import IO

from clew.archive import kind_of
from clew.archive.compression import COMPRESSIONS
from clew.archive.pack import Header
from clew.archive.stream import BROKEN, HEAD_BYTES, Budget, Inflow, Limits
from clew.campaign.sweep.tree import Entries, Parts

_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
#: A larger file in a layer is not read.
_LARGEST = 512 << 20


def unpacked(stream: IO[bytes], *, tar_only: bool = False) -> tuple[IO[bytes], str]:
    """The bytes of what may be compressed, where they can be sought in, and what broke while unpacking it.

    With `tar_only` a compressed file that holds no tar archive is not unpacked: what is given then is empty.
    """
    head = stream.read(tarfile.BLOCKSIZE)  # no more: of an archive that was cut, what is there should be read
    stream.seek(0)
    kind = kind_of(head)
    if kind not in COMPRESSIONS:
        return stream, ""
    inflow = Inflow(COMPRESSIONS[kind](stream), Budget(Limits(), stream.tell))
    inner = inflow.buffered()
    if tar_only and kind_of(inner.peek(HEAD_BYTES)[:HEAD_BYTES]) != "tar":
        return io.BytesIO(), ""
    file = tempfile.TemporaryFile(prefix="clew-")  # noqa: SIM115 - whoever asked closes it
    shutil.copyfileobj(inner, file)
    file.seek(0)
    return file, f"{kind}: {inflow.trouble}" if inflow.trouble else ""


def members(file: IO[bytes]) -> tuple[tarfile.TarFile | None, list[tarfile.TarInfo], str]:
    """A tar archive and its members up to the first fault, and what that was."""
    found: list[tarfile.TarInfo] = []
    archive = None
    try:
        archive = tarfile.open(fileobj=file, mode="r:", tarinfo=Header, errorlevel=2)  # noqa: SIM115
        while (info := archive.next()) is not None:
            found.append(info)
    except BROKEN as error:
        return archive, found, f"tar: {error}; what stands behind is lost"
    return archive, found, ""


class Layer:
    """A layer as a tree. `removed` and `emptied` are the paths that it deletes below, `trouble` what broke in it."""

    def __init__(self, shown: str, stream: IO[bytes]) -> None:
        self._shown, self._lock = shown, threading.Lock()
        self._file, broken = unpacked(stream)
        self._archive, found, torn = members(self._file)
        self.trouble = broken or torn
        self.removed: set[Parts] = set()
        self.emptied: set[Parts] = set()
        self._infos: dict[Parts, tarfile.TarInfo] = {}
        self._inside: dict[Parts, tuple[set[str], set[str], set[str]]] = {(): (set(), set(), set())}
        for info in found:
            self._enter(info)

    def _enter(self, info: tarfile.TarInfo) -> None:
        parts = tuple(part for part in info.name.split("/") if part not in ("", "."))
        if not parts or ".." in parts:
            return
        if parts[-1] == _OPAQUE:
            self.emptied.add(parts[:-1])
        elif parts[-1].startswith(_WHITEOUT):
            self.removed.add((*parts[:-1], parts[-1].removeprefix(_WHITEOUT)))
        else:
            self._infos[parts] = info
            self._hang(parts, 0 if info.isdir() else 2 if info.issym() else 1)

    def _hang(self, parts: Parts, sort: int) -> None:
        """Enter it into its folder, and that into its own: archives may leave folders out."""
        for depth in range(len(parts), 0, -1):
            inside = self._inside.setdefault(parts[: depth - 1], (set(), set(), set()))
            inside[sort].add(parts[depth - 1])
            sort = 0
        if sort == 0:
            self._inside.setdefault(parts, (set(), set(), set()))

    def entries(self, parts: Parts) -> Entries:
        """Sorted by name; a name that stands in the archive twice is what it was last."""
        folders, files, links = self._inside.get(parts, (set(), set(), set()))
        return Entries(sorted(folders), sorted(files - folders), sorted(links - folders))

    def open(self, parts: Parts) -> IO[bytes]:
        """The file, whole; one at a time, as they share the archive."""
        info = self._infos.get(parts)
        if info is None or self._archive is None:
            raise FileNotFoundError(2, "it stands in no archive", "/".join(parts))
        if info.size > _LARGEST:
            raise OSError(f"larger than {_LARGEST >> 20} MB")
        if info.issparse():
            raise OSError("a sparse file: unpack the layer to look into it")
        try:
            with self._lock:
                file = self._archive.extractfile(info)
                return io.BytesIO(file.read() if file else b"")
        except (*BROKEN, KeyError) as error:
            raise OSError(f"it cannot be taken out of the layer: {error}") from error

    def changed(self, parts: Parts) -> float:
        """As the archive says it; 0 for a folder that it leaves out."""
        info = self._infos.get(parts)
        return float(info.mtime) if info else 0.0

    def shown(self, parts: Parts) -> str:
        """`image.tar!layer/path`."""
        return "/".join((self._shown, *parts))

    def roots(self, parts: Parts) -> Sequence[str]:
        """A layer's top is the top of a disk."""
        return ("/" + "/".join(parts),)

    def takes_away(self, parts: Parts) -> bool:
        """Whether it deletes a path of a layer below, by a whiteout of it or of a folder above."""
        heads = [parts[:depth] for depth in range(len(parts) + 1)]
        return any(head in self.removed for head in heads) or any(head in self.emptied for head in heads[:-1])

    def close(self) -> None:
        """Let go of the archive."""
        self._file.close()
