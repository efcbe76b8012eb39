"""Output that outlives its reader: `clew ... | head` changes no exit code and stops no work.

Nor does a terminal that cannot show a character: it is written as Python escapes it.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer


def outlive_readers() -> None:
    """Let standard output and error go on where nobody reads them any more, or where they were closed.

    Python would raise BrokenPipeError in the middle of the work, and rich would end the program with 1, which
    to us says that a finding was reached. See https://docs.python.org/3/library/signal.html#note-on-sigpipe.
    """
    sys.stdout = _outliving(sys.stdout, 1)
    sys.stderr = _outliving(sys.stderr, 2)


def discard_output() -> None:
    """Throw away what is still buffered for standard output: at its end Python would fail on it once more."""
    _discard(1)


def _outliving(stream: TextIO | None, descriptor: int) -> TextIO:
    if stream is None:  # closed by the shell: >&-
        return Path(os.devnull).open("w", encoding="utf-8")
    stream.flush()
    at_once = not isinstance(stream, io.TextIOWrapper) or stream.line_buffering or stream.write_through
    raw = _Outliving(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, "backslashreplace", line_buffering=at_once
    )


class _Outliving(io.FileIO):
    def write(self, data: Buffer) -> int:
        """Write; once the reader has left, to nowhere."""
        try:
            return super().write(data)
        except BrokenPipeError:
            _discard(self.fileno())
            return memoryview(data).nbytes


def _discard(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
