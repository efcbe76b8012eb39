"""Compressions: functions that pull unpacked bytes out of a packed stream, at most so many at a time.

Formats: RFC 1952 (gzip), https://sourceware.org/bzip2/, https://tukaani.org/xz/xz-file-format.txt (xz),
RFC 8878 (zstd). Frames may stand one after another, as `cat a.gz b.gz` makes them. Errors are in `BROKEN`.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable
from typing import IO, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_BLOCK = 256 << 10
# Output of one call of a decompressor: what it had ready when it finds a fault is lost with the call.
_STEP = 8 << 10


class _Decompressor(Protocol):
    """What bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Frames:
    """Pulls from frames that stand one after another; zeros may follow the last one."""

    def __init__(self, source: IO[bytes], new: Callable[[], _Decompressor]) -> None:
        self._source, self._new = source, new
        self._frame = new()

    def __call__(self, size: int) -> bytes:
        while True:
            if self._frame.eof:
                data = self._frame.unused_data or self._source.read(_STEP)
                if not data.strip(b"\0"):
                    return b""
                self._frame = self._new()
            else:
                data = self._source.read(_STEP) if self._frame.needs_input else b""
                if not data and self._frame.needs_input:
                    raise EOFError("the stream is cut")
            if given := self._frame.decompress(data, min(size, _STEP)):
                return given


def _gzip(source: IO[bytes]) -> Callable[[int], bytes]:
    """Python's own reader: it looks at the checksum only when it has given the data."""
    file = gzip.GzipFile(fileobj=source)

    def pull(size: int) -> bytes:
        try:
            return file.read1(min(size, _BLOCK))
        except EOFError as error:
            raise EOFError("the stream is cut") from error

    return pull


def _new_xz() -> _Decompressor:
    return lzma.LZMADecompressor(memlimit=256 << 20)


def _new_zstd() -> _Decompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27})


COMPRESSIONS: dict[str, Callable[[IO[bytes]], Callable[[int], bytes]]] = {
    "gzip": _gzip,
    "bzip2": lambda source: _Frames(source, bz2.BZ2Decompressor),
    "xz": lambda source: _Frames(source, _new_xz),
    "zstd": lambda source: _Frames(source, _new_zstd),
}
