"""A sweep for people: the verdict in the first line, then evidence, what could not be looked at, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from clew.campaign.sweep.model import SORTS, Evidence, Place, Sweep
from clew.report.text import plain, short

_WORDS = {"hit": "HIT", "not_hit": "NOT HIT", "could_not_look": "COULD NOT LOOK"}
_SHOWN, _REASONS, _WIDTH = 20, 5, 240


def lines(sweep: Sweep) -> Iterator[str]:
    """The whole report, line by line, with everything made harmless that a terminal would obey."""
    yield _first(sweep)
    yield from _exposure(sweep)
    yield from _places(sweep)
    yield from _unread(sweep)
    yield from _leads(sweep)
    yield from _looked(sweep)
    if sweep.not_looked:
        yield "Not looked for:"
    for gap in sweep.not_looked:
        yield f"  {plain(gap.what)}: {plain(gap.why)}"
    for note in sweep.notes[:_SHOWN]:
        yield f"Note: {plain(note)}"
    yield from _steps(sweep)
    if sweep.interrupted:
        yield "Interrupted: what had been read until then was followed to its end."


def _first(sweep: Sweep) -> str:
    hit = sum(place.verdict == "hit" for place in sweep.places)
    blind = sum(place.verdict == "could_not_look" for place in sweep.places)
    many = f"{len(sweep.places):,} place{'' if len(sweep.places) == 1 else 's'}"
    told = {
        "hit": f"{hit:,} of {many}",
        "not_hit": f"nothing of it in {many}{_gaps(sweep)}",
        "could_not_look": f"nothing of it in what could be read, but {blind:,} of {many} could not be read whole",
    }[sweep.verdict]
    if sweep.verdict == "could_not_look" and not any(place.looked for place in sweep.places):
        told = "there was nothing to look into"
    return f"{_WORDS[sweep.verdict]}: {sweep.campaign} ({plain(sweep.title)}): {told}"


def _gaps(sweep: Sweep) -> str:
    """What the input could not show at all is no reason to say that nobody looked, but must not be overlooked."""
    many = len(sweep.not_looked)
    return f"; {many} kind{'' if many == 1 else 's'} of evidence not looked for, listed below" if many else ""


def _exposure(sweep: Sweep) -> Iterator[str]:
    if sweep.exposure:
        yield f"Exposure window: {sweep.exposure.since} to {sweep.exposure.until} ({plain(sweep.exposure.about)})"
    if sweep.first:
        inside = any(one.exposed for place in sweep.places for one in place.evidence if one.use == "hit")
        met = "some of it in the exposure window" if inside else "none of it in the exposure window"
        yield f"Dated evidence: {sweep.first} to {sweep.last}" + (f", {met}" if sweep.exposure else "")


def _places(sweep: Sweep) -> Iterator[str]:
    hit = [place for place in sweep.places if place.verdict == "hit"]
    for place in hit[:_SHOWN]:
        yield f"HIT {plain(place.path)} ({place.sort})"
        yield from _listed([one for one in place.evidence if one.use == "hit"])
    if more := len(hit) - len(hit[:_SHOWN]):
        yield f"... and {more:,} more places that are hit: -f json lists them"


def _listed(evidence: list[Evidence]) -> Iterator[str]:
    for one in evidence[:_SHOWN]:
        place = f"{plain(one.path)}:{one.position}" if one.position else plain(one.path)
        when = f", {one.first}" + (f" to {one.last}" if one.last != one.first else "") if one.first else ""
        times = f", {one.count:,} times" if one.count > 1 else ""
        yield f"  {plain(one.indicator)}: {short(one.what, _WIDTH)}"
        yield f"    {place}{when}{times}{', in the exposure window' if one.exposed else ''}"
    if more := len(evidence) - len(evidence[:_SHOWN]):
        yield f"  ... and {more:,} more"


def _unread(sweep: Sweep) -> Iterator[str]:
    blind = [place for place in sweep.places if place.unread]
    if blind:
        yield "Could not look:"
    for place in blind[:_SHOWN]:
        yield from _reasons(place)
    if more := len(blind) - len(blind[:_SHOWN]):
        yield f"  ... and {more:,} more places"


def _reasons(place: Place) -> Iterator[str]:
    for reject in place.unread[:_REASONS]:
        where = f"{plain(reject.path)}:{reject.position}" if reject.position else plain(reject.path)
        yield f"  {where}: {plain(reject.reason)}"
    if more := len(place.unread) - len(place.unread[:_REASONS]):
        yield f"  {plain(place.path)}: and {more:,} more"


def _leads(sweep: Sweep) -> Iterator[str]:
    leads = [one for place in sweep.places for one in place.evidence if one.use == "lead"]
    if leads:
        yield "Worth a look, and no hit alone:"
        yield from _listed(leads)


def _looked(sweep: Sweep) -> Iterator[str]:
    yield "Looked into:"
    for sort, title in SORTS.items():
        places = [place for place in sweep.places if place.sort == sort]
        if places:
            seen = sum(place.looked for place in places)
            yield f"  {title}: {len(places):,}" + (f", {seen:,} {_UNITS[sort]}" if sort in _UNITS else "")
    if not sweep.places:
        yield "  nothing"


_UNITS = {
    "lockfile": "entries",
    "sbom": "entries",
    "manifest": "entries",
    "system": "packages",
    "installed": "packages",
    "cache": "archives and entries",
    "host": "files",
    "registry": "values",
    "image": "files",
}


def _steps(sweep: Sweep) -> Iterator[str]:
    if not sweep.steps:
        return
    yield "What to do now:"
    for step in sweep.steps:
        yield f"  {step.id} ({step.phase}) {plain(step.text)}"
        yield from (f"       $ {plain(command)}" for command in step.commands)
        yield f"     done when {plain(step.verify)}"
    yield f"And later: clew campaigns show {sweep.campaign}, under Mitigation."
