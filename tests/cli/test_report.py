"""`clew hunt -f html` and `clew report` as a user runs them."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sysmon


@pytest.fixture(autouse=True)
def log(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*sysmon.incident()) + "not a record\n")


def test_a_hunt_writes_a_page_with_raw_records_and_its_account(clew: Any) -> None:
    ran = clew("hunt", "log.jsonl", "-f", "html", "-o", "report.html")
    assert ran.code == 4
    assert ran.out == ""
    html = Path("report.html").read_text()
    assert html.startswith("<!DOCTYPE html>")
    assert html.rstrip().endswith("</html>")
    assert html.count("Raw record</p>") == 4
    assert "<strong>Incomplete.</strong>" in html
    assert "<code>log.jsonl</code></td><td>6</td>" in html
    assert clew("hunt", "log.jsonl", "-f", "html").out == html


def test_a_hunt_writes_a_page_without_raw_records(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*sysmon.incident()))
    page = clew("hunt", "log.jsonl", "-f", "html", "--no-raw").out
    assert "Raw record" not in page
    assert "Read 5 records" in page


def test_a_report_of_stored_findings(clew: Any) -> None:
    clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    ran = clew("report", "findings.jsonl", "-o", "report.html")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    html = Path("report.html").read_text()
    assert html.count("Raw record</p>") == 4
    assert "is not stored with them" in html
    assert "Raw record" not in clew("report", "findings.jsonl", "--no-raw").out
    Path("log.jsonl").unlink()
    assert clew("report", "findings.jsonl").out.count("Raw record not shown: No such file") == 4


@pytest.mark.parametrize(("form", "count"), [("csv", 1), ("csv-events", 4)])
def test_a_spreadsheet(clew: Any, form: str, count: int) -> None:
    clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    [finding] = map(json.loads, Path("findings.jsonl").read_text().splitlines())
    for ran in (clew("hunt", "log.jsonl", "-f", form), clew("report", "findings.jsonl", "-f", form)):
        rows = list(csv.DictReader(ran.out.lstrip("\ufeff").splitlines()))
        assert [row["finding"] for row in rows] == [finding["id"]] * count


def test_other_forms_of_stored_findings(clew: Any) -> None:
    clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    assert clew("report", "findings.jsonl", "-f", "jsonl").out == Path("findings.jsonl").read_text()
    assert "write" in clew("report", "findings.jsonl", "-f", "table").out
    clew("report", "findings.jsonl", "-f", "table", "-o", "table.txt")
    assert "write" in Path("table.txt").read_text()


def test_wrong_use(clew: Any) -> None:
    clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    ran = clew("hunt", "log.jsonl", "-o", "report.html")
    assert ran.code == 2
    assert "add -f html" in ran.err
    assert not Path("report.html").exists()
    assert clew("report", "findings.jsonl", "-f", "csv", "-o", "findings.jsonl").code == 2
    assert Path("findings.jsonl").read_text()
    assert clew("report", "log.jsonl").code == 2


def test_a_line_that_is_no_finding(clew: Any) -> None:
    clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    with Path("findings.jsonl").open("a") as file:
        file.write("{}\n")
    ran = clew("report", "findings.jsonl", "-f", "csv")
    assert ran.code == 4
    assert "findings.jsonl:2: not a finding" in ran.err


def test_the_template_library_is_loaded_for_pages_alone() -> None:
    script = (
        "import sys; from clew.cli.main import run; "
        "code = run(['hunt', 'log.jsonl', '-f', 'csv']); print('jinja2' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.endswith("False\n")
