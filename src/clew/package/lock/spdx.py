"""SPDX 2.2 and 2.3 software bills of materials in JSON. https://spdx.github.io/spdx-spec/v2.3/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clew.package.digest import from_hex
from clew.package.model import Document, Item, PackageError, from_purl
from clew.package.tree import decode, mappings, text_of
from clew.record import Reject

KIND = "SPDX"
NAMES = ("*.spdx.json", "spdx.json")


def read(document: Document) -> Iterator[Item]:
    """One entry for each package URL among the external references of a package."""
    faults: list[Reject] = []
    json = decode(document, faults)
    yield from faults
    if json is None:
        return
    if not str(json.value.get("spdxVersion", "")).startswith("SPDX-2"):
        yield document.reject(
            0, "no SPDX 2 document: 'spdxVersion' does not say so; of SPDX 3 nothing is read"
        )
        return
    for entry in mappings(json.value.get("packages")):
        purls = [text_of(ref.get("referenceLocator")) for ref in mappings(entry.get("externalRefs"))]
        purls = [purl for purl in purls if purl.startswith("pkg:")]
        for purl in purls:
            yield _package(document, purl, entry, json.line_of(purl))
        if not purls and entry.get("primaryPackagePurpose") not in (
            "CONTAINER",
            "OPERATING-SYSTEM",
            "FILE",
            "SOURCE",
        ):
            name = text_of(entry.get("name"))
            yield document.reject(json.line_of(name), f"the package '{name}' has no package URL")


def _package(document: Document, purl: str, entry: dict[str, Any], line: int) -> Item:
    sums = mappings(entry.get("checksums"))
    hashes = [from_hex(text_of(s.get("algorithm")), text_of(s.get("checksumValue"))) for s in sums]
    try:
        found = from_purl(purl)
    except PackageError as error:
        return document.reject(line, str(error))
    return document.listed(found.type, found.name, found.version, line, hashes=filter(None, hashes))
