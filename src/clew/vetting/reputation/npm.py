"""npm's packument, the document that the registry has of a package: `npm view NAME --json` gives only parts of it.

https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md (full form). Beyond that page the public
registry writes `_npmUser.trustedPublisher` (https://docs.npmjs.com/trusted-publishers), `dist.signatures`
(https://docs.npmjs.com/about-registry-signatures) and `dist.attestations`
(https://docs.npmjs.com/generating-provenance-statements).
"""

from __future__ import annotations

from typing import Any

from clew.vetting.reputation.metadata import (
    About,
    Metadata,
    Publisher,
    Release,
    in_order,
    known_somewhere,
    moment,
    person,
    table,
    tables,
    text,
    texts,
)

#: Scripts that npm runs when somebody installs the package. https://docs.npmjs.com/cli/using-npm/scripts
INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")
_TIMES = ("created", "modified", "unpublished")


def is_packument(document: dict[str, Any]) -> bool:
    """Whether it is one; the abbreviated form has no times and counts too."""
    return isinstance(document.get("name"), str) and (
        isinstance(document.get("versions"), dict) or "unpublished" in table(document.get("time"))
    )


def read(document: dict[str, Any], path: str) -> Metadata:
    """The metadata of a packument."""
    versions = {version: table(one) for version, one in table(document.get("versions")).items()}
    times = table(document.get("time"))
    told = _Told(list(versions.values()))
    releases = [told.release(version, one, times) for version, one in versions.items()]
    owners = _owners(document.get("maintainers"))
    gone = {v: moment(t) or 0.0 for v, t in times.items() if v not in versions and v not in _TIMES}
    return Metadata(
        ecosystem="npm",
        name=str(document["name"]),
        path=path,
        releases=in_order("npm", releases),
        removed=gone,
        unpublished="unpublished" in times,
        owners=owners or None,
        about=About(
            description=text(document.get("description")),
            author=person(document.get("author")),
            repository=text(table(document.get("repository")).get("url")) or text(document.get("repository")),
        ),
        serial=moment(times.get("modified")) or 0.0,
    )


class _Told:
    """Which fields the document tells at all: mirrors leave most of them out."""

    def __init__(self, versions: list[dict[str, Any]]) -> None:
        def dist(one: dict[str, Any]) -> dict[str, Any]:
            return table(one.get("dist"))

        self._attestations = known_somewhere(versions, lambda one: "attestations" in dist(one))
        self._signatures = known_somewhere(versions, lambda one: "signatures" in dist(one))
        self._heads = known_somewhere(versions, lambda one: "gitHead" in one)
        self._scripts = known_somewhere(versions, lambda one: "scripts" in one)
        self._dependencies = known_somewhere(versions, lambda one: "dependencies" in one)

    def release(self, version: str, one: dict[str, Any], times: dict[str, Any]) -> Release:
        dist = table(one.get("dist"))
        user = table(one.get("_npmUser"))
        size, files = dist.get("unpackedSize"), dist.get("fileCount")
        return Release(
            version=version,
            published=moment(times.get(version)),
            publisher=_publisher(user) if user else None,
            attested=bool(dist.get("attestations")) if self._attestations else None,
            signed=bool(dist.get("signatures")) if self._signatures else None,
            git_head=bool(one.get("gitHead")) if self._heads else None,
            scripts=self._install_scripts(one),
            dependencies=texts(one.get("dependencies")) if self._dependencies else None,
            size=size if isinstance(size, int) else None,
            files=files if isinstance(files, int) else None,
            deprecated=_deprecated(one.get("deprecated")),
            owners=_owners(one.get("maintainers")),
        )

    def _install_scripts(self, one: dict[str, Any]) -> dict[str, str] | None:
        if "scripts" not in one and isinstance(one.get("hasInstallScript"), bool):
            return {"install": "hasInstallScript"} if one["hasInstallScript"] else {}
        if not self._scripts and "hasInstallScript" not in one:
            return None
        found = texts(one.get("scripts"))
        return {name: found[name] for name in INSTALL_SCRIPTS if name in found}


def _publisher(user: dict[str, Any]) -> Publisher:
    trusted = user.get("trustedPublisher")
    return Publisher(text(user.get("name")), text(user.get("email")).lower(), bool(trusted))


def _owners(maintainers: object) -> frozenset[str]:
    return frozenset(name for one in tables(maintainers) if (name := text(one.get("name"))))


def _deprecated(value: object) -> str | None:
    """npm writes a reason; `false` and an empty one take a deprecation back."""
    return (value if isinstance(value, str) else "yes") if value else None
