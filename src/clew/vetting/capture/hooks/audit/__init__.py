"""The Python hook: what an interpreter does, told from inside by `sys.addaudithook` (PEP 578).

A `.pth` file in the interpreter's own site folder starts it, so that ``-I``, ``-E`` and an empty environment change
nothing; only ``-S`` does, and whoever starts such a child is told of. It needs nothing but the standard library of any
Python from 3.10 on, and keeps what it needs of it, since the package can change everything it can name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from . import calls, clock, code, environment, system
from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .log import Log
from .stack import Stack

#: Who hears this event is the hook already.
ASK = "site.watched"


def start(folder: str, platform: str) -> None:
    """Watch this interpreter from now on, and write into `folder`."""
    for name in [name for name in sys.modules if name == __name__ or name.startswith(__name__ + ".")]:
        del sys.modules[name]
    answers: list[bool] = []
    sys.audit(ASK, answers)
    if answers:  # a site folder that has two names
        return
    log = Log(folder)
    stack = Stack()
    system.simulate(platform, log, stack)
    environment.watch(log, stack)
    clock.shorten(log, stack)
    heard: dict[str, Callable[..., object]] = {ASK: lambda asked: asked.append(True)}
    source = code.Code(log, stack, platform)
    heard.update(source.handlers)
    heard.update(calls.Calls(log, stack, source.reveal).handlers)
    sys.addaudithook(_hook(log, heard))


def _hook(log: Log, heard: dict[str, Callable[..., object]]) -> Callable[[str, tuple[Any, ...]], None]:
    get, here = heard.get, log.here

    def hook(event: str, given: tuple[Any, ...]) -> None:
        handler = get(event)
        if handler is None or getattr(here, "busy", False):
            return
        here.busy = True
        try:
            handler(*given)
        except (RecursionError, MemoryError):  # no room to tell of it: then it is not to happen either
            raise
        except BaseException as error:  # whatever happens, the package is not to notice
            log.fault(event, error)
        finally:
            here.busy = False

    return hook
