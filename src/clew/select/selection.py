"""What the detections ask of single events, numbered: one selection for each alternative of each stage."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from clew.detection.condition import fields_of
from clew.detection.model import Alternative, Detection, New
from clew.entity.containers import COMPONENTS, CONTAINED
from clew.event import SCHEMA
from clew.normalise.mapping import within

#: The facts that fill columns (see `places`): which host had an address, which name an address had, who signed a file,
#: which container a process is in.
ADDRESSES, NAMES, SIGNATURES, CONTAINERS = "addresses", "names", "signatures", "containers"
#: The fact that a process was made without a program of its own: lineage, and no creation (R9).
FORKS = "forks"
#: The data components of sensors, which see no host; and all whose events have a destination.
SENSED = ("network_traffic_content", "network_traffic_flow")
NETWORK = ("network_connection_creation", *SENSED)
#: The scope of what a package did while it was vetted, where there is no host.
PACKAGE = "package.id"
#: The scope of what happens in Kubernetes; engines and hosts without it have containers and processes, too.
CLUSTER = "orchestrator.cluster.name"
#: What names resources of Kubernetes with their owners.
OWNED = ("container_creation", "pod_creation")
#: Columns that come of the name of a destination.
NAMED = ("destination.domain", "destination.address", "clew.destination.named_by", "clew.destination.own")


class Selection(msgspec.Struct, frozen=True):
    """One alternative of one stage of one detection, by its indexes; `number` is its place in the list."""

    number: int
    detection: int
    stage: int
    alternative: int
    asks: Alternative

    @property
    def new(self) -> New | None:
        """The first-seen condition, where there is one."""
        return self.asks.new


def selections(detections: Sequence[Detection]) -> tuple[Selection, ...]:
    """All selections of the detections, in order."""
    found = (
        (d, stage.index, a, alternative)
        for d, detection in enumerate(detections)
        for stage in detection.plan.stages
        for a, alternative in enumerate(stage.alternatives)
    )
    return tuple(Selection(number, *parts) for number, parts in enumerate(found))


def components(detections: Sequence[Detection]) -> frozenset[str]:
    """The data components that the detections read, and forks.

    Process creations and forks feed the lineage of all of them, terminations that of those with standing stages, and
    what says who owns whom in Kubernetes that of those that ask for it. What a detection reads of vetted packages is
    asked of their traces only: other logs have no package, so their events would be of no use.
    """
    read = {_asked(detections[s.detection], s.asks.component) for s in selections(detections)}
    lineage = {"process_creation", FORKS}
    if any(detection.plan.base for detection in detections):
        lineage.add("process_termination")
    if reads_owners(detections):
        lineage.update(OWNED)
    return frozenset(read | lineage)


def _asked(detection: Detection, component: str) -> str:
    return within(component, PACKAGE) if detection.plan.scope == PACKAGE else component


def of_hosts(detections: Sequence[Detection]) -> list[Detection]:
    """Those of the detections that are not of vetted packages alone."""
    return [detection for detection in detections if detection.plan.scope != PACKAGE]


def concerned(detections: Sequence[Detection], found: Collection[str]) -> list[Detection]:
    """The detections that say something of input with these data components.

    Those of vetted packages do of traces only, which are known by API calls: elsewhere they are not missed.
    """
    return [one for one in detections if one.plan.scope != PACKAGE or "api_calls" in found]


def follows_packages(detections: Sequence[Detection]) -> bool:
    """Whether a link of a detection follows the processes of a vetted package."""
    return any(
        term.operator == "tree"
        for s in selections(detections)
        if detections[s.detection].plan.scope == PACKAGE
        for line in s.asks.link
        for term in line
    )


def reads_owners(detections: Sequence[Detection]) -> bool:
    """Whether a link of the detections follows Kubernetes' owners."""
    return any(
        term.operator == "tree" and SCHEMA[term.field].kind == "resource"
        for selection in selections(detections)
        for line in selection.asks.link
        for term in line
    )


def facts(detections: Sequence[Detection]) -> frozenset[str]:
    """The facts that the detections need: where one reads what sensors see, a destination's name, file metadata, a
    container.

    Names need addresses as well: what a sensor heard somebody ask was asked by the host behind the address. All of
    them are facts of hosts, and a vetted package has none.
    """
    detections = of_hosts(detections)
    needed = [SIGNATURES] * _reads(detections, ("file_metadata",))
    needed += [CONTAINERS] * any(_reads_any(detection, CONTAINED, COMPONENTS) for detection in detections)
    if any(_reads_any(detection, NAMED, NETWORK) for detection in detections):
        needed += [ADDRESSES, NAMES]
    elif reads_sensors(detections):
        needed.append(ADDRESSES)
    return frozenset(needed)


def reads_sensors(detections: Sequence[Detection]) -> bool:
    """Whether any of the detections asks for what sensors see."""
    return _reads(detections, SENSED)


def _reads(detections: Sequence[Detection], components: Collection[str]) -> bool:
    return any(selection.asks.component in components for selection in selections(detections))


def _reads_any(detection: Detection, columns: Collection[str], components: Collection[str]) -> bool:
    """Whether a stage for one of these data components reads any of these columns."""
    for stage in detection.plan.stages:
        ways = [way for way in stage.alternatives if way.component in components]
        read = {field for way in ways for field in (*_compared_by(way), *_tested_by(way))}
        read.update(field for trait in stage.traits for field in trait.fields if ways)
        if not read.isdisjoint(columns):
            return True
    return False


def compared(detections: Sequence[Detection]) -> tuple[str, ...]:
    """The columns that links, binds, scopes and `new` compare: each of them needs a key."""
    columns = {detection.plan.scope for detection in detections}
    for selection in selections(detections):
        columns.update(_compared_by(selection.asks))
    return tuple(sorted(columns))


def tested(detections: Sequence[Detection]) -> frozenset[str]:
    """The columns that decide whether an event passes a selection."""
    return frozenset(column for s in selections(detections) for column in _tested_by(s.asks))


def _tested_by(asks: Alternative) -> tuple[str, ...]:
    return () if asks.where is None else fields_of(asks.where)


def _compared_by(asks: Alternative) -> Iterator[str]:
    yield from asks.bind.values()
    for line in asks.link:
        yield from (term.field for term in line)
    if asks.new:
        yield from asks.new.key
    if asks.count:
        yield from asks.count.by
        if asks.count.distinct:
            yield asks.count.distinct
