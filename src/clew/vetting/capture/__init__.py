"""Capture: what runs inside the sandbox tells of itself, and is read as the untrusted word that it is.

Two hooks, one for Node and one for Python, are bound read-only into the sandbox (`HOOKS` at `inside`). They write into
a folder that the package can write into as well. `read` makes calls and layers of it, and says where it was tampered
with; strace, the sinkhole and the tree are the witnesses that a package cannot reach.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias

from clew.vetting.capture.reading import Caps, read
from clew.vetting.subject import Ecosystem

__all__ = ["HOOKS", "Caps", "Platform", "environment", "path_file", "read", "start_lines"]

Platform: TypeAlias = Literal["linux", "win32", "darwin"]

#: The folder to bind at `inside`.
HOOKS = Path(__file__).parent / "hooks"


def environment(
    ecosystem: Ecosystem, inside: Path, log: Path, platform: Platform = "linux"
) -> dict[str, str]:
    """The variables that load the hook for Node; the hook takes both out of the package's sight.

    `inside` and `log` are paths as the sandbox shows them; `log` is an existing folder that the package's user can
    write into. Python needs `path_file` besides: no variable survives ``-I`` and ``env={}``. npm's packages start
    Python and PyPI's start Node, so both ecosystems get both.
    """
    del ecosystem
    hook = inside / "node_hook.cjs"
    quoted = f'"{hook}"' if " " in str(hook) else str(hook)
    return {
        "NODE_OPTIONS": f"--require {quoted}",
        "CAPTURE": f"{platform}:{log}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def path_file(inside: Path, log: Path, platform: Platform = "linux") -> str:
    """The text of the `.pth` file that loads the hook for Python.

    It goes into a site folder of the sandbox's interpreter (`site.getsitepackages()`), under a name that sorts first.
    https://docs.python.org/3/library/site.html
    """
    load = f"sys.path.insert(0, {str(inside)!r}); import audit; sys.path.pop(0)"
    return f"import sys; {load}; audit.start({str(log)!r}, {platform!r})\n"


def start_lines(folders: Iterable[Path]) -> set[str]:
    """The sha256 of each line of code in the `.pth` files of these site folders, for `read`.

    They run at each start of an interpreter, and the hook tells of them as of any code.
    """
    lines = [
        line
        for folder in folders
        for path in sorted(folder.glob("*.pth"))
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith(("import ", "import\t"))
    ]
    return {hashlib.sha256((line + end).encode()).hexdigest() for line in lines for end in ("", "\n")}
