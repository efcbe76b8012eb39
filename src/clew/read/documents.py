r"""JSON documents: objects that do not stand one a line, in an array, one after another, or both.

::

    [                           {                           {"a":1},{"a":2}{"a":3}
      {"a": 1},                   "a": 1
      {"a": 2}                  }
    ]                           {
                                  "a": 2
                                }

That is what `jq`, `ConvertTo-Json`, web consoles and cloud command lines write. A document's position is its
ordinal in the source, from 1; each element of an array counts, also one that is no object. A document of more
than one line becomes one line, with its digits and the order of its keys as they were written. Of the answer of a
search (see `answer`) the documents are its hits; several answers may stand one after another.

Specification: RFC 8259. What it loses: nothing, but a fault may hide where the next document begins. That is
told by the layout: by a line that begins as the lines of documents before it did, or by brackets that close, or
else by the first key of the first document. All that is passed over is one reject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.archive.stream import HEAD_BYTES
from clew.read.answer import MEMBER, opened
from clew.read.repair import BYTE_ORDER_MARK
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.read.text import OPEN, Text, balanced, measure
from clew.record import LINE_BYTES, Item, Note, Reject

NAME = "json"


def claims(head: bytes) -> bool:
    """Whether an array of objects or a search's answer begins, or an object that is no line of its own."""
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"["):
        return bool(_ARRAY.match(text))
    return text.startswith(b"{") and (_is_no_line(text) or opened(text) is not None)


# Lines of other logs begin with a bracket, too: [2024-01-01 10:00:00] ...
_ARRAY = re.compile(rb'\[\s*+(?:\Z|\]\s*+(?:\Z|\[)|\{\s*+(?:\Z|["}]))')


def _is_no_line(text: bytes) -> bool:
    """Whether the first line is something else than one object, whole or cut."""
    if _ALONE.search(text):
        return True
    line, _, rest = text.partition(b"\n")
    length, fault = measure(line)
    if fault == OPEN:
        return rest.lstrip()[:1] not in (b"", b"{")
    return not fault and line[length:].lstrip()[:1] in (b"{", b",")


_ALONE = re.compile(rb"^\{[ \t\r]*$", re.MULTILINE)


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The documents of a source, and what between them is none."""
    spool, text, told = Spool(spill, source.name, NAME, size), Text(source.stream), 0
    reading = _Reading(source.name, text, spool)
    while reading.find():
        yield from reading.take()
        if spool.full and (batch := spool.take(text.taken - told)):
            told = text.taken
            yield batch
    if batch := spool.take(text.taken - told):
        yield batch
    yield from reading.close()


class _Reading:
    """One source while it is read."""

    def __init__(self, name: str, text: Text, spool: Spool) -> None:
        self._name, self._text, self._spool = name, text, spool
        self._layout = _Layout()
        self._position = 0  # of the last document
        self._between = b"\n"  # what stands before the next one
        self.in_array = False
        self._answers: bool | None = (
            None  # whether the source has answers of searches, as its first document tells
        )
        self._around = 0  # objects around the hits of this answer
        self._total = 0  # hits that a search found
        self._run_on = 0  # documents that did not end
        self._wary = False  # brackets did not close: from now on they are looked for up to the next document
        self._rest = ""

    def find(self) -> bool:
        """Go to the next document, or to something else that is no space between documents."""
        text = self._text
        while True:
            end = _space_to(text.data, text.at)
            self._between = (self._between + text.data[text.at : end])[-_KEPT:]
            text.at = end
            if end == len(text.data):
                if not text.more():
                    return False
            elif text.data[end : end + 1] == b"]["[not self.in_array :][:1]:
                self.in_array = not self.in_array
                self._between += b"["
                text.at += 1
            elif self.in_array or not (self._behind() if self._around else self._enter()):
                return True

    def close(self) -> Iterator[Item]:
        """What is to be said at the end."""
        if self.in_array or self._around:
            yield Reject(self._name, 0, "the array does not end: what stood behind is not known")
        if self._total > self._position:
            said = f"the search found {self._total:,} documents, of which its answer has {self._position:,}"
            yield Note(self._name, said)

    def _enter(self) -> bool:
        """Go to the first hit, where a search's answer begins here."""
        text = self._text
        if self._answers is False:
            return False
        while len(text.data) - text.at < HEAD_BYTES and text.more():
            pass
        answer = opened(text.data[text.at : text.at + HEAD_BYTES])
        self._answers = self._answers or answer is not None
        if answer is None:
            return False
        text.at += answer.at
        self._between += b"["
        self.in_array, self._around = True, answer.around
        self._total = max(self._total, answer.total)
        return True

    def _behind(self) -> bool:
        """Go on behind the hits, out of an object or over one of its members; False where that is neither."""
        text = self._text
        if text.data[text.at : text.at + 1] == b"}":
            text.at, self._around = text.at + 1, self._around - 1
            return True
        while not (match := MEMBER.match(text.data, text.at)) and len(text.data) - text.at < HEAD_BYTES:
            if not text.more():
                break
        if match:
            text.at = match.end()
            length, fault = text.measure()
            text.at += length
            if not fault:
                return True
        self._around = 0
        return False

    def take(self) -> Iterator[Reject]:
        """Spool the document that begins here, or reject what is none."""
        text = self._text
        self._layout.learn(self._between)
        self._between = b""
        self._position += 1
        length, fault = self._measure()
        if fault:
            yield Reject(self._name, self._position, self._pass_over(fault))
            return
        document = text.data[text.at : text.at + length].rstrip()
        text.at += len(document)
        if not document.startswith(b"{"):
            yield Reject(self._name, self._position, "not a JSON object")
        elif len(document) > LINE_BYTES:
            yield Reject(self._name, self._position, _TOO_LONG)
        else:
            self._layout.learn_key(document)
            self._spool.add(_one_line(document), self._position)

    def _measure(self) -> tuple[int, str]:
        """Looking on for the end costs time, so after many that had none it is looked for only up to the next."""
        if self._run_on < _PATIENCE:
            return self._text.measure()
        return self._text.measure_before(self._layout.opening)

    def _pass_over(self, fault: str) -> str:
        """Go to where the next document may begin, and say what was passed over."""
        text = self._text
        text.fill()
        begin = text.data[text.at : text.at + 1]
        if begin == b"\0":
            fault = "a run of NUL bytes"
        if fault == OPEN and not text.ended:
            fault = _TOO_LONG
        if next_ := self._after_brackets(fault) if begin in (b"{", b"[") else self._after_junk():
            text.at = next_
        elif next_ := text.find(self._layout.opening):
            text.at, self._between = next_, self._layout.before
            return _RUNS_ON if fault in (OPEN, _TOO_LONG) else fault
        elif not self._skip():
            return "the last document is cut" if fault == OPEN else f"{fault}; {self._rest}"
        return fault

    def _after_brackets(self, fault: str) -> int:
        """The end of a faulty document whose brackets close, 0 where they do not."""
        if fault in (OPEN, _TOO_LONG):
            self._run_on += 1
            return 0
        text, layout = self._text, self._layout
        limit = text.find(layout.opening) if layout.by_line or self._wary else 0
        end = balanced(text.data, text.at, limit or len(text.data))
        self._wary = self._wary or not end
        return end

    def _after_junk(self) -> int:
        """Where a bracket stands next, 0 where a line tells better, or there is none."""
        if self._layout.by_line and self._text.find(self._layout.opening):
            return 0
        return max(self._text.find(_BRACKET) - 1, 0)

    def _skip(self) -> bool:
        """Go to where a document begins, beyond what is held; False: to the end."""
        start = self._text.taken - len(self._text.data) + self._text.at
        if self._text.skip_to(self._layout.opening):
            self._between = self._layout.before
            return True
        self.in_array = False
        self._rest = f"nothing in the {self._text.taken - start:,} bytes from here on can be told apart"
        return False


