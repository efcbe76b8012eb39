"""Package files -> the packages that they name. One file a format; which it is, is told by its name.

Software bills of materials have no fixed names: a JSON file under another name is one where its head says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import PurePath

from clew.package.lock import (
    apk,
    blocks,
    bun,
    composer,
    cyclonedx,
    dpkg,
    gemfile,
    gosum,
    manifest,
    npm,
    pipfile,
    pnpm,
    requirements,
    spdx,
    yarn,
)
from clew.package.model import Document, Item, Reader
from clew.record import Reject

READERS: tuple[Reader, ...] = (
    *(npm, yarn, pnpm, bun, manifest),
    *(requirements, blocks.poetry, blocks.uv, pipfile),
    *(blocks.cargo, gosum, gemfile, composer),
    *(cyclonedx, spdx),
    *(dpkg, apk),
)

#: A larger package file is not read.
MAX_BYTES = 256 << 20
_BILLS = (cyclonedx, spdx)
_SYSTEMS = (dpkg, apk)


def reader_of(name: str, above: str = "") -> Reader | None:
    """The reader of files of that name, perhaps only in a folder of some name; None where there is none."""
    whole, endings = _names()
    folded = name.lower()
    for known in (folded, f"{above}/{folded}", f"{above.rpartition('/')[2]}/{folded}"):
        if known in whole:
            return whole[known]
    return next((reader for ending, reader in endings if folded.endswith(ending)), None)


def bill_reader(head: bytes) -> Reader | None:
    """The reader of a software bill of materials, told by its first bytes."""
    if b'"bomFormat"' in head:
        return cyclonedx
    return spdx if b'"spdxVersion"' in head or b'"SPDXID"' in head else None


def is_bill(reader: Reader) -> bool:
    """Whether it reads software bills of materials, and not lockfiles."""
    return reader in _BILLS


def is_system(reader: Reader) -> bool:
    """Whether it reads what a system has installed, and not what a project asks for."""
    return reader in _SYSTEMS


def read(path: str, data: bytes, reader: Reader) -> Iterator[Item]:
    """What the reader makes of a file's bytes."""
    if len(data) > MAX_BYTES:
        yield Reject(path, 0, f"larger than {MAX_BYTES >> 20} MB: no package file is")
        return
    if PurePath(path).name == "bun.lockb":
        data = data[:64]
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        yield Reject(path, line, f"not UTF-8 text: byte {error.start} is {data[error.start]:#04x}")
        text = data.decode("utf-8-sig", "replace")
    if "\0" in text:
        yield Reject(
            path, text[: text.index("\0")].count("\n") + 1, "it holds zero bytes: no text, or damaged"
        )
        text = text.replace("\0", "\n")
    if not text.strip() and reader is not requirements:  # to require nothing is as good as any
        yield Reject(path, 0, "the file is empty")
        return
    yield from reader.read(Document(path, text))


@cache
def _names() -> tuple[dict[str, Reader], tuple[tuple[str, Reader], ...]]:
    pairs = [(name, reader) for reader in READERS for name in reader.NAMES]
    whole = {name: reader for name, reader in pairs if not name.startswith("*")}
    return whole, tuple((name[1:], reader) for name, reader in pairs if name.startswith("*"))
