"""What every dialect writes of: a record, what is the same in all Sysmon records, and how a dialect is laid out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from sample.machine import HostPlan
from sample.records import Data

SOURCE = "Microsoft-Windows-Sysmon"
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
PROVIDER = "5770385f-c22a-43e0-bf4c-06f5698ffbd9"
#: The version of each id's template in the manifest of Sysmon 15.
VERSIONS = {
    **{1: 5, 2: 5, 3: 5, 4: 3, 5: 3, 6: 4, 7: 3, 8: 2, 9: 2, 10: 3, 11: 2, 12: 2, 13: 2, 14: 2, 15: 2, 16: 3},
    **{17: 1, 18: 1, 19: 3, 20: 3, 21: 3, 22: 5, 23: 5, 24: 5, 25: 5, 26: 5, 27: 5, 28: 5, 29: 5, 255: 3},
}
encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Written:
    """A record as the log has it: `time` is when Sysmon wrote it, `writer` the process id of Sysmon itself."""

    time: int
    code: int
    data: Data
    number: int
    writer: int
    thread: int


Render = Callable[[Written], str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`of` gives a host's renderer, one line a record. A file begins with `opening` and ends with `closing`."""

    of: Callable[[HostPlan], Render]
    suffix: str = ".jsonl"
    opening: str = ""
    closing: str = ""
