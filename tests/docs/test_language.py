"""The pages on the language: every example is a detection that loads, fires and misses as its tests say."""

import re
from pathlib import Path

import pytest
from sigma.modifiers import modifier_mapping

from clew.detection.element import TYPES
from clew.detection.exception import read_exemptions
from clew.detection.load import load_detections, load_text, shipped
from clew.detection.model import Detection
from clew.detection.site import read_site
from clew.runner.trial import run_case
from clew.settings.file import read_toml
from docs.pages import DOCS, Example, blocks, rows

PAGE = "language.md"
LANGUAGE = blocks(PAGE, "yaml example")
EXAMPLES = [*LANGUAGE, *blocks("coming-from.md", "yaml example")]
[FRAME] = blocks(PAGE, "yaml frame")


def loaded(example: Example) -> Detection:
    (detection,) = load_text(FRAME.text + example.text, f"{example.page}:{example.line}")
    return detection


def test_there_are_examples() -> None:
    assert len(LANGUAGE) >= 15
    assert len(EXAMPLES) >= len(LANGUAGE) + 6


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.page}:{example.line}")
def test_an_example_does_what_its_tests_say(example: Example) -> None:
    detection = loaded(example)
    outcomes = [run_case(detection, case) for case in detection.tests]
    assert [(o.case.name, o.level) for o in outcomes] == [(o.case.name, o.case.expect) for o in outcomes]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.page}:{example.line}")
def test_an_example_fires_and_has_a_near_miss(example: Example) -> None:
    levels = {case.expect for case in loaded(example).tests}
    assert len(levels) >= 2
    assert levels != {None}


def test_every_construct_has_an_example() -> None:
    """Each key of a stage, of a chain, and each form of a condition is used by an example."""
    from clew.detection.chain import KEYS as CHAIN
    from clew.detection.stage import KEYS as STAGE

    text = "\n".join(example.text for example in LANGUAGE)
    for key in (*STAGE, *CHAIN, "distinct", "by", "each"):
        assert re.search(rf"(?<![\w.]){key}:", text), key
    for form in ("in tree of $", "under $", ".traits >= ", "not run.renamed", "medium: not start", "|expand"):
        assert form in text, form
    for type_ in TYPES.keys() - {"string", "images", "regex"}:
        assert f"type: {type_}," in text, type_


def test_what_is_shown_of_clew_toml_can_be_read(tmp_path: Path) -> None:
    shipped_ones = load_detections([shipped()])
    for number, example in enumerate(blocks(PAGE, "toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(example.text, "utf-8")
        file = read_toml(path, f"{PAGE}:{example.line}", faults := [])
        assert file is not None, faults
        site = read_site([file], faults)
        assert site.settings or len(read_exemptions([file], shipped_ones, faults)) == 2
        assert not faults


def test_the_table_of_element_types_is_complete() -> None:
    assert [cells[0].strip("`") for cells in rows(PAGE, "Mutable elements")] == list(TYPES)


def test_the_table_of_modifiers_is_complete() -> None:
    named = {word for cells in rows(PAGE, "where: Sigma's part") for word in re.findall(r"`(\w+)`", cells[0])}
    assert named == {*modifier_mapping, "utf16le"}


@pytest.mark.parametrize("page", ["language.md", "coming-from.md"])
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([\w-]+\.md)?(?:#([^)]+))?\)", (DOCS / page).read_text("utf-8"))
    assert targets
    for file, anchor in targets:
        assert (DOCS / (file or page)).is_file(), file
        assert not anchor or anchor in _anchors(file or page), (file, anchor)


def _anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
