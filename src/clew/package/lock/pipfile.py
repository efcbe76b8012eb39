"""Pipfile.lock of Pipenv. https://pipenv.pypa.io/en/latest/pipfile.html"""

from __future__ import annotations

from collections.abc import Iterator

from clew.package.digest import from_labelled
from clew.package.model import Document, Item
from clew.package.tree import decode, entries, text_of
from clew.record import Reject

KIND = "Pipfile.lock"
NAMES = ("pipfile.lock",)


def read(document: Document) -> Iterator[Item]:
    """The packages of every category but the file's own head."""
    faults: list[Reject] = []
    json = decode(document, faults)
    yield from faults
    for category, packages in entries(json.value) if json else ():
        for name, entry in entries(packages) if category != "_meta" else ():
            line = json.line(name) if json else 0
            version = text_of(entry.get("version")).lstrip("=")
            yield document.listed("pypi", name, version, line, hashes=from_labelled(entry.get("hashes")))
