"""bun.lock, the text lockfile of Bun: JSON with comments and trailing commas. https://bun.sh/docs/install/lockfile"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from clew.package.digest import from_sri
from clew.package.model import Document, Item
from clew.package.tree import decode
from clew.record import Reject

KIND = "bun.lock"
NAMES = ("bun.lock", "bun.lockb")

#: A string, a comment, or a comma before a closing bracket; only strings stay.
_LOOSE = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_RESOLVED = re.compile(r"((?:@[^/@]+/)?[^@/]+)@(.+)")


def read(document: Document) -> Iterator[Item]:
    """One entry for each of `packages`: `"axios": ["axios@1.14.1", "", {...}, "sha512-..."]`."""
    if document.text.startswith("#!/usr/bin/env bun"):
        yield document.reject(
            0, "Bun's binary lockfile: write it as text with bun install --save-text-lockfile"
        )
        return
    faults: list[Reject] = []
    json = decode(document, faults, _LOOSE.sub(_kept, document.text))
    yield from faults
    packages = json.value.get("packages") if json else None
    if json is None or not isinstance(packages, dict):
        return
    for key, entry in packages.items():
        line = json.line(key, "[")
        match = _RESOLVED.fullmatch(entry[0]) if _is_entry(entry) else None
        if match is None:
            yield document.reject(line, f"the entry of '{key}' names no package and version")
        elif not match[2].startswith(("workspace:", "file:", "link:", "root:")):
            hashes = from_sri(entry[-1]) if isinstance(entry[-1], str) else ()
            yield document.listed("npm", match[1], match[2], line, hashes=hashes)


def _kept(match: re.Match[str]) -> str:
    """Strings as they are, of the rest as many blanks and line ends as it had, so that places stay."""
    text = match[0]
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, list) and bool(entry) and isinstance(entry[0], str)
