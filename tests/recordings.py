"""Recorded telemetry for tests: found by CLEW_RECORDINGS, never part of the repository.

Where it is missing the test is skipped and says so; with CLEW_RECORDINGS_REQUIRED it fails instead.
"""

import os
from pathlib import Path

import pytest

from sets import unpack


def recording(name: str) -> Path:
    """A file or folder of the recordings."""
    folder = os.environ.get("CLEW_RECORDINGS")
    path = Path(folder, name) if folder else None
    if path and path.exists():
        return path
    reason = f"the recording {name} is not here: set CLEW_RECORDINGS to the folder of recordings"
    if os.environ.get("CLEW_RECORDINGS_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


def unpacked(name: str, into: Path) -> Path:
    """The content of a recorded archive, in a folder."""
    return unpack(recording(name), into)
