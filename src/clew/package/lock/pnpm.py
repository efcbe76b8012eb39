"""pnpm-lock.yaml, versions 5 to 9: the keys of `packages` and `snapshots`.

`/axios/1.14.1` and `/@scope/name/1.0.0_peer` (5), `/axios@1.14.1(peer@1.0.0)` (6, 7),
`axios@1.14.1` and `'@scope/name@1.0.0'` (9). https://github.com/pnpm/spec/tree/master/lockfile
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.package.digest import from_sri
from clew.package.model import Document, Item

KIND = "pnpm-lock.yaml"
NAMES = ("pnpm-lock.yaml",)

_KEY = re.compile(r"  (?:'([^']+)'|\"([^\"]+)\"|([^\s'\"][^:]*(?::[^\s:][^:]*)*)):(?: \{\})?")
_LEVEL_5 = re.compile(r"/((?:@[^/]+/)?[^/@]+)/([^/_(]+)(?:_.*)?")
_LATER = re.compile(r"/?((?:@[^/@]+/)?[^@/(]+)@([^(]+)(?:\(.*\))?")
_BUILT = re.compile(r"lockfileVersion: ['\"]?[5-8]\b")
_INTEGRITY = re.compile(r"integrity: ['\"]?([^\s,}'\"]+)")


def read(document: Document) -> Iterator[Item]:
    """One entry a key; what stands in both sections twice."""
    section, known = "", False
    entry: tuple[str, int, tuple[str, ...], bool | None] = ("", 0, (), None)
    tells: bool | None = None  # versions before 9 say which packages are built
    for number, line in document.lines():
        top = bool(line) and not line[0].isspace() and not line.startswith(("#", "---"))
        key = _KEY.fullmatch(line) if section in ("packages", "snapshots") else None
        if top or key:
            yield from _entry(document, *entry)
            entry = (key[1] or key[2] or key[3], number, (), tells) if key else ("", 0, (), None)
        if top:
            section = line.partition(":")[0]
            tells = False if _BUILT.match(line) else tells
            known = known or section in ("lockfileVersion", "packages", "importers")
        elif entry[0] and (integrity := _INTEGRITY.search(line)):
            entry = (*entry[:2], tuple(from_sri(integrity[1])), entry[3])
        elif entry[0] and line.strip() == "requiresBuild: true":
            entry = (*entry[:3], True)
        elif section in ("packages", "snapshots") and not key and line[:2] == "  " and line[2:3].strip():
            yield document.reject(number, "not a line of a pnpm-lock.yaml, or one that was cut")
    yield from _entry(document, *entry)
    if not known:
        yield document.reject(0, "no lockfile of pnpm: it has no 'lockfileVersion' and no 'packages'")
    yield from document.cut()


def _entry(
    document: Document, key: str, line: int, hashes: tuple[str, ...], script: bool | None
) -> Iterator[Item]:
    if not key or key.startswith(("file:", "link:")) or "@file:" in key or "@link:" in key:
        return
    match = _LATER.fullmatch(key) or _LEVEL_5.fullmatch(key)
    if match is None:
        yield document.reject(line, f"'{key}' names no package and version")
    else:
        yield document.listed("npm", match[1], match[2], line, hashes=hashes, script=script)
