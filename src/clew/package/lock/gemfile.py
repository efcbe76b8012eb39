"""Gemfile.lock of Bundler. https://bundler.io/man/bundle-lock.1.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.package.model import Document, Item

KIND = "Gemfile.lock"
NAMES = ("gemfile.lock", "gems.locked")

#: Four blanks: a gem that was chosen; six: what it asks for.
_GEM = re.compile(r"    (\S+) \(([^)\s]+)\)")


def read(document: Document) -> Iterator[Item]:
    """One entry for each gem under `specs:` of GEM and GIT; those of PATH are the project's own."""
    section = ""
    for number, line in document.lines():
        if line and line[0] != " ":
            section = line.strip()
        elif section in ("GEM", "GIT") and re.match(r"    \S", line):
            match = _GEM.fullmatch(line)
            if match is None:
                yield document.reject(number, "not a line of a Gemfile.lock, or one that was cut")
            else:
                yield document.listed("gem", match[1], match[2], number)
    yield from document.cut()
