"""Questions about whom a package may be taken for: a name like a well-known one, words that are another's."""

from __future__ import annotations

from collections.abc import Collection

from clew.vetting.fact import Signal
from clew.vetting.reputation.case import Case, clear, hit, unknown
from clew.vetting.reputation.metadata import Metadata
from clew.vetting.reputation.squat import imitated, popular

#: A package with so many releases has made a name of its own.
_ESTABLISHED = 20
_IMITATES = "T1036.005"


def typosquat(case: Case, known: Collection[str] | None = None) -> Signal:
    """A name one letter, or one word of trust, away from a well-known one."""
    name, source = "typosquat", "the name, against content/lists/popular"
    like = imitated(case.subject.name, popular(case.subject.ecosystem) if known is None else known)
    if like is None:
        return clear(name, "like no well-known name, or one itself", source)
    many = len(case.before)
    if many >= _ESTABLISHED:
        return hit(name, f"{case.subject.name} is like {like}, but had {many} releases before", source)
    return hit(name, f"{case.subject.name} is like {like}", source, "review", _IMITATES)


def doppelganger(case: Case) -> Signal:
    """The description and author, or the repository, of another package that other people maintain."""
    name, source = "doppelganger", "description, author, repository, against the other documents given"
    own = case.metadata
    if own is None or not own.others:
        return unknown(name, source, "needs the documents of other packages beside its own")
    for other in own.others.values():
        if said := _clones(own, other):
            return hit(name, f"{said} of {other.name}", source, "review", _IMITATES)
    return clear(name, f"like none of {len(own.others)}", source)


def _clones(own: Metadata, other: Metadata) -> str:
    """What is the other's, where nobody maintains both. The younger one is the clone."""
    if _first(own) < _first(other) or (own.owners or frozenset()) & (other.owners or frozenset()):
        return ""
    mine, its = own.about, other.about
    if mine.repository and mine.repository.lower() == its.repository.lower():
        return f"the repository {mine.repository}"
    if mine.author and mine.author == its.author and mine.description and mine.description == its.description:
        return "author and description"
    return ""


def _first(metadata: Metadata) -> float:
    return min((one.published for one in metadata.releases if one.published is not None), default=0.0)
