"""Files and folders, the head of a detection, its elements: what loads, and what is told when it does not."""

from pathlib import Path

import pytest

from clew.detection.head import PLATFORMS
from clew.detection.load import load_detections, load_text, shipped
from clew.detection.model import LogSource
from clew.errors import DetectionError, UsageError
from clew.finding import ElementValue
from writing import RIGHT, edited, fault, faults, load

TESTS = """\
tests:
  - {name: fires, expect: low, events: [+0s file_creation: {file.path: 'C:\\x'}]}
  - {name: near miss, expect: none, events: [+0s file_creation: {file.path: 'C:\\x'}]}
"""
SOURCES = 'log_sources: [{component: file_creation, name: "WinEventLog:Sysmon", channel: "EventCode=11"}]\n'


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_head() -> None:
    detection = load(RIGHT + SOURCES + "triage: look\nvariant: npm\n")
    assert (detection.analytic, detection.strategy, detection.technique) == ("AN0862", "DET0309", "T1195.002")
    assert (detection.platform, detection.status, detection.triage) == ("windows", "test", "look")
    assert (detection.name, detection.path) == ("AN0862/npm", "d.yaml")
    assert detection.log_sources == (LogSource("file_creation", "WinEventLog:Sysmon", "EventCode=11"),)
    assert detection.mutable == {
        "Window": ElementValue("90m", "default"),
        "Paths": ElementValue(("C:\\ProgramData\\",), "default"),
        "Caps": ElementValue(("a", "b", "c"), "default"),
    }
    assert detection.hosts is None


def test_shipped_detections_load() -> None:
    detections = load_detections([shipped()])
    assert "AN0862" in [detection.name for detection in detections]
    assert all(Path(detection.path).parent.parent == shipped() for detection in detections)
    for detection in detections:
        assert detection.tests and detection.triage and detection.log_sources
        assert Path(detection.path).name.startswith(detection.analytic + "_")
        assert Path(detection.path).parent.name == detection.platform
        expected = {case.expect for case in detection.tests}
        assert None in expected and len(expected) > 1


def test_folders_are_searched_and_results_sorted(tmp_path: Path) -> None:
    for name, file in (("AN0003", "b/x.yaml"), ("AN0001", "a/y.yml"), ("AN0002", "z.yaml")):
        write(tmp_path, file, edited(("AN0862", name)))
    write(tmp_path, "readme.txt", "not a detection")
    write(tmp_path, "elements.yaml", "Window: 1h\n")
    assert [d.name for d in load_detections([tmp_path])] == ["AN0001", "AN0002", "AN0003"]
    assert [d.name for d in load_detections([tmp_path / "a", tmp_path / "z.yaml"])] == ["AN0001", "AN0002"]


def test_a_file_named_twice_is_loaded_once(tmp_path: Path) -> None:
    path = write(tmp_path, "d.yaml", RIGHT)
    assert len(load_detections([path, tmp_path])) == 1


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        load_detections([tmp_path / "nowhere"])


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", edited(("file_creation", "file_cration"), ("dll.path", "dl.path")))
    write(tmp_path, "b.yaml", "- a list\n")
    write(tmp_path, "c.yaml", edited(("AN0862", "AN0001")))
    with pytest.raises(DetectionError) as error:
        load_detections([tmp_path])
    found = error.value.faults
    assert [(Path(f.path).name, f.message) for f in found] == [
        ("a.yaml", "no data component is called 'file_cration'"),
        ("a.yaml", "no column is called 'dl.path'"),
        ("b.yaml", "a detection must be a mapping"),
    ]
    assert error.value.exit_code == 3
    assert str(error.value).splitlines()[0].startswith(f"{tmp_path}/a.yaml:16:11: no data component")


def test_one_detection_twice(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", RIGHT)
    write(tmp_path, "b.yaml", RIGHT)
    with pytest.raises(DetectionError, match=r"AN0862 stands in .*a\.yaml too") as error:
        load_detections([tmp_path])
    assert "variant" in error.value.faults[0].mend
    write(tmp_path, "b.yaml", RIGHT + "variant: other\n")
    assert [d.name for d in load_detections([tmp_path])] == ["AN0862", "AN0862/other"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"title: caf\xe9\n", "not UTF-8 text: byte 10 is 0xe9"),
        (b"\xff\xfea\x00", "not UTF-8 text: byte 0 is 0xff"),
        (b"just text", "a detection must be a mapping"),
    ],
)
def test_what_is_no_detection_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "d.yaml"
    path.write_bytes(content)
    with pytest.raises(DetectionError) as error:
        load_detections([path])
    assert [fault.message for fault in error.value.faults] == [message]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode())
    assert load_detections([path])[0].plan == load(RIGHT).plan


