"""The skeleton of a pack, which loads as it is and says what to fill in."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from clew.campaign.head import NAME
from clew.campaign.load import PARTS
from clew.errors import UsageError


def write(folder: Path) -> list[Path]:
    """Write a pack into a folder that is not there yet; the folder's name is the campaign's. Raises UsageError."""
    if not re.fullmatch(NAME, folder.name):
        raise UsageError(
            f"'{folder.name}' cannot name a campaign: small letters, digits and -, such as axios-2026"
        )
    templates = files("clew").joinpath("content/templates/campaign")
    try:
        folder.mkdir(parents=True)
        written = [folder / name for name in PARTS]
        for path in written:
            text = templates.joinpath(path.name).read_text("utf-8")
            path.write_text(text.replace("NAME", folder.name), "utf-8")
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error
    return written
