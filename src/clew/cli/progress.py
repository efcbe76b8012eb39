"""Progress on standard error, and only where that is a terminal."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from clew.campaign.sweep.watch import Watch
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


class Sweeping(Watch):
    """Shows which folder a sweep looks through, and then how far the logs have been read."""

    def __init__(self, console: Console) -> None:
        self._console, self._files = console, 0
        self._status = console.status("", spinner="line") if console.is_terminal else None
        self._bar: Bar | None = None

    def __enter__(self) -> Sweeping:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()
        if self._bar:
            self._bar.__exit__(kind, error, trace)

    def looking(self, folder: str, files: int) -> None:
        """A folder with so many files is looked through."""
        self._files += files
        if self._status:
            self._status.update(Text(f"{self._files:,} files, now in {short(folder, 60)}"))

    def reading(self, total: int) -> Bar:
        """So many bytes of logs will be read; what is given is told how far that is."""
        if self._status:
            self._status.stop()
        self._bar = Bar(total, self._console).__enter__()
        return self._bar
