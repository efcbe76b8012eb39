"""Code that comes to be: source given to compile, exec and eval, syntax trees, and code objects without a source."""

from __future__ import annotations

import dis
import io
import marshal
from binascii import b2a_base64
from collections.abc import Callable
from types import CodeType
from typing import Any

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .log import Log
from .stack import Caller, Stack

OWN = 8 << 20
LIMIT = 1000
UNTOLD = 50_000
#: Parts of the standard library that write code of a fixed form for whoever uses them.
MAKERS = ("/collections/__init__.py", "/dataclasses.py")


class Code:
    """Each source and each code object that did not come from one, numbered."""

    def __init__(self, log: Log, stack: Stack, platform: str) -> None:
        self._log, self._stack = log, stack
        self._open, self._dumps = open, marshal.dumps
        inside = __file__.rpartition("/")[0].rpartition("/")[0]
        load = f"import sys; sys.path.insert(0, {inside!r}); import audit; sys.path.pop(0)"
        self._line = f"{load}; audit.start({log.folder!r}, {platform!r})"
        self._count = 0
        self._own = 0
        self._trees = False
        self._untold: dict[int, dict[str, Any]] = {}
        self._compiled: dict[str, list[tuple[int, str]]] = {}
        self.handlers: dict[str, Callable[..., object]] = {"compile": self._compile, "exec": self._exec}

    def _compile(self, source: object, file: object) -> None:
        name = _text(file)
        by = self._stack.whence()
        if name.startswith("<") and (by.tool or by.nearest.endswith(MAKERS)):
            return
        if source is not None and not isinstance(source, str | bytes | bytearray | memoryview):
            self._trees = True  # a syntax tree: its code is told of when it runs
            return
        text = self._given(source, name, by)
        if text is None:
            return
        self._count += 1
        waiting = self._compiled.setdefault(name, [])
        waiting.append((self._count, text))
        del waiting[:-64]
        self._tell(self._count, _origin(name, by), name, text, by)

    def _given(self, source: object, name: str, by: Caller) -> str | None:
        """The text to tell of; None where it is the interpreter's own, or a piece of a file quoted in a traceback."""
        system = self._stack.is_system(name)
        on_disk = self._read(name) if source is None or system or not by.nearest else None
        if source is None:  # the interpreter reads it itself
            return None if on_disk is None or system else _text(on_disk)
        text = _text(source)
        if on_disk is not None and (text == (whole := _text(on_disk)) or (not by.nearest and text in whole)):
            return None
        if text.rstrip() == self._line:  # what started us, read again under another name of its folder
            self._compiled.setdefault(name, []).append((0, text))
            return None
        return text

    def _exec(self, code: CodeType) -> None:
        file = code.co_filename
        if self._stack.has(code):
            return
        by = self._stack.whence()
        imported = by.nearest.startswith(("<frozen importlib", "<frozen runpy", "<frozen zipimport"))
        if self._stack.is_system(file) and (imported or not by.frames):
            return
        for number, text in reversed(self._compiled.get(file, ())):
            if _made_from(code, text):
                self._stack.add(code, number)
                return
        if by.nearest.endswith(MAKERS) or (by.tool and file.startswith("<")):
            return
        self._count += 1
        self._stack.add(code, self._count)
        origin = (
            "command" if not by.nearest else "bytecode" if imported else "tree" if self._trees else "marshal"
        )
        data = b2a_base64(self._dumps(code), newline=False)
        self._tell(self._count, origin, file, disassembly(code), by, data)

    def _read(self, name: str) -> bytes | None:
        try:
            with self._open(name, "rb") as file:
                return file.read(OWN)
        except (OSError, ValueError):
            return None

    def reveal(self, number: int | None) -> None:
        """Whoever floods us hides nothing: code past the limit is told of when it does something."""
        waiting = self._untold.pop(number, None) if number is not None else None
        if waiting is not None:
            self.reveal(waiting["parent"])
            self._log.emit("run_code", **waiting)

    def _tell(self, number: int, origin: str, file: str, text: str, by: Caller, data: object = None) -> None:  # noqa: PLR0913, PLR0917
        shown: str | None = text
        if origin == "file":
            self._own += len(text)
            shown = text if self._own <= OWN else None
        fields = {
            "id": number,
            "parent": by.layer,
            "origin": origin,
            "url": file,
            "size": len(text),
            "stack": by.frames,
            "text": shown,
            "bytes": data,
        }
        if number <= LIMIT:
            self._log.emit("run_code", **fields)
            return
        if number == LIMIT + 1:
            self._log.emit("reach_limit", what="layers")
        if number < UNTOLD:
            self._untold[number] = fields


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def _origin(name: str, by: Caller) -> str:
    made_up = name.startswith("<")
    if by.nearest.startswith(("<frozen importlib", "<frozen runpy")) or not (by.frames or made_up):
        return "file"
    if not by.nearest:
        return "command"
    return "pth" if by.nearest == "<frozen site>" or by.nearest.endswith("/site.py") else "exec"


def _made_from(code: CodeType, text: str) -> bool:
    """Whether all names that the code uses stand in the text: code from elsewhere can claim any file name."""
    waiting = [code]
    while waiting:
        code = waiting.pop()
        for name in code.co_names:
            bare = name.rpartition("__")[2] if name.startswith("_") and "__" in name else name
            if not name.startswith("__") and bare not in text:
                return False
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return True


def disassembly(code: CodeType) -> str:
    """What can be told of code without a source: names and constants first, then its instructions."""
    names: list[str] = []
    constants: list[str] = []
    waiting = [code]
    while waiting:
        each = waiting.pop()
        names += each.co_names
        for constant in each.co_consts:
            if isinstance(constant, CodeType):
                waiting.append(constant)
            elif constant is not None:
                constants.append(repr(constant)[:4096])
    out = io.StringIO()
    dis.dis(code, file=out)
    return "\n".join(
        ["# names", *dict.fromkeys(names), "# constants", *dict.fromkeys(constants), "# code", out.getvalue()]
    )
