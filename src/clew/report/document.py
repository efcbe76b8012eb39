"""Reports that are written as a whole, to a file or to standard output."""

from __future__ import annotations

from typing import IO, Literal

from clew.report import spreadsheet
from clew.report.account import Report

#: One row a finding; one row an event of the evidence; one page.
Document = Literal["csv", "csv-events", "html"]


def write(form: Document, report: Report, out: IO[bytes]) -> None:
    """Write a report in one of the forms."""
    match form:
        case "csv":
            spreadsheet.write(report.findings, out)
        case "csv-events":
            spreadsheet.write_events(report.findings, out)
        case "html":
            from clew.report import page  # jinja2 is loaded only where a page is asked for

            page.write(report, out)
