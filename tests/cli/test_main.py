"""What all commands have in common: arguments, and output that nobody reads any more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clew.cli import main

#: A test that fails, so that the exit code has something to say.
FAILING = """\
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: A program runs
status: test
chain:
  scope: host.id
  within: 1h
  stages: {run: {on: process_creation}}
  findings: {low: run}
tests:
  - {name: "NAME", expect: high, events: [+0s process_creation: {process.name: a.exe}]}
"""


def shell(command: str, where: Path) -> str:
    """Run `clew` in a shell command; what it says on standard error, with its exit code."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    line = command.replace("clew", f"{sys.executable} -m clew.cli.main")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, env=env, cwd=where)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("--help", 0),
        ("detections --help", 0),
        ("detections schema", 0),
        ("detections test failing.yaml", 1),
        ("detections explain AN0862 --test twice", 0),
        ("attack search a", 0),
    ],
)
def test_a_reader_that_has_left_changes_no_exit_code(tmp_path: Path, command: str, code: int) -> None:
    long = FAILING.replace("NAME", "x" * 200_000)  # more than a pipe holds
    (tmp_path / "failing.yaml").write_text(long)
    assert f"code {code}" in shell(f"{{ clew {command}; echo code $? >&2; }} | true", tmp_path)


def test_errors_may_have_no_reader_either(tmp_path: Path) -> None:
    (tmp_path / "failing.yaml").write_text(FAILING)
    both = "{ { clew detections test failing.yaml; echo $? > code; } 2>&1; } | true"
    assert shell(both, tmp_path) == ""
    assert (tmp_path / "code").read_text() == "1\n"


@pytest.mark.parametrize(
    "command", ["detections list", "detections schema", "attack show DET0309", "--version"]
)
def test_output_that_is_closed(tmp_path: Path, command: str) -> None:
    assert "code 0" in shell(f"clew {command} >&-; echo code $? >&2", tmp_path)


@pytest.mark.parametrize(
    "words", [["detections", "check", ""], ["detections", "explain", "AN0862", "--events", ""], ["hunt", ""]]
)
def test_an_empty_argument_is_not_the_current_folder(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(words) == 2
    assert "an argument is empty: is a variable of the shell not set?" in capsys.readouterr().err


def test_a_terminal_that_does_not_know_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    assert shell("clew attack show DET0309 > text; echo $? >&2", tmp_path) == "0\n"
    assert "(installer/write \\u2192 first-run/child" in (tmp_path / "text").read_text("ascii")
    assert shell("clew attack show DET0309 -f json > json; echo $? >&2", tmp_path) == "0\n"
    assert "write → first-run" in (tmp_path / "json").read_text("utf-8")


def test_too_many_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["detections", "list", "a\x1b[31m", "b"]) == 2
    assert capsys.readouterr().err == "clew: more arguments than are asked for: a\\x1b[31m b; see --help\n"


def test_ctrl_c_inside_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as error:  # as DuckDB does
            raise RuntimeError("Query interrupted") from error

    monkeypatch.setattr(main, "app", stopped)
    assert main.run(["hunt"]) == 130
