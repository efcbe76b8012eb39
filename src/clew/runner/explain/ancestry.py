"""Who made whom, and since when that is known: links and traits use no later facts than R9 allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from clew.entity.processes import MAX_PARENTS
from clew.select.candidate import ProcessEnd, ProcessStart

#: A process: scope and entity id.
Process = tuple[str, str]


class Ancestry:
    """All facts of lineage of a batch, each with the time from which it counts."""

    def __init__(self, facts: Iterable[ProcessStart | ProcessEnd]) -> None:
        self._parents: dict[Process, tuple[int, str]] = {}
        self._names: dict[Process, list[tuple[int, str]]] = defaultdict(list)
        self._started: set[Process] = set()
        self._recorded: dict[str, int] = {}
        self._ends: dict[Process, int] = {}
        for fact in sorted(facts, key=_order):
            if isinstance(fact, ProcessEnd):
                self._ends.setdefault((fact.scope, fact.entity_id), fact.time)
            else:
                self._start(fact)

    def _start(self, fact: ProcessStart) -> None:
        process, parent = (fact.scope, fact.entity_id), fact.parent_entity_id
        if fact.event or fact.name:  # a fork tells of no program
            self._started.add(process)
        if fact.event:
            self._recorded.setdefault(fact.scope, fact.time)
        if fact.name:
            self._names[process].append((fact.time, fact.name))
        if parent is None:
            return
        above = (fact.scope, parent)
        if fact.parent_name and above not in self._started and not self._names[above]:
            self._names[above].append((fact.time, fact.parent_name))
        if parent != fact.entity_id:
            self._parents.setdefault(process, (fact.time, parent))

    def line(self, scope: str, entity: str, until: int | None = None) -> list[str]:
        """The process and its ancestors, nearest first, by the facts up to a time (None: by all)."""
        found = [entity]
        while len(found) <= MAX_PARENTS:
            time, parent = self._parents.get((scope, found[-1]), (0, ""))
            if not parent or parent in found or (until is not None and time > until):
                break
            found.append(parent)
        return found

    def known_since(self, scope: str, entity: str, ancestor: str) -> int | None:
        """When the last fact was recorded by which a process lies in another's tree; None where it does not."""
        line = self.line(scope, entity)
        if ancestor not in line:
            return None
        steps = line[: line.index(ancestor)]
        return max((self._parents[scope, one][0] for one in steps), default=0)

    def name(self, scope: str, entity: str, until: int | None = None) -> str:
        """The last name of a process that was known at a time: its own, or what a child called it before."""
        names = [
            name for time, name in self._names.get((scope, entity), ()) if until is None or time <= until
        ]
        return names[-1] if names else ""

    def ancestors(self, scope: str, entity: str, until: int) -> tuple[str, ...]:
        """The names of a process's ancestors, nearest first, by the facts up to a time."""
        line = self.line(scope, entity, until)[1:]
        return tuple(name for one in line if (name := self.name(scope, one, until)))

    def ended(self, scope: str, entity: str | None) -> int | None:
        """When a process ended, None where that is not recorded."""
        return self._ends.get((scope, entity)) if entity is not None else None

    def recorded_since(self, scope: str) -> int | None:
        """When the first process creation of a scope was recorded."""
        return self._recorded.get(scope)


def _order(fact: ProcessStart | ProcessEnd) -> tuple[int, str, str, str, str]:
    """The order in which the engine takes facts of one time."""
    if isinstance(fact, ProcessEnd):
        return fact.time, fact.scope, fact.entity_id, "", ""
    return fact.time, fact.scope, fact.entity_id, fact.event, fact.parent_entity_id or ""
