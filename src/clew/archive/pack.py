"""Archives: zip and tar -> their members that are files, and what there is to say of the others.

Formats: https://pkware.cachefly.net/webdocs/APPNOTE/APPNOTE-6.3.9.TXT (zip), POSIX pax (tar).
"""

from __future__ import annotations

import io
import stat
import sys
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Self, TypeAlias, cast

import msgspec

from clew.archive.stream import BROKEN

if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile


class Member(msgspec.Struct, frozen=True):
    """A file in an archive: its path there, and what gives its bytes, at most so many at a time."""

    path: str
    pull: Callable[[int], bytes]


class Fault(msgspec.Struct, frozen=True):
    """What cannot be read: a member, or with an empty path the rest of the archive."""

    path: str
    reason: str


class Others(msgspec.Struct, frozen=True):
    """How many members were passed over because they are no files."""

    text: str


Entry: TypeAlias = Member | Fault | Others


def zipped(file: IO[bytes]) -> Iterator[Entry]:
    """The members of a zip archive, which must be one that can be sought in."""
    links = 0
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN as error:
        yield Fault("", str(error))
        return
    with archive:
        for info in archive.infolist():
            if stat.S_ISLNK(info.external_attr >> 16):
                links += 1
            elif not info.is_dir():
                yield _zip_member(archive, info)
    if links:
        yield Others(f"{links} links were passed over")


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    if info.flag_bits & 1:
        return Fault(info.filename, "encrypted; unpack it with its password first")
    try:
        opened = cast(io.BufferedIOBase, archive.open(info))
    except BROKEN as error:
        return Fault(info.filename, str(error))
    left = info.file_size

    def pull(size: int) -> bytes:
        """All but the last byte, then that: with it the checksum is looked at, and a fault costs what is read."""
        nonlocal left
        data = opened.read1(min(size, max(left - 1, 1)))
        left -= len(data)
        if not data and left > 0:
            raise EOFError(f"it is cut: {left:,} bytes are missing")
        return data

    return Member(info.filename, pull)


class Header(tarfile.TarInfo):
    """A header. A sparse file is known for one, but its map, which may have millions of pieces, is not read."""

    def _proc_gnusparse_10(self, next: tarfile.TarInfo, *_: object) -> None:
        next.sparse = b""  # what is not None, is sparse


class _Header(Header):
    """A member's header; only the mark of zeros ends an archive, and neither a broken header nor a cut does."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except _END:
            raise
        except _HEADER as error:
            raise _READ(f"no header of a member and no end mark ({error})") from error


_END: type[Exception] = tarfile.EOFHeaderError  # type: ignore[attr-defined]
_HEADER, _READ = tarfile.HeaderError, tarfile.ReadError


def tarred(stream: IO[bytes]) -> Iterator[Entry]:
    """The members of a tar archive, in order; each must be read before the next one is asked for."""
    others = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
            while info := archive.next():
                archive.members = []  # type: ignore[attr-defined]  # it keeps each header that it has seen
                if info.type in tarfile.REGULAR_TYPES and not info.issparse():
                    yield Member(info.name, _tar_member(cast(IO[bytes], archive.fileobj), info.size))
                elif not info.isdir():
                    others += 1
    except BROKEN as error:
        yield Fault("", f"{error}; the rest of it is lost")
    if others:
        yield Others(f"{others} members that are no plain files (links, devices, sparse) were passed over")


def _tar_member(stream: IO[bytes], left: int) -> Callable[[int], bytes]:
    def pull(size: int) -> bytes:
        nonlocal left
        data = stream.read(min(size, left)) if left else b""
        left -= len(data)
        if left and not data:
            raise EOFError(f"the archive ends in it: {left:,} bytes are missing")
        return data

    return pull
