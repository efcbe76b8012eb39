"""Who made which process: the lineage that links and traits walk (R9).

A process is (scope, entity id). Facts are fed in order of time; the first parent that is seen for a process
stands, a later re-parenting to init does not overwrite it. Names follow the last fact, since exec keeps the
process and changes its program. The table is bounded, and what it forgets is counted. Few programs run often, and a
parent stands with each of its children: equal texts are one object, which saves a third of what a process takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from sys import intern
from typing import TypeAlias

import msgspec

#: How many parents are walked, at most: from a process to its furthest known ancestor.
MAX_PARENTS = 64

#: A process as it stands in a snapshot: scope, entity id, parent, name, executable, time, event, end, stub.
State: TypeAlias = tuple[str, str, str | None, str, str, int | None, str, int | None, bool]

_NOBODY: Mapping[str, str] = {}


class Made(msgspec.Struct, frozen=True, gc=False):
    """How a process began: `event` is the id of its recorded creation, empty for a fact of lineage only."""

    time: int
    parent: str | None = None
    name: str = ""
    executable: str = ""
    event: str = ""


class Process(msgspec.Struct, eq=False, gc=False):
    """What is known of one process; `event` and `time` are of its recorded creation, if there is one."""

    name: str = ""
    executable: str = ""
    stub: bool = False
    time: int | None = None
    event: str = ""
    end: int | None = None


class Processes:
    """The lineage of all scopes, for at most `limit` processes."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self._limit = limit
        self._parents: dict[str, dict[str, str]] = {}
        self._known: dict[str, dict[str, Process]] = {}
        self._recorded: dict[str, int] = {}
        self._size = 0
        self.forgotten = 0

    def __len__(self) -> int:
        return self._size

    def start(self, scope: str, entity: str, made: Made) -> None:
        """A process was made, or became another program; a fork tells of no program."""
        process = self._process(scope, entity, stub=True)
        process.name = intern(made.name) or process.name
        process.executable = intern(made.executable) or process.executable
        process.stub = process.stub and not (made.event or made.name)
        if made.event:
            self._recorded.setdefault(scope, made.time)
            if not process.event:
                process.time, process.event = made.time, made.event
        parent = made.parent
        if parent is not None and parent != entity:
            parents = self._parents.get(scope)
            if parents is None:
                parents = self._parents[scope] = {}
            parents.setdefault(intern(entity), intern(parent))

    def named(self, scope: str, entity: str, name: str, executable: str) -> None:
        """A process was named by another's record; that counts until its own start is known."""
        process = self._process(scope, entity, stub=True)
        if process.stub:
            process.name = process.name or intern(name)
            process.executable = process.executable or intern(executable)

    def end(self, scope: str, entity: str, time: int) -> None:
        """A process ended. The first end that is recorded stands."""
        process = self._process(scope, entity, stub=True)
        if process.end is None:
            process.end = time

    def parents(self, scope: str) -> Mapping[str, str]:
        """Parent by process, for walks in a hot loop."""
        return self._parents.get(scope, _NOBODY)

    def get(self, scope: str, entity: str) -> Process | None:
        """What is known of a process."""
        return self._known.get(scope, {}).get(entity)

    def ended(self, scope: str, entity: str | None) -> int | None:
        """When a process ended, None where that is not recorded."""
        process = self.get(scope, entity) if entity is not None else None
        return process.end if process else None

    def recorded_since(self, scope: str) -> int | None:
        """The time of the first process creation that is recorded in a scope."""
        return self._recorded.get(scope)

    def line(self, scope: str, entity: str) -> Iterator[str]:
        """The process itself, then its known ancestors, nearest first; a circle is walked once."""
        parents = self.parents(scope)
        current: str | None = entity
        walked: set[str] = set()
        while current is not None and current not in walked and len(walked) <= MAX_PARENTS:
            walked.add(current)
            yield current
            current = parents.get(current)

    def ancestors(self, scope: str, entity: str) -> tuple[str, ...]:
        """The names of a process's ancestors, nearest first; those without a known name are left out."""
        known = self._known.get(scope, {})
        line = self.line(scope, entity)
        next(line)
        return tuple(process.name for one in line if (process := known.get(one)) and process.name)

    def _process(self, scope: str, entity: str, stub: bool = False) -> Process:
        known = self._known.get(scope)
        if known is None:
            known = self._known[scope] = {}
        process = known.get(entity)
        if process is None:
            process = known[intern(entity)] = Process(stub=stub)
            self._size += 1
            if self._size > self._limit:
                self._forget(keep=process)
        return process

    def _forget(self, keep: Process) -> None:
        """Drop a tenth of the processes: those that ended first, then those that were seen first."""
        every = [
            (process.end is None, process.end or 0, scope, entity)
            for scope, known in self._known.items()
            for entity, process in known.items()
            if process is not keep
        ]
        ended = sorted(row for row in every if not row[0])
        running = (row for row in every if row[0])
        surplus = self._size - self._limit * 9 // 10
        for _, _, scope, entity in [*ended, *running][:surplus]:
            del self._known[scope][entity]
            self._parents.get(scope, {}).pop(entity, None)
            self._size -= 1
            self.forgotten += 1

    def snapshot(self) -> tuple[tuple[State, ...], dict[str, int], int]:
        """All that is known, as plain values."""
        rows = tuple(
            (
                scope,
                entity,
                self.parents(scope).get(entity),
                p.name,
                p.executable,
                p.time,
                p.event,
                p.end,
                p.stub,
            )
            for scope, known in self._known.items()
            for entity, p in known.items()
        )
        return rows, dict(self._recorded), self.forgotten

    def restore(self, state: tuple[tuple[State, ...], dict[str, int], int]) -> None:
        """Take up what `snapshot` gave; what was known before is dropped."""
        rows, self._recorded, self.forgotten = state[0], dict(state[1]), state[2]
        self._parents, self._known, self._size = {}, {}, len(rows)
        for scope, entity, parent, name, executable, time, event, end, stub in rows:
            process = Process(intern(name), intern(executable), stub)
            process.time, process.event, process.end = time, event, end
            self._known.setdefault(scope, {})[intern(entity)] = process
            if parent is not None:
                self._parents.setdefault(scope, {})[intern(entity)] = intern(parent)
