"""Texts in code that are encoded: found, decoded as far as that needs no key, and told apart from data."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from itertools import islice

import msgspec
import re2

from clew.vetting.static.shape import entropy

_BYTE = rb"(?:0x[0-9a-fA-F]{1,2}|\d{1,3})"
_SORTS = (
    ("base64", re2.compile(rb"={0,2}[A-Za-z0-9+/_-]{160,}={0,2}")),
    ("hex", re2.compile(rb"[0-9a-fA-F]{160,}")),
    (
        "numbers",
        re2.compile(
            rb"\[\s*(?:(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,\s*){80,}(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,?\s*\]"
        ),
    ),
)
#: Data that packages rightly carry in base64: images, fonts, WebAssembly, source maps.
_DATA = re.compile(rb"data:[\w./+-]{3,60}(;[\w=-]{1,40})*;base64,$")
_KNOWN = (b"\0asm", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"wOF", b"RIFF", b"\0\x01\0\0", b"OTTO", b"<svg")
_HEX = re.compile(rb"[0-9a-fA-F]+")
_LARGEST = 4 << 20
_MOST = 200
#: A text longer than this that decodes to neither text nor known data is worth a look.
LONG = 1000


class Blob(msgspec.Struct, frozen=True):
    """An encoded text: where it stands (bytes), how long it is, how dense, and the text in it, if it is one."""

    offset: int
    size: int
    encoding: str
    entropy: float
    text: str


def blobs(data: bytes) -> list[Blob]:
    """The encoded texts that are not plain data such as pictures; at most 200."""
    return [one for found in islice(_found(data), _MOST) if (one := _blob(data, *found))]


def _found(data: bytes) -> Iterator[tuple[str, int, int]]:
    for encoding, pattern in _SORTS:
        for match in pattern.finditer(data):
            if encoding == "hex" or _HEX.fullmatch(match[0]) is None:
                yield encoding, match.start(), match.end()


def _blob(data: bytes, encoding: str, start: int, end: int) -> Blob | None:
    if encoding == "base64" and _DATA.search(data[max(start - 120, 0) : start]):
        return None
    written = data[start:end].decode("ascii")
    decoded = _decoded(encoding, written[:_LARGEST])
    if decoded is None or decoded.startswith(_KNOWN):
        return None
    return Blob(start, end - start, encoding, entropy(written[:20_000]), _text(decoded))


def _decoded(encoding: str, text: str) -> bytes | None:
    try:
        if encoding == "hex":
            return bytes.fromhex(text[: len(text) // 2 * 2])
        if encoding == "numbers":
            return bytes(int(word, 0) for word in re.findall(r"0x[0-9a-fA-F]+|\d+", text))
        if text.startswith("="):
            text = text[::-1]  # written backwards, as droppers do
        padded = text.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(padded + "=" * (-len(padded) % 4))
    except (ValueError, binascii.Error):
        return None


def _text(data: bytes) -> str:
    """The text that the bytes are, unpacked where they are packed; empty where they are none."""
    if data[:2] in (b"x\x9c", b"x\xda", b"x\x01", b"\x1f\x8b"):
        try:
            data = zlib.decompressobj(47).decompress(data, _LARGEST)
        except zlib.error:
            return ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    shown = sum(character.isprintable() or character in "\r\n\t" for character in text[:4000])
    return text if shown > 0.97 * len(text[:4000]) else ""
