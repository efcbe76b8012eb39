"""The disk that the package gets: small file systems in memory, filled before it starts.

Made while this process may still mount and read everything (as root before it steps down), so it does not matter
whose home the interpreter or the package stands in: what is bound here is reached by the stage alone.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from clew.vetting.sandbox import kernel
from clew.vetting.sandbox.plan import Plan

#: Folders inside that are the package's to write; the rest is read-only.
WRITABLE = ("home", "tmp", "shm")
#: Folders inside that come from the stage and stay as they are.
FIXED = ("etc", "opt")

_MODE = "mode=0755"


class Stage:
    """The folders of a stay, below `root` on this machine."""

    def __init__(self, root: Path, plan: Plan) -> None:
        self.root, self._plan = root, plan
        self.log = root / "log"
        self.kept = root / "kept"
        self.results = root / "results"

    def inside(self, path: str) -> Path:
        """Where a path inside stands on this machine."""
        return self.root / "disk" / path.lstrip("/")

    def build(self) -> None:
        """Mounts, copies and writes all."""
        limits = self._plan.limits
        _memory(self.root, f"size=1m,nr_inodes=1000,{_MODE}")
        for folder, size in (
            ("disk", limits.disk),
            ("log", limits.output),
            ("kept", limits.output + (16 << 20)),
        ):
            _memory(self.root / folder, f"size={size},nr_inodes={limits.files},{_MODE}")
        self.results.mkdir()
        kernel.mount(self._plan.results, str(self.results), None, kernel.BIND)
        for name in (*WRITABLE, *FIXED, self._plan.home):
            self.inside(name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "shm"):
            self.inside(name).chmod(0o1777)
        for copy in self._plan.copies:
            _copy(Path(copy.source), self.inside(copy.target))
        for path, text in self._plan.files.items():
            file = self.inside(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            if text.startswith("#!"):
                file.chmod(0o755)
        self._bind()

    def _bind(self) -> None:
        for bind in self._plan.binds:
            here = self.inside(bind.target)
            _point(here, Path(bind.source))
            kernel.mount(bind.source, str(here), None, kernel.BIND | kernel.RECURSIVE)

    def give(self, owner: int) -> None:
        """Makes what is written to the property of a user, and of the group of the same number."""
        written = [self.inside(name) for name in WRITABLE]
        for top in (*written, self.log, self.kept, self.results):
            os.chown(top, owner, owner)
        for top in (*written, self.kept):
            for folder, folders, files in os.walk(top):
                for name in (*folders, *files):
                    os.chown(os.path.join(folder, name), owner, owner, follow_symlinks=False)  # noqa: PTH118

    def fresh_log(self) -> None:
        """Empties the folder that the hooks write to: each step has its own."""
        for entry in os.scandir(self.log):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink()


def _memory(folder: Path, options: str) -> None:
    folder.mkdir(exist_ok=True)
    kernel.mount("tmpfs", str(folder), "tmpfs", kernel.NO_SETUID | kernel.NO_DEVICES, options)


def _point(place: Path, like: Path) -> None:
    """Makes something to mount on."""
    if like.is_dir():
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, copy_function=_copy_file)


def _copy_file(source: str, target: str) -> None:
    shutil.copyfile(source, target, follow_symlinks=False)
    if not Path(target).is_symlink():
        Path(target).chmod(0o755 if Path(source).stat().st_mode & 0o111 else 0o644)
