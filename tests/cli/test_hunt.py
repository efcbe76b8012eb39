"""`clew hunt` as a user runs it: what it prints, writes and exits with, on good and on broken input."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import evtx_file
import sysmon

INCIDENT = sysmon.lines(*sysmon.incident())


def buffered() -> dict[str, str]:
    """The environment of a user, whose Python holds output back until the end."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def put(name: str, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    Path(name).write_bytes(data)


def test_a_finding_is_printed_written_and_counted(clew: Any, snapshot: Any) -> None:
    put("log.jsonl", INCIDENT)
    ran = clew("hunt", "log.jsonl", "-o", "findings.jsonl")
    assert ran.code == 0
    assert ran.out == snapshot(name="out")
    assert ran.err == snapshot(name="err")
    [line] = Path("findings.jsonl").read_text().splitlines()
    assert json.loads(line) == snapshot(name="finding")


def test_json_lines_on_standard_output(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    ran = clew("hunt", "log.jsonl", "-f", "jsonl")
    assert [json.loads(line)["level"] for line in ran.out.splitlines()] == ["high"]


@pytest.mark.parametrize("dialect", [sysmon.flat, sysmon.evtx])
def test_the_same_incident_is_the_same_finding_in_every_dialect(clew: Any, dialect: Any) -> None:
    put("log.jsonl", sysmon.lines(*sysmon.incident(dialect)))
    found = json.loads(clew("hunt", "log.jsonl", "-f", "jsonl").out)
    assert found["id"] == json.loads(_finding_of(clew, INCIDENT))["id"]
    assert [stage["name"] for stage in found["stages"]] == ["write", "first_run", "script_child", "egress"]


def _finding_of(clew: Any, content: str) -> str:
    put("other.jsonl", content)
    return str(clew("hunt", "other.jsonl", "-f", "jsonl").out)


def test_order_of_files_copies_and_shuffled_lines_change_nothing(clew: Any) -> None:
    records = sysmon.incident()
    whole = json.loads(_finding_of(clew, INCIDENT))
    Path("logs").mkdir()
    put("logs/b.jsonl", sysmon.lines(*records[:3]))
    put("logs/a.jsonl", sysmon.lines(*reversed(records[2:])))
    ran = clew("hunt", "logs", "-f", "jsonl")
    assert "1 duplicates" in ran.err
    assert _without_log(json.loads(ran.out)) == _without_log(whole)


def _without_log(finding: Any) -> Any:
    for stage in finding["stages"]:
        for event in stage["events"]:
            del event["log"]
    return finding


@pytest.mark.parametrize(
    ("level", "code"), [("never", 0), ("low", 1), ("high", 1), ("critical", 0)]
)  # the incident reaches high
def test_fail_on(clew: Any, level: str, code: int) -> None:
    put("log.jsonl", INCIDENT)
    assert clew("hunt", "log.jsonl", "--fail-on", level).code == code


def test_a_missing_path(clew: Any) -> None:
    ran = clew("hunt", "nowhere.jsonl")
    assert ran.code == 2
    assert "nowhere.jsonl" in ran.err
    assert ran.out == ""


def test_no_path_and_unknown_options(clew: Any) -> None:
    assert clew("hunt").code == 2
    put("log.jsonl", INCIDENT)
    ran = clew("hunt", "log.jsonl", "--fail-onn", "high")
    assert ran.code == 2
    assert "--fail-onn" in ran.err


def test_a_file_that_is_no_json(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    put("notes.txt", "these are notes\n")
    put("sample.evtx", b"ElfFile\x00" + b"\x00" * 100)
    ran = clew("hunt", ".", "-f", "jsonl")
    assert ran.code == 4
    assert len(ran.out.splitlines()) == 1  # the rest is hunted through
    assert "notes.txt: no format that Clew reads" in ran.err
    assert "sample.evtx: cut in the header of the event log" in ran.err
    assert "This hunt is incomplete." in ran.err


def test_a_cut_last_line(clew: Any) -> None:
    put("log.jsonl", INCIDENT[:-30])
    ran = clew("hunt", "log.jsonl")
    assert ran.code == 4
    assert "log.jsonl:5: the last line is cut" in ran.err
    assert "4 events" in ran.err


def test_a_last_line_without_its_end_that_is_whole(clew: Any) -> None:
    put("log.jsonl", INCIDENT.rstrip("\n"))
    assert clew("hunt", "log.jsonl").code == 0


def test_bad_lines_amid_good_ones(clew: Any) -> None:
    good = INCIDENT.splitlines(keepends=True)
    bad = ["not json\n", "{bad}\n", "\x00\x00\x00\n", "[1]\n"]
    mixed = "".join(a + b for a, b in zip(good, [*bad, ""], strict=True))
    put("log.jsonl", mixed.encode() + b"\xff\xfe{\n")
    ran = clew("hunt", "log.jsonl", "-f", "jsonl")
    assert ran.code == 4
    assert json.loads(ran.out)["level"] == "high"
    for line in (2, 4, 6, 8, 10):
        assert f"log.jsonl:{line}: " in ran.err
    assert "5 events" in ran.err
    assert "5 rejected" in ran.err


def test_an_event_log_gives_the_same_finding_as_its_export(clew: Any) -> None:
    put("log.evtx", evtx_file.log(sysmon.incident(sysmon.evtx), per_chunk=2))
    found = json.loads(clew("hunt", "log.evtx", "-f", "jsonl").out)
    assert found["id"] == json.loads(_finding_of(clew, INCIDENT))["id"]
    logs = [event["log"] for stage in found["stages"] for event in stage["events"]]
    assert [(log["source"], log["position"]) for log in logs] == [("evtx", n) for n in (2, 3, 4, 5)]


def test_faults_of_every_kind_lose_nothing_else(clew: Any, tmp_path: Path) -> None:
    first, *rest = INCIDENT.splitlines(keepends=True)
    Path("logs").mkdir()
    put("logs/1.jsonl", first + "\0\0\0\n")
    put("logs/2.jsonl", b"\0" * 1000)
    put("logs/3.bin", os.urandom(5000))
    put("logs/4.jsonl.gz", gzip.compress(rest[0].encode() * 2000)[:-9])
    put("logs/5.evtx", evtx_file.log(sysmon.incident(sysmon.evtx)[2:4])[:-60000] + b"x" * 500)
    put("logs/6.jsonl", b'{"x":"' + b"y" * (100 << 20) + b'"}\n' + rest[3].encode())
    Path("logs/loop").symlink_to(tmp_path / "logs")
    put("logs/empty", b"")
    ran = clew("hunt", "logs", "-f", "jsonl")
    assert ran.code == 4
    assert json.loads(ran.out)["level"] == "high"
    for said in (
        "logs/1.jsonl:2: not a JSON object",
        "logs/2.jsonl: no format that Clew reads",
        "logs/3.bin: no format that Clew reads",
        "logs/4.jsonl.gz: gzip: the stream is cut (after ",
        "logs/6.jsonl:1: the line is longer than 16 MiB",
        "Note: logs/5.evtx: checksums of 1 chunks do not hold",
    ):
        assert said in ran.err
    assert "in 7 files: 5 events" in ran.err


def test_a_folder_that_cannot_be_listed(clew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("logs/closed").mkdir(parents=True)
    put("logs/log.jsonl", INCIDENT)
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(os, "listdir", scandir)
    ran = clew("hunt", "logs")
    assert ran.code == 4
    assert "logs/closed: Permission denied" in ran.err
    assert "5 events" in ran.err


def test_a_file_that_vanishes_or_grows_meanwhile(clew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("logs").mkdir()
    for name in ("a", "b", "c"):
        put(f"logs/{name}", "")
    put("logs/b", "".join(INCIDENT.splitlines(keepends=True)[:2]))

    def meddling(paths: Any) -> Any:
        for path in sorted(Path("logs").iterdir()):
            if path.name == "a":
                path.unlink()
            if path.name == "b":
                with path.open("a") as file:
                    file.write("".join(INCIDENT.splitlines(keepends=True)[2:]))
            yield path

    monkeypatch.setattr("clew.pipeline.walk", meddling)
    ran = clew("hunt", "logs")
    assert ran.code == 4
    assert "logs/a: No such file or directory" in ran.err
    assert "5 events" in ran.err


def test_standard_input(clew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(INCIDENT.encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    ran = clew("hunt", "-", "-f", "jsonl")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert {event["log"]["path"] for stage in found["stages"] for event in stage["events"]} == {"-"}


def test_bytes_that_are_not_utf8_are_said(clew: Any) -> None:
    records = sysmon.incident()
    records[3]["CommandLine"] = "cmd /c stra\u00dfe"
    put("log.jsonl", "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode("latin-1"))
    ran = clew("hunt", "log.jsonl")
    assert ran.code == 0
    assert "stra\u00dfe" in ran.out
    assert "Note: log.jsonl: not UTF-8, read as Latin-1: 1 line, the first is 4" in ran.err


def test_an_empty_file_and_one_of_blank_lines(clew: Any) -> None:
    put("empty.jsonl", "")
    put("blank.jsonl", "\n\n\n")
    ran = clew("hunt", "empty.jsonl", "blank.jsonl")
    assert ran.code == 0
    assert "Read 0 records in 2 files" in ran.err
    assert "AN0862, stage write" in ran.err  # nothing could be looked for, and that is said


def test_what_could_not_be_looked_for_is_said(clew: Any) -> None:
    put("log.jsonl", sysmon.lines(*sysmon.incident()[:4]))
    ran = clew("hunt", "log.jsonl")
    assert "Found nothing." in ran.err
    assert "AN0862, stage egress: no network_connection_creation events (WinEventLog:Sysmon" in ran.err


def test_an_unknown_field_in_a_detection(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    put(
        "bad.yaml",
        "analytic: AN0862\nstrategy: DET0309\ntechnique: T1195.002\nplatform: windows\ntitle: t\nstatus: test\n"
        "chain:\n  scope: host.id\n  within: 1h\n  stages:\n    write:\n      on: file_creation\n"
        "      where: {file.pth: x}\n      bind: {f: file.path}\n  findings: {low: write}\n  per: [$f]\n",
    )
    ran = clew("hunt", "log.jsonl", "--detections", "bad.yaml")
    assert ran.code == 3
    assert "bad.yaml:13:" in ran.err
    assert "file.path" in ran.err  # did you mean
    assert ran.out == ""


def test_an_unknown_setting(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    put("clew.toml", '# ours\nmemory_limmit = "1GB"\n')
    ran = clew("hunt", "log.jsonl")
    assert ran.code == 3
    assert "clew.toml:2" in ran.err
    assert "memory_limit" in ran.err


def test_a_place_that_cannot_be_written(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    ran = clew("hunt", "log.jsonl", "-o", "no/such/folder/x.jsonl")
    assert ran.code == 2
    assert "x.jsonl" in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    Path("log.jsonl").chmod(0)
    ran = clew("hunt", "log.jsonl")
    assert ran.code == 4
    assert "Permission denied" in ran.err


def test_hostile_text_is_made_harmless(clew: Any) -> None:
    records = sysmon.incident()
    records[3]["CommandLine"] = "cmd \x1b]0;owned\x07 [red]x[/red] \u202e"
    put("log.jsonl", sysmon.lines(*records))
    ran = clew("hunt", "log.jsonl")
    assert "\x1b]0" not in ran.out
    assert "\u202e" not in ran.out
    assert r"\x1b]0;owned\x07 [red]x[/red] \u202e" in " ".join(ran.out.split())


def test_other_detections_and_the_shipped_ones(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    put(
        "mine.yaml",
        "analytic: AN0001\nstrategy: DET0001\ntechnique: T1552.005\nplatform: windows\ntitle: any write\n"
        "status: test\nchain:\n  scope: host.id\n  within: 1h\n  stages:\n    write:\n      on: file_creation\n"
        "      bind: {f: file.path}\n  findings: {low: write}\n  per: [$f]\n",
    )
    analytics = lambda *a: sorted(  # noqa: E731
        json.loads(line)["analytic"] for line in clew("hunt", "log.jsonl", "-f", "jsonl", *a).out.splitlines()
    )
    assert analytics() == ["AN0862"]
    assert analytics("--detections", "mine.yaml") == ["AN0001"]
    assert analytics("--detections", "mine.yaml", "--with-shipped") == ["AN0001", "AN0862"]
    first = clew("hunt", "--detections", "mine.yaml", "log.jsonl", "-f", "jsonl")  # one value for each flag
    assert json.loads(first.out)["analytic"] == "AN0001"


@pytest.mark.parametrize(("form", "fail_on", "code"), [("table", "never", 0), ("jsonl", "high", 1)])
def test_a_closed_pipe_changes_no_exit_code(tmp_path: Path, form: str, fail_on: str, code: int) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(sysmon.lines(*sysmon.incident(host=f"h{n}")) for n in range(300)))
    hunting = f"{sys.executable} -m clew.cli.main hunt {log} -f {form} --fail-on {fail_on}"
    command = f"{{ {hunting}; echo code $? >&2; }} | head -n 1 >/dev/null"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, env=buffered())
    assert f"code {code}" in done.stderr
    assert "Found 300" in done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("place", ["-o", ">"])
def test_a_full_disk(tmp_path: Path, place: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(INCIDENT)
    command = f"{sys.executable} -m clew.cli.main hunt {log} {place} /dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=buffered())
    assert done.returncode == 4
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_too_little_memory_is_said(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    ran = clew("hunt", "log.jsonl", "--memory-limit", "1MB")
    assert ran.code == 4
    assert "--memory-limit" in ran.err


@pytest.mark.parametrize(("path", "output"), [("log.jsonl", "./log.jsonl"), (".", "log.jsonl")])
def test_a_log_is_not_overwritten_by_what_is_found_in_it(clew: Any, path: str, output: str) -> None:
    Path("log.jsonl").write_text(INCIDENT)
    ran = clew("hunt", path, "-o", output)
    assert ran.code == 2
    assert "log.jsonl: is one of the logs to hunt through" in ran.err
    assert Path("log.jsonl").read_text() == INCIDENT


def test_findings_of_an_earlier_hunt_in_the_same_folder_are_replaced(clew: Any) -> None:
    Path("log.jsonl").write_text(INCIDENT)
    for _ in range(2):
        assert clew("hunt", ".", "-o", "findings.jsonl").code == 0
        assert len(Path("findings.jsonl").read_text().splitlines()) == 1


def test_a_named_pipe_is_read(clew: Any) -> None:
    Path("log.jsonl").write_text(INCIDENT)
    os.mkfifo("pipe")
    writer = subprocess.Popen(["sh", "-c", "cat log.jsonl > pipe"])
    try:
        ran = clew("hunt", "pipe")
    finally:
        writer.kill()
        writer.wait()
    assert ran.code == 0
    assert "Found 1" in ran.err


def test_what_had_to_go_makes_a_hunt_incomplete(clew: Any) -> None:
    put("log.jsonl", INCIDENT)
    Path("clew.toml").write_text("gathered_cap = 2\n")
    ran = clew("hunt", "log.jsonl", "-f", "jsonl")
    assert ran.code == 4
    assert "rows of what was gathered, the oldest: raise gathered_cap. This hunt is incomplete." in ran.err
