"""A small pack to break and to sweep with."""

from __future__ import annotations

from pathlib import Path

from clew.campaign.load import PARTS, load_campaigns
from clew.campaign.model import Campaign
from clew.campaign.skeleton import write


def pack(folder: Path, *, called: str = "acme-2026", **changes: str) -> Path:
    """A pack made of the skeleton; `changes` are lines in place of those of their keys: `domains='[...]'`."""
    made = folder / called
    write(made)
    for file in PARTS:
        path = made / file
        lines = path.read_text().splitlines()
        for key, value in changes.items():
            lines = [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in lines]
        path.write_text("\n".join(lines) + "\n")
    return made


def campaign(folder: Path, **changes: str) -> Campaign:
    """The campaign of such a pack."""
    return load_campaigns([pack(folder, **changes)])[0]
