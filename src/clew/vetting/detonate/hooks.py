"""The hooks inside the watched interpreters, where this build has them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from clew.vetting.detonate.place import Place
from clew.vetting.detonate.scribe import Scribe
from clew.vetting.sandbox.plan import Bind
from clew.vetting.trace import Call, Layer

ABSENT = "code made while it ran: this build has no hooks"
_CAPTURE = "clew.vetting.capture"


def environment(place: Place, ecosystem: str, platform: str) -> dict[str, str]:
    """Binds the hooks in, and gives the variables that load them; none where there are no hooks."""
    if (capture := _capture()) is None:
        return {}
    inside = place.disguise.hooks
    place.binds.append(Bind(str(Path(str(capture.__file__)).parent / "hooks"), inside))
    found: dict[str, str] = capture.environment(ecosystem, Path(inside), Path(place.disguise.log), platform)
    return found


def read(folder: Path, scribe: Scribe) -> tuple[list[Call], list[Layer]]:
    """What the hooks wrote in one step."""
    if (capture := _capture()) is None:
        return [], []
    calls, layers = capture.read(
        folder, package=scribe.package, digest=scribe.digest, platform=scribe.platform, phase=scribe.phase
    )
    return calls, layers


def _capture() -> Any:
    return import_module(_CAPTURE) if find_spec(_CAPTURE) else None
