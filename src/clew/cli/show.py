"""`clew show`: findings whole again, with their raw records out of the logs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from clew.cli.exit import Exit
from clew.errors import UsageError
from clew.finding import EvidenceEvent, Finding
from clew.read.files import STDIN
from clew.record import Reject
from clew.report import document, jsonlines, raw
from clew.report.account import Report
from clew.report.text import plain
from clew.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def show(
    file: Annotated[Path, Parameter(name="FINDINGS")],
    /,
    *ids: Annotated[str, Parameter(name="ID")],
    path_from: str = "",
    path_to: str = "",
    format: Annotated[Literal["table", "jsonl", "html"], Parameter(name=["--format", "-f"])] = "table",
) -> int:
    """Show findings again, with the raw record of each event out of the logs.

    A record is shown only where it is still the one that the finding was made of. Exits with 4 when a record
    cannot be shown.

    Parameters
    ----------
    file
        The findings as "clew hunt -o" wrote them; - is standard input.
    ids
        Ids of findings, or how they begin; all by default.
    path_from
        Where the logs have moved: what their paths began with ...
    path_to
        ... and what they begin with now. Alone: the folder from which relative paths are meant.
    format
        A thread for people with the values in force and what to do, a page (html), or JSON lines: finding, stage,
        path, position, raw.
    """
    from clew.runner.show import choose, raw_records

    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    findings, rejects = read_findings(file)
    chosen = choose(findings, ids)
    for reject in rejects:
        talk.print(Text(f"{plain(reject.path)}:{reject.position}: {plain(reject.reason)}"))
    with raw_records(chosen, read_settings(), mover(path_from, path_to)) as recall:
        books = _Books(recall)
        _print(chosen, books, format)
    talk.print(Text(books.close()))
    return Exit.INCOMPLETE if rejects or books.missing else Exit.OK


def read_findings(file: Path) -> tuple[list[Finding], list[Reject]]:
    """The findings of a file, and the lines that are none. Raises UsageError where there is nothing else."""
    try:
        lines = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    found = list(jsonlines.read(lines.splitlines(), str(file)))
    findings = [one for one in found if isinstance(one, Finding)]
    rejects = [one for one in found if isinstance(one, Reject)]
    if rejects and not findings:
        raise UsageError(
            f"{file}: there are no findings in it (line {rejects[0].position}: {plain(rejects[0].reason)[:300]}); "
            "write some with: clew hunt LOGS/ -o findings.jsonl"
        )
    return findings, rejects


def mover(begins: str, instead: str) -> Callable[[str], str]:
    """Paths as they are, or with their beginning replaced; an absolute path does not begin with nothing."""
    if begins and not instead:
        raise UsageError("--path-from needs --path-to: where the logs are now")

    def moved(path: str) -> str:
        if begins:
            return instead + path.removeprefix(begins) if path.startswith(begins) else path
        return str(Path(instead, path)) if instead else path

    return moved


class _Books:
    """Recalls raw records, and counts those that are missing."""

    def __init__(self, recall: raw.Recall) -> None:
        self._recall = recall
        self.shown = self.missing = 0

    def __call__(self, event: EvidenceEvent) -> raw.Raw:
        record = self._recall(event)
        self.missing += record.text is None
        self.shown += record.text is not None
        return record

    def close(self) -> str:
        """The closing line."""
        said = f"Showed {self.shown:,} raw record{'s'[: self.shown != 1]}."
        return said + f" {self.missing:,} could not be shown." * bool(self.missing)


def _print(findings: Sequence[Finding], books: _Books, format: str) -> None:
    if format == "jsonl":
        raw.write_lines(findings, books, sys.stdout.buffer)
    elif format == "html":
        document.write("html", Report(tuple(findings), recall=books), sys.stdout.buffer)
    else:
        raw.write(findings, books, Console(soft_wrap=True, highlight=False))
    sys.stdout.flush()
