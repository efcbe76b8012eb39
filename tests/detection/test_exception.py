import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest

from clew.detection.condition import holds
from clew.detection.exception import Exemption, read_exemptions
from clew.detection.load import load_text
from clew.detection.model import Detection
from clew.errors import Fault, SettingsError
from clew.settings.file import TomlFile, read_toml
from writing import RIGHT

DETECTIONS = load_text(RIGHT)


def read(folder: Path, text: str, detections: Sequence[Detection] = DETECTIONS) -> tuple[Exemption, ...]:
    path = folder / "clew.toml"
    path.write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    file = read_toml(path, "clew.toml", faults)
    assert file is not None, faults
    return right(file, detections)


def right(file: TomlFile, detections: Sequence[Detection]) -> tuple[Exemption, ...]:
    faults: list[Fault] = []
    found = read_exemptions([file], detections, faults)
    if faults:
        raise SettingsError(faults)
    return found


STAGE = """\
[[except]]
detection = "AN0862"
stage = "egress"
where = {"destination.domain|endswith" = ".acme.example"}
because = "reports home; ticket 4711"
until = 2027-03-31
"""
MATCH = """\
[[except]]
detection = "AN0862"
where = {"$binary|startswith" = 'c:\\program files\\acme\\', "$program" = ["1", "2"]}
because = "in-house"
until = 2027-01-31
"""


def test_an_event_that_cannot_fill_a_stage(tmp_path: Path) -> None:
    (found,) = read(tmp_path, STAGE)
    assert (found.detection, found.stage, found.because) == ("AN0862", "egress", "reports home; ticket 4711")
    assert found.origin == "clew.toml:1"
    assert holds(found.where, {"destination.domain": "a.ACME.example"})
    assert not holds(found.where, {"destination.domain": "acme.example.net"})
    assert not holds(found.where, {})


def test_a_match_that_does_not_count(tmp_path: Path) -> None:
    (found,) = read(tmp_path, MATCH)
    assert found.stage is None
    bound = {"$binary": "c:\\program files\\acme\\a.exe", "$program": "2"}
    assert holds(found.where, bound)
    assert not holds(found.where, {**bound, "$program": "3"})
    assert not holds(found.where, {"$program": "2"})


def test_it_ends_with_the_day_that_is_written(tmp_path: Path) -> None:
    (found,) = read(tmp_path, STAGE)
    end = datetime.datetime(2027, 4, 1, tzinfo=datetime.UTC)
    assert found.until == int(end.timestamp()) * 1_000_000
    assert not found.expired(found.until - 1)
    assert found.expired(found.until)


@pytest.mark.parametrize("until", ['"2027-03-31"', "2027-03-31T10:00:00Z", "2027-03-31T10:00:00"])
def test_other_ways_to_write_a_day(tmp_path: Path, until: str) -> None:
    (found,) = read(tmp_path, STAGE.replace("2027-03-31", until))
    assert found.until == read(tmp_path, STAGE)[0].until


def test_several_are_kept_in_order(tmp_path: Path) -> None:
    assert [found.origin for found in read(tmp_path, STAGE + MATCH)] == ["clew.toml:1", "clew.toml:7"]


def test_those_for_detections_that_are_not_loaded_are_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, STAGE.replace("AN0862", "AN0001").replace("egress", "whatever")) == ()


