"""Ctrl-C is heard, whoever makes something else of it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

import sysmon
from clew.database import Limits, connect
from clew.interrupt import interrupts
from clew.normalise.lines import Part
from clew.normalise.scan import Normaliser
from clew.runner.hunt import hunt


def test_one_in_a_query() -> None:
    """DuckDB says `Query interrupted` of it, as a RuntimeError."""
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt), interrupts():
        connect(Limits()).sql("SELECT sum(hash(range)) FROM range(500_000_000)").fetchall()
    timer.join()


def test_one_that_is_caught_is_raised_in_the_end() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt), interrupts():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            reached = True
    assert reached


def test_errors_without_one_are_left_alone_and_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="x"), interrupts():
        raise ValueError("x")
    assert signal.getsignal(signal.SIGINT) is before


def test_one_is_not_taken_for_lines_that_need_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB says `Invalid Input Error` of both."""
    real, calls = Normaliser._look, []

    def looking(self: Normaliser, part: Part) -> None:
        calls.append(part)
        if len(calls) == 1:
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt as error:
                raise duckdb.InvalidInputException("offering a filter failed: KeyboardInterrupt") from error
        real(self, part)

    monkeypatch.setattr(Normaliser, "_look", looking)
    (tmp_path / "log").write_text(sysmon.lines(*sysmon.incident()))
    assert hunt([tmp_path / "log"]).interrupted
    assert len(calls) == 1


def test_one_that_is_lost_on_the_way_ends_the_reading_with_that_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = Normaliser._look, []

    def looking(self: Normaliser, part: Part) -> None:
        calls.append(part)
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        real(self, part)

    monkeypatch.setattr(Normaliser, "_look", looking)
    monkeypatch.setattr("clew.normalise.lines.PART_BYTES", 1000)
    monkeypatch.setattr("clew.normalise.lines._LINES", 2048)
    (tmp_path / "log").write_text(sysmon.lines(*sysmon.incident()) * 2000)
    result = hunt([tmp_path / "log"])
    assert result.interrupted
    assert len(calls) == 1
    assert 0 < result.tally.total < 10_000


def begun(tmp_path: Path, *paths: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "clew.cli.main", "hunt", *paths, "-f", "jsonl"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(command, text=True, cwd=tmp_path, env=environment, **pipes)  # type: ignore[call-overload, no-any-return]


def interrupted(hunting: subprocess.Popen[str]) -> str:
    """What was found until the signal came."""
    hunting.send_signal(signal.SIGINT)
    out, err = hunting.communicate(timeout=60)
    assert hunting.returncode == 130, err
    assert err.splitlines()[-1].startswith("Interrupted: what had been read")
    return out


def test_a_hunt_says_what_it_has(tmp_path: Path) -> None:
    """It comes to the named pipe, which gives nothing, when it has handed on the log before it."""
    log = sysmon.lines(*sysmon.incident())
    (tmp_path / "log").write_text(log + ("{}" + " " * 4000 + "\n") * 9000)
    os.mkfifo(tmp_path / "pipe")
    hunting = begun(tmp_path, "log", "pipe")
    with (tmp_path / "pipe").open("w"):
        time.sleep(3)
        found = interrupted(hunting)
    assert [json.loads(line)["level"] for line in found.splitlines()] == ["high"]


def test_while_standard_input_gives_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    hunting = begun(tmp_path, "pipe", "-")
    (tmp_path / "pipe").write_text("{}\n")
    time.sleep(1)
    with os.fdopen(os.dup(hunting.stdin.fileno())):  # type: ignore[union-attr]
        assert interrupted(hunting) == ""
