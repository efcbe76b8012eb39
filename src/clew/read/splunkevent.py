r"""Windows events as Splunk indexes them where XML is not asked for (WinEventLog, the classic form), exported as text.

A date line, a line a key, and the message that Windows makes of the event, as long as it is::

    03/25/2022 05:46:37 PM
    LogName=Security
    EventCode=4688
    ComputerName=ws1.corp.example
    Message=A new process has been created.

    Process Information:
            New Process Name:   C:\Windows\System32\calc.exe

    {"WinEventLog":{"time":"03/25/2022 05:46:37 PM","LogName":"Security","EventCode":"4688",...,"Message":"A new ..."}}

A record begins at a date line that is followed by `LogName=`; its position is that line, from 1. The message is kept
whole: what stands in it is a mapping's matter. What the format loses: the zone of the time, which is the machine's
own with a 12-hour clock, in its language's order of day and month, and stays as written; the names and the types of
the event's data. Specification: https://docs.splunk.com/Documentation/Splunk/latest/Data/MonitorWindowseventlogdata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.read.lines import TOO_LONG, Fields, Legible, NotARecord, Record, numbered, spooled
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "splunk"
_DATE = re.compile(rb"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} \d{1,2}:\d\d:\d\d(?:\.\d+)?(?: [AP]M)?\s*")
_FIRST_KEY = b"LogName="
_KEY = re.compile(r"^(\w++)=(.*+(?:\n(?!\w++=).*+)*+)", re.MULTILINE)  # with lines that no key begins
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*" + _DATE.pattern.removesuffix(rb"\s*") + rb"[ \t]*\r?\n" + _FIRST_KEY
)


def claims(head: bytes) -> bool:
    """Whether the first line with text is a date, and the next one names a log."""
    return _BEGINNING.match(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """One record a date line."""
    return spooled(source, Spool(spill, source.name, NAME, size), _Export(source).records())


class _Export:
    """A source while it is read: the lines of the record that is open, and what is not known yet to begin one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._legible = Legible()
        self._text = bytearray()
        self._number = self._size = 0

    def records(self) -> Iterator[Record | Reject | Note]:
        """Every record, in order."""
        date, at, line = b"", 0, b""
        for number, line in numbered(self._source.stream):
            if date and line.startswith(_FIRST_KEY):
                yield from self._close()
                self._number = at
                self._add(date)
                date = b""
            elif date:
                self._add(date)
                date = b""
            if _DATE.fullmatch(line):
                date, at = line, number
            else:
                self._add(line)
        self._add(date)
        yield from self._close()
        if line and not line.endswith(b"\n"):
            yield Note(
                self._source.name, "its last line has no line end: if it is cut, the last message may be too"
            )
        yield from self._legible.notes(self._source.name)

    def _add(self, line: bytes) -> None:
        """A line of the open record; of one that is too long, only its size."""
        self._size += len(line)
        if self._size > LINE_BYTES:
            self._text.clear()
        else:
            self._text += line

    def _close(self) -> Iterator[Record | Reject]:
        if self._number and self._size > LINE_BYTES:
            yield Reject(self._source.name, self._number, f"the record is {TOO_LONG}")
        elif self._number:
            text = self._legible.text(bytes(self._text), self._number).replace("\r\n", "\n")
            try:
                yield self._number, msgspec.json.encode({"WinEventLog": _fields(text)})
            except NotARecord as reason:
                yield Reject(self._source.name, self._number, str(reason))
        self._text.clear()
        self._size = 0


def _fields(text: str) -> dict[str, str]:
    """The fields of a record, its date first, its message last."""
    date, _, rest = text.partition("\n")
    head, mark, message = rest.partition("\nMessage=")
    fields = Fields()
    fields.add("time", date.strip())
    for key in _KEY.finditer(head):
        fields.add(key[1], key[2].rstrip("\n"))
    if mark:
        fields.add("Message", message.rstrip())
    return fields.found
