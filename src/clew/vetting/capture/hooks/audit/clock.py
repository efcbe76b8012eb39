"""What waits long shows itself: sleeps of more than ten seconds are told of and cut short, and the clocks agree."""

from __future__ import annotations

import threading
import time

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .log import Log
from .stack import Stack

LONG = 10.0
SHORT = 1.0


def shorten(log: Log, stack: Stack) -> None:
    """Stand in for time.sleep and the waits of threads; put the clocks forward by what was cut."""
    skipped = [0.0]
    sleep = time.sleep

    def cut(seconds: float) -> float:
        if not isinstance(seconds, int | float) or seconds <= LONG:
            return seconds
        caller = stack.whence()
        if caller.place is None:
            return seconds
        log.emit("wait", seconds=float(seconds), layer=caller.layer, stack=caller.frames)
        skipped[0] += seconds - SHORT
        return SHORT

    def short_sleep(seconds: float, /) -> None:
        sleep(cut(seconds))

    wait = threading.Condition.wait

    def short_wait(self: threading.Condition, timeout: float | None = None) -> bool:
        return wait(self, timeout if timeout is None else cut(timeout))

    short_sleep.__name__ = short_sleep.__qualname__ = "sleep"
    time.sleep = short_sleep  # type: ignore[assignment]
    threading.Condition.wait = short_wait  # type: ignore[method-assign]
    for name in ("time", "monotonic", "perf_counter"):
        setattr(time, name, _forward(getattr(time, name), skipped))


def _forward(real: object, skipped: list[float]) -> object:
    def clock() -> float:
        return real() + skipped[0]  # type: ignore[operator,no-any-return]

    clock.__name__ = clock.__qualname__ = real.__name__  # type: ignore[attr-defined]
    return clock
