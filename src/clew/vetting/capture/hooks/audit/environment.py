"""Who reads which variable of the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401
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
        caller = stack.whence()
        if caller.place is None or caller.tool or not all(map(_passes_on, caller.between)):
            return
        if caller.place == listed[0] and not listing:
            return
        if listing:
            listed[0] = caller.place
        if name not in told and len(told) < LIMIT:
            told.add(name)
            log.emit("read_environment", name=name, layer=caller.layer, stack=caller.frames)

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


def _passes_on(file: str) -> bool:
    """Whether it is os.getenv or the like, which asks for the package; tempfile and others ask for themselves."""
    return file in ("<frozen os>", "<frozen _collections_abc>") or file.endswith(
        ("/os.py", "/_collections_abc.py")
    )
