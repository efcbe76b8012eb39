"""`clew detections` as a user runs it: what it prints, writes and exits with."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sysmon
from clew.cli.main import run
from clew.detection.load import load_detections

MINE = """\
analytic: AN0862
variant: mine
strategy: DET0309
technique: T1195.002
platform: windows
title: A program is written and run
status: test
log_sources:
  - {component: file_creation, name: "WinEventLog:Sysmon", channel: "EventCode=11"}
  - {component: process_creation, name: "Acme:Log", channel: "start"}
mutable:
  TimeWindow: {type: duration, default: 90m, about: from the write to the run}
chain:
  scope: host.id
  within: '%TimeWindow%'
  stages:
    write:
      on: file_creation
      where: {file.extension: exe}
      bind: {binary: file.path}
    run:
      any:
        - on: process_creation
          link: process.executable = $binary
        - on: module_load
          after: write
          weak: low
      new: {key: [host.id, file.path], for: 30d}
      traits:
        renamed: {clew.process.renamed: true}
  findings: {high: run.renamed, low: run}
  per: [$binary]
triage: Look at it.
tests:
  - name: it runs
    expect: low
    events:
      - +0s file_creation: &write {file.path: 'C:\\a.exe'}
      - +1m process_creation: {process.executable: 'C:\\a.exe', file.path: x}
  - name: too late
    expect: none
    events:
      - +0s file_creation: *write
      - +91m process_creation: {process.executable: 'C:\\a.exe', file.path: x}
