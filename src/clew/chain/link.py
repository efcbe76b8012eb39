"""Finding the nodes that an event hangs on: by hash look-up, never by scanning open chains (R2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from clew.chain.layout import Check, Filling, Index, Layout, Line
from clew.chain.node import Node
from clew.entity.processes import MAX_PARENTS, Processes

_SEPARATORS = "\\/"
_NONE: tuple[Node, ...] = ()
#: From a process to itself and then its parents.
_STEPS = range(MAX_PARENTS + 1)

#: What is found under one key: one node as itself, several as the keys of a dict, in the order they came.
There: TypeAlias = "Node | dict[Node, None]"
#: The nodes of one scope in one look-up, by key.
Shelf: TypeAlias = "dict[object, There]"
Keys: TypeAlias = Mapping[str, str]
#: From an event's keys and its scope to the nodes that it hangs on by an alternative, each once.
Finder: TypeAlias = Callable[[Keys, str], Sequence[Node]]


class Links:
    """All look-ups of one plan. `finders` go by stage and alternative."""

    def __init__(self, layout: Layout, lineage: Processes) -> None:
        self._levels = layout.levels
        self._lineage = lineage
        self._shelves: list[dict[str, Shelf]] = [{} for _ in layout.indexes]
        self._adding = tuple(
            tuple((index.own, index, self._shelves[index.number]) for index in level.indexes)
            for level in layout.levels
        )
        self.finders: tuple[tuple[Finder, ...], ...] = tuple(
            tuple(self._finder(filling) for filling in level.fillings) for level in layout.levels
        )

    def add(self, node: Node) -> None:
        """Let events find the node."""
        scope = node.scope
        for own, index, shelves in self._adding[node.role.stage]:
            key = _key(node, index) if own is None else node.values[own]
            if key is None:
                continue
            shelf = shelves.get(scope)
            if shelf is None:
                shelves[scope] = {key: node}
                continue
            there = shelf.setdefault(key, node)
            if there is not node:
                _add_to(shelf, key, there, node)

    def remove(self, node: Node) -> None:
        """Let it be found no more."""
        scope = node.scope
        for own, index, shelves in self._adding[node.role.stage]:
            key = _key(node, index) if own is None else node.values[own]
            shelf = shelves.get(scope)
            if key is None or shelf is None:
                continue
            there = shelf.pop(key, None)
            if there is not node and there is not None:
                _take_from(shelf, key, there, node)
            if not shelf:
                del shelves[scope]

    def above(self, index: Index, process: str | None, scope: str) -> Sequence[Node]:
        """The nodes found by the process or one of its ancestors."""
        shelf = self._shelves[index.number].get(scope)
        return self._up(shelf, process, scope) if shelf and process is not None else _NONE

    def _finder(self, filling: Filling) -> Finder:
        """How the parents of an alternative are found. Most candidates find none, and are to know it soon."""
        lines = filling.lines
        if all(line.operator == "=" and line.field and not line.rest for line in lines):
            return _by_value(tuple((line.field, self._shelves[line.index.number]) for line in lines))
        finders = tuple(self._line_finder(line) for line in lines)
        return finders[0] if len(finders) == 1 else _by_any(finders)

    def _line_finder(self, line: Line) -> Finder:
        shelves = self._shelves[line.index.number]
        if line.operator == "tree" and not line.rest:
            return self._by_tree(line.field, shelves)

        def find(keys: Keys, scope: str) -> Sequence[Node]:
            shelf = shelves.get(scope)
            if shelf is None:
                return _NONE
            found = self._look_up(shelf, line, keys, scope)
            return [node for node in found if self._agrees(line, node, keys, scope)] if line.rest else found

        return find

    def _by_tree(self, field: str, shelves: dict[str, Shelf]) -> Finder:
        """Parents by the tree that a process belongs to."""
        parents_of, walk = self._lineage.parents, _walk

        def find(keys: Keys, scope: str) -> Sequence[Node]:
            shelf, process = shelves.get(scope), keys.get(field)
            return _NONE if shelf is None or process is None else walk(shelf, process, parents_of(scope))

        return find

    def _look_up(self, shelf: Shelf, line: Line, keys: Keys, scope: str) -> Sequence[Node]:
        """What is found in the tree of a process, by a folder that a path lies in, or by equal values."""
        if line.operator == "tree":
            process = keys.get(line.field)
            return _NONE if process is None else self._up(shelf, process, scope)
        if line.operator == "under":
            folders = _folders(keys.get(line.field) or "")
            return [node for folder in folders if (there := shelf.get(folder)) for node in _each(there)]
        there = shelf.get(keys.get(line.field) if line.field else tuple(map(keys.get, line.fields)))
        return _NONE if there is None else _each(there)

    def _up(self, shelf: Shelf, process: str, scope: str) -> Sequence[Node]:
        return _walk(shelf, process, self._lineage.parents(scope))

    def _agrees(self, line: Line, node: Node, keys: Keys, scope: str) -> bool:
        """Whether the terms hold that the look-up did not settle."""
        return all(self._holds(check, node, keys.get(check.field), scope) for check in line.rest)

    def _holds(self, check: Check, node: Node, value: str | None, scope: str) -> bool:
        bound = node.at(check.stage).values[check.position]
        if value is None or bound is None:
            return False
        if check.operator == "tree":
            return bound in self._lineage.line(scope, value)
        if check.operator == "under":
            return bound.rstrip(_SEPARATORS) in _folders(value)
        return value == bound


def _by_value(looks: tuple[tuple[str, dict[str, Shelf]], ...]) -> Finder:
    """Parents by one equal value, of any line."""

    def find(keys: Keys, scope: str) -> Sequence[Node]:
        found: Sequence[Node] = _NONE
        for field, shelves in looks:
            key = keys.get(field)
            if key is not None and (shelf := shelves.get(scope)) is not None and key in shelf:
                found = _joined(found, _each(shelf[key]))
        return found

    return find


def _by_any(finders: tuple[Finder, ...]) -> Finder:
    """Parents by any of the lines."""

    def find(keys: Keys, scope: str) -> Sequence[Node]:
        found: Sequence[Node] = _NONE
        for finder in finders:
            hits = finder(keys, scope)
            if hits:
                found = _joined(found, hits)
        return found

    return find


def _walk(shelf: Shelf, process: str, parents: Keys) -> Sequence[Node]:
    """What is found by a process or one of its ancestors: a walk up the parents (R2)."""
    found: list[Node] = []
    current = process
    for _ in _STEPS:
        if current in shelf:
            found += _each(shelf[current])
        parent = parents.get(current)
        if parent is None or parent == process:
            break
        current = parent
    return found if len(found) < 2 else list(dict.fromkeys(found))


def _joined(found: Sequence[Node], more: Sequence[Node]) -> Sequence[Node]:
    return list(dict.fromkeys([*found, *more])) if found else more


def _add_to(shelf: Shelf, key: object, there: There, node: Node) -> None:
    if isinstance(there, dict):
        there[node] = None
    else:
        shelf[key] = {there: None, node: None}


def _take_from(shelf: Shelf, key: object, there: There, node: Node) -> None:
    """Put back what was found there, without the node."""
    if isinstance(there, dict):
        there.pop(node, None)
    if there:
        shelf[key] = there


def _each(there: There) -> Sequence[Node]:
    return list(there) if isinstance(there, dict) else (there,)


def _key(node: Node, index: Index) -> object:
    """What a node is found by; None where one of the variables is null, which never links (R8)."""
    if len(index.places) == 1:
        stage, position = index.places[0]
        value = node.at(stage).values[position]
        return value.rstrip(_SEPARATORS) if value is not None and index.folder else value
    key = tuple(node.at(stage).values[position] for stage, position in index.places)
    return None if None in key else key


def _folders(path: str) -> Iterator[str]:
    """The folders that a path lies in, from the outermost."""
    for position, sign in enumerate(path):
        if sign in _SEPARATORS:
            yield path[:position]
