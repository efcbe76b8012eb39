"""Findings as JSON lines, one finding a line, in the form of docs/finding.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import msgspec

from clew.finding import Finding


def write(findings: Iterable[Finding], out: IO[bytes]) -> None:
    """Write each finding as one line of UTF-8 JSON."""
    for finding in findings:
        out.write(msgspec.json.encode(finding) + b"\n")
