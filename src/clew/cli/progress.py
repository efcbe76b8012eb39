"""A progress bar on standard error, and only where that is a terminal."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from clew.report.text import short


class Bar:
    """Shows which file is read, and how much of all the input has been."""

    def __init__(self, total: int, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[file]}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("read", total=total, file="")
        self._finished = 0
        self._current: tuple[Path | None, int] = (None, 0)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def again(self) -> Bar:
        """The same files are read once more, from the beginning."""
        self._finished, self._current = 0, (None, 0)
        return self

    def __call__(self, file: Path, done: int) -> None:
        """So much of this file has been read, in bytes."""
        if self._current[0] != file:
            self._finished += self._current[1]
        self._current = (file, done)
        self._progress.update(self._task, completed=self._finished + done, file=short(file.name, 40))
