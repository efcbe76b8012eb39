"""OSV records (and OpenSSF's MAL records): which versions of which packages are bad.

https://ossf.github.io/osv-schema/ . A record that was withdrawn tells nothing bad any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clew.campaign.exchange.drawn import Drawn
from clew.package.model import PackageError, package
from clew.package.tree import mappings, text_of

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


def from_osv(records: list[Any]) -> Drawn:
    """The packages of the records that still stand."""
    drawn = Drawn()
    for record in mappings(records):
        id = text_of(record.get("id")) or "OSV"
        if record.get("withdrawn"):
            drawn.said.append(f"{id} was withdrawn on {record['withdrawn']}: left out")
            continue
        drawn.sources[id] = {"title": text_of(record.get("summary")) or id, "kind": "primary"}
        drawn.title = drawn.title or text_of(record.get("summary"))
        drawn.summary = drawn.summary or text_of(record.get("details"))[:2000]
        drawn.since = min(filter(None, (drawn.since, text_of(record.get("published")))), default="")
        for affected in mappings(record.get("affected")):
            _affected(drawn, id, affected, text_of(record.get("summary")) or id)
    return drawn


def _affected(drawn: Drawn, id: str, affected: dict[str, Any], about: str) -> None:
    named = affected.get("package")
    named = named if isinstance(named, dict) else {}
    ecosystem, name = text_of(named.get("ecosystem")), text_of(named.get("name"))
    type = _ECOSYSTEMS.get(ecosystem.partition(":")[0].lower())
    if type is None:
        drawn.said.append(f"{id}: packages of '{ecosystem}' are not known here, {name} is left out")
        return
    try:
        purl = package(type, name).purl
    except PackageError as error:
        drawn.said.append(f"{id}: {error}")
        return
    more = {"sources": [id]}
    versions = [v for v in affected.get("versions") or () if isinstance(v, str)]
    ranges = list(_ranges(affected, type, drawn, id))
    if "*" in ranges:
        versions, ranges = ["*"], []
    if versions:
        drawn.add("packages", purl, about, "high", versions=versions, **more)
    for range_ in ranges:
        drawn.add("packages", purl, about, "high", range=range_, **more)


def _ranges(affected: dict[str, Any], type: str, drawn: Drawn, id: str) -> Iterator[str]:
    """Each run of events as a range: from an `introduced` to the next `fixed` or `last_affected`."""
    joint = _JOINTS.get(type, " ")
    for one in mappings(affected.get("ranges")):
        if one.get("type") == "GIT":
            drawn.said.append(f"{id}: a range of commits is left out")
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
            yield "*" if start == "0" else f">={start}"