_RUNS_ON = "it does not end before the next document begins"
_TOO_LONG = f"the document is longer than {LINE_BYTES >> 20} MiB"
_PATIENCE = 100
_BRACKET = re.compile(rb"[\[{\]]")
_KEPT = 256
_BETWEEN = re.compile(rb"(?:[\s,]|\xef\xbb\xbf)*+")


def _space_to(data: bytes, at: int) -> int:
    """The end of blanks and commas; byte order marks stand where files were put together."""
    match = _BETWEEN.match(data, at)
    return match.end() if match else at


def _one_line(document: bytes) -> bytes:
    """The same text without line ends; they can stand only between its parts."""
    if b"\n" in document or b"\r" in document:
        return msgspec.json.format(document, indent=-1)
    return document


class _Layout:
    """How documents of a source begin, as far as is known: `opening` ends where one may begin."""

    def __init__(self) -> None:
        self.by_line = False
        self._indent: bytes | None = None
        self._line = self._key = _NEVER

    @property
    def opening(self) -> re.Pattern[bytes]:
        """The pattern for what stands now."""
        return self._line if self.by_line else self._key

    @property
    def before(self) -> bytes:
        """What stands before a document that was found by its opening."""
        return b"\n" + (self._indent or b"") if self.by_line else b""

    def learn(self, between: bytes) -> None:
        """Take notice of what stood before a document."""
        _, newline, indent = between.rpartition(b"\n")
        self.by_line = bool(newline) and b"[" not in indent
        if self.by_line and indent != self._indent:
            self._indent = indent
            self._line = re.compile(rb"\n" + re.escape(indent) + rb"(?=\{)")

    def learn_key(self, document: bytes) -> None:
        """Take notice of how a document begins."""
        if self._key is _NEVER and (key := _FIRST_KEY.match(document)):
            self._key = re.compile(rb"[,}\]\[\s](?=" + re.escape(key[0]) + rb")")


_NEVER = re.compile(rb"(?!)")
_FIRST_KEY = re.compile(rb'\{\s*+"(?:[^"\\]|\\.){0,1000}"\s*+:', re.DOTALL)
