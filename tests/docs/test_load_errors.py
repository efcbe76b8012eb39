"""The table of load errors in docs/language.md is made from detections that were broken for it."""

import os
from collections.abc import Iterator

import pytest

from docs.load_faults import FAULTS, RIGHT, faults
from docs.pages import DOCS

MARK = "<!-- faults -->\n"
EDITS = [edits for listed in FAULTS.values() for edits in listed]


def table() -> Iterator[str]:
    for heading, listed in FAULTS.items():
        yield f"\n**{heading}**\n\n| message | mend |\n|---|---|\n"
        for edits in listed:
            fault = faults(edits)[0]
            yield f"| {_cell(fault.message)} | {_cell(fault.mend)} |\n"
    yield "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def test_the_detection_is_right_before_it_is_broken() -> None:
    assert RIGHT
    assert faults(()) == ()


@pytest.mark.parametrize("edits", EDITS, ids=lambda edits: edits[0][1].strip()[:50])
def test_each_break_is_one_fault_with_its_place(edits: tuple[tuple[str, str], ...]) -> None:
    found = faults(edits)
    assert len(found) == 1, "\n".join(map(str, found))
    assert found[0].line > 0
    assert found[0].column > 0


def test_the_table_is_current() -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    page = DOCS / "language.md"
    before, shown, after = page.read_text("utf-8").split(MARK)
    made = "".join(table())
    if os.environ.get("CLEW_UPDATE_DOCS"):
        page.write_text(before + MARK + made + MARK + after, "utf-8")
        return
    assert shown == made
