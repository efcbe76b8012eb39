"""npm's cache: an index file, of lines `<sha1>\\t{"key": "...https://registry/axios/-/axios-1.14.1.tgz", ...}`.

https://github.com/npm/cacache (index-v5); npm's log files show the same URLs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clew.package.model import Package, PackageError, package

#: `/axios/-/axios-1.14.1.tgz`, `/@scope/name/-/name-1.0.0.tgz`, also with %2f.
_URL = re.compile(r"/((?:@[\w.~-]+(?:/|%2[fF]))?[\w.~-]+)/-/([\w.~-]+?)-(\d[\w.+~-]*?)\.tgz")


def is_index(parts: Sequence[str]) -> bool:
    """Whether the path is of an index file: `_cacache/index-v5/ab/cd/<hex>`."""
    return len(parts) > 4 and parts[-4].startswith("index-v") and parts[-5] == "_cacache"


def tarballs(text: str) -> Iterator[tuple[int, Package]]:
    """The packages whose archives' URLs stand in a text, each with its offset."""
    for match in _URL.finditer(text):
        name = re.sub("%2f", "/", match[1], flags=re.IGNORECASE)
        if name.rpartition("/")[2] == match[2]:
            try:
                yield match.start(), package("npm", name, match[3])
            except PackageError:
                continue
