"""What a detection can see: its log sources, the stages that read them, and whether Clew reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from clew.attack.index import Index
from clew.attack.spelling import channel_parts, name_key
from clew.detection.model import Detection
from clew.errors import UsageError
from clew.normalise.mapping import Mapping

#: How much of a log source Clew has a mapping for.
Reads = Literal["yes", "in part", "no"]


class Covered(msgspec.Struct, frozen=True):
    """One log source. `stages` read its data component; `listed` is false for one of ATT&CK's that the
    detection does not name; `read` is how much of its channel Clew's mappings provide.
    """

    component: str
    name: str
    channel: str
    stages: tuple[str, ...]
    listed: bool
    read: Reads


def coverage(detection: Detection, index: Index, mappings: Iterable[Mapping]) -> tuple[Covered, ...]:
    """The detection's log sources, then those that ATT&CK names for the analytic and the detection does not."""
    provided = _provided(mappings)
    listed = [(s.component, s.name, s.channel) for s in detection.log_sources]
    seen = {key for component, name, channel in listed for key in _keys(component, name, channel)}
    others = [s for s in _of_attack(detection, index) if not seen.intersection(_keys(*s))]
    rows = [(source, True) for source in listed] + [(source, False) for source in others]
    return tuple(
        Covered(*source, stages_reading(detection, source[0]), is_listed, _read(_keys(*source), provided))
        for source, is_listed in rows
    )


def stages_reading(detection: Detection, component: str) -> tuple[str, ...]:
    """The names of the stages that events of a data component may fill."""
    return tuple(
        stage.name
        for stage in detection.plan.stages
        if any(way.component == component for way in stage.alternatives)
    )


def _of_attack(detection: Detection, index: Index) -> Iterator[tuple[str, str, str]]:
    try:
        analytic = index.analytic(detection.analytic)
    except UsageError:
        return
    for source in analytic.log_sources:
        yield source.component, source.name, source.channel


def _keys(component: str, name: str, channel: str) -> frozenset[tuple[str, str, str]]:
    """A log source as one key for each item of its channel, however it is spelt."""
    return frozenset((component, name_key(name), part) for part in channel_parts(channel))


def _provided(mappings: Iterable[Mapping]) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        key
        for mapping in mappings
        for channel in mapping.channels
        for key in _keys(channel.component, channel.source or mapping.log_source, channel.channel)
    )


def _read(wanted: frozenset[tuple[str, str, str]], provided: frozenset[tuple[str, str, str]]) -> Reads:
    if wanted <= provided:
        return "yes"
    return "in part" if wanted & provided else "no"
