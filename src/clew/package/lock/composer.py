"""composer.lock, and vendor/composer/installed.json. https://getcomposer.org/doc/01-basic-usage.md"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from clew.package.digest import from_hex
from clew.package.model import Document, Item
from clew.package.tree import decode, mappings, text_of
from clew.record import Reject

KIND = "composer.lock"
NAMES = ("composer.lock",)


def read(document: Document) -> Iterator[Item]:
    """The packages for use and those for development."""
    faults: list[Reject] = []
    json = decode(document, faults)
    yield from faults
    if json is None:
        return
    for section in ("packages", "packages-dev"):
        for entry in mappings(json.value.get(section)):
            name = text_of(entry.get("name"))
            line = json.line_of(name) if name else 0
            version = re.sub(r"^v(?=\d)", "", text_of(entry.get("version")))
            yield document.listed("composer", name, version, line, hashes=_hashes(entry.get("dist")))


def _hashes(dist: Any) -> Iterator[str]:
    if isinstance(dist, dict) and (found := from_hex("sha1", text_of(dist.get("shasum")))):
        yield found
