"""Which format a file has, and packs into formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from clew.campaign.exchange import misp, osv, stix, table
from clew.campaign.exchange.drawn import Drawn
from clew.campaign.model import Campaign
from clew.errors import UsageError

Form: TypeAlias = Literal["stix", "misp", "csv", "blocklist"]
_LARGEST = 256 << 20


def draw(path: Path) -> Drawn:
    """What a file tells, whichever of the formats it is in. Raises UsageError where it is in none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: larger than {_LARGEST >> 20} MB")
    try:
        text = data.decode("utf-8-sig")
        drawn = _drawn(text)
    except (ValueError, RecursionError) as error:  # JSON's errors are ValueErrors too
        raise UsageError(f"{path}: no STIX bundle, MISP event, OSV record or CSV: {error}") from error
    if not any((drawn.indicators, drawn.refused, drawn.steps, drawn.notes)):
        said = f" ({drawn.said[0]})" if drawn.said else ""
        raise UsageError(f"{path}: nothing in it makes a campaign{said}")
    return drawn


def _drawn(text: str) -> Drawn:
    if not text.lstrip().startswith(("{", "[")):
        return table.from_csv(text)
    document = _json(text)
    records = document if isinstance(document, list) else [document]
    first = next((one for one in records if isinstance(one, dict)), {})
    if first.get("type") == "bundle":
        return stix.from_stix(first)
    if "affected" in first or "schema_version" in first or "withdrawn" in first:
        return osv.from_osv(records)
    if {"Event", "response", "Attribute"} & first.keys():
        return misp.from_misp(document)
    raise ValueError("JSON of another kind")


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return [msgspec.json.decode(line) for line in text.encode().splitlines() if line.strip()]


def _as_json(make: Callable[[Campaign], Any]) -> Callable[[Campaign], str]:
    return lambda campaign: msgspec.json.format(msgspec.json.encode(make(campaign))).decode() + "\n"


FORMS: Mapping[Form, Callable[[Campaign], str]] = {
    "stix": _as_json(stix.to_stix),
    "misp": _as_json(misp.to_misp),
    "csv": table.to_csv,
    "blocklist": table.to_blocklist,
}
