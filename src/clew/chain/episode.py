"""Episodes: the matches that make one finding (R11)."""

from __future__ import annotations

import uuid
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

import msgspec

from clew.chain.entry import Entry
from clew.chain.node import Node
from clew.finding import Ancestor

_NAMESPACE = uuid.UUID("6f0c0d0e-6c65-5f77-9a1d-636c65770001")


class Shown:
    """A stage of the thread that a finding shows.

    `count` is of the events that fit there while the stage is shown as *also*; `last` the number of the latest.
    """

    __slots__ = ("also", "count", "counted", "entry", "held", "last", "unknown", "way")

    def __init__(self, entry: Entry, way: int, held: int, unknown: int, counted: tuple[Entry, ...]) -> None:
        self.entry = entry
        self.way = way
        self.held = held
        self.unknown = unknown
        self.counted = counted
        self.also = False
        self.count = 0
        self.last = -1


class Tally:
    """How many distinct events fill a stage over all matches, by their numbers."""

    __slots__ = ("ordinals",)

    def __init__(self, ordinals: array[int] | None = None) -> None:
        self.ordinals = array("q") if ordinals is None else ordinals

    def add(self, ordinal: int) -> None:
        """Count an event once."""
        ordinals = self.ordinals
        if not ordinals or ordinal > ordinals[-1]:
            ordinals.append(ordinal)
            return
        place = bisect_left(ordinals, ordinal)
        if ordinals[place] != ordinal:
            ordinals.insert(place, ordinal)


class Episode:
    """Matches of one scope and one set of `per` values whose windows meet.

    `began` is t(b) of the first match: the finding's identity. `start` and `end` are the span. `level` is the
    rank reached, `revision` counts how often it rose. `base` is stage and time of the base of the match that is
    shown, and `hooks` are the nodes that are.
    """

    __slots__ = (
        "base",
        "began",
        "covered",
        "end",
        "first",
        "hooks",
        "key",
        "last",
        "level",
        "lineage",
        "number",
        "revision",
        "shown",
        "start",
        "tallies",
    )

    def __init__(self, key: tuple[str, tuple[str, ...]], number: int, began: int, end: int) -> None:
        self.key = key
        self.number = number
        self.began = self.start = began
        self.end = end
        self.level = -1
        self.revision = 0
        self.covered = True
        self.first: int | None = None
        self.last: int | None = None
        self.base = (0, 0)
        self.shown: dict[int, Shown] = {}
        self.hooks: list[Node] = []
        self.tallies: dict[int, Tally] = {}
        self.lineage: dict[str, tuple[Ancestor, ...]] = {}

    def tally(self, stage: int, ordinal: int) -> None:
        """An event fills a stage in one of the matches."""
        tally = self.tallies.get(stage)
        if tally is None:
            tally = self.tallies[stage] = Tally()
        tally.add(ordinal)

    def unhook(self) -> None:
        """Let the nodes that are shown know that they are no more."""
        for node in self.hooks:
            node.more().shown.remove(self)
        self.hooks = []

    def cover(self, time: int) -> None:
        """An event of a match happened then."""
        self.first = time if self.first is None else min(self.first, time)
        self.last = time if self.last is None else max(self.last, time)


class Episodes:
    """The episodes of one plan that a match may still join."""

    def __init__(self, within: int, reach: int) -> None:
        self._within = within
        self._reach = reach
        self._open: dict[tuple[str, tuple[str, ...]], list[Episode]] = {}
        self.started = 0

    def __iter__(self) -> Iterator[Episode]:
        return (one for there in self._open.values() for one in there)

    def join(self, scope: str, per: tuple[str, ...], base_time: int) -> Episode:
        """The earliest-started episode whose span meets the window of a match, else a new one."""
        key, end = (scope, per), base_time + self._within
        there = self._open.setdefault(key, [])
        meeting = [one for one in there if one.start <= end and base_time <= one.end]
        if not meeting:
            self.started += 1
            there.append(Episode(key, self.started, base_time, end))
            return there[-1]
        episode = min(meeting, key=lambda one: (one.start, one.number))
        episode.start, episode.end = min(episode.start, base_time), max(episode.end, end)
        return episode

    def forget(self, time: int) -> None:
        """Drop the episodes that no match can join any more, now that rows have passed `time`."""
        for key, there in list(self._open.items()):
            kept = [one for one in there if one.end + self._reach >= time]
            for one in there if len(kept) < len(there) else ():
                if one.end + self._reach < time:
                    one.unhook()
            if kept:
                self._open[key] = kept
            else:
                del self._open[key]

    def resume(self, episodes: Iterable[Episode], started: int) -> None:
        """Take up the episodes of a snapshot."""
        self.started = started
        for one in episodes:
            self._open.setdefault(one.key, []).append(one)


def finding_id(analytic: str, variant: str | None, scope: str, per: tuple[str, ...], began: int) -> str:
    """The stable id of a finding: a UUIDv5 of what it is (R11)."""
    name = msgspec.json.encode([analytic, variant, scope, per, began]).decode()
    return str(uuid.uuid5(_NAMESPACE, name))
