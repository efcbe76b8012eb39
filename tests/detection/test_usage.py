"""Which elements a detection uses, and which of them only keep events out."""

from clew.detection.load import load_detections, load_text, shipped
from clew.detection.usage import Use, allow_lists, uses
from writing import RIGHT, edited, load

NOT_APPROVED = (
    "    child:\n      on: process_creation\n",
    "    child:\n      on: process_creation\n      where: {known: {process.name|expand: '%Known%'}, condition: not known}\n",
)
KNOWN = ("  Caps:", "  Known: {type: strings, default: [ok.exe], about: known}\n  Caps:")


def test_uses_name_element_stage_column_and_sign() -> None:
    found = set(uses(load(edited(NOT_APPROVED, KNOWN))))
    assert found == {
        Use("Paths", 0, "file.path", False),
        Use("Known", 2, "process.name", True),
    }


def test_an_element_that_is_only_denied_is_an_allow_list() -> None:
    detection = load(edited(NOT_APPROVED, KNOWN))
    assert allow_lists(detection) == {"Known": (Use("Known", 2, "process.name", True),)}


def test_an_element_that_lets_events_pass_as_well_is_none() -> None:
    both = "      where: {known: {process.name|expand: '%Known%'}, two: {process.parent.name|expand: '%Known%'}, condition: two and not known}\n"
    text = edited(KNOWN, (NOT_APPROVED[0], NOT_APPROVED[0] + both), text=RIGHT)
    (detection,) = load_text(text)
    assert allow_lists(detection) == {}


def test_the_allow_lists_of_an0862() -> None:
    (detection,) = [one for one in load_detections([shipped()]) if one.name == "AN0862"]
    assert set(allow_lists(detection)) == {"ApprovedUpdateHosts", "ApprovedSigners"}
