"""Runs a plan in the sandbox: this side starts the keeper and waits for it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from clew.errors import SandboxError
from clew.vetting.sandbox.plan import Outcome, Plan
from clew.vetting.sandbox.programs import require

_START = "import sys; sys.path[:] = {path!r}; from clew.vetting.sandbox.keeper import main; main()"
_MARGIN = 30.0
"""Seconds for what is ours: the start, the self-test, copying in and out."""


def stay(plan: Plan) -> Outcome:
    """Runs all steps of the plan; its results folder must be there and empty.

    Raises SandboxError where there is no sandbox or it did not pass its self-test: then no step has run.
    """
    require()
    with tempfile.TemporaryDirectory(prefix="clew-", dir="/tmp") as root:
        Path(root).chmod(0o755)
        done = _keeper(plan, root)
    try:
        outcome = msgspec.json.decode(done.stdout, type=Outcome)
    except msgspec.DecodeError:
        said = done.stderr.decode("utf-8", "replace").strip()[-600:]
        raise SandboxError(
            f"the sandbox's keeper broke off ({done.returncode}): {said or 'it said nothing'}"
        ) from None
    if outcome.error:
        raise SandboxError(outcome.error)
    return outcome


def _keeper(plan: Plan, root: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-c", _START.format(path=sys.path), root]
    seconds = 3 * plan.limits.seconds + len(plan.steps) * plan.limits.linger + _MARGIN
    try:
        return subprocess.run(
            command,
            input=msgspec.json.encode(plan),
            capture_output=True,
            check=False,
            timeout=seconds,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
    except subprocess.TimeoutExpired:
        raise SandboxError(f"the sandbox did not end within {seconds:.0f} seconds and was stopped") from None
