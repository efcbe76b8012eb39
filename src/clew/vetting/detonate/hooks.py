"""The hooks inside the watched interpreters: what `capture` needs to stand where."""

from __future__ import annotations

from pathlib import Path

from clew.vetting import capture
from clew.vetting.detonate.place import Place
from clew.vetting.detonate.python import Python
from clew.vetting.detonate.scribe import Scribe
from clew.vetting.sandbox.plan import Bind
from clew.vetting.subject import Ecosystem
from clew.vetting.trace import Call, Layer, Platform

_FIRST = "00-site.pth"
"""A name that sorts before those of packages: `.pth` files are run in the order of their names."""


def lay(place: Place, python: Python | None, ecosystem: Ecosystem, platform: Platform) -> dict[str, str]:
    """Lays the hooks into the place, and gives the variables that load them."""
    inside, log = Path(place.disguise.hooks), Path(place.disguise.log)
    place.binds.append(Bind(str(capture.HOOKS), str(inside)))
    if python is not None:
        place.files[f"{python.site}/{_FIRST}"] = capture.path_file(inside, log, platform)
    return capture.environment(ecosystem, inside, log, platform)


def read(folder: Path, scribe: Scribe, published: frozenset[str]) -> tuple[list[Call], list[Layer]]:
    """What the hooks wrote in one step. Text that was published as it is makes no layer, whatever ran it: `eval` of
    a file's text hides nothing."""
    calls, layers = capture.read(
        folder,
        package=scribe.package,
        digest=scribe.digest,
        platform=scribe.platform,
        phase=scribe.phase,
        published=published,
    )
    for call in calls:
        call.layer = None if call.layer in published else call.layer
        call.parent_layer = None if call.parent_layer in published else call.parent_layer
    kept = [call for call in calls if call.call != "run_code" or call.layer is not None]
    return kept, _layers(layers, published)


def _layers(layers: list[Layer], published: frozenset[str]) -> list[Layer]:
    depths: dict[str, int] = {}
    found = []
    for layer in layers:  # each after its parent
        if layer.sha256 in published:
            continue
        layer.parent = None if layer.parent in published else layer.parent
        layer.depth = depths[layer.sha256] = depths.get(layer.parent or "", 0) + 1
        found.append(layer)
    return found
