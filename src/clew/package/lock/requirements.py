"""requirements.txt of pip. https://pip.pypa.io/en/stable/reference/requirements-file-format/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from clew.package.digest import from_labelled
from clew.package.model import Document, Item
from clew.record import Note

KIND = "requirements.txt"
NAMES = ("*requirements.txt", "*requirements.lock", "constraints.txt")

_HASH = re.compile(r"--hash[= ](\S+)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_PINNED = re.compile(r"===?\s*([^\s*]+)")


def read(document: Document) -> Iterator[Item]:
    """A requirement pinned by == is an entry; any other asks for a range."""
    for number, line in _joined(document):
        text = _COMMENT.sub("", line).strip()
        if text.startswith(("-r", "--requirement", "-c", "--constraint")):
            yield Note(document.path, f"line {number} refers to another file: sweep that too ({text})")
        elif text and not text.startswith(("-", ".", "/")) and not re.match(r"[a-z+]+://", text):
            yield _requirement(document, text, number)


def _joined(document: Document) -> Iterator[tuple[int, str]]:
    """Lines with those that a backslash continues."""
    start, whole = 0, ""
    for number, line in document.lines():
        start = start or number
        if line.endswith("\\"):
            whole += line[:-1] + " "
            continue
        yield start, whole + line
        start, whole = 0, ""
    if whole:
        yield start, whole


def _requirement(document: Document, text: str, line: int) -> Item:
    hashes = tuple(from_labelled(_HASH.findall(text)))
    try:
        found = Requirement(re.split(r"\s--", text, maxsplit=1)[0].strip())
    except InvalidRequirement as error:
        return document.reject(line, f"no requirement: {str(error).splitlines()[0]}")
    wanted = str(found.specifier)
    pinned = _PINNED.fullmatch(wanted)
    if pinned:
        return document.listed("pypi", found.name, pinned[1], line, hashes=hashes)
    return document.listed("pypi", found.name, "", line, hashes=hashes, asked=wanted or ">=0")
