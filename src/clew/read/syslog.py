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

from clew.read.auditevent import assembled
from clew.read.lines import Legible, NotARecord, Record, records, spooled
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.read.syslogline import Engines, parts, syslog_line
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
    """One record a line, or a frame; of audit records one an event."""
    engines: Engines = {}
    if _COUNTED.match(source.head):
        found = _counted(source, engines)
    else:
        found = records(source, lambda line: _record(line, engines))
    return spooled(source, Spool(spill, source.name, NAME, size), assembled(source.name, NAME, found))


def _record(line: str, engines: Engines) -> bytes | None:
    return None if _MARK.fullmatch(line) else syslog_line(line, engines)


def _counted(source: Source, engines: Engines) -> Iterator[Record | Reject | Note]:
    legible = Legible()
    for number, (frame, fault) in enumerate(_Frames(source.stream).all(), 1):
        try:
            if fault:
                raise NotARecord(fault)
            yield number, syslog_line(legible.text(frame, number).rstrip("\r\n\0"), engines)
        except NotARecord as reason:
            yield Reject(source.name, number, str(reason))
    yield from legible.notes(source.name)


class _Frames:
    """A stream of frames with counted octets: `_data` from `_at` on is what was read and is not done with."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._data, self._at = stream, b"", 0

    def all(self) -> Iterator[tuple[bytes, str]]:
        """Each frame, and what is wrong with it. Where a count is missing, all up to the next frame or line is one."""
        while self._more():
            if blank := _BLANK.match(self._data, self._at):
                self._at = blank.end()
            elif (count := _COUNT.match(self._data, self._at)) and 0 < int(count[1]) <= LINE_BYTES:
                self._at = count.end()
                frame = self._take(int(count[1]))
                yield frame, _CUT if len(frame) < int(count[1]) else ""
            elif self._data[self._at :].isdigit():  # the end: else there would be more of it
                self._at = len(self._data)
                yield b"", _CUT
            else:
                self._pass_over()
                yield b"", "no frame: the count of its octets is missing"

    def _more(self) -> bool:
        """Whether anything is left; enough is read to tell what comes next."""
        if len(self._data) - self._at < _ENOUGH:
            self._data = self._data[self._at :] + self._stream.read(_BLOCK)
            self._at = 0
        return self._at < len(self._data)

    def _take(self, size: int) -> bytes:
        frame = self._data[self._at : self._at + size]
        self._at += len(frame)
        return frame + self._stream.read(size - len(frame)) if len(frame) < size else frame

    def _pass_over(self) -> None:
        if fault := _FAULT.match(self._data, self._at):
            self._at = fault.end()
        while self._more():
            if resumed := _RESUMED.search(self._data, self._at):
                self._at = resumed.start()
                return
            self._at = max(self._at + 1, len(self._data) - _ENOUGH + 1)


_CUT = "the last frame is cut"
_BLANK = re.compile(rb"[\r\n\0]+")
_COUNT = re.compile(rb"(\d{1,8}) ")
_FAULT = re.compile(rb"\d*+.?", re.DOTALL)  # not a part of a number that is no count
_RESUMED = re.compile(rb"\n|(?<!\d)\d{1,8} <\d{1,3}>")
_BLOCK = 64 << 10
_ENOUGH = 32  # more than a count and a priority
