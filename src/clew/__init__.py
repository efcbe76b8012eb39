"""Clew runs MITRE ATT&CK detection strategies: behaviour chains over real telemetry.

    import clew
    result = clew.hunt(["logs/"])
    for finding in result.findings: ...

The public names are `hunt`, `Detection`, `Finding`; they are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clew.detection.model import Detection as Detection
    from clew.finding import Finding as Finding
    from clew.runner.hunt import hunt as hunt

__version__ = "0.1.0"
__all__ = ["Detection", "Finding", "hunt"]

_HOMES = {"hunt": "clew.runner.hunt", "Detection": "clew.detection.model", "Finding": "clew.finding"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'clew' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
