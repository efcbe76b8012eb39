"""Reading on while DuckDB works: items are made on a thread of their own, a few ahead of whoever takes them.

Python's readers (EVTX, archives) and DuckDB, which lets go of Python's lock, each keep a core busy.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from typing import TypeVar

T = TypeVar("T")

#: Items that wait to be taken; a batch among them is a file in the spill folder.
_WAITING = 2
_PAUSE = 0.1  # seconds after which a thread that waits sees that it is to stop


class _Ended:
    """The end of the items, and what it was for."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items in the same order; what making them raises is raised where the next would have come."""
    waiting: Queue[T | _Ended] = Queue(_WAITING)
    stopped = threading.Event()
    thread = threading.Thread(target=_make, args=(items, waiting, stopped), name="clew reader", daemon=True)
    thread.start()
    try:
        while True:
            item = _taken(waiting)
            if not isinstance(item, _Ended):
                yield item
            elif item.error:
                raise item.error
            else:
                return
    finally:
        stopped.set()
        thread.join(timeout=2)  # it may hang in a pipe that gives nothing more: then it ends with us


def _taken(waiting: Queue[T | _Ended]) -> T | _Ended:
    """The next item, waited for in short turns, so that Ctrl-C is heard on every system."""
    while True:
        try:
            return waiting.get(timeout=_PAUSE)
        except Empty:
            continue


def _make(items: Iterable[T], waiting: Queue[T | _Ended], stopped: threading.Event) -> None:
    try:
        for item in items:
            if not _put(item, waiting, stopped):
                return
        _put(_Ended(), waiting, stopped)
    except BaseException as error:  # whatever it is, it is the taker's
        _put(_Ended(error), waiting, stopped)


def _put(item: T | _Ended, waiting: Queue[T | _Ended], stopped: threading.Event) -> bool:
    while not stopped.is_set():
        try:
            waiting.put(item, timeout=_PAUSE)
        except Full:
            continue
        return True
    return False
