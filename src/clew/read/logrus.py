r"""The logs of container engines, as they write them: logrus' text, or its JSON; one entry a line.

::

    time="2026-11-24T02:32:17.706931975Z" level=debug msg="Calling POST /v1.41/containers/create?name=web1"
    {"level":"info","msg":"StartContainer for \"f204...\" returns successfully","time":"2026-11-24T02:32:17.706931975Z"}

A line becomes its fields, with what the entry is (see `engineentry`). A line of JSON whose message says nothing of an
engine stays as it is. dockerd writes down what its plugins say: an entry that is a JSON object of a plugin is that.

What the format loses: of dockerd who asked, from where, and what was answered; requests stand in its log at the level
debug only. Of containerd and CRI-O what a container is given of its host; commands stand there at the level debug.
Specification: https://docs.docker.com/engine/daemon/logs/, https://pkg.go.dev/github.com/sirupsen/logrus#TextFormatter.
A record's position is its line, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from clew.read.engineentry import Entries, whose
from clew.read.lines import NotARecord, read_lines
from clew.read.source import Source
from clew.read.spool import BATCH_BYTES
from clew.record import Item

NAME = "engine log"

_BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*time="\d{4}-\d\d-\d\d[T ][^"]+" level=\w+ msg=')
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_SAID = re.compile(
    rb'"msg":"(?:Calling [A-Z]+ /|RunPodSandbox for |CreateContainer within sandbox |StartContainer for '
    rb"|starting containerd|Ran pod sandbox |Created container [0-9a-f]{64}: |Starting CRI-O)"
)
_FIELD = re.compile(r'\s*+([^\s="]++)=("(?:[^"\\]|\\.)*+"|[^\s"]*+)')
_ESCAPED = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)")
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: What a plugin says, behind the time that Go's log writes before it.
_SAYS = re.compile(r"(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?(\{.*\})\s*", re.DOTALL)


def claims(head: bytes) -> bool:
    """Whether the first line with text is an entry of such a log; of JSON, whether an engine says something in it."""
    if _JSON.match(head):
        return b'"level":' in head and _SAID.search(head) is not None
    return _BEGINNING.match(head) is not None


def read(source: Source, spill: Path, size: int = BATCH_BYTES) -> Iterator[Item]:
    """One record a line."""
    entries = Entries(whose(source.head))
    parse = _of_json if _JSON.match(source.head) else _of_text
    return read_lines(source, spill, NAME, size, lambda line: parse(line, entries))


def _of_text(line: str, entries: Entries) -> bytes:
    return msgspec.json.encode(entry(line, entries))


def _of_json(line: str, entries: Entries) -> bytes:
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise NotARecord("not a JSON object")
    if "msg" not in fields:
        return line.encode()
    told = entries.told(fields)
    return line.encode() if told["entry"] == "text" else msgspec.json.encode(told)


def entry(line: str, entries: Entries) -> dict[str, Any]:
    """The record that a line of text is. Raises NotARecord."""
    fields = dict(_fields(line))
    if "time" not in fields or "msg" not in fields:
        raise NotARecord("no entry of an engine's log")
    return _of_plugin(fields) or entries.told(fields)


def _of_plugin(fields: dict[str, str]) -> dict[str, Any]:
    """The JSON object that a plugin of dockerd said."""
    said = _SAYS.fullmatch(fields["msg"]) if "plugin" in fields else None
    if not said:
        return {}
    try:
        found = msgspec.json.decode(said[1])
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _fields(line: str) -> Iterator[tuple[str, str]]:
    """The fields of an entry. Raises NotARecord where it goes on otherwise, as a line that is cut does."""
    at, line = 0, line.rstrip()
    while at < len(line):
        field = _FIELD.match(line, at)
        if not field:
            raise NotARecord("no entry of an engine's log")
        yield field[1], _plain(field[2])
        at = field.end()


def _plain(value: str) -> str:
    return _ESCAPED.sub(_sign, value[1:-1]) if value.startswith('"') else value


def _sign(escaped: re.Match[str]) -> str:
    """What Go writes with a backslash: a sign by its letter or its number, or the sign itself."""
    said = escaped[1]
    number = int(said[1:], 16) if said[1:] else -1
    return chr(number) if 0 <= number < 0x110000 else _SIGNS.get(said, said)
