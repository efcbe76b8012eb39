r"""Syslog, as rsyslog, syslog-ng and journalctl write it to files, and as it comes over TCP with counted octets.

One record a line, or a frame that begins with its length; lines of both RFCs, with or without priority::

    Oct 24 17:05:46 web1 sysmon: <Event><System>...</Event>
    <34>1 2022-10-24T17:05:46.003Z web1 su 77 ID47 - failed for kim
    63 <34>1 2022-10-24T17:05:46.003Z web1 su 77 ID47 - failed for kim

What a line becomes: see `syslogline`. What stands without a header is read if it is a record of its own: a JSON
object, a Windows event, an audit record. What the format loses: year and zone of RFC 3164 times, line ends inside a
message (rsyslog writes them as #012), and the end of a message that is longer than the sender allows.
Specifications: RFC 5424, RFC 3164; RFC 6587 section 3.4.1 for counted octets. A record's position is its line, or
its frame, from 1. Lines by which journalctl marks boots are no records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from clew.read.lines import Legible, NotARecord, Record, read_lines, spooled
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.read.syslogline import parts, syslog_line
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "syslog"
_COUNTED = re.compile(rb"\d{1,8} <\d{1,3}>")
_MARK = re.compile(r"-- (?:Logs begin|Journal begins|Boot|Reboot|No entries)(?: .*)? --")
_FIRST_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\s*+(?:-- [^\n]*\n\s*+)*+([^\n]*)")


def claims(head: bytes) -> bool:
    """Whether the first line with text has a syslog header."""
    if _COUNTED.match(head):
        return True
    first = _FIRST_LINE.match(head)
    if not first:
        return False
    try:
        header, _ = parts(first[1].decode("latin-1"))
    except NotARecord:
        return True
    iso = header.get("timestamp", "")[4:5] == "-"
    return bool(header) and (not iso or "app" in header)


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """One record a line, or a frame."""
    if _COUNTED.match(source.head):
        return spooled(source, Spool(spill, source.name, NAME, size), _counted(source))
    return read_lines(source, spill, NAME, size, _record)


def _record(line: str) -> bytes | None:
    return None if _MARK.fullmatch(line) else syslog_line(line)


def _counted(source: Source) -> Iterator[Record | Reject | Note]:
    legible = Legible()
    for number, (frame, fault) in enumerate(_frames(source.stream), 1):
        try:
            if fault:
                raise NotARecord(fault)
            yield number, syslog_line(legible.text(frame, number).rstrip("\r\n\0"))
        except NotARecord as reason:
            yield Reject(source.name, number, str(reason))
    yield from legible.notes(source.name)


def _frames(stream: IO[bytes]) -> Iterator[tuple[bytes, str]]:
    """Frames with counted octets, each with what is wrong with it; where a count is missing, up to the line's end."""
    count = b""
    while byte := stream.read(1):
        if byte.isdigit() and len(count) < 8:
            count += byte
        elif byte == b" " and 0 < int(count or b"0") <= LINE_BYTES:
            frame = stream.read(int(count))
            yield frame, "the last frame is cut" if len(frame) < int(count) else ""
            count = b""
        elif count or byte not in b"\r\n\0":
            rest = stream.readline(LINE_BYTES)
            while len(rest) == LINE_BYTES and not rest.endswith(b"\n"):
                rest = stream.readline(LINE_BYTES)
            yield b"", "no frame: the count of its octets is missing"
            count = b""
    if count:
        yield b"", "the last frame is cut"
