"""Who calls: the frames of the package on the stack, and the layer that each belongs to."""

from __future__ import annotations

import sys
import sysconfig
from types import CodeType, FrameType
from typing import TypeAlias

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
#: The nearest layer, the frames of the package, the place of the nearest one, and the nearest file of all.
Whence: TypeAlias = tuple[int | None, list[str], tuple[int, int] | None, str]
DEPTH = 200
LAYERS = 4000


class Stack:
    """The layers that were run, by their code objects: names and file names can be made up."""

    def __init__(self) -> None:
        paths = sysconfig.get_paths()
        self._standard = tuple({paths["stdlib"], paths["platstdlib"]})
        self._sites = tuple({paths["purelib"], paths["platlib"], *_site_folders()})
        self._own = __file__.rpartition("/")[0]
        self._layers: dict[int, tuple[CodeType, int]] = {}
        self._getframe = sys._getframe

    def is_system(self, file: str) -> bool:
        """Whether `file` is of the interpreter or of a build tool."""
        if file.startswith("<frozen ") or file.startswith(self._own):
            return True
        for site in self._sites:
            if file.startswith(site + "/"):
                return file[len(site) + 1 :].partition("/")[0].partition(".")[0] in TOOLS
        return any(file.startswith(standard + "/") for standard in self._standard)

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

    def whence(self) -> Whence:
        """Who is calling."""
        frame: FrameType | None = self._getframe(1)
        layer: int | None = None
        place: tuple[int, int] | None = None
        nearest = ""
        frames: list[str] = []
        for _ in range(DEPTH):
            if frame is None or len(frames) == 8:
                break
            code = frame.f_code
            file = code.co_filename
            known = self._layers.get(id(code))
            if not nearest and not file.startswith(self._own):
                nearest = file
            if known is not None or not self.is_system(file):
                if place is None:
                    layer = known[1] if known is not None else None
                    place = (id(code), frame.f_lasti)
                mark = f"#{known[1]}" if known is not None else ""
                frames.append(f"{code.co_name} ({file}{mark}:{frame.f_lineno})")
            frame = frame.f_back
        return layer, frames, place, nearest


def _site_folders() -> list[str]:
    site = sys.modules.get("site")
    return list(site.getsitepackages()) if site is not None and hasattr(site, "getsitepackages") else []
