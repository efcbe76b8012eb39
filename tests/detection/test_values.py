"""Layers of values: default < content < site < some hosts; profiles and origins."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from clew.detection.load import load_detections, load_text
from clew.detection.model import Detection, HostSet
from clew.detection.site import read_site
from clew.detection.values import SiteValues
from clew.errors import DetectionError, Fault, SettingsError
from clew.finding import ElementValue
from clew.settings.file import TomlFile, read_toml
from writing import RIGHT, edited


def toml(folder: Path, text: str, name: str = "clew.toml") -> TomlFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    file = read_toml(path, name, faults)
    assert file is not None, faults
    return file


def site(folder: Path, text: str) -> SiteValues:
    faults: list[Fault] = []
    found = read_site([toml(folder, text)], faults)
    if faults:
        raise SettingsError(faults)
    return found


def load(folder: Path, text: str) -> Sequence[Detection]:
    return load_text(RIGHT, "d.yaml", site(folder, text))


def test_a_site_sets_an_element_for_all_detections_or_for_one(tmp_path: Path) -> None:
    (detection,) = load(
        tmp_path,
        'elements.Window = "1h"\n[elements.AN0862]\nCaps = ["x"]\n[elements.AN0001]\nCaps = ["y"]\n',
    )
    assert detection.mutable == {
        "Window": ElementValue("1h", "clew.toml:1"),
        "Paths": ElementValue(("C:\\ProgramData\\",), "default"),
        "Caps": ElementValue(("x",), "clew.toml:3"),
    }
    assert detection.plan.within == 3_600_000_000
    assert [trait.name for trait in detection.plan.stages[1].traits] == ["renamed", "cap=x"]


def test_what_is_for_one_detection_lies_over_what_is_for_all(tmp_path: Path) -> None:
    text = '[elements.AN0862]\nWindow = "2h"\n[elements."AN0862/npm"]\nWindow = "3h"\n[elements]\nWindow = "1h"\n'
    values = site(tmp_path, text)
    (plain,) = load_text(RIGHT, "d.yaml", values)
    (variant,) = load_text(RIGHT + "variant: npm\n", "d.yaml", values)
    assert plain.mutable["Window"] == ElementValue("2h", "clew.toml:2")
    assert variant.mutable["Window"] == ElementValue("3h", "clew.toml:4")


def test_a_list_can_be_added_to_and_taken_from(tmp_path: Path) -> None:
    (detection,) = load(tmp_path, '[elements]\nCaps = {add = ["d", "a"], remove = ["b", "zz"]}\n')
    assert detection.mutable["Caps"] == ElementValue(
        ("c", "d", "a"), "default, add clew.toml:2, remove clew.toml:2"
    )


def test_the_latest_file_wins(tmp_path: Path) -> None:
    files = [toml(tmp_path, 'elements.Window = "1h"', "user.toml"), toml(tmp_path, 'elements.Window = "2h"')]
    (detection,) = load_text(RIGHT, "d.yaml", read_site(files, []))
    assert detection.mutable["Window"] == ElementValue("2h", "clew.toml:1")


def test_content_lies_over_defaults_and_under_the_site(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "d.yaml").write_text(RIGHT)
    (folder / "elements.yaml").write_text("Window: 2h\nCaps: [k]\nOther: 5\n")
    (detection,) = load_detections([folder], site(tmp_path, 'elements.Caps = ["s"]'))
    assert detection.mutable["Window"] == ElementValue("2h", f"{folder}/elements.yaml:1")
    assert detection.mutable["Caps"] == ElementValue(("s",), "clew.toml:1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- Window\n", "elements.yaml is a mapping of element names to values"),
        ("Window: [1]\n", "'Window': [1] does not suit duration"),
        ("Window: 1h\nWindow: 2h\n", "'Window' stands twice, first in line 1"),
    ],
)
def test_what_is_wrong_with_content(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "d.yaml").write_text(RIGHT)
    (tmp_path / "elements.yaml").write_text(content)
    with pytest.raises(DetectionError) as error:
        load_detections([tmp_path])
    (fault,) = error.value.faults
    assert fault.message.startswith(message)
    assert (Path(fault.path).name, fault.line > 0) == ("elements.yaml", True)


HOSTS = """\
[elements]
Window = "1h"
[[host]]
match = ["build-*", "CI-??"]
[host.elements]
Caps = ["b"]
[[host]]
match = "build-7"
[host.elements.AN0862]
Window = "5m"
[[host]]
match = "*.lab"
[host.elements]
Caps = ["b"]
"""


def test_values_for_some_hosts_give_a_profile_for_each_distinct_set(tmp_path: Path) -> None:
    rest, build, seven = load(tmp_path, HOSTS)
    assert [d.name for d in (rest, build, seven)] == ["AN0862"] * 3
    assert rest.mutable["Caps"] == ElementValue(("a", "b", "c"), "default")
    assert build.mutable["Caps"] == ElementValue(("b",), "host pattern build-*, CI-??, clew.toml:6")
    assert build.mutable["Window"] == ElementValue("1h", "clew.toml:2")
    assert seven.mutable["Window"] == ElementValue("5m", "host pattern build-7, clew.toml:10")
    assert [len(d.plan.stages[1].traits) for d in (rest, build, seven)] == [4, 2, 4]


@pytest.mark.parametrize(
    ("host", "profile"),
    [
        ("web", 0),
        ("build-7", 1),  # the first [[host]] that fits is the host's
        ("BUILD-9", 1),
        ("ci-01", 1),
        ("ci-1", 0),
        ("x.lab", 1),
        ("xlab", 0),
        ("build", 0),
    ],
)
def test_each_host_has_exactly_one_profile(tmp_path: Path, host: str, profile: int) -> None:
    hosts = [detection.hosts for detection in load(tmp_path, HOSTS)]
    assert [h is not None and h.holds(host) for h in hosts].index(True) == profile
    assert sum(h is not None and h.holds(host) for h in hosts) == 1


def test_a_host_that_sets_nothing_for_a_detection_is_no_host_of_its(tmp_path: Path) -> None:
    text = '[[host]]\nmatch = "*"\n[host.elements.AN0001]\nWindow = "1h"\n[[host]]\nmatch = "a"\n[host.elements]\nWindow = "2h"\n'
    rest, own = load(tmp_path, text)
    assert own.hosts == HostSet((("a", True),), False)
    assert rest.hosts is not None and rest.hosts.holds("b") and not rest.hosts.holds("a")


def test_equal_values_make_no_profile(tmp_path: Path) -> None:
    (detection,) = load(tmp_path, '[[host]]\nmatch = "a"\n[host.elements]\nWindow = "90m"\n')
    assert detection.hosts is None


def test_values_by_host_need_a_chain_that_lives_on_a_host(tmp_path: Path) -> None:
    cluster = edited(("scope: host.id", "scope: orchestrator.cluster.name"))
    general = '[[host]]\nmatch = "a"\n[host.elements]\nWindow = "1h"\n'
    (detection,) = load_text(cluster, "d.yaml", site(tmp_path, general))
    assert detection.hosts is None
    with pytest.raises(DetectionError, match="AN0862 does not live on one host") as error:
        load_text(cluster, "d.yaml", site(tmp_path, general.replace("elements]", "elements.AN0862]")))
    assert str(error.value).startswith("clew.toml:4:1: ")


@pytest.mark.parametrize(
    ("text", "place", "message", "mend"),
    [
        (
            '[elements.AN0862]\nWindw = "1h"\n',
            (2, 1),
            "AN0862 has no element 'Windw'",
            "did you mean 'Window'?",
        ),
        ("[elements]\nWindow = 5\n", (2, 1), "'Window': 5 does not suit duration", ""),
        ("elements.Caps = [1.5]\n", (1, 1), "'Caps': 1.5 does not suit strings", ""),
        ('[elements]\nWindow = {add = "1h"}\n', (2, 1), "'Window' is no list: nothing to add", "set it"),
        (
            '[[host]]\nmatch = "a"\n[host.elements]\nCaps = [true]\n',
            (4, 1),
            "'Caps': True does not suit strings",
            "",
        ),
    ],
)
def test_a_value_that_does_not_suit_is_told_with_its_place_in_the_settings(
    tmp_path: Path, text: str, place: tuple[int, int], message: str, mend: str
) -> None:
    with pytest.raises(DetectionError) as error:
        load(tmp_path, text)
    (fault,) = error.value.faults
    assert fault.path == "clew.toml"
    assert (fault.line, fault.column) == place
    assert fault.message.startswith(message)
    assert mend in fault.mend


@pytest.mark.parametrize(
    ("text", "line", "message", "mend"),
    [
        ("elements = 5\n", 1, "'elements' is a table of element names", "[elements]"),
        ("[elements]\nAN0862 = 5\n", 2, "'AN0862' is a table of its elements", "[elements.AN0862]"),
        ('[elements]\nCaps = {ad = ["x"]}\n', 2, "'Caps' cannot be changed by 'ad'", "add = [...]"),
        ("host = 5\n", 1, "'host' is a list of tables", "[[host]]"),
        ("[host]\nmatch = 'x'\n", 1, "'host' is a list of tables", "[[host]]"),
        ("[[host]]\n[host.elements]\nCaps = 'a'\n", 1, "'match' is a pattern of host ids", 'match = ["build-*"]'),
        ("[[host]]\nmatch = []\n", 2, "'match' is a pattern of host ids", 'match = ["build-*"]'),
        ("[[host]]\nmatch = [1]\n", 2, "'match' is a pattern of host ids", 'match = ["build-*"]'),
        ("[[host]]\nmatch = 'a'\nmach = 'b'\n", 3, "'host' has no key 'mach'", "did you mean 'match'?"),
    ],
)  # fmt: skip
def test_the_shape_of_the_tables(tmp_path: Path, text: str, line: int, message: str, mend: str) -> None:
    with pytest.raises(SettingsError) as error:
        site(tmp_path, text)
    (fault,) = error.value.faults
    assert (fault.path, fault.line) == ("clew.toml", line)
    assert fault.message.startswith(message)
    assert mend in fault.mend
