"""OSV records (and OpenSSF's MAL records), as indicators of a campaign: see `clew.package.osv`."""

from __future__ import annotations

from typing import Any

from clew.campaign.exchange.drawn import Drawn
from clew.package.osv import Advisory, read
from clew.package.tree import mappings


def from_osv(records: list[Any]) -> Drawn:
    """The packages of the records that still stand."""
    drawn = Drawn()
    for advisory in map(read, mappings(records)):
        if advisory.withdrawn:
            drawn.said.append(f"{advisory.id} was withdrawn on {advisory.withdrawn}: left out")
        else:
            _add(drawn, advisory)
    return drawn


def _add(drawn: Drawn, advisory: Advisory) -> None:
    about = advisory.summary or advisory.id
    drawn.sources[advisory.id] = {"title": about, "kind": "primary"}
    drawn.title = drawn.title or advisory.summary
    drawn.summary = drawn.summary or advisory.details[:2000]
    drawn.since = min(filter(None, (drawn.since, advisory.published)), default="")
    drawn.said += advisory.said
    for one in advisory.affected:
        purl, more = one.package.purl, {"sources": [advisory.id]}
        if one.versions:
            drawn.add("packages", purl, about, "high", versions=list(one.versions), **more)
        for range_ in one.ranges:
            drawn.add("packages", purl, about, "high", range=range_, **more)
