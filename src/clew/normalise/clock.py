"""Clocks that are wrong: what is added to the times of some log sources on some hosts, before anything reads them.

An event's id is made of its record's own time (DESIGN R12), so that no copy of a record is told from another by a
correction, and no finding of another day loses its events.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from clew.normalise.extent import is_called, on_host


class Correction(msgspec.Struct, frozen=True):
    """What is added, in microseconds, to the times of the log sources and hosts that two patterns name (`Extent`)."""

    source: str
    offset: int
    host: str = ""


class Clocks(msgspec.Struct, frozen=True):
    """The corrections of a site: of those that fit an event the first one counts, one for its host before others."""

    corrections: tuple[Correction, ...] = ()

    def corrected(self, log_source: str, events: str) -> str:
        """SQL of the same events of a log source, their times corrected; `clew.clock.offset` says by how much."""
        rules = list(self._rules(log_source))
        if not rules:
            return events
        offset = f"nullif(CASE {' '.join(rules)} END, 0)"
        return (
            '(SELECT * REPLACE ("@timestamp" + to_microseconds(coalesce("clew.clock.offset", 0)) AS "@timestamp") '
            f'FROM (SELECT *, {offset} AS "clew.clock.offset" FROM {events}))'
        )

    def _rules(self, log_source: str) -> Iterator[str]:
        mine = [one for one in self.corrections if is_called(log_source, one.source)]
        for one in sorted(mine, key=lambda one: not one.host):
            yield f"WHEN {on_host([one.host]) if one.host else 'true'} THEN {one.offset}::BIGINT"


#: Every clock is right.
RIGHT = Clocks()
