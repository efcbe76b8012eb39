"""`clew hunt`: what happened on these hosts?"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from clew.cli.exit import Exit
from clew.cli.extent import WHOLE, Part
from clew.cli.progress import Bar
from clew.cli.report import Format
from clew.errors import UsageError
from clew.finding import Finding, Level, rank
from clew.record import LINE_BYTES
from clew.report import books as report
from clew.report import document, jsonlines, summary, table
from clew.report.account import Report
from clew.report.document import Document
from clew.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.detection.model import Detection
    from clew.runner.books import Books
    from clew.runner.hunt import Hunt
    from clew.settings import Settings

FailOn = Literal["never", "low", "medium", "high", "critical"]


def hunt(
    *paths: Annotated[Path, Parameter(help="Log files, and folders of log files; - is standard input.")],
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    detections: Annotated[tuple[Path, ...], Parameter(negative=())] = (),
    with_shipped: Annotated[bool, Parameter(negative=())] = False,
    fail_on: FailOn | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "table",
    raw: Annotated[bool, Parameter(negative="--no-raw")] = True,
    stats: Literal["text", "json"] | None = None,
    part: Part = WHOLE,
) -> int:
    """Hunt through exported logs for chains of behaviour.

    Findings go to standard output, everything else to standard error.

    Parameters
    ----------
    output
        Write the findings to this file too, as JSON lines; with -f html, csv or csv-events write that into it instead.
    detections
        A detection file, or a folder of them, to use instead of the shipped ones. May be repeated.
    with_shipped
        Use the shipped detections beside those of --detections.
    fail_on
        Exit with 1 when a finding reaches this level; "never" by default.
    memory_limit
        Memory that DuckDB may use, as 2GB; 500MB by default.
    threads
        Threads that DuckDB may use; all cores by default.
    format
        A table for people, JSON lines, a page (html), or a spreadsheet: a row a finding (csv), or a row an event of
        the evidence (csv-events). A page or a spreadsheet goes to the --output where there is one.
    raw
        Put the raw records of the gravest 100 findings into the page, for which the logs are read again.
    stats
        Print the books to standard error: how every record ended, by reader and file, and what each step took.
    """
    if not paths:
        raise UsageError("nothing to hunt through: name at least one log file or folder")
    from clew.runner import books as accounts
    from clew.runner import hunt as runner  # DuckDB and the rest are loaded only where there is work

    _check_ending(output, format)
    flags = {"detections": detections or None, "fail_on": fail_on}
    settings = read_settings({**flags, "memory_limit": memory_limit, "threads": threads})
    chosen, extent = runner.choose(settings, with_shipped), part.extent()
    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    books = accounts.Books() if stats else None
    with ExitStack() as stack:
        out = stack.enter_context(_open(output, paths)) if output else None
        with Bar(runner.size(paths), talk) as bar:
            result = runner.hunt(paths, chosen, settings, extent=extent, progress=bar, books=books)
        if format in get_args(Document):
            _write(format, result, chosen, settings if raw else None, out)  # type: ignore[arg-type]
        else:
            if out:
                jsonlines.write(result.findings, out)
            _print(result, format)
    close(result, talk)
    if books:
        _print_books(books, result, stats)
    return exit_code(result, settings.fail_on)


def _check_ending(output: Path | None, format: Format) -> None:
    """Raises UsageError where a file would not hold what its name says."""
    ending = output.suffix.lower().removeprefix(".") if output else ""
    if ending in ("html", "csv") and format.partition("-")[0] != ending:
        raise UsageError(f"{output}: JSON lines would be written into it; add -f {ending}, or call it .jsonl")


def _open(output: Path, paths: tuple[Path, ...]) -> IO[bytes]:
    """The file for findings, emptied. Raises UsageError where that would empty one of the logs."""
    try:
        if any(_holds(path, output) for path in paths) and not _has_findings(output):
            raise UsageError(
                f"{output}: is one of the logs to hunt through; write the findings to another file"
            )
        return output.open("wb")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error


def _holds(path: Path, file: Path) -> bool:
    """Whether a file that is there is the path itself, or lies in the folder that it is."""
    if not file.is_file() or not path.exists():
        return False
    return path.resolve() in (file.resolve(), *file.resolve().parents) or path.samefile(file)


def _has_findings(file: Path) -> bool:
    """Whether a file holds findings of an earlier hunt, or nothing at all."""
    with file.open("rb") as lines:
        first = next(jsonlines.read([lines.readline(LINE_BYTES)], str(file)), None)
    return first is None or isinstance(first, Finding)


def _write(
    form: Document,
    result: Hunt,
    chosen: Sequence[Detection],
    settings: Settings | None,
    out: IO[bytes] | None,
) -> None:
    """Write a report; with settings a page has raw records."""
    from clew.runner import report as reports

    made = Report(result.findings, reports.account_of(result, chosen))
    with ExitStack() as stack:
        if form == "html" and settings:
            made = stack.enter_context(reports.with_records(made, settings))
        document.write(form, made, out or sys.stdout.buffer)
    sys.stdout.flush()


def _print(result: Hunt, format: str) -> None:
    if format == "jsonl":
        jsonlines.write(result.findings, sys.stdout.buffer)
    else:
        table.write(result.findings, Console(soft_wrap=not sys.stdout.isatty(), highlight=False))
    sys.stdout.flush()


def close(result: Hunt, talk: Console) -> None:
    """The closing lines: what was found, what could not be looked for, what was not read."""
    blind = ((b.detection, b.stage, b.component, b.log_sources) for b in result.blind)
    lines = [summary.found(result.findings), summary.read(result.tally)]
    held = ((h.exemption.origin, h.exemption.because, h.count, h.expired) for h in result.held)
    lines += [*summary.held_back(held), *summary.not_looked_for(blind), *summary.not_read(result.tally)]
    lines += summary.known(result.known.placed, result.known.named, result.known.forgotten)
    lines += summary.forgotten(result.counters.evicted, result.counters.unplaced, result.known.dropped)
    lines += [*summary.noted(result.tally), *summary.clocks(result.twins)]
    if result.interrupted:
        lines.append("Interrupted: what had been read until then was followed to its end.")
    for line in lines:
        talk.print(Text(line))


def _print_books(books: Books, result: Hunt, form: str | None) -> None:
    """The books, and last of all whether they balance. Raises AccountingError where they do not."""
    ledger = books.close(result.tally, result.counters, result.known)
    text = msgspec.json.encode(ledger).decode() if form == "json" else "\n".join(report.lines(ledger))
    print(text, file=sys.stderr)
    if not result.interrupted:
        books.check(result.tally)


def exit_code(result: Hunt, fail_on: Level | None) -> Exit:
    """What the end of a hunt says."""
    if result.interrupted:
        return Exit.INTERRUPTED
    if fail_on and any(rank(f.level) >= rank(fail_on) for f in result.findings):
        return Exit.FOUND
    complete = result.tally.complete and not (result.counters.evicted or result.known.dropped)
    return Exit.OK if complete else Exit.INCOMPLETE