"""


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def clew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings"))
    Path("mine.yaml").write_text(MINE)

    def invoke(*arguments: str) -> Ran:
        code = run(("detections", *arguments))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ran(code, out, err)

    return invoke


def changed(*edits: tuple[str, str]) -> None:
    text = MINE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    Path("mine.yaml").write_text(text)


def test_list(clew: Any, snapshot: Any) -> None:
    ran = clew("list", "--detections", "mine.yaml")
    assert ran.code == 0
    assert ran.out == snapshot
    both = json.loads(clew("list", "--detections", "mine.yaml", "--with-shipped", "-f", "json").out)
    names = [entry["name"] for entry in both]
    assert [name for name in names if name.startswith("AN0862")] == ["AN0862", "AN0862/mine"]
    [mine] = [entry for entry in both if entry["name"] == "AN0862/mine"]
    assert mine["levels"] == ["high", "low"]
    assert mine["log_sources"][0]["channel"] == "EventCode=11"


def test_show(clew: Any, snapshot: Any) -> None:
    ran = clew("show", "an0862/MINE", "--detections", "mine.yaml")
    assert ran.code == 0
    chain, _, coverage = ran.out.partition("\nCoverage\n")
    assert chain == snapshot
    assert "Look at it." in coverage
    assert "2 tests, 1 of them near misses" in coverage


def test_show_as_json(clew: Any) -> None:
    Path("clew.toml").write_text('[elements]\nTimeWindow = "2h"\n')
    shown = json.loads(clew("show", "AN0862", "--detections", "mine.yaml", "-f", "json").out)
    assert shown["chain"]["within"] == "2h"
    assert shown["mutable"]["TimeWindow"] == {"value": "2h", "origin": "clew.toml:2"}
    [write, runs] = shown["chain"]["stages"]
    assert write["alternatives"][0]["where"] == "file.extension is exe"
    assert write["alternatives"][0]["bind"] == {"$binary": "file.path"}
    assert [way["parent"] for way in runs["alternatives"]] == ["write", "write"]
    assert runs["alternatives"][0]["link"] == ["process.executable = $binary"]
    assert runs["alternatives"][1]["weak"] == "low"
    assert runs["alternatives"][0]["new"] == {"key": ["host.id", "file.path"], "for": "30d"}
    assert runs["traits"] == {"renamed": "clew.process.renamed is true"}
    assert shown["chain"]["findings"] == {"high": "run.renamed", "low": "run"}
    read = {row["channel"]: (row["read"], row["listed"]) for row in shown["coverage"]}
    assert read["EventCode=11"] == ("yes", True)
    assert read["start"] == ("no", True)
    assert read["EventCode=7"][1] is False


def test_all_variants_are_shown(clew: Any) -> None:
    ran = clew("show", "AN0862", "--detections", "mine.yaml", "--with-shipped", "-f", "json")
    assert [one["name"] for one in json.loads(ran.out)] == ["AN0862", "AN0862/mine"]


@pytest.mark.parametrize("command", ["show", "explain"])
def test_an_unknown_name(clew: Any, command: str) -> None:
    ran = clew(command, "AN0863", *(["--test", "x"] if command == "explain" else []))
    assert ran.code == 2
    assert "no detection is called 'AN0863'; did you mean 'AN0862'?" in ran.err


def test_check(clew: Any) -> None:
    ran = clew("check", "mine.yaml")
    assert ran.code == 0
    assert "warning: mine.yaml: log source forgotten: module_load WinEventLog:Sysmon 'EventCode=7'" in ran.out
    assert "warning: mine.yaml: ATT&CK has no such log source for AN0862: process_creation" in ran.out
    assert "1 detection loaded: " in ran.err
    assert clew("check", "mine.yaml", "--strict").code == 1


def test_check_of_a_faulty_file_and_of_none(clew: Any) -> None:
    changed(("file.extension: exe", "file.extention: exe"))
    ran = clew("check", "mine.yaml")
    assert ran.code == 3
    assert "mine.yaml:19:15: no column is called 'file.extention' (did you mean 'file.extension'?)" in ran.err
    assert clew("check", "none.yaml").code == 2


def test_all_that_is_wrong_with_detections_and_settings_is_said_at_once(clew: Any) -> None:
    changed(("file.extension: exe", "file.extention: exe"))
    Path("other.yaml").write_text(MINE.replace("variant: mine", "variant: other"))
    exception = '[[except]]\ndetection = "AN0862/other"\nstage = "rum"\nwhere = {a = 1}\nuntil = 2027-01-31\n'
    Path("clew.toml").write_text(
        f'[elements]\nTimeWindow = 7\n[elements.AN0862]\nTimeWindow = {{ad = "1h"}}\n[[host]]\n{exception}'
    )
    ran = clew("check", "mine.yaml", "other.yaml")
    assert ran.code == 3
    assert [line.removeprefix("clew: ").split(" (")[0] for line in ran.err.splitlines()] == [
        "clew.toml:2:1: 'TimeWindow': 7 does not suit duration: expected is a length of time: numbers with w, d, "
        "h, m, s, ms or us, such as 90m",
        "clew.toml:4:1: 'TimeWindow' cannot be changed by 'ad'",
        "clew.toml:5:3: 'match' is a pattern of host ids, or a list of them",
        "clew.toml:6:3: an exception has no 'because'",
        "clew.toml:8:1: AN0862/other has no stage 'rum'",
        "clew.toml:9:1: no column is called 'a'",
        "mine.yaml:19:15: no column is called 'file.extention'",
    ]


def test_check_tells_of_settings_that_nothing_heeds(clew: Any) -> None:
    exception = '[[except]]\ndetection = "AN0682"\nwhere = {"$x" = "y"}\nbecause = "z"\nuntil = 9999-12-31\n'
    Path("clew.toml").write_text(
        f'detections = ["mine.yaml"]\n[elements]\nTimeWindo = "1h"\n[elements.AN0863]\nX = 1\n'
        f'[[host]]\nmatch = "a"\n[host.elements]\nTimeWindow = "2h"\nWindow = "2h"\n{exception}'
    )
    ran = clew("check")
    assert ran.code == 0
    assert [line for line in ran.out.splitlines() if "clew.toml" in line] == [
        "warning: clew.toml:3:1: no detection in use has an element 'TimeWindo' (did you mean 'TimeWindow'?)",
        "warning: clew.toml:5:1: no detection in use is called 'AN0863'",
        "warning: clew.toml:10:1: no detection in use has an element 'Window' (did you mean 'TimeWindow'?)",
        "warning: clew.toml:12:1: no detection in use is called 'AN0682', so it excepts nothing",
    ]
    assert clew("check", "--strict").code == 1
    # Of some detections alone that would mean nothing.
    assert "clew.toml" not in clew("check", "mine.yaml").out


def test_check_of_what_is_shipped(clew: Any) -> None:
    assert clew("check").code == 0


@pytest.mark.parametrize("command", ["list", "check", "test", "show"])
def test_a_folder_without_detections_is_no_success(clew: Any, command: str) -> None:
    """Else a wrong folder would pass every check, and a hunt with it would be silent for the wrong reason."""
    Path("empty.yaml").mkdir()
    asked = {"list": ("--detections", "empty.yaml"), "show": ("AN0862", "--detections", "empty.yaml")}
    ran = clew(command, *asked.get(command, ("empty.yaml",)))
    assert ran.code == 2
    assert "empty.yaml: no detections in this folder, no *.yaml and no *.yml" in ran.err


def test_tests_that_pass(clew: Any) -> None:
    ran = clew("test", "mine.yaml")
    assert ran.code == 0
    assert ran.out == "ok     AN0862/mine it runs: reached low\nok     AN0862/mine too late: reached none\n"
    assert ran.err == "2 tests: 2 passed, 0 failed\n"


def test_a_test_that_expects_more_says_what_is_lacking(clew: Any) -> None:
    changed(("expect: low", "expect: high"))
    ran = clew("test", "mine.yaml")
    assert ran.code == 1
    assert ran.out.startswith(
        "FAILED AN0862/mine it runs: expected high, reached low\n"
        "         write > run, then no run.renamed: it is unknown, since there is nothing in clew.process.renamed\n"
    )
    assert "2 tests: 1 passed, 1 failed" in ran.err


def test_a_test_that_expects_less_says_what_was_found(clew: Any) -> None:
    changed(("+91m", "+9m"))
    ran = clew("test", "mine.yaml")
    assert ran.code == 1
    assert (
        "FAILED AN0862/mine too late: expected none, reached low\n         low: write (line 43) > run (line 44)"
        in ran.out
    )


def test_tests_run_with_the_values_of_the_file(clew: Any) -> None:
    Path("clew.toml").write_text('[elements]\nTimeWindow = "1s"\n')
    assert clew("test", "mine.yaml").code == 0


def test_tests_by_name(clew: Any) -> None:
    ran = clew("test", "AN0862/mine", "--detections", "mine.yaml")
    assert ran.err == "2 tests: 2 passed, 0 failed\n"
    assert clew("test", "mine.yaml", "AN0862/mine", "--detections", "mine.yaml").err == ran.err
    assert clew("test", "nothing").code == 2


def test_explain_a_test(clew: Any, snapshot: Any) -> None:
    ran = clew("explain", "AN0862", "--detections", "mine.yaml", "--test", "late")
    assert ran.code == 0
    assert ran.out == snapshot


def test_a_detection_is_named_or_its_file(clew: Any) -> None:
    assert "  A program is written and run\n" in clew("show", "./mine.yaml").out
    assert "It reached low (1 finding)." in clew("explain", "mine.yaml", "--test", "it runs").out
    both = clew("check", "mine.yaml", "an0862")
    assert both.err.startswith("2 detections loaded: ")
    assert "mine.yaml: " in both.out and "AN0862_compromised_update.yaml: " in both.out
    for command in ("show", "explain", "check", "test"):
        ran = clew(command, "mien.yaml", *(("--test", "it runs") if command == "explain" else ()))
        assert (ran.code, ran.err.split(";")[0]) == (
            2,
            "clew: no file and no detection is called 'mien.yaml'",
        )


def test_explain_log_files(clew: Any, snapshot: Any) -> None:
    records = sysmon.incident()
    records[4]["UtcTime"] = sysmon.stamp(7 * 86_400)
    Path("log.jsonl").write_text(sysmon.lines(*records))
    ran = clew("explain", "AN0862", "--events", "log.jsonl")
    assert ran.code == 0
    assert ran.out == snapshot
    assert "Read 5 records in 1 file" in ran.err


def test_explain_as_json_with_a_file_of_events(clew: Any) -> None:
    Path("e.yaml").write_text("- +0s file_creation: {file.path: 'C:\\a.exe'}\n")
    ran = clew(
        "explain", "AN0862", "--detections", "mine.yaml", "--events", "e.yaml", "--level", "low", "-f", "json"
    )
    told = json.loads(ran.out)
    assert told["reached"] is None
    [partial] = told["partials"]
    assert [step["stage"] for step in partial["thread"]] == ["write"]
    assert [(lack["name"], lack["levels"]) for lack in partial["lacks"]] == [("run", ["low"])]


def test_explain_takes_a_folder_whatever_it_is_called(clew: Any) -> None:
    Path("logs.yaml").mkdir()
    Path("logs.yaml/log.jsonl").write_text(sysmon.lines(*sysmon.incident()))
    ran = clew("explain", "AN0862", "--events", "logs.yaml")
    assert ran.code == 0
    assert "Read 5 records in 1 file" in ran.err


def test_explain_of_a_file_of_events_that_is_not_text(clew: Any) -> None:
    Path("e.YML").write_bytes(b"\xff\xfe")
    ran = clew("explain", "AN0862", "--events", "e.YML")
    assert (ran.code, ran.err) == (2, "clew: e.YML: not UTF-8 text; save it as UTF-8\n")


EXCEPT = """
[[except]]
detection = "AN0862"
{what}
because = "our own update; ticket 4711"
until = {until}
"""


def test_explain_says_what_an_exception_holds_back(clew: Any) -> None:
    barred = EXCEPT.format(
        what="stage = 'egress'\nwhere = {'destination.ip' = '203.0.113.9'}", until="9999-12-30"
    )
    expired = EXCEPT.format(what="where = {'$binary' = 'x'}", until="2020-01-31")
    Path("clew.toml").write_text(barred + expired)
    Path("log.jsonl").write_text(sysmon.lines(*sysmon.incident()))
    ran = clew("explain", "AN0862", "--events", "log.jsonl")
    assert "It found nothing. For medium the nearest chain is held back by an exception." in ran.out
    assert (
        "It is held back by the exception at clew.toml:2 until 9999-12-30: our own update; ticket 4711\n"
        "    egress: destination.ip is 203.0.113.9; nothing else is missing for medium and high\n"
    ) in ran.out
    assert (
        "Expired exception clew.toml:9, it holds nothing back any more: our own update; ticket 4711"
        in ran.err
    )


def test_a_test_is_explained_as_it_runs(clew: Any) -> None:
    """Without the site's values and exceptions, by which tests do not go."""
    what = "stage = 'run'\nwhere = {'process.name' = 'a.exe'}"
    Path("clew.toml").write_text(
        '[elements]\nTimeWindow = "1s"\n' + EXCEPT.format(what=what, until="9999-12-30")
    )
    asked = ("explain", "AN0862", "--detections", "mine.yaml", "--test", "it runs")
    assert "It reached low (1 finding)." in clew(*asked).out


