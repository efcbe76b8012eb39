"""The open chains of one detection: what one row does to them, in stage-delayed order (R12)."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence

from clew.chain.absence import Absences
from clew.chain.admission import Admission, Hit
from clew.chain.count import Counted, Value, count_sliding, count_under, number_of, value_of
from clew.chain.entry import Entry, Packer, Packing, Values
from clew.chain.exempt import Exempt
from clew.chain.expiry import Expiry
from clew.chain.forest import Forest
from clew.chain.layout import Filling, Layout, Level, layout_of
from clew.chain.limits import Counters, Limits
from clew.chain.link import Links
from clew.chain.match import Cause
from clew.chain.node import Answer, Filled, Node, Role
from clew.chain.settlement import Settlement
from clew.chain.standing import Standing
from clew.chain.traits import Traits
from clew.detection.exception import Exemption
from clew.detection.model import Detection
from clew.entity.processes import Processes
from clew.event import Event
from clew.finding import Finding
from clew.select.candidate import Candidate
from clew.select.selection import CLUSTER, PACKAGE

#: What has one of these has a place: what a package did or what happens in a cluster has no host by nature.
_PLACES = frozenset(("host.id", CLUSTER, PACKAGE))
#: Before every time.
NEVER = -(1 << 62)
_NO_TRAITS: Answer = (0, 0)


class Chain:
    """All open chains of one detection, and the findings that came of them."""

    def __init__(
        self,
        detection: Detection,
        lineage: Processes,
        limits: Limits,
        counters: Counters,
        exemptions: Iterable[tuple[int, Exemption]] = (),
    ) -> None:
        self.layout: Layout = layout_of(detection.plan)
        self._levels = self.layout.levels
        self._limits = limits
        self._counters = counters
        self._scope = detection.plan.scope
        self._moves = detection.plan.base != 0
        self._standing = Standing(self.layout)
        links = Links(self.layout, lineage)
        self.forest = Forest(self.layout, links)
        self._admission = Admission(self.layout, links, lineage, self._standing)
        self._lineage = lineage
        self._traits = tuple(Traits(level, lineage) if level.traits else None for level in self.layout.levels)
        self._exempt = Exempt(self.layout, exemptions)
        self.packing = Packing()
        self._packers = tuple(
            tuple(Packer(self.packing, filling.columns) for filling in level.fillings)
            for level in self.layout.levels
        )
        self._special = self._moves or self._exempt.any or any(level.waits for level in self.layout.levels)
        self._roles: tuple[tuple[dict[Answer, Role], ...], ...] = tuple(
            tuple({} for _ in level.fillings) for level in self.layout.levels
        )
        self.settlement = Settlement(detection, self.layout, self._standing, lineage, self.packing)
        self.absences = Absences(self.layout)
        self.expiry = Expiry(self.layout, self.forest, lineage)
        self.counting: dict[tuple[str, ...], Counted] = {}
        self.placed: dict[str, int] = {}
        self.ordinal = 0
        self.now = NEVER
        self._due = NEVER
        self._causes: list[Cause] = []

    def feed(self, row: Candidate, order: int) -> None:
        """Take one candidate; `order` is its time in stage-delayed order."""
        event = row.event
        scope = event.keys.get(self._scope)
        if scope is None:
            self._counters.unplaced += not _PLACES & event.fields.keys()
            return
        if order > self.now:
            self.now = order
            if self.placed:
                self.placed.clear()
            if order > self._due:
                self._turn(order)
        hits = self._admission.hits(row, scope) if row.stage else self._admission.openings(row)
        if hits:
            self._take_in(row, scope, hits)

    def _take_in(self, row: Candidate, scope: str, hits: Sequence[Hit]) -> None:
        """A candidate opens a chain, or hangs on some: put it there, unless it may not stand in the stage at all."""
        event, level = row.event, self._levels[row.stage]
        if "clew.synthetic" in event.fields and self._admission.is_untimely(level, event, scope):
            self._counters.untimely += 1
            return
        if level.new:
            self._remember_since(row, scope)
        filled = self._filled(level, event, scope, hits[0][0])
        if filled is None:
            return
        if level.together:
            self._place_together(level, event, filled, hits)
        else:
            for hit in hits:
                self._place(level, event, filled, hit)
        if self._causes:
            causes, self._causes = self._causes, []
            self.settlement.settle(causes, covered=True)

    def advance(self, time: int) -> None:
        """All rows before `time` have been fed: decide absences, drop what can no longer grow."""
        if time > self.now:
            self.now = time
            self.placed.clear()
            self._turn(time)

    def _turn(self, time: int) -> None:
        if self.absences.due() < time:
            self._decide(time, covered=True)
        self.expiry.run(time)
        self._due = min(self.absences.due(), self.expiry.due())

    def finish(self) -> None:
        """The input has ended: what is still undecided is decided by that (R4)."""
        self._decide(None, covered=False)

    def take(self) -> list[Finding]:
        """The findings that are new or have changed since they were last taken."""
        self._forget_counts()
        return self.settlement.take(self.now)

    def plant(self, node: Node) -> None:
        """Put a node of a snapshot in its place."""
        self.forest.place(node)
        if node.anchor is node:
            self.expiry.add(node)

    def _remember_since(self, row: Candidate, scope: str) -> None:
        since = self.settlement.since
        for fit in row.fits:
            if fit.recorded_since is not None:
                key = (row.stage, fit.alternative, scope)
                since[key] = min(fit.recorded_since, since.get(key, fit.recorded_since))

    def _filled(self, level: Level, event: Event, scope: str, filling: Filling) -> Filled | None:
        """Keep of the event what chains need; None for a second copy, and for what an exception keeps out."""
        stage, placed = level.index, self.placed
        stages = placed.get(event.id, 0)
        if stages >> stage & 1:
            self._counters.duplicates += 1
            return None
        placed[event.id] = stages | 1 << stage
        if self._exempt.any and self._is_excepted(level, event):
            return None
        self.ordinal += 1
        traits = self._traits[stage]
        return (
            scope,
            self._packers[stage][filling.number].pack(self.ordinal, event),
            traits.test(event, scope) if traits else _NO_TRAITS,
        )

    def _place_together(self, level: Level, event: Event, filled: Filled, hits: Sequence[Hit]) -> None:
        """An event counts once under a parent, and fills the stage by all alternatives that it hangs there by."""
        places: dict[Node | None, list[Hit]] = {}
        for hit in hits:
            if self._may_count(filled, hit):
                places.setdefault(hit[2], []).append(hit)
        for same in places.values():
            counted = self._counted(event, filled, same[0])
            for hit in same if counted else ():
                self._place(level, event, filled, hit, counted)

    def _place(
        self,
        level: Level,
        event: Event,
        filled: Filled,
        hit: Hit,
        counted: tuple[Entry, ...] | None = None,
    ) -> None:
        filling, run, parent = hit
        scope, entry, traits = filled
        if not filling.plain:
            if filling.at_least > traits[0].bit_count():
                return
            if filling.count is not None and counted is None:
                counted = self._counted(event, filled, hit)
            if counted == ():
                return
        values = entry.bound if level.alike else self._bound(filling, event, entry)
        if level.merges and counted is None and parent is not None:
            same = _same(parent, filling, values)
            if same is not None:
                self._merge(same, entry)
                return
        if parent is None:
            scope = sys.intern(scope)  # one text for all nodes of a scope: every event brings its own
        role = self._roles[filling.stage][filling.number].get(traits) or self.role(filling, traits)
        node = Node(parent, role, scope, entry, values)
        if counted is not None:
            self._keep(node, counted)
        if self._moves and filling.new:
            node.more().run = run
        self._plant(level, filling, node)

    def _plant(self, level: Level, filling: Filling, node: Node) -> None:
        parent = node.parent
        if parent is None:
            if self.layout.folds and self._admission.folds(node, filling.strength):
                self._counters.folded += 1
                return
            self._counters.opened += 1
        if self._special:
            self._qualify(node, level)
        self.forest.grow(node)
        if node.anchor is node:
            due = self.expiry.add(node)
            self._due = due if due < self._due else self._due  # for every opening: `min` would show
        if parent is not None and parent.rare is not None:
            self._hang(node, parent)
        if node.sat:
            self._causes.append(Cause(node, node.entry))

    def role(self, filling: Filling, traits: Answer) -> Role:
        """What a node is that fills a stage by that alternative, with those traits."""
        own = self._levels[filling.stage].own(filling, *traits)
        role = Role(filling.stage, filling.number, traits, own)
        return self._roles[filling.stage][filling.number].setdefault(traits, role)

    def _bound(self, filling: Filling, event: Event, entry: Entry) -> Values:
        """What the event binds by an alternative; where that is what its entry has, the same tuple."""
        values = self._packers[filling.stage][filling.number].bind(event.keys)
        return entry.bound if values == entry.bound else values

    def _qualify(self, node: Node, level: Level) -> None:
        """Take out the ways that exceptions, a base that moves, and absences keep the node from."""
        if self._exempt.any:
            self._except_node(node)
        if self._moves:
            self._stand(node)
        if level.waits:
            passed = self.absences.wait(node, self.now)
            if passed:
                node.own &= ~passed | self._standing.unrefuted(node, passed)
            self._due = min(self._due, self.absences.due())

    def _hang(self, node: Node, parent: Node) -> None:
        """An event hangs on a parent now: that may refute an absence, or be worth showing."""
        if self._standing.beside(node, parent.anchor.stage, parent.anchor.entry.time):
            self.absences.refute(parent, node.stage)
        self.settlement.notice(node, node.entry)

    def _stand(self, node: Node) -> None:
        """Where the base is not the opening: take out what the node cannot do for its times."""
        parent, path = node.parent, self.layout.path
        if node.stage in path:
            node.anchor = node
        if parent is not None and parent.stage in path[:-1]:
            end = self._lineage.ended(node.scope, parent.entry.process)
            if end is not None and node.entry.time > end + self.layout.plan.skew:
                node.more().ended = True
                node.own &= ~self.layout.standing[parent.stage]
        if not self._standing.near(node):
            node.own &= ~self.layout.based[node.anchor.stage]

    def _merge(self, node: Node, entry: Entry) -> None:
        self.forest.merge(node, entry)
        self._counters.merged += 1
        self.settlement.notice(node, entry)
        if node.sat:
            self._causes.append(Cause(node, entry))

    def _counted(self, event: Event, filled: Filled, hit: Hit) -> tuple[Entry, ...]:
        """Count the event; the events that fill the stage when it makes the number, else nothing."""
        filling, _, parent = hit
        scope, entry, _ = filled
        count = filling.count
        assert count is not None
        value = value_of(count, event, entry)
        if value is None or not self._may_count(filled, hit):
            return ()
        if parent is not None:
            return self._count_under(parent, filling, entry, value)
        by = [event.keys.get(column, event.fields.get(column)) for column in count.by]
        if None in by:
            return ()
        key = (str(number_of(count, filling.number)), scope, *map(str, by))
        return count_sliding(self.counting.setdefault(key, Counted()), count, entry, value)

    def _may_count(self, filled: Filled, hit: Hit) -> bool:
        """Whether enough traits hold, and it is new where the window counts from it."""
        filling, run, _ = hit
        if filling.at_least > filled[2][0].bit_count():
            return False
        return not self._moves or self._standing.counts(filling, run, filled[1].time)

    def _count_under(self, parent: Node, filling: Filling, entry: Entry, value: Value) -> tuple[Entry, ...]:
        assert filling.count is not None
        place = (filling.stage, number_of(filling.count, filling.number))
        counted = parent.more().counts.setdefault(place, Counted())
        before = len(counted.entries)
        filled = count_under(counted, filling.count, entry, value)
        if len(counted.entries) > before:
            self.forest.hold(entry)
        if not filled:
            return ()
        made = tuple(counted.entries.values())
        counted.entries = {}
        for one in made:
            self.forest.release(one)
        return made

    def _keep(self, node: Node, counted: Sequence[Entry]) -> None:
        """Keep the numbers of all events that a count took, and some of the events."""
        rare = node.more()
        rare.merged = array("q", [entry.ordinal for entry in counted if entry is not node.entry])
        rare.counted = tuple(counted[-self._limits.evidence :])

    def _decide(self, before: int | None, covered: bool) -> None:
        for moment in self.absences.decided(before):
            causes: list[Cause] = []
            for node, decided in moment:
                ways = self._standing.unrefuted(node, decided) if decided else 0
                node.own |= ways
                if ways and self.forest.rise(node):
                    causes.append(Cause(node, node.entry, ways))
            self.settlement.settle(causes, covered)

    def _forget_counts(self) -> None:
        """Drop the sliding counts of openings in which nothing is left to count."""
        longest = max((f.count.within or 0 for f in self.layout.levels[0].fillings if f.count), default=0)
        since = self.now - longest - self.layout.levels[0].delay
        for key, counted in list(self.counting.items()):
            if all(entry.time < since for entry in counted.entries.values()):
                del self.counting[key]

    def _is_excepted(self, level: Level, event: Event) -> bool:
        number = self._exempt.event(level.index, event)
        if number is not None:
            self._counters.excepted[number] = self._counters.excepted.get(number, 0) + 1
        return number is not None

    def _except_node(self, node: Node) -> None:
        """Keep a node out of all matches for what it binds; it refutes an absence all the same."""
        number = self._exempt.node(node)
        if number is not None:
            node.own, node.more().excepted = 0, True
            self._counters.excepted[number] = self._counters.excepted.get(number, 0) + 1


def _same(parent: Node, filling: Filling, values: tuple[str | None, ...]) -> Node | None:
    """A node under the parent that says the same already (R14)."""
    for node in parent.children(filling.stage):
        if node.way == filling.number and node.values == values:
            return node
    return None
