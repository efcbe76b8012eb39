r"""Windows events as XML: `wevtutil qe /f:xml`, Event Viewer's "save as XML", Splunk's raw XmlWinEventLog.

One event, many under a root, or many one after another; with or without declaration and namespace; one a line,
all in one line, or laid out over many::

    <?xml version="1.0" encoding="utf-8" standalone="yes"?><Events><Event xmlns='http://...'><System>...</Event>

What one event becomes and what XML loses: see `eventxml`. Specification: MS-EVEN6 2.2.3, and
https://learn.microsoft.com/windows/win32/wes/eventschema-schema.

Its position is its number in the file, from 1, as in an exported event log: Event Viewer writes all events in one
line, others one over many. A reason says the line. An event ends at its own end tag, or broken where another one
begins (`<Event>` with `<System>` as its first child). What is neither an event nor layout is rejected, each line of
it as a record; so is a document type. The rest is read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from clew.read.eventxml import encoded, event
from clew.read.lines import TOO_LONG, Legible, NotARecord, Record, spooled
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "windowsxml"
_BLOCK = 1 << 20
_GAP = 1 << 20  # of what stands between two events, no more than this is looked at together
_AHEAD = 4096  # how much may stand between `<Event` and `<System`

_PROLOGUE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?>[^\[>]|\[.*?\]\s*(?=>))*+>)*+<Events?[\s/>]",
    re.DOTALL,
)
_TAG = re.compile(rb"<Event(?=[\s/>])|</Event(s?)\s*>")
_ALONE = re.compile(rb"<Event(?:\s[^<>]*)?/>")
_RECORD = re.compile(rb"<Event(?:\s[^<>]*)?>\s*<System[\s/>]")
_ROOT = re.compile(rb"<(/?)Events(?:\s[^<>]*)?>")
_LAYOUT = re.compile(rb"\A\xef\xbb\xbf|<\?[^<>]*\?>|</?Events(?:\s[^<>]*)?>")
_OPEN = re.compile(rb"<Event(?=[\s/>])")
_BEGUN_TAG = re.compile(rb"<[^<>]*\Z")


_CUT = "the event is cut: its end tag is missing"
_DOCTYPE = "a document type (DOCTYPE): it is not read, and what it defines is unknown"


def claims(head: bytes) -> bool:
    """Whether the first element is an event, or the root of some."""
    return _PROLOGUE.match(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The events, and what stands between them."""
    yield from spooled(source, Spool(spill, source.name, NAME, size), _Document(source).records())


class _Event(msgspec.Struct, frozen=True):
    """Bytes that begin with `<Event`, up to the end tag, or with the reason why that is missing."""

    data: bytes
    line: int
    fault: str = ""


class _Between(msgspec.Struct, frozen=True):
    """What stands between two events, or before the end."""

    data: bytes
    line: int
    last: bool = False


