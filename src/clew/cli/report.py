"""`clew report`: a report of stored findings, to read, to print, or for a spreadsheet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import IO, Annotated, Literal, get_args

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from clew.cli.exit import Exit
from clew.cli.show import mover, read_findings
from clew.errors import UsageError
from clew.finding import Finding
from clew.record import Reject
from clew.report import document, jsonlines, table
from clew.report.account import Report
from clew.report.document import Document
from clew.report.text import plain
from clew.settings import read_settings

Format = Literal["table", "jsonl", "csv", "csv-events", "html"]


def report(
    file: Annotated[Path, Parameter(name="FINDINGS")],
    /,
    *ids: Annotated[str, Parameter(name="ID")],
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "html",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    raw: Annotated[bool, Parameter(negative="--no-raw")] = True,
    path_from: str = "",
    path_to: str = "",
) -> int:
    """Make a report of stored findings.

    What was looked for and what was not read is not stored with findings; "clew hunt -f html" reports that as well.
    Exits with 4 when a line of the file is no finding.

    Parameters
    ----------
    file
        The findings as "clew hunt -o" wrote them; - is standard input.
    ids
        Ids of findings, or how they begin; all by default.
    format
        A page (html), a row a finding (csv), a row an event of the evidence (csv-events), a table or JSON lines.
    output
        Where to write the report; standard output by default.
    raw
        Put the raw records of the gravest 100 findings into the page, where the logs still stand.
    path_from
        Where the logs have moved: what their paths began with ...
    path_to
        ... and what they begin with now. Alone: the folder from which relative paths are meant.
    """
    from clew.runner.report import with_records
    from clew.runner.show import choose

    moved = mover(path_from, path_to)
    if output and file.exists() and output.exists() and output.samefile(file):
        raise UsageError(f"{output}: holds the findings; write the report to another file")
    findings, rejects = read_findings(file)
    made = Report(tuple(choose(findings, ids)))
    with ExitStack() as stack:
        if format == "html" and raw:
            made = stack.enter_context(with_records(made, read_settings(), moved))
        _write(format, made, stack.enter_context(_open(output)) if output else sys.stdout.buffer)
    return _close(rejects)


def _close(rejects: Sequence[Reject]) -> Exit:
    """Say which lines are no findings."""
    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    for reject in rejects:
        talk.print(Text(f"{plain(reject.path)}:{reject.position}: {plain(reject.reason)}"))
    return Exit.INCOMPLETE if rejects else Exit.OK


def _open(output: Path) -> IO[bytes]:
    try:
        return output.open("wb")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error


def _write(format: Format, made: Report, out: IO[bytes]) -> None:
    if format in get_args(Document):
        document.write(format, made, out)  # type: ignore[arg-type]
    elif format == "jsonl":
        jsonlines.write(made.findings, out)
    elif out is sys.stdout.buffer:
        table.write(made.findings, Console(soft_wrap=not sys.stdout.isatty(), highlight=False))
    else:
        _write_table(made.findings, out)
    out.flush()


def _write_table(findings: tuple[Finding, ...], out: IO[bytes]) -> None:
    text = StringIO()
    table.write(findings, Console(file=text, width=120, highlight=False))
    out.write(text.getvalue().encode())
