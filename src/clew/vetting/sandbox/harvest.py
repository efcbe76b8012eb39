"""Brings out what a step left: the trace, the hooks' logs, what it printed, and how the tree changed.

All of it is the package's to shape. Only plain files with plain names are taken, within limits, and what is left
behind is told.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

from clew.vetting.sandbox.plan import Ended, Entry, Limits
from clew.vetting.sandbox.stage import Stage
from clew.vetting.sandbox.tree import Tree, snapshot

_NAME = re.compile(r"[\w.-]{1,120}")
_FILES = 2_000
_PRINTED = 16_384
_TOLD = 5_000
"""Changes of the tree that are told of a step."""


class Harvest:
    """What one step leaves, named `name` in the results folder."""

    def __init__(self, stage: Stage, name: str, before: Tree, roots: dict[str, str]) -> None:
        self._stage, self._name, self._before, self._roots = stage, name, before, roots
        self.trace = stage.kept / f"{name}.trace"
        self.printed = stage.kept / f"{name}.out"

    def gather(self, ended: Ended, limits: Limits) -> tuple[Ended, Tree]:
        """The step with everything that it left, and the tree as it is now."""
        ended.trace = f"{self._name}.trace"
        ended.log = f"{self._name}.log"
        with self.printed.open("rb") as file:
            ended.printed = file.read(_PRINTED).decode("utf-8", "replace")
        shutil.copyfile(self.trace, self._stage.results / ended.trace)
        self.trace.unlink()
        self.printed.unlink()
        self._logs(self._stage.results / ended.log, limits.output, ended)
        self._stage.fresh_log()
        if _full(self._stage.root / "disk"):
            ended.reached.append("files")
        after = snapshot(self._roots, self._before)
        self._compare(after, ended)
        return ended, after

    def _logs(self, target: Path, most: int, ended: Ended) -> None:
        target.mkdir()
        left = most
        for taken, entry in enumerate(sorted(os.scandir(self._stage.log), key=lambda entry: entry.name)):
            if taken >= _FILES or left <= 0:
                ended.lost.append(f"the hooks' logs beyond {taken} files and {most - left} bytes")
                return
            if not _NAME.fullmatch(entry.name):
                ended.lost.append("a file with a strange name in the hooks' logs")
                continue
            left -= self._take(entry.path, target / entry.name, left)

    def _take(self, source: str, target: Path, most: int) -> int:
        try:
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return 0
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return 0
            data = file.read(most)
        target.write_bytes(data)
        return len(data)

    def _compare(self, after: Tree, ended: Ended) -> None:
        old, new = self._before.entries, after.entries
        deleted = [path for path in old if path not in new]
        changed = [path for path, entry in new.items() if path in old and old[path] != entry]
        added = [path for path in new if path not in old]
        ended.deleted = deleted[:_TOLD]
        ended.changed = _chosen(changed, new)
        ended.added = _chosen(added, new)
        if after.cut:
            ended.lost.append("files beyond the first 50,000 of the tree")
        if max(len(deleted), len(changed), len(added)) > _TOLD:
            ended.lost.append(f"changes of the tree beyond {_TOLD} of a kind")


def _full(disk: Path) -> bool:
    """Whether the package has used up its disk."""
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize < 1 << 16 or found.f_favail < 8


def _chosen(paths: list[str], entries: dict[str, Entry]) -> dict[str, Entry]:
    return {path: entries[path] for path in paths[:_TOLD]}
