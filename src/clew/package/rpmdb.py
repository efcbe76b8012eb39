"""rpm's database in SQLite: the packages that a system of Fedora's, Red Hat's or SUSE's kind has installed.

A row a package, with rpm's header as a blob: the number of entries and of bytes of data, then entries of tag, type,
offset and count, then the data; all numbers big-endian, of four bytes. Who made it, the vendor's name tells.
https://rpm-software-management.github.io/rpm/manual/format_header.html
https://rpm-software-management.github.io/rpm/manual/tags.html
"""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from clew.package.model import Item, Listed, PackageError, package
from clew.record import Reject

#: Vendors whose name in package URLs is not the first word of their own.
_VENDORS = {"red": "redhat", "amazon.com": "amazon", "mageia.org": "mageia"}
_TAGS = {1000: "name", 1001: "version", 1002: "release", 1003: "epoch", 1011: "vendor"}
_NUMBER, _TEXTS = 4, (6, 9)
_LARGEST = 16 << 20


def read(path: str, database: Path) -> Iterator[Item]:
    """One entry a package, with the number of its row; `path` is what people call the database.

    What its write-ahead log beside it has is in it. The database is not written to, but SQLite may fold that log in:
    so it should be a copy.
    """
    try:
        with closing(sqlite3.connect(database)) as opened:
            opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
            # A view could run without end; a table ends with the file.
            if not opened.execute(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Packages'"
            ).fetchone():
                yield Reject(path, 0, "no database of rpm: it has no table of packages")
                return
            for number, blob in opened.execute("SELECT hnum, blob FROM Packages ORDER BY hnum"):
                yield _entry(path, number, blob)
    except sqlite3.Error as error:
        yield Reject(path, 0, f"the database cannot be read from here on: {error}")


def _entry(path: str, number: int, blob: object) -> Item:
    try:
        tags = _header(blob if isinstance(blob, bytes) else b"")
        epoch = f"{tags['epoch']}:" if tags.get("epoch", "0") != "0" else ""
        vendor = _vendor(tags.get("vendor", ""))
        name = f"{vendor}/{tags['name']}" if vendor else tags["name"]
        found = package("rpm", name, f"{epoch}{tags['version']}-{tags['release']}")
    except (struct.error, ValueError, KeyError, PackageError) as error:
        return Reject(path, number, f"the header of a package cannot be read: {error}")
    return Listed(found, number)


def _header(blob: bytes) -> dict[str, str]:
    """The tags that are asked for, as text. Raises struct.error or ValueError where they lie outside of the blob."""
    entries, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * entries
    if start + size > len(blob):
        raise ValueError(f"it says {start + size} bytes, and has {len(blob)}")
    found: dict[str, str] = {}
    for tag, type_, offset, _ in struct.iter_unpack(">IIII", blob[8:start]):
        if tag in _TAGS and type_ in _TEXTS:
            end = blob.index(0, start + offset)
            found[_TAGS[tag]] = blob[start + offset : end].decode("utf-8", "replace")
        elif tag in _TAGS and type_ == _NUMBER:
            found[_TAGS[tag]] = str(struct.unpack_from(">I", blob, start + offset)[0])
    return found


def _vendor(name: str) -> str:
    """`fedora` of `Fedora Project`, as package URLs name it."""
    word = re.sub(r"[^a-z0-9.-]", "", name.lower().partition(" ")[0])
    return _VENDORS.get(word, word)
