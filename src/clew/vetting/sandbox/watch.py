"""Watches a step: its time, what it makes us write, the memory of all its processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from clew.vetting.sandbox.plan import Limits

_TICK = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")


def watch(
    alive: Callable[[], bool], ended: Callable[[], bool], written: list[Path], limits: Limits, seconds: float
) -> list[str]:
    """Waits until no process is left (`alive` is false), and names the limit that was reached, if one was.

    Once the step's own command has ended, what it left behind has `limits.linger` seconds.
    """
    start = time.monotonic()
    left: float | None = None
    ticks = 0
    while alive():
        now = time.monotonic()
        if now - start > seconds:
            return ["time"]
        if left is None and ended():
            left = now
        if left is not None and now - left > limits.linger:
            return ["linger"]
        if sum(map(_size, written)) > limits.output:
            return ["output"]
        if ticks % 5 == 0 and _memory() > limits.memory:
            return ["memory"]
        ticks += 1
        time.sleep(_TICK if now - start > 0.2 else _TICK / 4)
    return []


def _size(path: Path) -> int:
    """Bytes of a file, or of what a file system in memory holds."""
    try:
        if path.is_dir():
            found = os.statvfs(path)
            return (found.f_blocks - found.f_bfree) * found.f_frsize
        return path.stat().st_size
    except OSError:
        return 0


def _memory() -> int:
    """Bytes that all other processes of this pid namespace hold by themselves (statm: resident less shared)."""
    total = 0
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or entry.name == "1":
            continue
        try:
            fields = Path(entry.path, "statm").read_text().split()
        except OSError:
            continue
        total += (int(fields[1]) - int(fields[2])) * _PAGE
    return total