class _Document:
    """A source while it is read, and its books."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._number = 0
        self._depth = 0  # roots that are open
        self._cut = False
        self._legible = Legible()

    def records(self) -> Iterator[Record | Reject | Note]:
        """Everything that stands in it, in order."""
        for part in _parts(self._source.stream):
            if isinstance(part, _Event):
                yield self._event(part)
            elif part.data.strip():
                yield from self._between(part)
        if self._depth > 0 and not self._cut:
            yield Reject(
                self._source.name,
                0,
                "the end tag of <Events> is missing: the file may be cut between two events",
            )
        yield from self._legible.notes(self._source.name)

    def _event(self, part: _Event) -> Record | Reject:
        self._number += 1
        self._cut = part.fault == _CUT
        try:
            if part.fault:
                raise NotARecord(part.fault)
            return self._number, encoded(event(self._legible.text(part.data, self._number)))
        except NotARecord as reason:
            return Reject(self._source.name, self._number, f"line {part.line}: {reason}")

    def _between(self, part: _Between) -> Iterator[Reject]:
        data = _without_comments(part.data)
        self._depth += sum(-1 if end else 1 for end in _ROOT.findall(data))
        rest = _LAYOUT.sub(lambda match: b"\n" * match[0].count(b"\n"), data)
        begun = _BEGUN_TAG.search(rest) if part.last else None
        if begun:
            rest = rest[: begun.start()]
        if count := sum(1 for line in rest.split(b"\n") if line.strip()):
            line = part.line + rest[: len(rest) - len(rest.lstrip())].count(b"\n")
            yield from self._lost(line, count, _DOCTYPE if b"<!DOCTYPE" in rest else "no event")
        if begun and not (self._depth > 0 and b"</Events>".startswith(begun[0].strip())):
            self._cut = True
            yield from self._lost(part.line + rest.count(b"\n"), 1, "cut in a tag")

    def _lost(self, line: int, count: int, reason: str) -> Iterator[Reject]:
        yield Reject(self._source.name, self._number + 1, f"line {line}: {reason}", count)
        self._number += count


def _parts(stream: IO[bytes]) -> Iterator[_Event | _Between]:
    """A stream as events and what is between them, each byte in exactly one part."""
    window = _Window(stream)
    while not window.ended:
        yield from window.between()
        if not window.ended:
            yield window.event()


class _Window:
    """The part of a stream that is looked at: `_data` from `_at` on, which stands on the line `_line`."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._data = b""
        self._at = 0
        self._line = 1
        self._read_all = False

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._read_all and self._at == len(self._data)

    def _more(self) -> int:
        """Read on, as much again as there is: how many bytes before `_at` are gone from the data."""
        block = self._stream.read(max(_BLOCK, len(self._data) - self._at))
        self._read_all = not block
        gone, self._at = self._at, 0
        self._data = self._data[gone:] + block
        return gone

    def _take(self, to: int) -> bytes:
        """The bytes up to a place, which are done with."""
        taken = self._data[self._at : to]
        self._at = to
        self._line += taken.count(b"\n")
        return taken

    def between(self) -> Iterator[_Between]:
        """What stands before the next event, some at a time."""
        seen = self._at
        while True:
            tag = _OPEN.search(self._data, seen)
            if tag or self._read_all:
                line = self._line
                yield _Between(self._take(tag.start() if tag else len(self._data)), line, not tag)
                return
            seen = _last_tag(self._data, self._at)
            if seen - self._at > _GAP:
                line = self._line
                yield _Between(self._take(seen), line)
            seen -= self._more()

    def event(self) -> _Event:
        """The event that begins here."""
        line, depth, seen, long = self._line, 0, self._at, False
        while True:
            tag = _TAG.search(self._data, seen)
            if not self._read_all and (not tag or len(self._data) - tag.start() < _AHEAD):
                seen = tag.start() if tag else _last_tag(self._data, seen)
                if seen - self._at > LINE_BYTES:
                    long = bool(self._take(seen))
                seen -= self._more()
                continue
            end = len(self._data)
            fault: str | None = _CUT
            if tag:
                end, fault, depth = self._judge(tag, depth)
                seen = tag.end()
                if fault is None:
                    continue
            if long or end - self._at > LINE_BYTES:
                fault = f"the event is {TOO_LONG}"
            return _Event(self._take(end), line, fault or "")

    def _judge(self, tag: re.Match[bytes], depth: int) -> tuple[int, str | None, int]:
        """Where the event ends, with which fault, if it ends with this tag (else None); how many are open then."""
        if tag[0].startswith(b"</"):
            if tag[1]:
                return tag.start(), "its end tag is missing", depth
            return tag.end(), "" if depth == 1 else None, depth - 1
        if depth and _RECORD.match(self._data, tag.start()):
            return tag.start(), "its end tag is missing: another event begins", depth
        if alone := _ALONE.match(self._data, tag.start()):
            return alone.end(), None if depth else "", depth
        return tag.end(), None, depth + 1


def _last_tag(data: bytes, start: int) -> int:
    """Where a tag begins that is not all there yet; else the end."""
    at = data.rfind(b"<", max(start, len(data) - _AHEAD))
    return at if at >= 0 and b">" not in data[at:] else len(data)


def _without_comments(data: bytes) -> bytes:
    """The data without comments; their line ends stay."""
    kept, at = [], 0
    while (start := data.find(b"<!--", at)) >= 0 and (end := data.find(b"-->", start + 4)) >= 0:
        kept += [data[at:start], b"\n" * data.count(b"\n", start, end)]
        at = end + 3
    return b"".join((*kept, data[at:]))
