"""The places of a sweep as they fill: one a log, a package file, a folder of packages, a tree, an image."""

from __future__ import annotations

from datetime import UTC, datetime

from clew.campaign.compile import LEVELS
from clew.campaign.model import Campaign, Trigger
from clew.campaign.page import shown
from clew.campaign.sweep.index import Match
from clew.campaign.sweep.model import Evidence, Place, Sort
from clew.record import Reject

_SHOWN = 1000


class Places:
    """All places, in the order in which they were come to."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._found: dict[tuple[Sort, str], Place] = {}

    def at(self, sort: Sort, path: str) -> Place:
        """The place, which is new where it was not looked into before."""
        return self._found.setdefault((sort, path), Place(path=path, sort=sort, evidence=[], unread=[]))

    def all(self) -> list[Place]:
        """Every place, each with its verdict."""
        for place in self._found.values():
            hit = any(one.use == "hit" for one in place.evidence)
            place.verdict = "hit" if hit else "could_not_look" if place.unread else "not_hit"
        return list(self._found.values())

    def unread(self, sort: Sort, path: str, reject: Reject) -> None:
        """Something of a place that could not be read; beyond a thousand, the last one says how many more."""
        unread = self.at(sort, path).unread
        if len(unread) < _SHOWN:
            unread.append(reject)
        elif unread[-1].reason != _MORE:
            unread.append(Reject(path, 0, _MORE))
        else:
            unread[-1] = Reject(path, 0, _MORE, unread[-1].count + 1)

    def evidence(
        self, match: Match, trigger: Trigger, path: str, position: int = 0, changed: float | None = None
    ) -> Evidence:
        """What was found, with when its place was last changed where that is known."""
        moment = datetime.fromtimestamp(changed, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if changed else ""
        return Evidence(
            use=match.use,
            level=LEVELS[match.use],
            trigger=trigger,
            kind=match.indicator.kind,
            indicator=shown(match.indicator),
            what=match.what,
            path=path,
            position=position,
            first=moment,
            last=moment,
            exposed=exposed(self._campaign, moment, moment),
        )


_MORE = "and more"


def exposed(campaign: Campaign, first: str, last: str) -> bool:
    """Whether the time from first to last meets the campaign's exposure window."""
    window = campaign.exposure
    if window is None or not first:
        return False
    return moment(first) <= moment(window.until) and moment(last or first) >= moment(window.since)


def moment(text: str) -> datetime:
    """A time of a pack or of evidence; without a zone it is UTC."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
