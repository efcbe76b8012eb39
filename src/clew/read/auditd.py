r"""The Linux audit log (/var/log/audit/audit.log), also as `ausearch --raw` and `ausearch` without flags print it.

One record a line; the records of one event share their time and serial number, and stand among others::

    type=SYSCALL msg=audit(1492037291.036:59): arch=c000003e syscall=59 success=yes exit=0 ... exe="/usr/bin/grep"
    type=EXECVE msg=audit(1492037291.036:59): argc=3 a0="grep" a1="--color=auto" a2="mapping"

What a line becomes: see `auditline`; how the records of one event become one: `auditevent`. Lines `----` and `time->`
are ausearch's layout and no records. What the format loses: which host it was, unless auditd is set to write `node=`;
numbers are the machine's own (system calls, users), unless auditd resolves them (log_format = ENRICHED).
Specification: https://github.com/linux-audit/audit-documentation. A record's position is its line, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from clew.read.auditevent import assembled
from clew.read.auditline import audit_line
from clew.read.lines import records, spooled
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES, Spool
from clew.record import Item

NAME = "auditd"
_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|----[^\n]*\n|time->[^\n]*\n)*+(?:node=\S+ )?type=\S+ (?:msg=)?audit\("
)


def claims(head: bytes) -> bool:
    """Whether the first line with text is an audit record."""
    return _BEGINNING.match(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """One record an event."""
    whole = assembled(source.name, NAME, records(source, _record))
    return spooled(source, Spool(spill, source.name, NAME, size), whole)


def _record(line: str) -> bytes | None:
    if line.startswith(("----", "time->")):
        return None
    return msgspec.json.encode(audit_line(line.strip(" \t")))
