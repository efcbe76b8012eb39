"""Databases of rpm in SQLite, as rpm 4.16 and later make them: a table of headers.

https://rpm-software-management.github.io/rpm/manual/format_header.html
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

_STRING, _NUMBER, _IMMUTABLE, _BINARY = 6, 4, 63, 7


def rpm_header(name: str, version: str, release: str, vendor: str = "", epoch: int | None = None) -> bytes:
    """A header of a package, with the region that all headers begin with."""
    texts = {1000: name, 1001: version, 1002: release, **({1011: vendor} if vendor else {})}
    data, entries = b"", []
    for tag, text in texts.items():
        entries.append((tag, _STRING, len(data), 1))
        data += text.encode() + b"\0"
    if epoch is not None:
        data += b"\0" * (-len(data) % 4)
        entries.append((1003, _NUMBER, len(data), 1))
        data += struct.pack(">I", epoch)
    entries.insert(0, (_IMMUTABLE, _BINARY, len(data), 16))
    data += struct.pack(">IIiI", _IMMUTABLE, _BINARY, -16 * len(entries), 16)
    index = b"".join(struct.pack(">IIII", *entry) for entry in entries)
    return struct.pack(">II", len(entries), len(data)) + index + data


def rpm_database(path: Path, headers: Sequence[bytes]) -> bytes:
    """The database's bytes."""
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        made.executemany("INSERT INTO Packages (blob) VALUES (?)", [(header,) for header in headers])
    return path.read_bytes()
