r"""One line of the Linux audit log -> one record.

::

    node=web1 type=EXECVE msg=audit(1492037291.036:59): argc=2 a0="grep" a1=2D6520666F6F

    {"type":"EXECVE","node":"web1","time":"1492037291.036","serial":59,"fields":{"argc":"2","a0":"grep","a1":"-e foo"}}

Values are text. Quotes are taken off; bare hex of a field that the kernel or a program encodes (`ENCODED`) becomes
the text that it is of, with U+FFFD for bytes that are no UTF-8; the NULs between the arguments of a `proctitle` and
the 01 between several keys stay. `saddr` stays hex: it is a structure, no text. `(null)`, `?` and what is odd (a
quote without its partner) stay as written.

`msg='...'` of a program becomes an object of its own, by the same rules. What auditd adds when it resolves numbers
(behind a byte 1D, which exporters drop, so the names tell as well) stands under `enriched`. A name that comes again
gets the suffix _1, _2, so that the first one keeps the name. Words that are no field (`avc:  denied  { read } for`)
stand together under `text`.

Specification: https://github.com/linux-audit/audit-documentation (fields: specs/fields/field-dictionary.csv, where
the encoded ones are named; AppArmor's are from auparse/typetab.h of the audit daemon).
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

from clew.read.lines import Fields, NotARecord

Values: TypeAlias = "dict[str, str | Values]"

#: Fields whose value is hex, where it holds a blank, a quote, a control character or no ASCII.
ENCODED = frozenset(
    (
        *(
            "acct",
            "cgroup",
            "cmd",
            "comm",
            "cwd",
            "data",
            "device",
            "dir",
            "exe",
            "file",
            "grp",
            "invalid_context",
        ),
        *("key", "name", "new_group", "ocomm", "path", "proctitle", "root_dir", "sw", "vm", "watch"),
        *("new-chardev", "old-chardev", "new-disk", "old-disk", "new-fs", "old-fs", "new-net", "old-net"),
        *("new-rng", "old-rng"),
        *("apparmor", "operation", "denied_mask", "info", "profile", "requested_mask"),
    )
)
#: Names under which auditd adds what a number stands for.
RESOLVED = (
    *(
        "ARCH",
        "SYSCALL",
        "SADDR",
        "UID",
        "GID",
        "AUID",
        "EUID",
        "EGID",
        "SUID",
        "SGID",
        "FSUID",
        "FSGID",
        "OUID",
    ),
    *(
        "OGID",
        "OAUID",
        "IUID",
        "IGID",
        "ID",
        "INODE_UID",
        "INODE_GID",
        "OBJ_UID",
        "OBJ_GID",
        "OLD-AUID",
        "SAUID",
    ),
    *("NEW_GID", "GRP"),
)

_LINE = re.compile(
    r"(?:node=(?P<node>\S+) )?type=(?P<type>\S+) "
    r"(?:msg=)?audit\((?P<time>\d+\.\d+):(?P<serial>\d{1,19})\) ?:? ?(?P<rest>.*)",
    re.DOTALL | re.ASCII,
)
_INTERPRETED = re.compile(r"(?:node=\S+ )?type=\S+ msg=audit\(\d+/\d+/\d+ ", re.ASCII)
_TOKEN = re.compile(r"""\s*+(?:\(?([\w.\[\]-]+)=("[^"]*+"|\{[^{}]*+\}|\S*+)|(\S++))""", re.ASCII)
_QUOTED_OR_RESOLVED = re.compile(rf""""[^"]*+"|(?<=[0-9a-z"')?\s])(?:{"|".join(RESOLVED)})=""")
_RESOLVED_MARKS = ("ID=", "ARCH=", "SYSCALL=", "SADDR=", "GRP=")  # how they end: to look for these is quick
_PROGRAM_MESSAGE = re.compile(r"(?:\A|(?<=\s))msg='", re.ASCII)
_ARGUMENT = re.compile(r"a\d+(?:\[\d+\])?", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-F]{2})++")
_EXECVE = ("EXECVE", "1309", "UNKNOWN[1309]")


class AuditLine(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A line as a record: `time` is in seconds since 1970, as written; `text` is what is no field."""

    type: str
    node: str = ""
    time: str
    serial: int
    fields: Values
    enriched: Values = {}
    text: str = ""


def audit_line(line: str) -> AuditLine:
    """The record that a line is. Raises NotARecord."""
    match = _LINE.fullmatch(line)
    if not match:
        if _INTERPRETED.match(line):
            raise NotARecord(
                "an audit record that ausearch has interpreted, without a zone of time: export it --raw"
            )
        raise NotARecord("no audit record")
    rest, resolved = _split(match["rest"])
    execve = match["type"] in _EXECVE
    words: list[str] = []
    added = Fields()
    _add(added, resolved, False, words)
    found = AuditLine(
        type=match["type"],
        node=match["node"] or "",
        time=match["time"],
        serial=int(match["serial"]),
        fields=_fields(rest, execve, words),
        enriched=added.found,
    )
    found.text = " ".join(words)
    return found


def _split(rest: str) -> tuple[str, str]:
    """The record itself, and what auditd added."""
    own, mark, resolved = rest.partition("\x1d")
    if mark:
        return own, resolved
    if not any(mark in rest for mark in _RESOLVED_MARKS):
        return rest, ""
    for found in _QUOTED_OR_RESOLVED.finditer(rest):
        if not found[0].startswith('"'):
            return rest[: found.start()], rest[found.start() :]
    return rest, ""


def _fields(text: str, execve: bool, words: list[str]) -> Values:
    """Fields, with the message of a program as fields of their own."""
    fields = Fields()
    opening = _PROGRAM_MESSAGE.search(text) if "msg='" in text else None
    own = text[: opening.start()] if opening else text
    _add(fields, own, execve, words)
    if opening:
        closing = text.rfind("'")
        if closing < opening.end():  # cut
            closing = len(text)
        message = Fields()
        _add(message, text[opening.end() : closing], False, words)
        fields.add("msg", message.found)
        _add(fields, text[closing + 1 :], execve, words)
    return fields.found


def _add(fields: Fields, text: str, execve: bool, words: list[str]) -> None:
    for token in _TOKEN.finditer(text):
        name, value, word = token.groups()
        if word:
            words.append(word)
        else:
            encoded = name in ENCODED or (execve and _ARGUMENT.fullmatch(name) is not None)
            fields.add(name, _plain(value, encoded))


def _plain(value: str, encoded: bool) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    if encoded and _HEX.fullmatch(value):
        return bytes.fromhex(value).decode("utf-8", "replace")
    value = value.rstrip(",")  # old programs write (hostname=?, addr=?, terminal=cron res=success)
    return value.rstrip(")") if "(" not in value else value
