"""Writes what was drawn out of a file as a pack: its three files, and a table where there are very many indicators."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from clew.campaign.exchange.drawn import Drawn
from clew.campaign.head import NAME_PATTERN
from clew.campaign.model import KINDS, Kind
from clew.campaign.rows import COLUMNS, TABLE, written
from clew.errors import UsageError
from clew.package.digest import LENGTHS

#: More indicators of a kind than this stand in the table: YAML of very many is slow to read.
_MANY = 500
_EMPTY = ("behaviour", "claims", "published", "conflicts", "not_found", "analytics")


def write(drawn: Drawn, folder: Path, origin: str) -> list[Path]:
    """Write the pack into a new folder, whose name is the campaign's. Raises UsageError."""
    if not NAME_PATTERN.fullmatch(folder.name):
        raise UsageError(
            f"'{folder.name}' cannot name a campaign: small letters, digits and -, such as axios-2026"
        )
    documents = _documents(drawn, folder.name, origin)
    listed = documents["indicators.yaml"]
    many = {kind: listed[kind] for kind in KINDS if len(listed[kind]) > _MANY}
    listed.update({kind: [] for kind in many})
    try:
        folder.mkdir(parents=True)
        for name, document in documents.items():
            text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
            (folder / name).write_text(
                f"# Drawn out of {origin}. Check it, and complete it.\n{text}", "utf-8"
            )
        if many:
            (folder / TABLE).write_text(_table(many), "utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return [folder / name for name in (*documents, *((TABLE,) if many else ()))]


def _table(many: Mapping[Kind, Sequence[Mapping[str, Any]]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for kind, indicators in many.items():
        for one in indicators:
            writer.writerow(written(_cell(name, {"kind": kind, **one})) for name in COLUMNS)
    return out.getvalue()


def _cell(name: str, one: Mapping[str, Any]) -> str:
    if name == "hashes":
        return " ".join(f"{kind}:{one[kind]}" for kind in LENGTHS if kind in one)
    cell = one.get(name, "")
    return ("; " if name == "sources" else " ").join(cell) if isinstance(cell, list) else str(cell)


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
