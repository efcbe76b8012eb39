"""Giving completed matches to their findings (R11)."""

from __future__ import annotations

from collections.abc import Sequence

from clew.chain.entry import Entry, Packing
from clew.chain.episode import Episode, Episodes
from clew.chain.evidence import Since, finding_of
from clew.chain.layout import Layout
from clew.chain.match import Cause, Completion, Matches
from clew.chain.node import Node
from clew.chain.standing import Standing
from clew.chain.thread import Threads
from clew.detection.model import Detection
from clew.entity.processes import Processes
from clew.finding import Finding


class Settlement:
    """The episodes of one detection, and what has changed in them. `since` is for what findings say of `new`."""

    def __init__(
        self, detection: Detection, layout: Layout, standing: Standing, lineage: Processes, packing: Packing
    ) -> None:
        self._detection = detection
        self._layout = layout
        self._packing = packing
        self._matches = Matches(layout, standing)
        self._threads = Threads(layout, standing, lineage)
        self.episodes = Episodes(detection.plan.within, layout.reach)
        self.touched: dict[Episode, None] = {}
        self.since: Since = {}

    def settle(self, causes: Sequence[Cause], covered: bool) -> None:
        """Give what was completed in one moment to the episodes, the earliest base first."""
        completions = [completion for cause in causes for completion in self._matches.completed(cause)]
        if not completions:
            return
        if len(completions) > 1:
            completions.sort(key=lambda c: (c.base.entry.time, c.base.entry.ordinal, c.per))
        joined: dict[Episode, list[Completion]] = {}
        for completion in completions:
            episode = self.episodes.join(completion.base.scope, completion.per, completion.base.entry.time)
            self._matches.tally(completion, episode)
            joined.setdefault(episode, []).append(completion)
        for episode, new in joined.items():
            self._raise(episode, new, covered)
            self.touched[episode] = None

    def notice(self, node: Node, entry: Entry) -> None:
        """An event came to a node: tell the episodes that show its parent."""
        parent = node.parent
        if parent is not None and parent.rare is not None:
            for episode in tuple(parent.rare.shown):
                if self._threads.extend(episode, node, entry):
                    self.touched[episode] = None

    def take(self, now: int) -> list[Finding]:
        """The findings that are new or have changed since they were last taken."""
        touched, self.touched = self.touched, {}
        self.episodes.forget(now)
        made = (self._detection, self._layout, self._packing)
        return [finding_of(*made, episode, self.since) for episode in touched]

    def _raise(self, episode: Episode, completions: Sequence[Completion], covered: bool) -> None:
        """Where the level rises, that is the finding's next revision and shows another match."""
        ways = self._layout.ways
        level = max(ways[_first_bit(completion.mask)].rank for completion in completions)
        if level <= episode.level:
            return
        top = sum(1 << bit for bit, way in enumerate(ways) if way.rank == level)
        episode.level = level
        episode.revision += 1
        episode.covered = covered
        self._threads.show(episode, [c for c in completions if c.mask & top], top)


def _first_bit(mask: int) -> int:
    """The number of the lowest bit: of the highest level, since ways are sorted so."""
    return (mask & -mask).bit_length() - 1
