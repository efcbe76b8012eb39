import csv
import io
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.report import spreadsheet
from findings import FINDING, LOW


def rows(write: Any, *findings: Any) -> list[dict[str, str]]:
    out = io.BytesIO()
    write(findings, out)
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))


def test_a_row_a_finding(snapshot: Any) -> None:
    assert rows(spreadsheet.write, LOW, FINDING) == snapshot


def test_a_row_an_event(snapshot: Any) -> None:
    assert rows(spreadsheet.write_events, FINDING)[:2] == snapshot
    assert len(rows(spreadsheet.write_events, FINDING, LOW)) == 8


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", r"\x09=1"),
        ("\r=1", r"\x0d=1"),
        (None, ""),
        (True, "true"),
        (7, "7"),
    ],
)
def test_no_cell_is_a_formula(value: Any, shown: str) -> None:
    assert spreadsheet.cell(value) == shown


def test_a_cell_is_no_longer_than_excel_takes() -> None:
    shown = spreadsheet.cell("x" * 1_000_000)
    assert len(shown) < 32_767
    assert shown.endswith("cut here, 1,000,000 characters in all")


@given(st.text())
def test_any_text_stays_in_its_cell(text: str) -> None:
    [row] = rows(spreadsheet.write, msgspec.structs.replace(FINDING, title=text))
    assert row["title"] == spreadsheet.cell(text)
    assert row["finding"] == FINDING.id
    assert not row["title"].startswith(("=", "+", "-", "@", "\t", "\r"))
