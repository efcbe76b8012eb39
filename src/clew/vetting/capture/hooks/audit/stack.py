"""Who calls: the frames of the package on the stack, and the layer that each belongs to."""

from __future__ import annotations

import sys
import sysconfig
from types import CodeType, FrameType

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401

#: Build tools that stand beside the package: no part of it.
TOOLS = (
    "setuptools",
    "pip",
    "wheel",
    "pkg_resources",
    "_distutils_hack",
    "distutils",
    "build",
    "pyproject_hooks",
    "hatchling",
    "flit_core",
    "poetry",
    "packaging",
    "setuptools_scm",
    "editables",
    "pathspec",
    "pluggy",
)
DEPTH = 200
SHOWN = 8
LAYERS = 4000


class Caller:
    """Who calls: `layer` and `place` of the nearest frame of the package, and its `frames`, the nearest first.

    `nearest` is the file of the nearest frame of all, `between` the files of the standard library that stand between
    it and the first frame that is not of it; `tool` says that this one is a build tool's.
    """

    __slots__ = ("between", "frames", "layer", "nearest", "place", "tool")

    def __init__(self) -> None:
        self.layer: int | None = None
        self.place: tuple[int, int] | None = None
        self.frames: list[str] = []
        self.nearest = ""
        self.between: list[str] = []
        self.tool = False


class Stack:
    """The layers that were run, by their code objects: names and file names can be made up."""

    def __init__(self) -> None:
        paths = sysconfig.get_paths()
        self._standard = tuple({paths["stdlib"] + "/", paths["platstdlib"] + "/"})
        self._sites = tuple({site + "/" for site in (paths["purelib"], paths["platlib"], *_site_folders())})
        self._own = __file__.rpartition("/")[0] + "/"
        self._layers: dict[int, tuple[CodeType, int]] = {}
        self._getframe = sys._getframe

    def is_system(self, file: str) -> bool:
        """Whether a file of this name is of the interpreter or of a build tool; any code can claim any name."""
        return self.is_standard(file) or self.is_tool(file)

    def is_standard(self, file: str) -> bool:
        """Whether it is of the standard library, by its name."""
        if file.startswith(self._sites):
            return False
        return file.startswith(("<frozen ", self._own)) or file.startswith(self._standard)

    def is_tool(self, file: str) -> bool:
        """Whether it is of a build tool, by its name."""
        for site in self._sites:
            if file.startswith(site):
                return file[len(site) :].partition("/")[0].partition(".")[0] in TOOLS
        return False

    def add(self, code: CodeType, layer: int) -> None:
        """All code objects of `code` belong to `layer`. They are kept, so that their ids stay theirs."""
        waiting = [code]
        while waiting and len(self._layers) < LAYERS * 16:
            code = waiting.pop()
            self._layers[id(code)] = (code, layer)
            waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]

    def has(self, code: CodeType) -> bool:
        """Whether this code was told of."""
        return id(code) in self._layers

    def whence(self) -> Caller:
        """Who is calling."""
        caller = Caller()
        settled = False
        frame: FrameType | None = self._getframe(1)
        for _ in range(DEPTH):
            if frame is None or len(caller.frames) == SHOWN:
                break
            file = frame.f_code.co_filename
            known = self._layers.get(id(frame.f_code))
            if known is None and (file.startswith(self._own) or self.is_standard(file)):
                if not settled and not file.startswith(self._own):
                    caller.between.append(file)
            else:
                tool = known is None and self.is_tool(file)
                if not settled:
                    settled, caller.tool = True, tool
                    caller.nearest = caller.between[0] if caller.between else file
                if not tool:
                    self._add(caller, frame, known[1] if known else None)
            frame = frame.f_back
        caller.nearest = caller.nearest or (caller.between[0] if caller.between else "")
        return caller

    @staticmethod
    def _add(caller: Caller, frame: FrameType, layer: int | None) -> None:
        code = frame.f_code
        if caller.place is None:
            caller.layer, caller.place = layer, (id(code), frame.f_lasti)
        mark = f"#{layer}" if layer is not None else ""
        caller.frames.append(f"{code.co_name} ({code.co_filename}{mark}:{frame.f_lineno})")


def _site_folders() -> list[str]:
    site = sys.modules.get("site")
    return list(site.getsitepackages()) if site is not None and hasattr(site, "getsitepackages") else []
