"""Verdicts: rules, not sums; and what a site allows."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from clew.errors import ContentError, UsageError
from clew.vetting.allowed import apply, content_hash, read_allowances
from clew.vetting.behaviour import BEHAVIOURS
from clew.vetting.fact import Fact, Place
from clew.vetting.verdict import _SUREST, COMBINATIONS, judge
from vetting.made import subject

TODAY = datetime.date(2026, 11, 24)


def fact(rule: str = "static.a", weight: Any = "review", side: Any = "static", **fields: Any) -> Fact:
    return Fact(
        **{"rule": rule, "side": side, "weight": weight, "title": "does it", "evidence": "x"} | fields
    )


def test_nothing_and_notes_are_allowed() -> None:
    assert judge([]).decision == "allow"
    assert judge([fact(weight="note")] * 50).decision == "allow"


def test_many_reviews_make_no_block() -> None:
    assert judge([fact(f"static.{n}") for n in range(50)]).decision == "review"


def test_one_block_blocks_and_stands_first_with_the_surest_side_before_it() -> None:
    facts = [
        fact(),
        fact("static.b", "block"),
        fact("behaviour.c", "block", "behaviour"),
        fact("advisory.d", "block", "advisory"),
    ]
    verdict = judge(facts)
    assert verdict.decision == "block"
    assert [one.rule for one in verdict.because] == ["advisory.d", "behaviour.c", "static.b"]


def test_at_most_three_are_shown_first() -> None:
    assert len(judge([fact(f"static.{n}", "block") for n in range(9)]).because) == 3


def test_what_no_honest_package_does_together_blocks() -> None:
    hidden, acting = (
        fact("layer.execute", side="layer"),
        fact("behaviour.install-time-egress", side="behaviour"),
    )
    assert judge([hidden]).decision == judge([acting]).decision == "review"
    verdict = judge([hidden, acting])
    assert (verdict.decision, verdict.because[0].rule) == ("block", "verdict.hides-and-acts")
    assert verdict.because[0].evidence == "layer.execute and behaviour.install-time-egress"
    assert judge([hidden, fact("behaviour.install-time-egress", "note", "behaviour")]).decision == "review"


def test_behaviours_that_are_named_are_behaviours() -> None:
    known = {f"behaviour.{one.name}" for one in BEHAVIOURS.values()}
    named = {*_SUREST, *(pattern for one in COMBINATIONS for pattern in one.patterns)}
    assert {name for name in named if name.startswith("behaviour.") and "*" not in name} <= known


def allow(file: Path, **fields: str) -> Path:
    entry = {"rule": '"static.a"', "because": '"read"', "until": "2027-01-01"} | fields
    file.write_text("[[allow]]\n" + "".join(f"{key} = {value}\n" for key, value in entry.items()))
    return file


def test_an_allowance_holds_for_one_content_one_rule_and_until_its_day(tmp_path: Path) -> None:
    one = subject(tmp_path, {"lib/a.js": "1"})
    found = fact(place=Place(file="lib/a.js", line=3))
    entries = read_allowances(
        allow(tmp_path / "a.toml", sha256=f'"{one.files["lib/a.js"]}"', path='"lib/a.js"')
    )
    assert apply(entries, [found], one, TODAY)[0] == []
    [held] = apply(entries, [found], one, TODAY)[1]
    assert (held.fact, held.because, held.until) == (found, "read", "2027-01-01")
    for other in (fact("static.b", place=found.place), fact(place=Place(file="index.js"))):
        assert apply(entries, [other], one, TODAY)[0] == [other]
    standing, _, [warning] = apply(entries, [found], one, datetime.date(2027, 1, 2))
    assert standing == [found]
    assert "until 2027-01-01" in warning


def test_what_an_allowance_names_is_the_layer_the_file_or_the_package(tmp_path: Path) -> None:
    one = subject(tmp_path, {"lib/a.js": "1"})
    assert content_hash(fact(place=Place(layer="b" * 64, file="lib/a.js")), one) == "b" * 64
    assert content_hash(fact(place=Place(file="lib/a.js")), one) == one.files["lib/a.js"]
    assert content_hash(fact(), one) == one.sha256


@pytest.mark.parametrize(
    "fields", [{"sha256": "3"}, {"sha": '"x"'}, {"sha256": '"x"', "until": '"soon"'}, {"because": "["}]
)
def test_a_wrong_file_of_allowances_is_named(tmp_path: Path, fields: dict[str, str]) -> None:
    with pytest.raises(ContentError, match=r"a\.toml: .*because, until"):
        read_allowances(allow(tmp_path / "a.toml", **fields))


def test_a_missing_file_of_allowances_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_allowances(tmp_path / "none.toml")
