"""OSV records (and OpenSSF's MAL records): which versions of which packages an advisory is about.

https://ossf.github.io/osv-schema/ . A record that was withdrawn tells nothing bad any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from clew.package.model import Package, PackageError, package
from clew.package.tree import mappings, text_of
from clew.package.version import covers, same

_ECOSYSTEMS = {
    "npm": "npm",
    "pypi": "pypi",
    "crates.io": "cargo",
    "go": "golang",
    "rubygems": "gem",
    "packagist": "composer",
    "nuget": "nuget",
    "maven": "maven",
}
#: How the ecosystems join the bounds of a range.
_JOINTS = {"pypi": ","}
ANY = "*"


class Affected(msgspec.Struct, frozen=True):
    """A package (of any version), and which versions of it: those listed, and ranges; `*` is every version."""

    package: Package
    versions: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()

    def is_about(self, version: str) -> bool:
        """Whether it names the version, or has it in a range. Raises VersionError for what cannot be compared."""
        if ANY in self.versions or any(same(self.package.type, one, version) for one in self.versions):
            return True
        return any(covers(self.package.type, one, version) for one in self.ranges)


class Advisory(msgspec.Struct, frozen=True):
    """One record. `withdrawn` is when it was, '' where it stands; `said` is what of it is not understood."""

    id: str
    summary: str = ""
    details: str = ""
    published: str = ""
    withdrawn: str = ""
    affected: tuple[Affected, ...] = ()
    said: tuple[str, ...] = ()


def read(record: dict[str, Any]) -> Advisory:
    """What a record says; of one that was withdrawn only that."""
    id = text_of(record.get("id")) or "OSV"
    summary = text_of(record.get("summary"))
    if withdrawn := record.get("withdrawn"):
        return Advisory(id, summary, withdrawn=str(withdrawn))
    said: list[str] = []
    found = [_affected(one, id, said) for one in mappings(record.get("affected"))]
    return Advisory(
        id,
        summary,
        text_of(record.get("details")),
        text_of(record.get("published")),
        affected=tuple(one for one in found if one),
        said=tuple(said),
    )


def _affected(affected: dict[str, Any], id: str, said: list[str]) -> Affected | None:
    named = affected.get("package")
    named = named if isinstance(named, dict) else {}
    ecosystem, name = text_of(named.get("ecosystem")), text_of(named.get("name"))
    type = _ECOSYSTEMS.get(ecosystem.partition(":")[0].lower())
    if type is None:
        said.append(f"{id}: packages of '{ecosystem}' are not known here, {name} is left out")
        return None
    try:
        found = package(type, name)
    except PackageError as error:
        said.append(f"{id}: {error}")
        return None
    versions = tuple(v for v in affected.get("versions") or () if isinstance(v, str))
    ranges = tuple(_ranges(affected, type, id, said))
    return Affected(found, (ANY,)) if ANY in ranges else Affected(found, versions, ranges)


def _ranges(affected: dict[str, Any], type: str, id: str, said: list[str]) -> Iterator[str]:
    """Each run of events as a range: from an `introduced` to the next `fixed` or `last_affected`."""
    joint = _JOINTS.get(type, " ")
    for one in mappings(affected.get("ranges")):
        if one.get("type") == "GIT":
            said.append(f"{id}: a range of commits is left out")
            continue
        start: str | None = None
        for event in mappings(one.get("events")):
            if "introduced" in event:
                start = text_of(event["introduced"])
            elif start is not None and ("fixed" in event or "last_affected" in event):
                sign, end = ("<", event["fixed"]) if "fixed" in event else ("<=", event["last_affected"])
                yield (f"{sign}{end}" if start == "0" else f">={start}{joint}{sign}{end}")
                start = None
        if start is not None:
            yield ANY if start == "0" else f">={start}"
