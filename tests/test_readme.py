"""The README shows real output: it is compared with what the demo prints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clew.cli.main import run

ROOT = Path(__file__).parent.parent
MARK = "<!-- demo -->"


def test_the_demo_prints_what_the_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    Path("out").mkdir()
    subprocess.run([sys.executable, str(ROOT / "bench/sample"), "--output", "out/sample.jsonl"], check=True)
    assert run(["hunt", "out/sample.jsonl", "-o", "out/findings.jsonl"]) == 0
    out, err = capfd.readouterr()
    gravest = out.split("\n\n")[0]
    lines = [line.rstrip() for line in (*gravest.splitlines(), "...", *err.strip().splitlines())]
    shown = "\n".join(["$ clew hunt out/sample.jsonl -o out/findings.jsonl", *lines])
    readme = ROOT / "README.md"
    before, old, after = readme.read_text("utf-8").split(MARK)
    new = f"\n```console\n{shown}\n```\n"
    if os.environ.get("CLEW_UPDATE_DOCS"):
        readme.write_text(MARK.join((before, new, after)), "utf-8")
        return
    assert old == new
    assert out.count(" CRITICAL ") == 1
    assert " HIGH " not in out
