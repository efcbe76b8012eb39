r"""containerd's events, as `ctr events` prints them: one a line.

::

    2026-11-25 01:26:22.799250159 +0000 UTC k8s.io /tasks/start {"container_id":"e7de...","pid":26904}

A line becomes `{"engine":"containerd events","entry":"/tasks/start","time":...,"namespace":"k8s.io","event":{...}}`;
the time is Go's, in UTC. What the format loses: which containerd it was.
Specification: https://github.com/containerd/containerd/blob/v1.7.0/cmd/ctr/commands/events/events.go.
A record's position is its line, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.read.lines import NotARecord, read_lines
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES
from clew.record import Item

NAME = "ctr events"

_EVENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d) (?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?) \+0000 UTC "
    r"(?P<namespace>\S+) (?P<topic>/\S+) ?(?P<event>.*)"
)
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC \S+ /[a-z-]+/"
)


def claims(head: bytes) -> bool:
    """Whether the first line with text is such an event."""
    return _BEGINNING.match(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """One record a line."""
    return read_lines(source, spill, NAME, size, _record)


def _record(line: str) -> bytes:
    """The record that a line is. Raises NotARecord."""
    found = _EVENT.fullmatch(line)
    if not found:
        raise NotARecord("no event of containerd")
    try:
        event = msgspec.json.decode(found["event"] or "{}")
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotARecord(f"its JSON is cut or broken: {error}") from None
    return msgspec.json.encode(
        {
            "engine": "containerd events",
            "entry": found["topic"],
            "time": f"{found['day']}T{found['clock']}Z",
            "namespace": found["namespace"],
            "event": event,
        }
    )
