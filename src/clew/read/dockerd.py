r"""dockerd's log, as the daemon itself writes it: one entry a line.

::

    time="2026-11-24T02:32:17.706931975Z" level=debug msg="Calling POST /v1.41/containers/create?name=web1"
    time="2026-11-24T02:32:17.707188383Z" level=debug msg="form data: {\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{...}}"

A line becomes `{"dockerd", "time", "level", "msg"}`, with the other fields beside. `dockerd` is what was asked for:
`container_create`, `container_start`, `exec_create` ... (`ASKED`), `request` for others, or `text` for what is no
request. A request has `method` and `uri`; the data of a form belong to the request before them, whose `uri` they are
given, and stand under `form`. Of a request with a form only the form is called by what was asked for.

What the format loses: who asked, from where, and what was answered. Requests stand in it at the level debug only.
Specification: https://docs.docker.com/engine/daemon/logs/, https://pkg.go.dev/github.com/sirupsen/logrus#TextFormatter.
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

NAME = "dockerd"

#: What is asked for, by method and path; those with a form are called so by that.
ASKED = (
    ("container_create", "POST", r"/containers/create", True),
    ("container_start", "POST", r"/containers/[^/]+/(?:start|restart)", False),
    ("exec_create", "POST", r"/containers/[^/]+/exec", True),
    ("commit", "POST", r"/commit", False),
    ("image_create", "POST", r"/images/(?:create|load)", False),
    ("image_build", "POST", r"/build", False),
    ("image_push", "POST", r"/images/.+/push", False),
    ("image_tag", "POST", r"/images/.+/tag", False),
)
_ASKED = tuple(
    (what, method, re.compile(rf"(?:/v[\d.]+)?{path}"), form) for what, method, path, form in ASKED
)
_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*time="\d{4}-\d\d-\d\dT[^"]+" level=\w+ msg=')
_FIELD = re.compile(r'\s*+([\w.-]+)=("(?:[^"\\]|\\.)*+"|[^\s"]*+)')
_CALL = re.compile(r"Calling (?P<method>[A-Z]+) (?P<uri>\S+)")
_FORM = "form data: "
_ESCAPED = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)")
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def claims(head: bytes) -> bool:
    """Whether the first line with text is an entry of the daemon's log."""
    return _BEGINNING.match(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """One record a line."""
    return read_lines(source, spill, NAME, size, _Entries().record)


class _Entries:
    """The entries of one log; the last request is remembered until its form comes."""

    def __init__(self) -> None:
        self._method = self._uri = ""

    def record(self, line: str) -> bytes:
        """The record that a line is. Raises NotARecord."""
        fields = dict(_fields(line))
        if "time" not in fields or "msg" not in fields:
            raise NotARecord("no entry of dockerd's log")
        return msgspec.json.encode({"dockerd": self._kind(fields), **fields})

    def _kind(self, fields: dict[str, str]) -> str:
        message = fields["msg"]
        if call := _CALL.fullmatch(message):
            self._method, self._uri = call["method"], call["uri"]
            fields |= call.groupdict()
            return _asked(self._method, self._uri, form=False)
        if message.startswith(_FORM) and self._uri:
            fields |= {"method": self._method, "uri": self._uri, "form": message.removeprefix(_FORM)}
            self._uri = ""
            return _asked(self._method, fields["uri"], form=True)
        return "text"


def _asked(method: str, uri: str, form: bool) -> str:
    path = uri.partition("?")[0]
    for what, by, pattern, has_form in _ASKED:
        if method == by and has_form == form and pattern.fullmatch(path):
            return what
    return "request"


def _fields(line: str) -> Iterator[tuple[str, str]]:
    """The fields of an entry. Raises NotARecord where it goes on otherwise, as a line that is cut does."""
    at, line = 0, line.rstrip()
    while at < len(line):
        field = _FIELD.match(line, at)
        if not field:
            raise NotARecord("no entry of dockerd's log")
        yield field[1], _plain(field[2])
        at = field.end()


def _plain(value: str) -> str:
    return _ESCAPED.sub(_sign, value[1:-1]) if value.startswith('"') else value


def _sign(escaped: re.Match[str]) -> str:
    """What Go writes with a backslash: a sign by its letter or its number, or the sign itself."""
    said = escaped[1]
    number = int(said[1:], 16) if said[1:] else -1
    return chr(number) if 0 <= number < 0x110000 else _SIGNS.get(said, said)
