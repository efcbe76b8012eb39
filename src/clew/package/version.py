"""Versions of the ecosystems: when two are one, which comes first, and whether a range admits one."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from clew.package import distro, semver
from clew.package.semver import Key

#: Ecosystems whose versions are Semantic Versioning, with `v` before them in Go and Composer.
_SEMANTIC = frozenset(("npm", "cargo", "golang", "composer", "hex", "pub", "swift"))


class VersionError(ValueError):
    """A version or a range cannot be read, or the ecosystem's order is not known here; the text says which."""


def same(type: str, one: str, other: str) -> bool:
    """Whether both are one version: as PEP 440 has it for pypi, else letter by letter but for a leading `v`."""
    if one == other:
        return True
    if type == "pypi":
        try:
            return Version(one) == Version(other)
        except InvalidVersion:
            return False
    return one.lstrip("v=") == other.lstrip("v=")


def order(type: str, version: str) -> Key | Version:
    """What orders the versions of an ecosystem. Raises VersionError."""
    try:
        if type == "pypi":
            return Version(version)
        if type in _SEMANTIC:
            return semver.key(version)
    except (InvalidVersion, ValueError) as error:
        raise VersionError(str(error)) from error
    raise VersionError(f"how versions of {type} are ordered is not known here")


def admits(type: str, wanted: str, version: str) -> bool:
    """Whether a range, as the ecosystem writes it, admits a version: `^1.2.0`, `>=1,<2`. Raises VersionError.

    Those of Cargo and Composer are read as npm's with commas for blanks; a bare `1.2` of Cargo's is `^1.2`.
    """
    try:
        if type == "pypi":
            return SpecifierSet(wanted).contains(Version(version), prereleases=True)
        if type in ("cargo", "composer"):
            wanted = wanted.replace(",", " ")
        if type == "cargo" and re.match(r"\s*\d", wanted):
            wanted = "^" + wanted.strip()
        if type in _SEMANTIC:
            return semver.satisfies(version, wanted)
    except (InvalidVersion, InvalidSpecifier, ValueError) as error:
        raise VersionError(str(error)) from error
    raise VersionError(f"ranges of {type} are not known here")


def covers(type: str, range: str, version: str) -> bool:
    """Whether the range of an advisory covers a version: by order alone, so pre-releases too. Raises VersionError."""
    try:
        if type in distro.TYPES:
            return distro.covers(type, range, version)
        return semver.covers(range, version) if type in _SEMANTIC else admits(type, range, version)
    except ValueError as error:
        raise VersionError(str(error)) from error
