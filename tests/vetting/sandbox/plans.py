"""Plans for tests: a machine with a shell, and commands to run on it."""

import tempfile
from pathlib import Path

from clew.vetting.detonate.place import Place, place
from clew.vetting.sandbox.plan import Limits, Outcome, Plan, Step
from clew.vetting.sandbox.stay import stay


def plan(results: Path, *scripts: str, limits: Limits | None = None, here: Place | None = None) -> Plan:
    """A stay in which each script is a phase."""
    here = here or place()
    steps = [
        Step(
            name=f"phase-{at}",
            command=["/bin/bash", "-c", script],
            directory=here.disguise.home,
            environment=here.environment({}),
        )
        for at, script in enumerate(scripts)
    ]
    return here.plan(steps, limits or Limits(seconds=10, linger=0.3), results)


def ran(*scripts: str, limits: Limits | None = None, here: Place | None = None) -> Outcome:
    with tempfile.TemporaryDirectory() as results:
        return stay(plan(Path(results), *scripts, limits=limits, here=here))
