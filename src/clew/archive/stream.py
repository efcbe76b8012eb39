"""Streams that end at their first fault and say what it was, and what all of them together may give."""

from __future__ import annotations

import io
import lzma
import sys
import tarfile
import zlib
from collections.abc import Callable

import msgspec

if sys.version_info >= (3, 14):
    import zipfile

    from compression import zstd
else:
    from backports import zstd
    from backports.zstd import zipfile

#: What a reader looks at to tell what a thing is; every stream can be peeked into so far.
HEAD_BYTES = 64 << 10
BUFFER_BYTES = 256 << 10

#: What broken input raises in the libraries that unpack it.
BROKEN = (
    *(EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError, zipfile.BadZipFile, tarfile.TarError),
    *(NotImplementedError, RuntimeError, ValueError),
)


class Limits(msgspec.Struct, frozen=True):
    """How far one file may unpack, against bombs: bytes and members in all, bytes per packed byte, nesting.

    Real logs shrink to about a 150th (an event log with room that is not used yet). `ratio` is looked at beyond
    `grace` bytes only. `archives` may stand in one another, with at most `layers` of packing in all.
    """

    unpacked: int = 256 << 30
    ratio: int = 400
    grace: int = 256 << 20
    members: int = 500_000
    archives: int = 2
    layers: int = 4


class Budget:
    """What one file may still unpack to. `packed` tells its size, or as much of it as has been read."""

    def __init__(self, limits: Limits, packed: Callable[[], int]) -> None:
        self.limits = limits
        self._packed = packed
        self._spent = self._members = 0
        self._over = ""

    def spend(self, size: int) -> str:
        """Count unpacked bytes: why no more may come, or an empty text."""
        self._spent += size
        if self._spent > self.limits.unpacked:
            self._end(f"unpacks to more than {self.limits.unpacked >> 30} GiB")
        elif self._spent > self.limits.grace and self._spent > self.limits.ratio * self._packed():
            self._end(f"unpacks to more than {self.limits.ratio} times its size")
        return self._over

    def member(self) -> str:
        """Count a member: why no more may come, or an empty text."""
        self._members += 1
        if self._members > self.limits.members:
            self._end(f"has more than {self.limits.members:,} members")
        return self._over

    def _end(self, what: str) -> None:
        self._over = f"the file {what}: it may be a bomb; if it is not, unpack it yourself"


class Inflow(io.RawIOBase):
    """Bytes from `pull`, up to the first fault; `trouble` says what that was, `given` counts the bytes."""

    def __init__(self, pull: Callable[[int], bytes], budget: Budget | None = None) -> None:
        self._pull, self._budget = pull, budget
        self.trouble = ""
        self.given = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How many bytes it has given."""
        return self.given

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer, or as much of it as there is left to give."""
        filled = 0
        while filled < len(buffer) and (data := self._next(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _next(self, size: int) -> bytes:
        if self.trouble:
            return b""
        try:
            data = self._pull(size)
        except BROKEN as error:
            self.trouble = f"{error or type(error).__name__} (after {self.given:,} bytes)"
            return b""
        if self._budget and (over := self._budget.spend(len(data))):
            self.trouble = over
            return b""
        self.given += len(data)
        return data

    def buffered(self) -> io.BufferedReader:
        """The same with a buffer, which can be peeked into."""
        return io.BufferedReader(self, BUFFER_BYTES)
