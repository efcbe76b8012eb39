"""Who reads which variable of the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .log import Log
from .stack import Stack

LIMIT = 500


def watch(log: Log, stack: Stack) -> None:
    """Tell of each variable once, and of whoever lists all of them."""
    told: set[str] = set()
    listed: list[object] = [None]
    kind = type(os.environ)
    getitem, iterate = kind.__getitem__, kind.__iter__

    def tell(name: str, listing: bool = False) -> None:
        layer, frames, place, nearest = stack.whence()
        if place is None or (place == listed[0] and not listing):
            return
        if listing:
            listed[0] = place
        if name not in told and len(told) < LIMIT and _direct(nearest, listing):
            told.add(name)
            log.emit("read_environment", name=name, layer=layer, stack=frames)

    def _direct(nearest: str, listing: bool) -> bool:
        return not stack.is_system(nearest) or nearest.endswith(
            ("/os.py", "<frozen os>", "<frozen _collections_abc>")
        )

    def __getitem__(self: os._Environ[str], key: str) -> str:  # noqa: N807
        if self is os.environ and isinstance(key, str):
            tell(key)
        return getitem(self, key)

    def __iter__(self: os._Environ[str]) -> Iterator[str]:  # noqa: N807
        if self is os.environ:
            tell("*", listing=True)
        return iterate(self)

    kind.__getitem__ = __getitem__  # type: ignore[method-assign]
    kind.__iter__ = __iter__  # type: ignore[method-assign]
