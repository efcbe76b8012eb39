"""Texts in code that are encoded: found, decoded as far as that needs no key, and told apart from data."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

import msgspec

from clew.vetting.static.shape import entropy

_BASE64 = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/_-]{160,}={0,2}|={1,2}[A-Za-z0-9+/]{160,}(?![\w+/=])")
_HEX = re.compile(r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){80,}(?![0-9a-fA-F])")
_NUMBERS = re.compile(
    r"\[\s*(?:(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,\s*){80,}(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,?\s*\]"
)
#: Data that packages rightly carry in base64: images, fonts, WebAssembly, source maps.
_DATA = re.compile(r"data:[\w./+-]{3,60}(;[\w=-]{1,40})*;base64,$")
_KNOWN = (b"\0asm", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"wOF", b"RIFF", b"\0\x01\0\0", b"OTTO", b"<svg")
_LARGEST = 4 << 20
_MOST = 200
#: A text longer than this that decodes to neither text nor known data is worth a look.
LONG = 1000


class Blob(msgspec.Struct, frozen=True):
    """An encoded text: where it stands (characters), how long it is, how dense, and the text in it, if it is one."""

    offset: int
    size: int
    encoding: str
    entropy: float
    text: str


def blobs(text: str) -> Iterator[Blob]:
    """The encoded texts that are not plain data such as pictures; at most 200."""
    count = 0
    for encoding, pattern in (("base64", _BASE64), ("hex", _HEX), ("numbers", _NUMBERS)):
        for found in pattern.finditer(text):
            if encoding == "base64" and (
                _DATA.search(text[max(found.start() - 120, 0) : found.start()]) or _is_hex(found[0])
            ):
                continue
            data = _decoded(encoding, found[0][:_LARGEST])
            if data is None or data.startswith(_KNOWN):
                continue
            count += 1
            if count > _MOST:
                return
            yield Blob(found.start(), len(found[0]), encoding, entropy(found[0][:20_000]), _text(data))


def _is_hex(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def _decoded(encoding: str, text: str) -> bytes | None:
    try:
        if encoding == "hex":
            return bytes.fromhex(text)
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
