"""PyPI's JSON of a project: https://docs.pypi.org/api/json/ (the project's document, which has all releases).

Who owns the project stands in `ownership` as it is now; a change shows only against an older recording. Provenance
stands in another document and is not read.
"""

from __future__ import annotations

from typing import Any

from clew.vetting.reputation.metadata import About, Metadata, Release, in_order, moment, table, tables, text


def is_project(document: dict[str, Any]) -> bool:
    """Whether it is such a document; that of one release alone has no releases."""
    return isinstance(document.get("info"), dict) and isinstance(document.get("releases"), dict)


def read(document: dict[str, Any], path: str) -> Metadata:
    """The metadata of a project."""
    info = table(document.get("info"))
    releases = [
        _release(version, list(tables(files))) for version, files in table(document["releases"]).items()
    ]
    ownership = document.get("ownership")
    serial = document.get("last_serial")
    return Metadata(
        ecosystem="pypi",
        name=text(info.get("name")),
        path=path,
        releases=in_order("pypi", releases),
        owners=_owners(ownership) if isinstance(ownership, dict) else None,
        about=About(
            description=text(info.get("summary")),
            author=text(info.get("author_email")) or text(info.get("author")),
            repository=_repository(info),
        ),
        serial=float(serial) if isinstance(serial, int) else 0.0,
    )


def _release(version: str, files: list[dict[str, Any]]) -> Release:
    uploads = sorted(filter(None, (moment(one.get("upload_time_iso_8601")) for one in files)))
    sizes = [one["size"] for one in files if isinstance(one.get("size"), int)]
    yanked = [one for one in files if one.get("yanked")]
    reason = next(
        (text(one.get("yanked_reason")) for one in yanked if one.get("yanked_reason")), "no reason given"
    )
    return Release(
        version=version,
        published=uploads[0] if uploads else None,
        size=max(sizes) if sizes else None,
        files=len(files),
        yanked=reason if files and len(yanked) == len(files) else None,
        kinds=frozenset(text(one.get("packagetype")) for one in files) - {""},
        uploads=tuple(uploads),
    )


def _owners(ownership: dict[str, Any]) -> frozenset[str]:
    """Accounts with their roles, and the organization."""
    roles = {f"{text(one.get('user'))} ({text(one.get('role'))})" for one in tables(ownership.get("roles"))}
    organization = text(ownership.get("organization"))
    return frozenset(roles | ({f"{organization} (organization)"} if organization else set()))


def _repository(info: dict[str, Any]) -> str:
    links = {key.lower(): text(one) for key, one in table(info.get("project_urls")).items()}
    named = (links.get(key, "") for key in ("source", "repository", "source code", "code", "homepage"))
    return next(filter(None, named), text(info.get("home_page")))
