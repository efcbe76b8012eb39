"""A campaign's indicators as look-ups, for what is no log: packages, hashes, paths of files, registry values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from clew.campaign.indicators import ending
from clew.campaign.model import Campaign, Indicator, Use
from clew.detection.folder import Folder, parse_folders
from clew.detection.glob import fold
from clew.detection.matcher import Folders
from clew.package.model import Listed, Package, from_purl
from clew.package.version import VersionError, admits, covers, same


class Match(msgspec.Struct, frozen=True):
    """An indicator that matched, what that means here, and what was seen."""

    indicator: Indicator
    use: Use
    what: str


class FileTest(msgspec.Struct, frozen=True):
    """A path that is looked for: the test on a whole path from a root on, and the end of it that never varies.

    `anywhere`: the end is all of it, and no root is asked for.
    """

    indicator: Indicator
    windows: bool
    accept: Callable[[str], bool]
    ending: tuple[str, ...]
    anywhere: bool = False


class Index:
    """The look-ups of one campaign."""

    def __init__(self, campaign: Campaign) -> None:
        of = campaign.indicators
        self.packages: dict[tuple[str, str], list[Indicator]] = {}
        self.hashes: dict[str, Indicator] = {}
        self.files: dict[str, list[FileTest]] = {}
        for one in of.get("packages", ()):
            package = from_purl(one.value)
            self.packages.setdefault((package.type, package.name), []).append(one)
            self.hashes |= dict.fromkeys(one.hashes, one)
        self.hashes |= {one.value: one for one in of.get("hashes", ())}
        for one in of.get("files", ()):
            for test in _file_tests(one):
                self.files.setdefault(test.ending[-1], []).append(test)
        self.registry = [one for one in of.get("registry", ()) if one.use != "context"]
        self.digests = tuple(sorted({digest.partition(":")[0] for digest in self.hashes}))

    def knows(self, package: Package) -> bool:
        """Whether some version of the package is an indicator."""
        return (package.type, package.name) in self.packages

    def always(self, package: Package) -> bool:
        """Whether each version of the package is an indicator."""
        return any("*" in one.versions for one in self.packages.get((package.type, package.name), ()))

    def asks(self, type: str) -> bool:
        """Whether packages of that ecosystem are looked for."""
        return any(known == type for known, _ in self.packages)

    def listed(self, entry: Listed) -> Iterator[Match]:
        """The indicators that an entry of a package file matches, by version, by range, or by hash of its archive."""
        package = entry.package
        for one in self.packages.get((package.type, package.name), ()):
            yield from _matched(one, package, entry.asked)
        for digest in entry.hashes:
            if (found := self.hashes.get(digest)) is not None:
                yield Match(found, found.use, f"{package}, whose archive has the hash {digest}")

    def file(self, parts: Sequence[str]) -> list[FileTest]:
        """The paths that one ending in these components might be."""
        tests = self.files.get(fold(parts[-1]), ())
        return [test for test in tests if _ends(parts, test.ending)]


def _matched(one: Indicator, package: Package, asked: str) -> Iterator[Match]:
    if asked:
        yield from _asked(one, package, asked)
    elif "*" in one.versions:
        yield Match(one, one.use, str(package))
    elif not package.version:
        return
    elif any(same(package.type, package.version, version) for version in one.versions):
        yield Match(one, one.use, str(package))
    elif one.range:
        try:
            if covers(package.type, one.range, package.version):
                yield Match(one, one.use, f"{package}, within {one.range}")
        except VersionError as error:
            yield Match(
                one, "lead", f"{package}, of which nobody can tell whether it is within {one.range}: {error}"
            )


def _asked(one: Indicator, package: Package, asked: str) -> Iterator[Match]:
    """A range says what may be installed: alone it is a lead, unless no version of the package is any good."""
    if "*" in one.versions:
        yield Match(one, one.use, f"{package.name} is asked for ({asked})")
        return
    for version in one.versions:
        try:
            if admits(package.type, asked, version):
                exact = asked.lstrip("=v ") == version
                yield Match(
                    one, one.use if exact else "lead", f"{package.name} {asked}, which admits {version}"
                )
        except VersionError:
            continue


def _file_tests(one: Indicator) -> Iterator[FileTest]:
    if parts := ending(one.value):
        yield FileTest(one, False, lambda _: True, tuple(map(fold, parts)), anywhere=True)
        return
    for folder in parse_folders(one.value):
        yield FileTest(one, folder.separator == "\\", Folders((folder,)).predicate(), _ending(folder))


def _ending(folder: Folder) -> tuple[str, ...]:
    """The last components without wildcards, folded, from the file's name backwards."""
    found: list[str] = []
    for component in reversed(folder.components[1:]):
        shape, literal = component.shape()
        if shape != "whole":
            break
        found.insert(0, fold(literal))
    return tuple(found)


def _ends(parts: Sequence[str], ending: tuple[str, ...]) -> bool:
    return len(parts) >= len(ending) and tuple(map(fold, parts[-len(ending) :])) == ending
