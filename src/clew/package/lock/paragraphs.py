"""Paragraphs of fields, parted by empty lines, as the databases of dpkg and apk are written."""

from __future__ import annotations

from collections.abc import Iterator

from clew.package.model import Document


def paragraphs(document: Document, sign: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each paragraph with the line that it begins on; lines that go on with a field are passed over."""
    first, fields = 0, dict[str, str]()
    for number, line in document.lines():
        if not line.strip():
            if fields:
                yield first, fields
            first, fields = 0, {}
        elif not line[0].isspace():
            first = first or number
            name, _, value = line.partition(sign)
            fields[name] = value.strip()
    if fields:
        yield first, fields
