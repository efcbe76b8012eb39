"""Where commands that look things up print to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def output() -> Console:
    """Standard output; where it is no terminal, lines are as long as they need to be, for grep."""
    from rich.console import Console

    fixed = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if fixed else 1000, markup=False, highlight=False, emoji=False)


def print_json(document: Any) -> None:
    """A document as indented JSON on standard output, in UTF-8 whatever the terminal's encoding (RFC 8259)."""
    import msgspec

    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document)) + b"\n")