def test_values_for_some_hosts_are_shown_and_explained_with_their_hosts(clew: Any) -> None:
    Path("clew.toml").write_text(
        '[[host]]\nmatch = ["build-*", "ci"]\n[host.elements.AN0862]\nTimeWindow = "1s"\n'
    )
    Path("events.yaml").write_text(
        "- +0s file_creation: {host.id: CI, file.path: 'C:\\a.exe'}\n"
        "- +1m process_creation: {host.id: ci, process.executable: 'C:\\a.exe', file.path: x}\n"
    )
    shown = clew("show", "AN0862", "--detections", "mine.yaml").out
    assert "with the values of all hosts but build-*, ci\n" in shown
    assert "with the values of hosts build-*, ci\n" in shown
    asked = ("explain", "AN0862", "--detections", "mine.yaml", "--events", "events.yaml")
    others, own = clew(*asked).out.split("AN0862/mine")[1:]
    assert "with the values of all hosts but build-*, ci\nIt found nothing." in others
    assert "no file_creation events on all hosts but build-*, ci" in others
    assert "time: too late by 59s: 1m after write, and the chain's window is 1s" in own
    alone = clew(*asked, "--scope", "CI").out
    assert "values of hosts build-*" in alone and "all hosts" not in alone


def test_explain_says_which_openings_fold(clew: Any, snapshot: Any) -> None:
    changed(
        ("on: file_creation\n      where: {file.extension: exe}\n", "on: process_creation\n"),
        ("bind: {binary: file.path}", "bind: {binary: process.entity_id}"),
        ("link: process.executable = $binary", "link: process.entity_id in tree of $binary"),
        (
            "          after: write\n          weak: low",
            "          link: process.entity_id in tree of $binary",
        ),
        ("TimeWindow: {type: duration, default: 90m", "TimeWindow: {type: duration, default: 10m"),
    )
    text = Path("mine.yaml").read_text()
    Path("mine.yaml").write_text(text[: text.index("tests:")])
    events = [
        f"- +{n}s process_creation: {{process.entity_id: p{n}, process.parent.entity_id: p{n - 1}, "
        f"process.executable: 'C:\\i.exe'}}\n"
        for n in range(5)
    ]
    Path("e.yaml").write_text("".join(events))
    ran = clew("explain", "AN0862", "--detections", "mine.yaml", "--events", "e.yaml")
    assert (ran.code, ran.err.partition(":")[0]) == (0, "Read 5 records in 1 file")
    assert ran.out == snapshot


