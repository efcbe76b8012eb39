"""What an event may hang on: by link, by time, by place (R2, R3, R5, R9, R10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from clew.chain.layout import Filling, Layout, Level
from clew.chain.link import Links
from clew.chain.node import Node
from clew.chain.standing import Standing
from clew.entity.processes import Processes
from clew.event import Event
from clew.select.candidate import Candidate, Fit

#: An alternative that an event may fill, when the run of its key began, and the parent unless it opens a chain.
Hit: TypeAlias = "tuple[Filling, int | None, Node | None]"


class Admission:
    """Decides for the candidates of one plan."""

    def __init__(self, layout: Layout, links: Links, lineage: Processes, standing: Standing) -> None:
        self._layout = layout
        self._links = links
        self._ways = tuple(
            tuple(zip(level.fillings, finders, strict=True))
            for level, finders in zip(layout.levels, links.finders, strict=True)
        )
        self._plain: tuple[tuple[Hit, ...] | None, ...] = tuple(
            ((filling, None, None),) if filling.plain else None for filling in layout.levels[0].fillings
        )
        self._lineage = lineage
        self._standing = standing
        self._skew = layout.plan.skew
        self._within = layout.plan.within
        self._moves = layout.plan.base != 0

    def openings(self, row: Candidate) -> Sequence[Hit]:
        """The alternatives by which a candidate opens a chain."""
        if len(row.fits) == 1:
            plain = self._plain[row.fits[0].alternative]
            if plain is not None:
                return plain
        since = row.event.time - self._skew
        hits: list[Hit] = []
        for fit in row.fits:
            filling = self._layout.levels[0].fillings[fit.alternative]
            if not filling.new or _is_new(fit, since):
                hits.append((filling, fit.run_began, None))
        return hits

    def hits(self, row: Candidate, scope: str) -> Sequence[Hit]:
        """What a candidate of a stage below the opening hangs on; for most that is nothing."""
        hits: list[Hit] = []
        event, ways = row.event, self._ways[row.stage]
        for fit in row.fits:
            filling, find = ways[fit.alternative]
            parents = find(event.keys, scope)
            if parents and not (filling.new and fit.run_began is None):
                run = fit.run_began
                hits += [(filling, run, one) for one in parents if self._admits(filling, fit, event, one)]
        return hits

    def _admits(self, filling: Filling, fit: Fit, event: Event, parent: Node) -> bool:
        """Whether the event may hang there, for its time; what depends on a base that may move is left open."""
        time, since = event.time, parent.entry.time
        if time < since - self._skew or (filling.within is not None and time > since + filling.within):
            return False
        fixed = not self._moves or (
            parent.anchor.stage == self._layout.plan.base and filling.stage not in self._layout.path
        )
        if fixed:
            base = parent.anchor.entry.time
            if time > base + self._within or (filling.new and not _is_new(fit, base - self._skew)):
                return False
        return not parent.fills(event)

    def is_untimely(self, level: Level, event: Event, scope: str) -> bool:
        """Whether it is a synthetic creation that may not stand there: below what stands, after a real one (R9)."""
        if not event.fields["clew.synthetic"] or level.index == 0 or level.index in self._layout.path[:-1]:
            return False
        recorded = self._lineage.recorded_since(scope)
        return recorded is not None and recorded < event.time

    def folds(self, opening: Node, strength: int) -> bool:
        """Whether an opening lies in the tree of an open one that says the same otherwise (R10)."""
        index = self._layout.folds
        if index is None or index.own is None:
            return False
        position = index.own
        for outer in self._links.above(index, opening.values[position], opening.scope):
            if (
                outer.entry is not opening.entry
                and not (outer.rare and outer.rare.excepted)
                and _without(outer.values, position) == _without(opening.values, position)
                and outer.traits == opening.traits
                and self._layout.levels[0].fillings[outer.way].strength == strength
                and self._is_open(outer, opening.entry.time)
            ):
                return True
        return False

    def _is_open(self, opening: Node, time: int) -> bool:
        if not self._moves:
            return time <= opening.entry.time + self._within
        end = self._lineage.ended(opening.scope, opening.entry.process)
        return end is None or time <= end + self._skew


def _is_new(fit: Fit, since: int) -> bool:
    return fit.run_began is not None and fit.run_began >= since


def _without(values: tuple[str | None, ...], position: int) -> tuple[str | None, ...]:
    return values[:position] + values[position + 1 :]
