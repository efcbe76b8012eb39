"""CycloneDX software bills of materials in JSON. https://cyclonedx.org/docs/1.6/json/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clew.package.digest import from_hex
from clew.package.model import Document, Item, PackageError, from_purl
from clew.package.tree import Json, decode, mappings, text_of
from clew.record import Reject

KIND = "CycloneDX"
NAMES = ("*.cdx.json", "bom.json", "cyclonedx.json", "*.cyclonedx.json")

_DEEPEST = 100


def read(document: Document) -> Iterator[Item]:
    """One entry for each component that has a package URL, however deep it stands."""
    faults: list[Reject] = []
    json = decode(document, faults)
    yield from faults
    if json is None:
        return
    if json.value.get("bomFormat") != "CycloneDX":
        yield document.reject(0, "no CycloneDX document: 'bomFormat' does not say so")
    yield from _components(json, json.value.get("components"), 1)


def _components(json: Json, components: Any, depth: int) -> Iterator[Item]:
    if depth > _DEEPEST:
        yield json.document.reject(0, f"components nested more than {_DEEPEST} deep")
        return
    for component in mappings(components):
        purl = text_of(component.get("purl"))
        if purl:
            yield _component(json.document, purl, component, json.line_of(purl))
        elif component.get("type") in ("library", "framework", "application"):
            name = text_of(component.get("name"))
            yield json.document.reject(json.line_of(name), f"the component '{name}' has no package URL")
        yield from _components(json, component.get("components"), depth + 1)


def _component(document: Document, purl: str, component: dict[str, Any], line: int) -> Item:
    hashes = [
        from_hex(text_of(h.get("alg")), text_of(h.get("content"))) for h in mappings(component.get("hashes"))
    ]
    try:
        found = from_purl(purl)
    except PackageError as error:
        return document.reject(line, str(error))
    return document.listed(found.type, found.name, found.version, line, hashes=filter(None, hashes))
