"""docs/vetting-facts.md names every behaviour and every signal, and no other."""

import re
from pathlib import Path

from clew.vetting.behaviour import BEHAVIOURS
from clew.vetting.reputation.weigh import TITLES

PAGE = Path(__file__).parents[2] / "docs" / "vetting-facts.md"


def test_the_page_has_all_behaviours() -> None:
    rows = re.findall(
        r"^\| behaviour\.(\S+) \| (\S+) \| ((?:AN\d{4}(?:, )?)+):", PAGE.read_text("utf-8"), re.M
    )
    told = {(analytic, name, technique) for name, technique, all_ in rows for analytic in all_.split(", ")}
    assert told == {(analytic, one.name, one.technique) for analytic, one in BEHAVIOURS.items()}


def test_the_page_has_all_signals() -> None:
    assert {*re.findall(r"^\| reputation\.(\S+) ", PAGE.read_text("utf-8"), re.M)} == TITLES.keys()