def test_which_detections_it_concerns(tmp_path: Path) -> None:
    (found,) = read(tmp_path, STAGE)
    (variant,) = load_text(RIGHT + "variant: npm\n")
    assert found.concerns(DETECTIONS[0]) and found.concerns(variant)


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "mend"),
    [
        ('"egress"', '"egres"', 3, "AN0862 has no stage 'egres'", "did you mean 'egress'?"),
        ('stage = "egress"', "stage = 5", 3, "'stage' must be text", ""),
        ('because = "reports home; ticket 4711"\n', "", 1, "an exception has no 'because'", "say why"),
        ('"reports home; ticket 4711"', '" "', 5, "'because' must be text", "say why"),
        ("until = 2027-03-31\n", "", 1, "an exception ends on a day", "until = 2027-03-31"),
        ("2027-03-31", '"soon"', 6, "an exception ends on a day", "until = 2027-03-31"),
        ("2027-03-31", "10:00:00", 6, "an exception ends on a day", "until = 2027-03-31"),
        ('detection = "AN0862"\n', "", 1, "an exception has no 'detection'", "name it"),
        ("destination.domain|", "destination.doman|", 4, "destination.doman", "destination.domain"),
        ("until =", "untl = 1\nuntil =", 6, "an exception has no key 'untl'", "did you mean 'until'?"),
        ('where = {"destination.domain|endswith" = ".acme.example"}', "where = {}", 4, "an exception says what", "where ="),
        ('stage = "egress"\n', "", 3, "no stage of AN0862 binds 'destination.domain'", "one of $"),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, old: str, new: str, line: int, message: str, mend: str) -> None:
    assert old in STAGE
    with pytest.raises(SettingsError) as error:
        read(tmp_path, STAGE.replace(old, new))
    (fault,) = error.value.faults
    assert (fault.path, fault.line) == ("clew.toml", line)
    assert message in fault.message
    assert mend in fault.mend


@pytest.mark.parametrize("text", ["except = 5\n", "[except]\ndetection = 'x'\n", "except = [1]\n"])
def test_the_shape_of_the_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="'except' is a list of tables"):
        read(tmp_path, text)


BRANCHES = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: t
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    a: {on: file_creation, bind: {p: process.entity_id}}
    b: {on: module_load, link: process.entity_id = $p, bind: {x: dll.path}}
    c: {on: file_deletion, link: process.entity_id = $p, bind: {y: file.path}}
  findings: {low: b and c}
"""


def excepted(tmp_path: Path, where: str, *detections: str) -> tuple[Exemption, ...]:
    file = tmp_path / "clew.toml"
    file.write_text(MATCH.replace(MATCH.split("where = ")[1].splitlines()[0], where))
    read_file = read_toml(file, "clew.toml", [])
    assert read_file is not None
    return right(read_file, [one for text in detections for one in load_text(text)])


def test_every_variant_must_bind_the_variable(tmp_path: Path) -> None:
    other = BRANCHES.replace("x: dll.path", "z: dll.path").replace("title: t", "variant: other\ntitle: t")
    with pytest.raises(SettingsError, match=r"no stage of AN0862/other binds '\$x'"):
        excepted(tmp_path, '{"$x" = "1"}', BRANCHES, other)
    assert excepted(tmp_path, '{"$y" = "1"}', BRANCHES, other)


def test_an_unknown_variable(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError,
        match=r"clew.toml:3:1: no stage of AN0862 binds '\$binry' \(did you mean '\$binary'\?\)",
    ):
        read(tmp_path, MATCH.replace("$binary", "$binry"))


def test_each_variant_binds_the_variable(tmp_path: Path) -> None:
    (other,) = load_text(
        RIGHT.replace("$program", "$started").replace("program:", "started:") + "variant: npm\n"
    )
    with pytest.raises(SettingsError, match=r"no stage of AN0862/npm binds '\$program'"):
        read(tmp_path, MATCH, [*DETECTIONS, other])
    only_mine = MATCH.replace('"AN0862"', '"AN0862/npm"').replace("$program", "$started")
    assert read(tmp_path, only_mine, [*DETECTIONS, other])[0].concerns(other)


def test_variables_of_two_branches(tmp_path: Path) -> None:
    forked = RIGHT.replace(
        "link: process.parent.entity_id in tree of $program",
        "link: process.executable = $binary\n      bind: {made: process.name}",
    )
    with pytest.raises(
        SettingsError, match=r"\$made and \$program are bound on different branches of AN0862"
    ):
        read(tmp_path, MATCH.replace("$binary|startswith", "$made"), load_text(forked))


def test_a_variable_is_not_compared_with_a_column(tmp_path: Path) -> None:
    text = MATCH.replace("$binary|startswith", "$binary|fieldref")
    with pytest.raises(
        SettingsError, match=r"'\$binary' cannot be compared with a column \(give its values\)"
    ):
        read(tmp_path, text)
