"""What a registry says of a package, brought to one form: releases in order of time, each with how it was published.

A field that a registry, or a mirror of it, does not give is None: *unknown*, which is never held against anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from clew.package.version import VersionError, order
from clew.vetting.subject import Ecosystem


class Publisher(msgspec.Struct, frozen=True):
    """Who published: the account, its e-mail address, and whether a trusted publisher (OIDC) did it for them."""

    name: str = ""
    email: str = ""
    trusted: bool = False


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version as it was published. Times are seconds since 1970; sizes bytes, unpacked for npm.

    `scripts` are those that run at install, by name. `attested`, `signed` and `git_head` tell whether the release has
    them; None where the document has such a field in no release, so nobody can tell. `owners` are the maintainers at
    the time. `kinds` are those of its files (sdist, bdist_wheel), `uploads` the times of these.
    """

    version: str
    published: float | None = None
    publisher: Publisher | None = None
    attested: bool | None = None
    signed: bool | None = None
    git_head: bool | None = None
    scripts: dict[str, str] | None = None
    dependencies: dict[str, str] | None = None
    size: int | None = None
    files: int | None = None
    deprecated: str | None = None
    yanked: str | None = None
    owners: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    uploads: tuple[float, ...] = ()


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a package says of itself, as its document has it now."""

    description: str = ""
    author: str = ""
    repository: str = ""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """A package's document. `removed` are versions that are known by their time alone.

    `others` are the documents of other packages that were given beside it, by name: of its dependencies, of the one
    it may imitate. `earlier` is an older recording of its own.
    """

    ecosystem: Ecosystem
    name: str
    path: str
    releases: tuple[Release, ...]
    removed: dict[str, float] = {}
    unpublished: bool = False
    owners: frozenset[str] | None = None
    about: About = About()
    serial: float = 0.0
    others: dict[str, Metadata] = {}
    earlier: Metadata | None = None

    def release(self, version: str) -> Release | None:
        """The release of that version, where the document has one."""
        return next((one for one in self.releases if one.version == version), None)

    def before(self, version: str) -> list[Release]:
        """What was published before a version: by time where that is known, else by the order of versions."""
        this = self.release(version) or Release(version=version, published=self.removed.get(version))
        return [
            one for one in self.releases if one.version != version and _precedes(self.ecosystem, one, this)
        ]

    def previous(self, version: str) -> Release | None:
        """The latest release before a version on its own branch (the same first number), else of any."""
        before = self.before(version)
        found = [one for one in before if branch(one.version) == branch(version)] or before
        return found[-1] if found else None


def branch(version: str) -> str:
    """What people stay on: the first number of a version."""
    return version.partition(".")[0]


def _precedes(type: str, one: Release, other: Release) -> bool:
    if one.published is not None and other.published is not None:
        return one.published < other.published
    try:
        return order(type, one.version) < order(type, other.version)  # type: ignore[operator]
    except VersionError:
        return False


def in_order(type: str, releases: list[Release]) -> tuple[Release, ...]:
    """By time of publication; those without one by version, before all others."""

    def key(release: Release) -> tuple[float, int]:
        return (release.published or 0.0, ranks[release.version])

    ranks = {version: rank for rank, version in enumerate(_sorted(type, [r.version for r in releases]))}
    return tuple(sorted(releases, key=key))


def _sorted(type: str, versions: list[str]) -> list[str]:
    known: list[tuple[Any, str]] = []
    strange: list[str] = []
    for version in versions:
        try:
            known.append((order(type, version), version))
        except VersionError:
            strange.append(version)
    return [*strange, *(version for _, version in sorted(known, key=lambda one: one[0]))]


def moment(text: object) -> float | None:
    """A time in ISO 8601 as seconds since 1970, UTC where it names no zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def day(seconds: float) -> str:
    """`2026-03-31 00:21`, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def table(value: object) -> dict[str, Any]:
    """A JSON object, or an empty one in the place of anything else."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list."""
    yield from (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))


def texts(value: object) -> dict[str, str]:
    """The texts of an object, by name."""
    return {key: one for key, one in table(value).items() if isinstance(one, str)}


def text(value: object) -> str:
    """A text, or '' in the place of anything else."""
    return value if isinstance(value, str) else ""


def person(value: object) -> str:
    """A person as npm writes one: an object, or "Name <mail> (url)"."""
    return " ".join(filter(None, (text(table(value).get("name")), text(table(value).get("email"))))) or text(
        value
    )


def known_somewhere(releases: list[dict[str, Any]], has: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether any release has a field; if none does, it is the document that lacks it."""
    return any(has(one) for one in releases)
