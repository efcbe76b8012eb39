"""Whether this machine can make the sandbox. Where it cannot, a test skips and says what is missing; with
CLEW_RECORDINGS_REQUIRED, as CI has it, it fails instead."""

import functools
import os
import shutil
import subprocess

import pytest

from clew.errors import SandboxError
from clew.vetting.sandbox.programs import require


@functools.cache
def _lacking(ecosystem: str) -> str:
    try:
        require()
    except SandboxError as error:
        return str(error)
    if ecosystem == "npm" and not shutil.which("node"):
        return "node is not here"
    done = subprocess.run(["unshare", "-Urnm", "true"], capture_output=True, text=True, check=False)
    return f"no user namespaces here: {done.stderr.strip()}" if done.returncode else ""


def sandbox(ecosystem: str = "") -> None:
    """Skips the test, or the tests of a module, where there can be no sandbox."""
    if reason := _lacking(ecosystem):
        if os.environ.get("CLEW_RECORDINGS_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
