"""go.sum: the modules that were downloaded. https://go.dev/ref/mod#go-sum-files"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.package.model import Document, Item

KIND = "go.sum"
NAMES = ("go.sum",)

_LINE = re.compile(r"(\S+) (v[^\s/]+)(/go\.mod)? h1:[A-Za-z0-9+/]{43}=")


def read(document: Document) -> Iterator[Item]:
    """One entry a module; lines of a go.mod alone were read to choose versions and are none."""
    for number, line in document.lines():
        match = _LINE.fullmatch(line.strip())
        if match and not match[3]:
            yield document.listed("golang", match[1], match[2], number)
        elif line.strip() and not match:
            yield document.reject(number, "not a line of a go.sum, or one that was cut")
