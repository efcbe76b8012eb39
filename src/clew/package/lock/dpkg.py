"""dpkg's status: the packages that a system of Debian's kind has installed.

https://www.debian.org/doc/debian-policy/ch-controlfields.html. Which distribution it is, the file does not say; all are
named as Debian's.
"""

from __future__ import annotations

from collections.abc import Iterator

from clew.package.lock.paragraphs import paragraphs
from clew.package.model import Document, Item

KIND = "dpkg status"
NAMES = ("dpkg/status",)


def read(document: Document) -> Iterator[Item]:
    """One entry a package whose status says installed; those that were removed are none."""
    yield from document.cut()
    for number, fields in paragraphs(document, ": "):
        name, version, status = (fields.get(key, "") for key in ("Package", "Version", "Status"))
        if not name or not status:
            yield document.reject(number, "a paragraph without Package or Status, or one that was cut")
        elif status.split()[-1] == "installed":
            yield document.listed("deb", f"debian/{name}", version, number)
