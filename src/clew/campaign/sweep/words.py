"""The words of logs, a piece at a time: as they stand, and as the readers of their formats understand them.

A word is a run of letters, digits and `_.:-`. No reader may make a word that is not found here. Texts may escape signs
(`\\x2e` of Zeek, `\\u002e` and `\\n` of JSON, `&#46;` of XML, `#012` of syslog), write values as hex digits (auditd) or
in percents (dockerd's URIs). What else is escaped parts words, as the signs do that it stands for. Of what is no text,
the readers themselves give the records: in EVTX values stand one after another with nothing between.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from clew.archive import Leaf, leaves
from clew.read import READERS, evtx, logrus, parquet, read_source
from clew.read.encoding import as_utf8, utf16
from clew.record import Batch

_PIECE = 4 << 20
_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"
_APART = bytes(code if code in _SIGNS else 32 for code in range(256))
#: Words stay together with the escapes between them, so that escapes are looked for in each such run once.
_ESCAPED = bytes(code if code in _SIGNS + b"\\&#;%" else 32 for code in range(256))
#: A word with signs in it that are written as numbers.
_NUMBERED = re.compile(
    rb"(?<![\w.:-])[\w.:-]*(?:(?:\\+(?:u00|x)[0-7][0-9a-fA-F]|&#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});)[\w.:-]*)+"
)
_NUMBER = re.compile(rb"\\+(?:u00|x)([0-7][0-9a-fA-F])|&#(\d{1,7});|&#[xX]([0-9a-fA-F]{1,6});")
#: A word behind an escape that is a letter or digits.
_BEHIND = re.compile(rb"(?:\\[abefnrtv]|#[0-7]{3})([\w.:-]{3,})")
_PERCENTS = re.compile(rb"(?<![\w.:-])[\w.:-]*(?:%[0-7][0-9a-fA-F][\w.:-]*)+")
_PERCENT = re.compile(rb"%([0-7][0-9a-fA-F])")
_HEX = re.compile(rb"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){4,}(?![0-9A-Fa-f])")
#: A log of auditd, also where syslog or journald carries it.
_AUDIT = b"audit("


def of_log(log: Path) -> Iterator[set[bytes]]:
    """The words of a log, or of the logs in an archive."""
    with log.open("rb") as raw, tempfile.TemporaryDirectory(prefix="clew-") as spill:
        for found in leaves(str(log), io.BufferedReader(raw), Path(spill), log):
            if isinstance(found, Leaf):
                yield from _of_leaf(found, Path(spill))


def _of_leaf(leaf: Leaf, spill: Path) -> Iterator[set[bytes]]:
    reader = next((reader for reader in READERS if reader.claims(leaf.head)), None)
    if reader is parquet and leaf.path and (columns := parquet.texts(leaf.path)) is not None:
        for text in columns:
            yield from of_text(io.BytesIO(text))
    elif reader in (evtx, parquet):
        yield from _read(leaf, spill)
    else:
        codec = utf16(leaf.head)
        stream = as_utf8(leaf.stream, codec) if codec else leaf.stream
        yield from of_text(stream, percents=reader is logrus)


def _read(leaf: Leaf, spill: Path) -> Iterator[set[bytes]]:
    """By way of the reader, whose batches are JSON."""
    for item in read_source(leaf, spill):
        if isinstance(item, Batch):
            with item.lines.open("rb") as lines:
                yield from of_text(lines)
            item.done()


def of_text(stream: IO[bytes], *, percents: bool = False) -> Iterator[set[bytes]]:
    """The words of a text, line by line."""
    rest = b""
    while data := stream.read(_PIECE):
        head, line_end, tail = data.rpartition(b"\n")
        piece = rest + head + line_end
        rest = tail if line_end else rest + data
        if line_end:
            yield _of(piece, percents)
    yield _of(rest, percents)


def _of(piece: bytes, percents: bool) -> set[bytes]:
    """The words of a piece; where there are escapes, as they stand and as they are meant."""
    runs = b" ".join(set(piece.translate(_ESCAPED).split()))
    found = _parted(runs)
    if b"\\u00" in runs or b"\\x" in runs or b"&#" in runs:
        for written in set(_NUMBERED.findall(runs)):
            found |= _parted(_NUMBER.sub(_sign, written))
    if b"\\" in runs or b"#0" in runs:
        found |= _parted(b" ".join(set(_BEHIND.findall(runs))))
    if percents and b"%" in runs:
        for written in set(_PERCENTS.findall(runs)):
            found |= _parted(_PERCENT.sub(_sign, written))
    if _AUDIT in piece:
        for digits in set(_HEX.findall(runs)):
            found |= _parted(bytes.fromhex(digits.decode()))
    return found


def _parted(text: bytes) -> set[bytes]:
    return set(text.translate(_APART).split())


def _sign(match: re.Match[bytes]) -> bytes:
    """The sign that a number stands for."""
    first, *more = match.groups()
    code = int(first, 16) if first else int(more[0]) if more[0] else int(more[1], 16)
    return bytes([code]) if code < 128 else b" "
