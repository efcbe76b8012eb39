"""Ctrl-C, heard whatever it comes upon."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]


@contextmanager
def interrupts() -> Iterator[None]:
    """Let a Ctrl-C that comes in here leave it as KeyboardInterrupt, at the latest at its end.

    Python raises KeyboardInterrupt wherever the main thread is. In code that DuckDB calls, DuckDB makes an error of
    its own of it, and where nothing can be raised (in finalisers) it is lost. So the signal itself is noted. Outside
    the main thread, and where Ctrl-C is ignored, nothing is done.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    noted = _Noted(before)
    signal.signal(signal.SIGINT, noted)
    try:
        yield
    except Exception as error:
        if noted.came:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if noted.came:
        raise KeyboardInterrupt


def heed() -> None:
    """Raise KeyboardInterrupt where one came within `interrupts` and was lost; for between two steps of long work."""
    handler = signal.getsignal(signal.SIGINT)
    if isinstance(handler, _Noted) and handler.came:
        raise KeyboardInterrupt


class _Noted:
    """A handler that notes the signal before it does what another does."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.came = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        self._handler(number, frame)
