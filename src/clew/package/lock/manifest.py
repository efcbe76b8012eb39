"""package.json: what a project asks of npm, as ranges. https://docs.npmjs.com/cli/v11/configuring-npm/package-json"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.package.model import Document, Item
from clew.package.tree import Json, decode
from clew.record import Reject

KIND = "package.json"
NAMES = ("package.json",)

_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_ALIAS = re.compile(r"npm:((?:@[^/@]+/)?[^@/]+)@?(.*)")
#: Anything but a range of versions: a URL, a path, a repository, a workspace, a tag.
_ELSEWHERE = re.compile(r".*[:/].*|[a-z][\w-]*", re.DOTALL)


def read(document: Document) -> Iterator[Item]:
    """One entry a dependency, with the range that is asked for; what comes from elsewhere has none."""
    faults: list[Reject] = []
    json = decode(document, faults)
    yield from faults
    for section in _SECTIONS if json else ():
        yield from _asked(json, section)  # type: ignore[arg-type]


def _asked(json: Json, section: str) -> Iterator[Item]:
    asked = json.value.get(section)
    for name, wanted in asked.items() if isinstance(asked, dict) else ():
        line = json.line(name, '"')
        if not isinstance(wanted, str):
            yield json.document.reject(line, f"the version of '{name}' is no text")
            continue
        alias = _ALIAS.fullmatch(wanted)
        package, range_ = (alias[1], alias[2]) if alias else (name, wanted)
        if not _ELSEWHERE.fullmatch(range_):
            yield json.document.listed("npm", package, "", line, asked=range_.strip() or "*")
