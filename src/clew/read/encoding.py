"""UTF-16, with and without a byte order mark, as UTF-8: Windows tools write it (`Out-File`, `wevtutil`, regedit).

UTF-8 goes through as it is; lines that are neither are read as Latin-1, line by line, in `repair`. What broken
UTF-16 loses: a code unit that is no character becomes U+FFFD.
Specification: RFC 2781.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable

from clew.archive.stream import Inflow

_BLOCK = 256 << 10
_OPENERS = b'{["<\t\r\n '  # what a text log may begin with


def utf16(head: bytes) -> str:
    """The codec of a source that begins so, where it is UTF-16; else an empty text."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    if head[1:2] == head[3:4] == b"\0" and head[:1] in _OPENERS and head[2:3] != b"\0":
        return "utf-16-le"
    if head[:1] == head[2:3] == b"\0" and head[1:2] in _OPENERS and head[3:4] != b"\0":
        return "utf-16-be"
    return ""


def as_utf8(stream: io.BufferedReader, codec: str) -> io.BufferedReader:
    """The text of a stream as UTF-8, without its byte order mark."""
    return Inflow(_transcoder(stream, codec)).buffered()


def _transcoder(stream: io.BufferedReader, codec: str) -> Callable[[int], bytes]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    held, started, ended = b"", False, False

    def pull(size: int) -> bytes:
        nonlocal held, started, ended
        while not held and not ended:
            block = stream.read(_BLOCK)
            ended = not block
            text = decoder.decode(block, final=ended)
            if not started and text:
                text, started = text.removeprefix("\ufeff"), True
            held = text.encode("utf-8")
        given, held = held[:size], held[size:]
        return given

    return pull
