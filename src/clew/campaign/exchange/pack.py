"""Writes what was drawn out of a file as a pack, in the three files that every pack has."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from clew.campaign.exchange.drawn import Drawn
from clew.campaign.head import NAME_PATTERN
from clew.campaign.model import KINDS
from clew.errors import UsageError

_EMPTY = ("behaviour", "claims", "published", "conflicts", "not_found", "analytics")


def write(drawn: Drawn, folder: Path, origin: str) -> list[Path]:
    """Write the pack into a new folder, whose name is the campaign's. Raises UsageError."""
    if not NAME_PATTERN.fullmatch(folder.name):
        raise UsageError(
            f"'{folder.name}' cannot name a campaign: small letters, digits and -, such as axios-2026"
        )
    documents = _documents(drawn, folder.name, origin)
    try:
        folder.mkdir(parents=True)
        for name, document in documents.items():
            text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
            (folder / name).write_text(
                f"# Drawn out of {origin}. Check it, and complete it.\n{text}", "utf-8"
            )
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return [folder / name for name in documents]


def _documents(drawn: Drawn, name: str, origin: str) -> dict[str, Any]:
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    sources = drawn.sources or {"FILE": {"title": origin, "kind": "secondary"}}
    fallback = next(iter(sources))

    def sourced(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [item if item.get("sources") else {**item, "sources": [fallback]} for item in items]

    head = {
        "name": name,
        "title": drawn.title or name,
        "updated": today,
        "confidence": "low",
        "summary": drawn.summary or drawn.title or f"Drawn out of {origin}",
        "aliases": drawn.aliases,
        "span": {"since": drawn.since or today, "until": drawn.until or today},
        "actors": sourced(drawn.actors),
        "malware": sourced(drawn.malware),
        "techniques": sourced(drawn.techniques),
        "affected": [],
        "identifiers": [],
        **{key: [] for key in _EMPTY},
        "sources": sources,
    }
    indicators = {kind: sourced(drawn.indicators.get(kind, [])) for kind in KINDS}
    guidance = {
        "remediation": sourced([step for step in drawn.steps if step["phase"] != "prevent"]),
        "mitigation": sourced([step for step in drawn.steps if step["phase"] == "prevent"]),
        "notes": sourced(drawn.notes),
        "history": [],
        "related": [],
    }
    return {
        "campaign.yaml": head,
        "indicators.yaml": {**indicators, "do_not_use": drawn.refused},
        "guidance.yaml": guidance,
    }
