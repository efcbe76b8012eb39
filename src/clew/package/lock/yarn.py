"""yarn.lock of Yarn 1 (classic) and of Yarn 2 and later (berry): blocks of lines, headed by what was asked for.

https://classic.yarnpkg.com/lang/en/docs/yarn-lock/, https://yarnpkg.com/configuration/manifest (resolution)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.package.digest import from_hex, from_sri
from clew.package.model import Document, Item

KIND = "yarn.lock"
NAMES = ("yarn.lock",)

#: `version "1.14.1"` of classic, `version: 1.14.1` of berry.
_FIELD = re.compile(r'  (version|resolution|resolved|integrity|checksum):?\s+"?([^"]*)"?')
_DESCRIPTOR = re.compile(r"((?:@[^/@]+/)?[^@]+)@(?:npm:)?(.*)")
_RESOLVED = re.compile(r"/((?:@[^/]+(?:/|%2[fF]))?[^/]+)/-/[^/]+\.tgz")


def read(document: Document) -> Iterator[Item]:
    """One entry a block; blocks of the workspace itself are none."""
    head, start, fields = "", 0, dict[str, str]()
    for number, line in document.lines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] not in " \t":
            yield from _block(document, head, start, fields)
            head, start, fields = line, number, {}
            if not line.endswith(":"):
                yield document.reject(number, "not a line of a yarn.lock, or one that was cut")
                head = ""
        elif field := _FIELD.fullmatch(line):
            fields.setdefault(field[1], field[2])
    yield from _block(document, head, start, fields)
    yield from document.cut()


def _block(document: Document, head: str, line: int, fields: dict[str, str]) -> Iterator[Item]:
    asked = head.rstrip(":").replace('"', "").split(", ")[0]
    if not head or head == "__metadata:" or "@workspace:" in fields.get("resolution", asked):
        return
    name, version = _name(asked, fields), fields.get("version", "")
    if not version:
        yield document.reject(line, f"cut: the entry of {asked} has no version")
    yield document.listed("npm", name, version, line, hashes=_hashes(fields))


def _name(asked: str, fields: dict[str, str]) -> str:
    """Of an alias the name that it stands for: berry's resolution and classic's URL have it."""
    if match := _DESCRIPTOR.fullmatch(fields.get("resolution", "")):
        return match[1]
    if match := _RESOLVED.search(fields.get("resolved", "")):
        return match[1].replace("%2f", "/").replace("%2F", "/")
    match = _DESCRIPTOR.fullmatch(asked)
    alias = _DESCRIPTOR.fullmatch(match[2]) if match and "@npm:" in asked else None
    return (alias or match)[1] if match else asked


def _hashes(fields: dict[str, str]) -> Iterator[str]:
    """Classic's SRI and the SHA-1 behind the URL. Berry's checksum is of its own zip and tells nothing."""
    yield from from_sri(fields.get("integrity"))
    if found := from_hex("sha1", fields.get("resolved", "").partition("#")[2]):
        yield found
