"""Exit codes (DESIGN section 7)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's end says. INCOMPLETE outranks OK, and FOUND outranks INCOMPLETE."""

    OK = 0
    FOUND = 1
    USAGE = 2
    CONTENT = 3
    INCOMPLETE = 4
    INTERRUPTED = 130