@pytest.mark.parametrize(
    ("old", "new", "message", "mend"),
    [
        ("analytic: AN0862", "analytic: 862", "'analytic' must be text", "quote it"),
        ("analytic: AN0862", "analytic: AN86", "'analytic' cannot be 'AN86'", "AN0862"),
        ("analytic: AN0862\n", "", "a detection has no 'analytic'", "AN0862"),
        ("DET0309", "DET309", "'strategy' cannot be 'DET309'", "DET0309"),
        ("T1195.002", "T1195.2", "'technique' cannot be 'T1195.2'", "T1195.002"),
        ("T1195.002", "T1195.002x", "'technique' cannot be 'T1195.002x'", "T1195.002"),
        ("platform: windows", "platform: windos", "'platform' cannot be 'windos'", "did you mean 'windows'?"),
        ("platform: windows", "platform: beos9", "'platform' cannot be 'beos9'", "android"),
        ("status: test", "status: tst", "'status' cannot be 'tst'", "did you mean 'test'?"),
        ("title: A program is written, runs and calls out\n", "", "a detection has no 'title'", "in one line"),
        ("title: A program is written, runs and calls out", "title: ''", "'title' must be text", ""),
        ("status: test", "status: test\nvariant: Über", "'variant' cannot be 'Über'", "small letters"),
        ("status: test", "status: test\nsevrity: high", "a detection has no key 'sevrity'", "one of analytic"),
        ("status: test", "status: test\ntrage: x", "a detection has no key 'trage'", "did you mean 'triage'?"),
        ("  scope:", "  scpe: x\n  scope:", "'chain' has no key 'scpe'", "did you mean 'scope'?"),
        ("type: duration, ", "", "the element 'Window' has no 'type'", "one of cidrs, domains, duration"),
        ("type: duration", "type: duraton", "'type' cannot be 'duraton'", "did you mean 'duration'?"),
        (", about: the window", "", "the element 'Window' has no 'about'", "what it is for"),
        ("  Window: {", "  Win-dow: {", "'Win-dow' cannot name an element", "letters"),
        ("  Caps: {", "  Unused: {type: number, default: 1, about: x}\n  Caps: {", "nothing uses the element 'Unused'", "'%Unused%'"),
        ("default: [a, b, c]", "dflt: [a]", "the element 'Caps' has no key 'dflt'", "did you mean 'default'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_head(old: str, new: str, message: str, mend: str) -> None:
    found = faults(edited((old, new)))
    mine = [fault for fault in found if fault.message == message]
    assert len(mine) == 1, "\n".join(map(str, found))
    assert mend in mine[0].mend
    assert mine[0].line > 0 and mine[0].column > 0


def test_a_default_that_does_not_suit_its_type() -> None:
    found = [f for f in faults(edited(("default: 90m", "default: soon"))) if "default of" in f.message]
    assert found[0].message.startswith("the default of 'Window': 'soon' does not suit duration")
    assert (found[0].line, found[0].column) == (8, 37)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("[{component: file_creation, name: x}]", "a log source has no 'channel'"),
        ("[{component: file_cretion, name: x, channel: y}]", "no data component is called 'file_cretion'"),
        ("[x]", "a log source must be a mapping"),
        ("x", "'log_sources' must be a list that is not empty"),
    ],
)
def test_what_is_wrong_with_log_sources(source: str, message: str) -> None:
    assert fault(("status: test", f"status: test\nlog_sources: {source}")).message == message


def test_under_status_test_they_may_be_empty() -> None:
    detection = load(RIGHT + "log_sources: []\ntests: []\n")
    assert (detection.log_sources, detection.tests) == ((), ())


@pytest.mark.parametrize("status", ["stable", "experimental", "deprecated"])
def test_only_under_status_test_may_tests_and_log_sources_be_missing(status: str) -> None:
    text = edited(("status: test", f"status: {status}"))
    assert load_text(
        edited(("status: test", f"status: {status}"), text=RIGHT + TESTS + SOURCES + "triage: look\n")
    )
    empty = "must be a list that is not empty"
    assert {fault.message for fault in faults(f"{text}log_sources: []\ntests: []\n")} >= {
        f"'log_sources' {empty}",
        f"'tests' {empty}",
    }
    wanted = ["a detection has no 'log_sources'", "a detection has no 'tests'"]
    wanted += ["a detection has no 'triage'"] if status == "stable" else []
    assert sorted(fault.message for fault in faults(text)) == sorted(wanted)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("expect: none", "expect: low", "no test is a near miss"),
        ("expect: low", "expect: none", "no test expects a finding"),
    ],
)
def test_tests_show_both_a_finding_and_a_near_miss(old: str, new: str, message: str) -> None:
    text = RIGHT + TESTS + SOURCES
    assert [
        f.message for f in faults(edited(("status: test", "status: experimental"), (old, new), text=text))
    ] == [message]


def test_platforms_are_attacks() -> None:
    assert len(PLATFORMS) == 13
    assert list(PLATFORMS) == sorted(PLATFORMS)
