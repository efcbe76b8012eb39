"""The sandbox as root has it, and as a plain user has it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import clew
from vetting import machine

_ASK = """
import json, sys, tempfile
sys.path[:0] = {paths!r}
from vetting.sandbox.plans import ran
outcome = ran("id -u; cat /proc/self/uid_map; grep Cap /proc/self/status; touch mine; ls /root")
print(json.dumps([outcome.steps[0].printed, list(outcome.steps[0].added)]))
"""
#: In a mount namespace of its own, makes the folders that this Python stands in open to others: an empty folder is
#: laid over each closed one, and what is needed is bound back.
_OPEN = """
set -e
keep=$(mktemp -d)
for path in {needed}; do
  closed=$(printf '%s' "$path" | cut -d/ -f1-2)
  [ -n "$(find "$closed" -maxdepth 0 -perm -o=x)" ] && continue
  mkdir -p "$keep$path"; mount --bind "$path" "$keep$path"
done
for closed in $(ls "$keep"); do
  mount -t tmpfs -o mode=755 tmpfs "/$closed"
  for path in {needed}; do
    [ -e "$keep$path" ] || continue
    mkdir -p "$path"; mount --bind "$keep$path" "$path"
  done
done
exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
"""


@pytest.fixture(autouse=True, scope="module")
def able() -> None:
    machine.sandbox()


def _ask(*before: str) -> tuple[list[str], list[str]]:
    """What a process inside says of itself, and the files it made."""
    paths = [str(Path(__file__).parents[2]), str(Path(clew.__file__).parents[1])]
    command = [*before, sys.executable, "-c", _ASK.format(paths=paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    printed, added = json.loads(done.stdout)
    return printed.split("\n"), added


def _plain(lines: list[str], added: list[str]) -> None:
    assert lines[0] == "1000"
    assert lines[1].split() == [
        "1000",
        "0",
        "1",
    ]  # one user alone: 0 of the keeper's namespace, who has no rights outside
    assert all(line.split()[1] == "0" * 16 for line in lines if line.startswith("Cap"))
    assert "No such file or directory" in lines[-2]
    assert len(added) == 1 and added[0].endswith("/mine")


def test_as_the_user_that_runs_the_tests() -> None:
    _plain(*_ask())


@pytest.mark.skipif(
    os.getuid() != 0, reason="only root can become another user; the test above is of a plain one"
)
def test_as_nobody() -> None:
    needed = " ".join(sorted({sys.base_prefix, sys.prefix, str(Path(clew.__file__).parents[1])}))
    script = _OPEN.format(needed=needed)
    _plain(*_ask("unshare", "-m", "bash", "-c", script, "open"))
