"""What package files are made of: a package, an entry that names one, and the text that it stands in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeAlias

import msgspec
from packageurl import PackageURL

from clew.record import Note, Reject

#: Versions are shown and searched as they stand; longer ones are no versions.
_LONGEST = 512
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")


class PackageError(ValueError):
    """What should name a package cannot; the text says why."""


class Package(msgspec.Struct, frozen=True, order=True):
    """A package of an ecosystem, by the types and spellings of package URLs: `npm`, `@scope/name`, `1.0.0`.

    An empty version stands for any, or for one that is not known.
    Types: https://github.com/package-url/purl-spec/blob/main/purl-types-index.json
    """

    type: str
    name: str
    version: str = ""

    @property
    def purl(self) -> str:
        """`pkg:npm/%40scope/name@1.0.0`."""
        space, _, name = self.name.rpartition("/")
        return PackageURL(self.type, space or None, name, self.version or None).to_string()

    @property
    def any(self) -> Package:
        """The package, whatever its version."""
        return Package(self.type, self.name) if self.version else self

    def __str__(self) -> str:
        """`axios@1.14.1`, as people write it."""
        return f"{self.name}@{self.version}" if self.version else self.name


def package(type: str, name: str, version: str = "") -> Package:
    """The package of that name, in the spelling of its ecosystem.

    Raises PackageError for what is no name: empty, a path (`../x`, `/x`, `a//b`), or with blanks or controls.
    """
    parts = name.split("/")
    if not name or len(name) > _LONGEST or len(version) > _LONGEST:
        raise PackageError("it has no name, or one that is far too long")
    if any(part in ("", ".", "..") for part in parts):
        raise PackageError(f"'{name}' is a path and no name of a package")
    if _CONTROL.search(name):
        raise PackageError(
            f"'{name}' is no name of a package: blanks, controls and backslashes have no place in it"
        )
    url = PackageURL(type, "/".join(parts[:-1]) or None, parts[-1])
    return Package(url.type, f"{url.namespace}/{url.name}" if url.namespace else url.name, version)


def from_purl(text: str) -> Package:
    """The package of a package URL. Raises PackageError."""
    try:
        url = PackageURL.from_string(text)
    except ValueError as error:
        raise PackageError(f"'{text}' is no package URL: {error}") from error
    return package(url.type, f"{url.namespace}/{url.name}" if url.namespace else url.name, url.version or "")


class Listed(msgspec.Struct, frozen=True):
    """An entry of a package file: the package, its line (0: not known), and what else tells it apart.

    `hashes` are those of its archive, as `sha512:<hex>`. `asked` is a range of versions where the file says what
    may be installed and not what is: then the package has no version. `script`: whether installing it runs a script of
    its own, where the file tells.
    """

    package: Package
    line: int = 0
    hashes: tuple[str, ...] = ()
    asked: str = ""
    script: bool | None = None


Item: TypeAlias = Listed | Reject | Note


class Document:
    """The text of a package file, which knows its lines."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self._starts: list[int] | None = None

    def line(self, offset: int) -> int:
        """The line, from 1, on which a character stands."""
        if self._starts is None:
            self._starts = [0, *(end.end() for end in re.finditer("\n", self.text))]
        return bisect_right(self._starts, max(offset, 0))

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines with their numbers, without line ends."""
        return enumerate((line.rstrip("\r") for line in self.text.split("\n")), 1)

    def reject(self, line: int, reason: str) -> Reject:
        """Something of it that cannot be read; line 0 means the whole file."""
        return Reject(self.path, line, reason)

    def cut(self) -> Iterator[Reject]:
        """A file that tools write ends with a line end; one that does not was cut."""
        if self.text.strip() and not self.text.endswith("\n"):
            yield self.reject(self.text.count("\n") + 1, "cut: its last line has no end")

    def listed(  # noqa: PLR0913 - an entry is as many facts
        self,
        type: str,
        name: str,
        version: str,
        line: int,
        *,
        hashes: Iterable[str] = (),
        asked: str = "",
        script: bool | None = None,
    ) -> Listed | Reject:
        """The entry, or why it is none."""
        try:
            return Listed(package(type, name, version), line, tuple(hashes), asked, script)
        except PackageError as error:
            return self.reject(line, str(error))


class Reader(Protocol):
    """A kind of package file: the file names it has, as `*.suffix` or whole, and what it makes of a text."""

    @property
    def KIND(self) -> str:  # noqa: N802
        """What people call it: `package-lock.json`."""
        ...

    @property
    def NAMES(self) -> tuple[str, ...]:  # noqa: N802
        """File names, in small letters; `*` only at the start."""
        ...

    def read(self, document: Document) -> Iterator[Item]:
        """All entries, and everything that could not be read. Raises nothing for what a file may hold."""
        ...
