"""Why an event does not fill a stage under a parent: link, time and first-seen, each by itself (R2, R3, R5)."""

from __future__ import annotations

from math import log10

from clew.chain.iso import iso
from clew.detection.model import Alternative, Detection, Term
from clew.duration import show_duration
from clew.event import SCHEMA, Event
from clew.report.explanation import Failure
from clew.runner.explain.ancestry import Ancestry
from clew.runner.explain.goal import standing
from clew.runner.explain.node import Node, Place

#: A link to something that is not alike at all; one that nearly holds costs less.
UNLINKED = 2.0
_UNITS = (
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
)


class Judge:
    """Tests events against the stages of one detection."""

    def __init__(self, detection: Detection, ancestry: Ancestry) -> None:
        self._plan = detection.plan
        self._ancestry = ancestry
        self._standing = standing(detection.plan)

    def failures(
        self, event: Event, stage: int, way: Alternative, place: Place, run_began: int | None
    ) -> list[Failure]:
        """All that it fails on but `where`."""
        since = event.time if place.base is None else place.base.event.time
        found = (
            self._twice(event, place.parent),
            self._untimely(event, stage),
            self.link(event, stage, way, place.parent),
            self._early(event, place.parent),
            self._late(event, way, place),
            self._ended(event, place),
            self.new(event, way, run_began, since),
        )
        return [failure for failure in found if failure is not None]

    def link(self, event: Event, stage: int, way: Alternative, parent: Node) -> Failure | None:
        """The line of the link that comes nearest, where none holds."""
        nearest: Failure | None = None
        for line in way.link:
            failed = [f for term in line if (f := self._term(event, stage, term, parent)) is not None]
            if not failed:
                return None
            cost = min(UNLINKED, sum(f.cost for f in failed))
            if nearest is None or cost < nearest.cost:
                nearest = Failure("link", "; ".join(f.message for f in failed), cost)
        return nearest

    def new(self, event: Event, way: Alternative, run_began: int | None, since: int) -> Failure | None:
        """Whether the key had not been seen for long enough when the chain began."""
        new = way.new
        if new is None:
            return None
        missing = [column for column in new.key if event.keys.get(column) is None]
        if missing:
            return Failure("new", f"{', '.join(missing)} is null, and a key with a null part is never new")
        if run_began is None or run_began >= since - self._plan.skew:
            return None
        key = ", ".join(f"{column} {_value(event, column)}" for column in new.key)
        ago = span(since - run_began)
        return Failure(
            "new",
            f"not new: {key} was first seen {iso(run_began)}, {ago} before the chain's window began, and never "
            f"left unseen for more than {show_duration(new.gap)}",
        )

    def _twice(self, event: Event, parent: Node) -> Failure | None:
        for node in parent.path():
            if node.event.id == event.id:
                return Failure(
                    "other", f"this event fills {self._name(node)}, above this stage, already", 1.5
                )
        return None

    def _untimely(self, event: Event, stage: int) -> Failure | None:
        since = self._ancestry.recorded_since(self._scope(event))
        if not event.fields.get("clew.synthetic") or stage in self._standing:
            return None
        if since is None or since >= event.time:
            return None
        return Failure(
            "other", "its creation is not recorded, and on this host others are recorded before it"
        )

    def _early(self, event: Event, parent: Node) -> Failure | None:
        early = parent.event.time - event.time
        if early <= self._plan.skew:
            return None
        allowed = show_duration(self._plan.skew)
        message = f"too early: {span(early)} before {self._name(parent)}, and only {allowed} is allowed"
        return Failure("time", message, 1 + _small(early, self._plan.within))

    def _late(self, event: Event, way: Alternative, place: Place) -> Failure | None:
        windows = [(place.base, self._plan.within, "the chain's window")]
        if way.within is not None:
            windows.append((place.parent, way.within, "the stage's own window"))
        for node, within, what in windows:
            since = 0 if node is None else event.time - node.event.time
            if node is not None and since > within:
                message = f"too late by {span(since - within)}: {span(since)} after {self._name(node)}, and {what} is "
                return Failure("time", message + show_duration(within), 1 + _small(since - within, within))
        return None

    def _ended(self, event: Event, place: Place) -> Failure | None:
        parent = place.parent
        if not place.standing:
            return None
        process = parent.event.keys.get("process.entity_id") or parent.event.fields.get("process.entity_id")
        ended = self._ancestry.ended(self._scope(parent.event), str(process))
        if ended is None or event.time <= ended + self._plan.skew:
            return None
        message = f"too late: the process of {self._name(parent)} ended {span(event.time - ended)} before"
        return Failure("time", message, 1 + _small(event.time - ended, self._plan.within))

    def _name(self, node: Node) -> str:
        return self._plan.stages[node.stage].name

    def _scope(self, event: Event) -> str:
        return event.keys.get(self._plan.scope, "")

    def _term(self, event: Event, stage: int, term: Term, parent: Node) -> Failure | None:
        value, bound = event.keys.get(term.field), parent.bound(term.variable)
        given, wanted = _value(event, term.field), parent.shown(term.variable)
        if value is None or bound is None:
            what = term.field if value is None else f"${term.variable}"
            return Failure("link", f"{what} is null, and null never links", UNLINKED)
        if term.operator == "tree":
            return self._tree(event, stage, term, (value, bound), parent)
        if term.operator == "under":
            if bound.rstrip("\\/") in folders(value):
                return None
            return Failure("link", f"{term.field} is {given}, not under ${term.variable}, {wanted}", UNLINKED)
        if value == bound:
            return None
        cost = UNLINKED - _alike(value, bound, SCHEMA[term.field].kind)
        return Failure("link", f"{term.field} is {given}, and ${term.variable} is {wanted}", cost)

    def _tree(
        self, event: Event, stage: int, term: Term, pair: tuple[str, str], parent: Node
    ) -> Failure | None:
        process, root = pair
        scope = self._scope(event)
        until = event.time + self._plan.skew * self._plan.stages[stage].depth
        line = self._ancestry.line(scope, process, until)
        if root in line:
            return None
        shown = f"${term.variable}, {self._called(scope, root)}"
        since = self._ancestry.known_since(scope, process, root)
        if since is not None:
            message = (
                f"{term.field} {self._called(scope, process)} lies in the tree of {shown}, but that was "
            )
            return Failure("link", f"{message}recorded {span(since - event.time)} after this event", 1.2)
        above = " < ".join(self._called(scope, one) for one in line[1:4]) or "none known"
        message = (
            f"{term.field} {self._called(scope, process)} is not in the tree of {shown}; its ancestors: "
        )
        siblings = line[1:2] and line[1:2] == self._ancestry.line(scope, root)[1:2]
        return Failure("link", message + above, UNLINKED - 0.3 * bool(siblings))

    def _called(self, scope: str, process: str) -> str:
        name = self._ancestry.name(scope, process)
        return f"{process} ({name})" if name else process


def folders(path: str) -> list[str]:
    """The folders that a path lies in, from the outermost."""
    return [path[:position] for position, sign in enumerate(path) if sign in "\\/"]


def span(length: int) -> str:
    """A length of time in its three greatest units: `6d22h30m`, `1h30m1us`."""
    parts = []
    for unit, size in _UNITS:
        number, length = divmod(length, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts[:3]) or "0s"


def _value(event: Event, column: str) -> str:
    value = event.fields.get(column, event.keys.get(column))
    return "null" if value is None else str(value)


def _small(over: int, of: int) -> float:
    """A cost that grows slowly with how far off a time is, below 1."""
    return min(0.9, log10(1 + over / max(of, 1)) / 4)


def _alike(value: str, bound: str, kind: str) -> float:
    """How near two values are that are not equal: paths by file name, names by the longer holding the other."""
    if kind == "path" and _base(value) == _base(bound):
        return 0.8
    if min(len(value), len(bound)) >= 4 and (value in bound or bound in value):
        return 0.5
    return 0.0


def _base(path: str) -> str:
    return path.replace("/", "\\").rpartition("\\")[2]
