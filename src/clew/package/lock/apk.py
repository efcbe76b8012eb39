"""apk's database: the packages that an Alpine system has installed.

https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
"""

from __future__ import annotations

from collections.abc import Iterator

from clew.package.lock.paragraphs import paragraphs
from clew.package.model import Document, Item

KIND = "apk database"
NAMES = ("apk/db/installed",)


def read(document: Document) -> Iterator[Item]:
    """One entry a package."""
    yield from document.cut()
    for number, fields in paragraphs(document, ":"):
        if "P" in fields and "V" in fields:
            yield document.listed("apk", f"alpine/{fields['P']}", fields["V"], number)
        else:
            yield document.reject(number, "a paragraph without P or V, or one that was cut")
