"""The scripts say exactly what to install where something is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def environment(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/environment of a copy, where only a false Python is to be found."""
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "environment", folder / "scripts")
    (folder / "bin").mkdir()
    false_python = folder / "bin" / "python3"
    false_python.write_text(python)
    false_python.chmod(0o755)
    (folder / "bin" / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    command = ["/bin/sh", str(folder / "scripts" / "environment")]
    bare = {"PATH": str(folder / "bin"), "HOME": str(folder)}
    return subprocess.run(command, env=bare, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("python", "message"),
    [
        (
            "#!/bin/sh\nexit 1\n",
            "Clew needs Python 3.11 or newer. On Debian: apt-get install python3 python3-venv",
        ),
        (
            '#!/bin/sh\ncase "$2" in *venv*) exit 1 ;; esac\n',
            "This Python cannot make virtual environments. On Debian: apt-get install python3-venv",
        ),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, python: str, message: str) -> None:
    done = environment(tmp_path, python)
    assert done.returncode == 3
    assert message in done.stderr


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "scripts").iterdir()))
def test_scripts_can_be_run_and_are_posix(script: str) -> None:
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    first = path.read_text("utf-8").splitlines()[0]
    assert first in ("#!/bin/sh", "#!/usr/bin/env python3")
    if first == "#!/bin/sh":
        subprocess.run(["/bin/sh", "-n", str(path)], check=True)
