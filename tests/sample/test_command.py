"""The command line."""

from pathlib import Path

import pytest

from sample.command import main


def test_a_folder_gets_one_file_a_dialect(tmp_path: Path) -> None:
    assert main(["--events", "7000", "--output", str(tmp_path)]) == 0
    counts = {path.name: path.read_bytes().count(b"\n") for path in tmp_path.iterdir()}
    assert set(counts) == {"evtx.jsonl", "nxlog.jsonl", "otrf.jsonl"}
    assert sum(counts.values()) == 7000


def test_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--events", "6000"]) == 0
    shown = capfd.readouterr().out
    assert shown.count("\n") == 6000
    assert "Microsoft®" in shown


def test_too_few_events_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--events", "1500", "--output", str(tmp_path / "day.jsonl")]) == 2
    assert "ask for more with --events" in capfd.readouterr().err
