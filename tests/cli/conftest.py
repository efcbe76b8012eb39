"""Runs Clew as a user does, in a folder of its own."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.cli.main import run


class Ran(msgspec.Struct):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def clew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings"))

    def invoke(*arguments: str) -> Ran:
        code = run(arguments)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ran(code, out, err)

    return invoke
