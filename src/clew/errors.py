"""Every error that Clew raises.

::

    ClewError                 exit code
    ├── UsageError            2   what was asked for cannot be: a path that is not there, a bad flag
    ├── ContentError          3   content or settings are wrong; carries every Fault of the run
    │   ├── DetectionError        a detection file
    │   └── SettingsError         clew.toml, CLEW_* variables
    ├── TargetError           4   what is to be vetted cannot be fetched or taken apart
    ├── ResourceError         4   the machine gave out: memory, or room on a disk
    ├── SandboxError          4   no safe place to run a package in, so it was not run
    └── AccountingError       4   records are not accounted for: a fault of Clew's

Input that cannot be read raises nothing: it is accounted for (`record.Reject`) and the hunt goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec


class Fault(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong in a content file: where it stands, what it is, how to mend it.

    `line` and `column` count from 1; 0 means that the fault has no place in the file.
    """

    path: str
    line: int
    column: int
    message: str
    mend: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.message}" + (f" ({self.mend})" if self.mend else "")


class ClewError(Exception):
    """The root of the tree: catch this to catch everything that Clew raises on purpose."""

    exit_code: ClassVar[int] = 2


class UsageError(ClewError):
    """What was asked for cannot be done as it was asked."""


class TargetError(ClewError):
    """A package that is to be vetted cannot be fetched, or is such that it cannot be taken apart safely."""

    exit_code: ClassVar[int] = 4


class ResourceError(ClewError):
    """Memory or room on a disk ran out before the work was done."""

    exit_code: ClassVar[int] = 4


class SandboxError(ClewError):
    """The sandbox cannot be made, or did not prove itself: nothing of the package was run."""

    exit_code: ClassVar[int] = 4


class AccountingError(ClewError):
    """What was read and what became of it differ: something was lost that nobody knows of."""

    exit_code: ClassVar[int] = 4


class ContentError(ClewError):
    """Content or settings are wrong. All faults of a run are reported at once, each once, in file order."""

    exit_code: ClassVar[int] = 3

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class DetectionError(ContentError):
    """A detection file is wrong."""


class SettingsError(ContentError):
    """A setting is unknown or has a value of the wrong type."""
