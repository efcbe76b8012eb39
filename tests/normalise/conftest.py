"""Lets the tests of the Sysmon mapping write records in every dialect of the sample."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "bench")]