def test_explain_input_that_cannot_be_read(clew: Any) -> None:
    Path("log.jsonl").write_text(sysmon.lines(*sysmon.incident()) + "{broken\n")
    ran = clew("explain", "AN0862", "--events", "log.jsonl")
    assert ran.code == 4
    assert "log.jsonl:6: not a JSON object" in ran.err
    assert clew("explain", "AN0862", "--events", "none.jsonl").code == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ((), "say which events: --events FILE, or --test NAME"),
        (("--test", "nothing"), "has no test called 'nothing'; there are: it runs; too late"),
        (("--test", "t"), "has 2 tests called 't'"),
        (("--test", "late", "--level", "huge"), "--level"),
    ],
)
def test_explain_asked_wrongly(clew: Any, asked: tuple[str, ...], message: str) -> None:
    ran = clew("explain", "AN0862", "--detections", "mine.yaml", *asked)
    assert ran.code == 2
    assert message in ran.err


def test_explain_makes_hostile_text_harmless(clew: Any) -> None:
    records = sysmon.incident()[:2]
    records[1]["Image"] = "C:\\x\x1b]0;owned\x07.exe"
    Path("log.jsonl").write_text(sysmon.lines(*records))
    ran = clew("explain", "AN0862", "--events", "log.jsonl")
    assert "\x1b" not in ran.out
    assert r"\x1b]0;owned\x07.exe" in ran.out


def test_schema(clew: Any) -> None:
    import yaml

    schema = json.loads(clew("schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    document = yaml.load(MINE.replace(" on:", ' "on":'), Loader=yaml.CSafeLoader)
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(document)) == []


def test_new(clew: Any) -> None:
    ran = clew("new", "an0001", "-o", "new.yaml")
    assert (ran.code, ran.out) == (0, "")
    (detection,) = load_detections([Path("new.yaml")])
    assert detection.analytic == "AN0001"
    assert clew("new", "AN0001").out == Path("new.yaml").read_text("utf-8")
    again = clew("new", "AN0002", "-o", "new.yaml")
    assert again.code == 2
    assert "new.yaml: cannot be written: File exists" in again.err
    assert clew("new", "AN9999").code == 2


def test_commands_are_listed(clew: Any) -> None:
    shown = clew("--help").out
    for command in ("list", "show", "check", "test", "explain", "schema", "new"):
        assert command in shown
