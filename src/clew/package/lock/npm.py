"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3, and the copy that npm keeps in node_modules.

https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clew.package.digest import from_sri
from clew.package.model import Document, Item
from clew.package.tree import Json, decode, entries, text_of
from clew.record import Reject

KIND = "package-lock.json"
NAMES = ("package-lock.json", "npm-shrinkwrap.json", ".package-lock.json")

_INSIDE = "node_modules/"
_DEEPEST = 100


def read(document: Document) -> Iterator[Item]:
    """What stands under `packages` (2, 3) and under `dependencies` (1, 2); twice where a file has both."""
    faults: list[Reject] = []
    json = decode(document, faults)
    yield from faults
    if json is None:
        return
    if not faults and not {"packages", "dependencies", "lockfileVersion"} & json.value.keys():
        yield document.reject(0, "no lockfile of npm: neither 'packages' nor 'dependencies'")
    for key, entry in entries(json.value.get("packages")):
        if _INSIDE in key and not entry.get("link"):
            name = text_of(entry.get("name")) or key.rpartition(_INSIDE)[2]
            script = entry.get("hasInstallScript") is True
            yield _listed(document, name, entry, json.line(key), script)
    yield from _nested(json, json.value.get("dependencies"), 1)


def _nested(json: Json, dependencies: Any, depth: int) -> Iterator[Item]:
    if depth > _DEEPEST:
        yield json.document.reject(0, f"dependencies nested more than {_DEEPEST} deep")
        return
    for name, entry in entries(dependencies):
        yield _listed(json.document, name, entry, json.line(name))
        yield from _nested(json, entry.get("dependencies"), depth + 1)


def _listed(
    document: Document, name: str, entry: dict[str, Any], line: int, script: bool | None = None
) -> Item:
    """An alias stands under another name: its version is `npm:axios@1.14.1`. Version 1 tells of no scripts."""
    version = text_of(entry.get("version"))
    if version.startswith("npm:"):
        name, _, version = version[4:].rpartition("@")
    return document.listed("npm", name, version, line, hashes=from_sri(entry.get("integrity")), script=script)
