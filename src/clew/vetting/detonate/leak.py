"""Finds decoys in what left: as they are, or written in base64, base32, hex, URL or JSON escapes, compressed, reversed.

Rather than write each decoy in every form, what was sent is read in every form, and what comes of it again, a few
times over: a thief may wrap one in the other.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

_DEPTH = 3
_MOST = 1 << 20
"""Bytes of a form that are looked at."""
_FORMS = 400
_READ = 1 << 18
"""Bytes of all forms that are read again."""
_RUNS = 50
_ALL = 4 << 20
"""Bytes of a step that are looked at in every form; what comes after is looked at as it is."""
_PIECE = 8
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_WRAPPED = re.compile(rb"(?<=[A-Za-z0-9+/])(?:\r?\n|\\n)(?=[A-Za-z0-9+/])")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_BASE32 = re.compile(rb"[A-Za-z2-7]{16,}")


class Search:
    """Looks for one run's decoys, and knows when it has looked enough: what is sent may be a flood."""

    def __init__(self, decoys: dict[str, str]) -> None:
        self._grams = {name: _grams(value.lower().encode()) for name, value in decoys.items()}
        self._left = _ALL
        self.shortened = False

    def names(self, data: bytes) -> list[str]:
        """The names of the decoys of whose value 15 characters or more are in `data`, in any form."""
        data = data[:_MOST]
        self._left -= len(data)
        self.shortened = self.shortened or self._left < 0
        found: set[str] = set()
        for form in _forms(data) if self._left >= 0 else [data]:
            folded = form.lower()
            for name, grams in self._grams.items():
                if name not in found and any(gram in folded for gram in grams):
                    found.add(name)
        return [name for name in self._grams if name in found]


def _grams(value: bytes) -> list[bytes]:
    """Pieces that any long part of the value holds one of, forwards and backwards. A name of DNS holds no more than a
    part, so the whole is not waited for; eight random characters meet by no chance."""
    pieces = [value[at : at + _PIECE] for at in range(0, len(value) - _PIECE + 1, _PIECE)]
    return pieces + [piece[::-1] for piece in pieces]


def _forms(data: bytes) -> Iterator[bytes]:
    seen: set[bytes] = set()
    now = [data]
    left = _READ
    for _ in range(_DEPTH + 1):
        following = []
        for form in now:
            if form in seen or len(seen) >= _FORMS:
                continue
            seen.add(form)
            yield form
            left -= len(form)
            if left > 0:
                following += list(_read(form))
        now = following


def _read(data: bytes) -> Iterator[bytes]:
    """What `data` is, read in each form that it may be in."""
    if b"%" in data:
        yield unquote_to_bytes(data)
    if b"\\" in data:
        yield data.replace(b"\\n", b"\n").replace(b"\\/", b"/").replace(b'\\"', b'"')
    unwrapped = _WRAPPED.sub(b"", data)
    for found in _BASE64.findall(unwrapped)[:_RUNS]:
        yield from _base64(found.rstrip(b"="))
    for found in _HEX.findall(data)[:_RUNS]:
        yield binascii.unhexlify(found)
    for found in _BASE32.findall(data)[:_RUNS]:
        yield from _base32(found.upper())
    yield from _inflate(data)


def _base64(text: bytes) -> Iterator[bytes]:
    plain = text.replace(b"-", b"+").replace(b"_", b"/")
    for form in {plain, plain[::-1]}:
        for start in range(4):  # what stands before it may be of the alphabet as well
            piece = form[start:]
            piece = piece[: len(piece) - (len(piece) % 4 == 1)]
            yield base64.b64decode(piece + b"=" * (-len(piece) % 4))


def _base32(text: bytes) -> Iterator[bytes]:
    piece = text[: len(text) - len(text) % 8] or text
    try:
        yield base64.b32decode(piece + b"=" * (-len(piece) % 8))
    except binascii.Error:
        return


def _inflate(data: bytes) -> Iterator[bytes]:
    """gzip and zlib streams that begin anywhere sensible: at the start, or after an HTTP head."""
    for start in {0, data.find(b"\r\n\r\n") + 4, data.find(b"\x1f\x8b")}:
        piece = data[start:] if start >= 0 else b""
        if piece[:1] in (b"\x1f", b"\x78"):
            try:
                yield zlib.decompressobj(47).decompress(piece, _MOST)
            except zlib.error:
                continue
