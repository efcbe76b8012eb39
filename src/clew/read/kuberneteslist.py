r"""Kubernetes' lists: records that stand as `items` in one object, as audit webhooks and `kubectl get` give them.

::

    {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{...},{...}]}
    {"apiVersion":"v1","items":[{...},{...}],"kind":"List","metadata":{"resourceVersion":""}}

A list may be longer than a line may be, pretty-printed or not, and others may follow it. Each item is a record; its
position is its ordinal in the source, from 1. What stands between lists, as single records do, is a record, too.
Specification: https://kubernetes.io/docs/reference/using-api/api-concepts/#collections. What it loses: what is said
of the list itself. Where a list is cut, the items before the cut are read, and the cut is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.read.repair import BYTE_ORDER_MARK
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.read.text import OPEN, Text, balanced, measure
from clew.record import LINE_BYTES, Item, Reject

NAME = "kubernetes list"

_LIST = re.compile(
    rb'\{\s*+(?:"(?:kind|apiVersion|metadata)"\s*+:\s*+(?:"[^"]*+"|\{[^{}]*+\})\s*+,\s*+)++"items"\s*+:\s*+\['
)
_BETWEEN = re.compile(rb"(?:[\s,]|\xef\xbb\xbf)*+")
_NEXT = re.compile(rb"\n\s*+(?=\{)")
#: How an object begins whose first list has just ended: what stands behind is measured with it.
_OPENED = b'{"":['
_HEAD_BYTES = 64 << 10


def claims(head: bytes) -> bool:
    """Whether the source begins with a list that says what it is a list of."""
    return _LIST.match(head.removeprefix(BYTE_ORDER_MARK).lstrip()) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """The items of all lists."""
    spool, text, told = Spool(spill, source.name, NAME, size), Text(source.stream), 0
    reading = _Reading(source.name, text, spool)
    while reading.find():
        yield from reading.take()
        if spool.full and (batch := spool.take(text.taken - told)):
            told = text.taken
            yield batch
    if batch := spool.take(text.taken - told):
        yield batch
    if reading.in_list:
        yield Reject(source.name, 0, "the list does not end: what stood behind is not known")


class _Reading:
    """One source while it is read."""

    def __init__(self, name: str, text: Text, spool: Spool) -> None:
        self._name, self._text, self._spool = name, text, spool
        self._position = 0
        self.in_list = False

    def find(self) -> bool:
        """Go to the next item or list."""
        text = self._text
        while True:
            between = _BETWEEN.match(text.data, text.at)
            text.at = between.end() if between else text.at
            if text.at == len(text.data):
                if not text.more():
                    return False
            elif self.in_list and text.data[text.at : text.at + 1] == b"]":
                self._leave()
            elif not self.in_list and self._enter():
                self.in_list = True
            else:
                return True

    def _enter(self) -> bool:
        """Go to the first item, if a list begins here."""
        text = self._text
        while len(text.data) - text.at < _HEAD_BYTES and text.more():
            pass
        match = _LIST.match(text.data, text.at)
        if match:
            text.at = match.end()
        return match is not None

    def _leave(self) -> None:
        """Go behind the list, whose last item has been read. Where it is cut there, nothing is lost."""
        text = self._text
        self.in_list = False
        while (found := measure(_OPENED + text.data[text.at :], text.ended))[1] == OPEN and text.more():
            pass
        length, _ = found
        text.at = text.at + length - len(_OPENED) if length else len(text.data)

    def take(self) -> Iterator[Reject]:
        """Spool the item that begins here, or reject what is none."""
        text = self._text
        self._position += 1
        length, fault = text.measure()
        item = text.data[text.at : text.at + length].rstrip()
        if fault:
            yield Reject(self._name, self._position, self._pass_over(fault))
        elif len(item) > LINE_BYTES:
            text.at += len(item)
            yield Reject(self._name, self._position, _TOO_LONG)
        elif not item.startswith(b"{"):
            text.at += len(item)
            yield Reject(self._name, self._position, "not a JSON object")
        else:
            text.at += len(item)
            self._spool.add(msgspec.json.format(item, indent=-1) if b"\n" in item else item, self._position)

    def _pass_over(self, fault: str) -> str:
        """Go behind a faulty item, or where its brackets do not close to the next line that begins like one."""
        text = self._text
        cut = fault == OPEN and text.ended
        text.fill()
        if end := balanced(text.data, text.at, len(text.data)):
            text.at = end
        elif text.skip_to(_NEXT):
            self.in_list = self.in_list and not _LIST.match(text.data, text.at)
        else:
            self.in_list = False
            return "the last item is cut" if cut else f"{fault}; nothing behind it can be told apart"
        return _TOO_LONG if fault == OPEN and not cut else fault


_TOO_LONG = f"the item is longer than {LINE_BYTES >> 20} MiB"
