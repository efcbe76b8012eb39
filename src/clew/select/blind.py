"""What could not be seen of a finding: stages of whose data components nothing was recorded where its chain lives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from clew.detection.model import Alternative, Detection, Plan
from clew.finding import BlindStage, Finding
from clew.select.recorded import Since
from clew.select.selection import SENSED

_SECOND = 1_000_000


class Blindness:
    """Tells of findings what was blind, given since when each data component is recorded in each scope."""

    def __init__(self, detections: Sequence[Detection], since: Since) -> None:
        self._plans = {(one.analytic, one.variant): one.plan for one in detections}
        self._since = since

    def told(self, finding: Finding) -> Finding:
        """The finding with its blind stages."""
        plan = self._plans[finding.analytic, finding.variant]
        return msgspec.structs.replace(finding, blind=tuple(self._blind(plan, finding)))

    def _blind(self, plan: Plan, finding: Finding) -> Iterator[BlindStage]:
        """Stages that are not in the thread, and that no alternative could fill: nor could one above them."""
        shown = {stage.name for stage in finding.stages}
        scope, end = str(finding.scope[plan.scope]), _time(finding.last) + plan.within
        lacking: dict[int, tuple[str, ...]] = {}
        for stage in plan.stages:
            ways = [self._lacks(way, plan.scope, scope, end, lacking) for way in stage.alternatives]
            if stage.name not in shown and all(ways):
                lacking[stage.index] = tuple(dict.fromkeys(one for way in ways for one in way))
                yield BlindStage(stage.name, lacking[stage.index])

    def _lacks(
        self, way: Alternative, by: str, scope: str, end: int, lacking: dict[int, tuple[str, ...]]
    ) -> tuple[str, ...]:
        """The data components for want of which an alternative could not be seen; none where it could."""
        places = (scope, "") if way.component in SENSED else (scope,)  # whose hosts are told by tables
        recorded = [
            self._since[way.component, by, at] for at in places if (way.component, by, at) in self._since
        ]
        if not recorded or min(recorded) > end:
            return (way.component,)
        return () if way.parent is None else lacking.get(way.parent, ())


def _time(written: str) -> int:
    """Microseconds of a time as findings write it."""
    moment = datetime.fromisoformat(written)
    return round(moment.timestamp() * _SECOND)
