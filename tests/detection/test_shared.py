"""Lists that detections share: every default that refers to one gets its values, and what is wrong is told."""

from pathlib import Path

import pytest

from clew.detection.load import load_text
from clew.detection.shared import read_list, shared_lists
from clew.errors import DetectionError

DETECTION = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: Something runs
status: test
mutable:
  Hosts: {{type: {type}, default: {default}, about: what runs scripts}}
chain:
  scope: host.id
  within: 1h
  stages:
    run: {{on: process_creation, where: {{process.name|expand: '%Hosts%'}}}}
  findings: {{low: run}}
"""


def loaded(default: str, type_: str = "strings") -> object:
    [detection] = load_text(DETECTION.format(default=default, type=type_))
    return detection.mutable["Hosts"].value


def faults(default: str, type_: str = "strings") -> list[str]:
    with pytest.raises(DetectionError) as caught:
        loaded(default, type_)
    return [str(fault) for fault in caught.value.faults]


def test_a_default_takes_the_values_of_a_list() -> None:
    found, wrong = read_list("windows/script-hosts", shared_lists()["windows/script-hosts"])
    assert found and not wrong
    assert "cmd.exe" in found.values
    assert loaded("{lists: windows/script-hosts}") == found.values


def test_of_several_lists_a_value_counts_once_in_the_order_of_the_lists() -> None:
    one, two = loaded("{lists: windows/interpreters}"), loaded("{lists: windows/package-managers}")
    assert isinstance(one, tuple) and isinstance(two, tuple)
    both = loaded("{lists: [windows/interpreters, windows/package-managers]}")
    assert both == (*one, *(value for value in two if value not in one))


@pytest.mark.parametrize(
    ("default", "type_", "told"),
    [
        ("{lists: windows/script-host}", "strings", "no list is called 'windows/script-host' (did you mean"),
        ("{lists: []}", "strings", "'lists' is an empty list"),
        ("{lists: [7]}", "strings", "'lists' must be text"),
        ("{list: windows/script-hosts}", "strings", "does not suit strings"),
        ("{lists: windows/script-hosts}", "cidrs", "do not suit cidrs"),
        ("{lists: windows/script-hosts}", "duration", "does not suit duration"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(default: str, type_: str, told: str) -> None:
    found = faults(default, type_)
    assert any(told in fault and "detection.yaml:9:" in fault for fault in found), found


def test_a_list_that_is_wrong_tells_all_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("about: odd\nentries:\n  - {about: x, values: [7]}\n  - {source: y, why: z}\n")
    _, wrong = read_list("odd", path)
    assert sorted(str(fault).removeprefix(str(path)) for fault in wrong) == [
        ":3:25: 'values' must be text (quote it if it looks like a number or is true or false)",
        ":3:5: an entry has no 'source' (say who tells it: a URL, or the name of a document)",
        ":4:17: an entry has no key 'why' (one of about, source, values)",
        ":4:5: an entry has no 'about' (say what the values are)",
        ":4:5: an entry has no 'values' (the values that the source tells)",
    ]
