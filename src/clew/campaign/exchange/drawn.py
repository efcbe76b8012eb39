"""What was drawn out of a file of somebody else's, until it is a pack."""

from __future__ import annotations

from typing import Any

import msgspec

from clew.campaign.indicators import IndicatorError, checked
from clew.campaign.model import Confidence, Kind
from clew.campaign.refang import refang


class Drawn(msgspec.Struct, kw_only=True):
    """Facts and indicators, as a pack's files write them, and what there is to say of the drawing.

    `said` tells of what was refanged, left out or not understood: nothing is dropped in silence. `known` is what tells
    the indicators so far apart.
    """

    title: str = ""
    summary: str = ""
    since: str = ""
    until: str = ""
    aliases: list[str] = []
    actors: list[dict[str, Any]] = []
    malware: list[dict[str, Any]] = []
    techniques: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    indicators: dict[Kind, list[dict[str, Any]]] = {}
    sources: dict[str, dict[str, Any]] = {}
    said: list[str] = []
    known: set[tuple[Any, ...]] = set()

    def add(self, kind: Kind, value: str, about: str, confidence: Confidence = "medium", **more: Any) -> None:
        """Take an indicator; a defanged one is refanged, which is said. One that stands there already is merged."""
        plain = refang(value)
        if plain != value:
            self.said.append(f"refanged: {value} is {plain}")
        try:
            checked(kind, plain)
        except IndicatorError as error:
            self.said.append(f"left out: {error}")
            return
        fields = {key: item for key, item in more.items() if item not in ("", None, [], ())}
        found = {"value": plain, "about": about or "no more is told", "confidence": confidence, **fields}
        told = (kind, plain, tuple(found.get("versions", ())), found.get("range"), found.get("data"))
        many = self.indicators.setdefault(kind, [])
        if told not in self.known:
            self.known.add(told)
            many.append(found)
