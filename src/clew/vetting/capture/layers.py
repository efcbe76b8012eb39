"""Layers: each text that came to be and was run, once, with the layer that ran it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Container
from functools import lru_cache
from urllib.parse import unquote

from clew.vetting.capture.binary import strings, told_of
from clew.vetting.capture.record import Caps, Log, Record
from clew.vetting.trace import Layer

_MARK = re.compile(r"#(\d{1,9}):")
#: Layers that a process begins with: whoever started the process ran them.
_FIRST = ("command", "worker", "file", "module")
#: Told of by a disassembly.
_SOURCELESS = ("marshal", "tree", "bytecode", "command")
_WORDS = re.compile(r"[\w$]+")
#: The shortest string of cached data that tells something; and more of them than are looked for one by one.
_STRING, _MANY = 8, 200
_BOM = b"\xef\xbb\xbf"


class Layers:
    """The layers of a run. Hashes are made here: a hook's word is the package's to forge."""

    def __init__(
        self, phase: str, published: Container[str], start_lines: Container[str], caps: Caps
    ) -> None:
        self._phase, self._published, self._start_lines, self._caps = phase, published, start_lines, caps
        self._by_hash: dict[str, Layer] = {}
        self._by_number: dict[int, str | None] = {}
        self._by_log: dict[int, dict[int, str | None]] = {}
        self._familiar: set[int] = set()
        self._log: Log | None = None
        self.inherited: str | None = None
        self.full = False

    @property
    def found(self) -> list[Layer]:
        """All layers, each after its parent."""
        return list(self._by_hash.values())

    def enter(self, log: Log, starter: tuple[Log, int | None] | None) -> None:
        """What is added from now on is of this log; `starter` is the log and number of the code that started it."""
        numbers = self._by_log.get(id(starter[0]), {}) if starter else {}
        self.inherited = numbers.get(starter[1]) if starter and starter[1] else None
        self._log, self._by_number = log, dict(numbers) if log.start.what == "fork" else {}
        self._by_log[id(log)] = self._by_number
        self._familiar = set()

    def of(self, number: int | None) -> str | None:
        """The hash of the layer that the log calls so; None where it is a file as it was published."""
        return self._by_number.get(number) if number is not None else None

    def add(self, record: Record) -> Layer | None:
        """The layer of a `run_code` record; None for what was published, and past the cap."""
        digest, text = self._content(record)
        if digest is None or self._is_known(record):
            return None
        parent = self.of(record.parent)
        if parent is None and (record.parent is None and record.origin in _FIRST):
            parent = self.inherited
        if record.id is not None:
            self._by_number[record.id] = digest
        if digest not in self._by_hash:
            if len(self._by_hash) >= self._caps.layers:
                self.full = True
                return None
            self._by_hash[digest] = self._layer(record, digest, text, parent if parent != digest else None)
        return self._by_hash[digest]

    def named(self, stack: list[str] | None) -> list[str]:
        """A stack whose numbers are the beginnings of layers' hashes; those of published files go."""

        def name(match: re.Match[str]) -> str:
            layer = self.of(int(match.group(1)))
            return f"#{layer[:12]}:" if layer else ":"

        return [_MARK.sub(name, frame[:1024]) for frame in (stack or [])[:8]]

    def _layer(self, record: Record, digest: str, text: str, parent: str | None) -> Layer:
        assert self._log is not None
        given = record.text or ""
        return Layer(
            sha256=digest,
            parent=parent,
            depth=self._by_hash[parent].depth + 1 if parent in self._by_hash else 1,
            origin=(record.origin or "unknown")[:64],
            phase=self._phase,
            pid=self._log.start.pid or 0,
            text=text[: self._caps.text],
            file=_file(record.url),
            stack=self.named(record.stack),
            truncated=len(text) > self._caps.text
            or (record.bytes is None and (record.size or 0) > len(given)),
        )

    def _content(self, record: Record) -> tuple[str | None, str]:
        """The hash and what is shown: of the bytes where there are any, of the text otherwise."""
        if record.bytes is not None:
            try:
                data = base64.b64decode(record.bytes, validate=True)
            except (binascii.Error, ValueError):
                return None, ""
            return hashlib.sha256(data).hexdigest(), _shown(record, data)
        if record.text is None:
            return None, ""
        return hashlib.sha256(record.text.encode("utf-8", "replace")).hexdigest(), record.text

    def _is_known(self, record: Record) -> bool:
        """Whether its source was published, or it is what a line of a known .pth file ran."""
        if record.parent in self._familiar or (record.origin == "pth" and _is_in(record, self._start_lines)):
            if record.id is not None:
                self._familiar.add(record.id)
            return True
        return _is_in(record, self._published) and not _strange(record)


def _is_in(record: Record, digests: Container[str]) -> bool:
    data = (record.text or "").encode("utf-8", "replace")
    return any(hashlib.sha256(each).hexdigest() in digests for each in (data, _BOM + data))


def _shown(record: Record, data: bytes) -> str:
    if record.origin == "cachedData":
        return "\n".join(
            [
                "// strings that the source shown has not",
                *_strange(record),
                "// the source shown",
                record.text or "",
            ]
        )
    return (record.text or "") if record.origin in _SOURCELESS else told_of(data)


def _strange(record: Record) -> tuple[str, ...]:
    """The strings of cached data that do not stand in the source that was shown with it."""
    if record.origin != "cachedData":
        return ()
    return _not_in(record.bytes or "", f"{record.text}\n{record.url}")


@lru_cache(maxsize=4)  # each phase runs the same again
def _not_in(encoded: str, shown: str) -> tuple[str, ...]:
    """Most are words of it. A whole text is searched for the rest only where it has their beginnings: of a source
    that was cut, thousands are missing.
    """
    words = set(_WORDS.findall(shown))
    found = [text for text in strings(base64.b64decode(encoded), _STRING) if text not in words]
    many = len(found) > _MANY
    begun = {shown[at : at + _STRING] for at in range(len(shown))} if many else set()
    return tuple(
        text
        for text, bare in ((text, text.strip()) for text in found)
        if (many and len(bare) >= _STRING and bare[:_STRING] not in begun) or bare not in shown
    )


def _file(url: str | None) -> str | None:
    """The file that the code claims to be: any name can be given to any code."""
    if not url:
        return None
    return (unquote(url[7:]) if url.startswith("file://") else url)[:4096]
