"""The list of detections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clew.detection.model import Detection
from clew.report.text import plain


def entry(detection: Detection) -> dict[str, Any]:
    """A detection in a line of JSON."""
    return {
        "name": detection.name,
        "title": detection.title,
        "technique": detection.technique,
        "strategy": detection.strategy,
        "platform": detection.platform,
        "status": detection.status,
        "levels": [rule.level for rule in detection.plan.levels],
        "log_sources": list(detection.log_sources),
        "path": detection.path,
    }


def write_list(detections: Iterable[Detection], console: Console) -> None:
    """Print the detections, one a row."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for number, heading in enumerate(("name", "technique", "status", "levels", "log sources", "title")):
        table.add_column(Text(heading), no_wrap=number < 3, overflow="fold")
    for detection in detections:
        levels = ", ".join(rule.level for rule in detection.plan.levels)
        cells = (
            detection.name,
            detection.technique,
            detection.status,
            levels,
            _sources(detection),
            detection.title,
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))
    console.print(table)


def _sources(detection: Detection) -> str:
    """Names with their channels, each name once: `WinEventLog:Sysmon (EventCode=1, EventCode=11)`."""
    channels: dict[str, list[str]] = {}
    for source in detection.log_sources:
        channels.setdefault(source.name, []).append(source.channel)
    return "; ".join(f"{name} ({', '.join(listed)})" for name, listed in channels.items())
