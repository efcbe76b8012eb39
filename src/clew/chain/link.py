"""Finding the nodes that an event hangs on: by hash look-up, never by scanning open chains (R2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from clew.chain.layout import Check, Filling, Index, Layout, Line
from clew.chain.node import Node
from clew.entity.processes import MAX_PARENTS, Processes

_SEPARATORS = "\\/"
_NONE: tuple[Node, ...] = ()

#: What is found under one key: one node as itself, several as the keys of a dict, in the order they came.
There: TypeAlias = "Node | dict[Node, None]"
Shelf: TypeAlias = "dict[object, There]"
Keys: TypeAlias = Mapping[str, str]


class Links:
    """All look-ups of one plan."""

    def __init__(self, layout: Layout, lineage: Processes) -> None:
        self._levels = layout.levels
        self._lineage = lineage
        self._shelves: list[dict[str, Shelf]] = [{} for _ in layout.indexes]
        self._adding = tuple(
            tuple((index.own, index, self._shelves[index.number]) for index in level.indexes)
            for level in layout.levels
        )

    def add(self, node: Node) -> None:
        """Let events find the node."""
        scope = node.scope
        for own, index, shelves in self._adding[node.stage]:
            key = _key(node, index) if own is None else node.values[own]
            if key is None:
                continue
            shelf = shelves.get(scope)
            if shelf is None:
                shelf = shelves[scope] = {}
            there = shelf.setdefault(key, node)
            if there is not node:
                _add_to(shelf, key, there, node)

    def remove(self, node: Node) -> None:
        """Let it be found no more."""
        for index in self._levels[node.stage].indexes:
            key = node.values[index.own] if index.own is not None else _key(node, index)
            shelf = self._shelves[index.number].get(node.scope)
            if key is None or shelf is None:
                continue
            there = shelf.get(key)
            if isinstance(there, dict):
                there.pop(node, None)
            if there is node or there == {}:
                del shelf[key]
            if not shelf:
                del self._shelves[index.number][node.scope]

    def parents(self, filling: Filling, keys: Keys, scope: str) -> Sequence[Node]:
        """The nodes that an event with these keys hangs on by the links of an alternative, each once."""
        found: Sequence[Node] = _NONE
        for line in filling.lines:
            shelf = self._shelves[line.index.number].get(scope)
            if not shelf:
                continue
            if line.operator == "tree":
                hits = self._up(shelf, keys.get(line.field), scope)
            else:
                hits = _nodes(shelf, line, keys)
            if hits and line.rest:
                hits = [node for node in hits if self._agrees(line, node, keys, scope)]
            if hits:
                found = hits if not found else list(dict.fromkeys([*found, *hits]))
        return found

    def above(self, index: Index, process: str | None, scope: str) -> Sequence[Node]:
        """The nodes found by the process or one of its ancestors."""
        shelf = self._shelves[index.number].get(scope)
        return self._up(shelf, process, scope) if shelf else _NONE

    def _up(self, shelf: Shelf, process: str | None, scope: str) -> Sequence[Node]:
        """What is found by a process or one of its ancestors: a walk up the parents (R2)."""
        if process is None:
            return _NONE
        found: list[Node] = []
        parent_of = self._lineage.parents(scope).get
        current = process
        for _ in range(MAX_PARENTS + 1):
            there = shelf.get(current)
            if there is not None:
                found.extend(there if isinstance(there, dict) else (there,))
            parent = parent_of(current)
            if parent is None or parent == process:
                break
            current = parent
        return found if len(found) < 2 else list(dict.fromkeys(found))

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


def _add_to(shelf: Shelf, key: object, there: There, node: Node) -> None:
    if isinstance(there, dict):
        there[node] = None
    else:
        shelf[key] = {there: None, node: None}


def _nodes(shelf: Shelf, line: Line, keys: Keys) -> Sequence[Node]:
    """What is found by equal values, or by a folder that a path lies in."""
    if line.operator == "under":
        folders = _folders(keys.get(line.field) or "")
        return [node for folder in folders if (there := shelf.get(folder)) for node in _each(there)]
    key: object = keys.get(line.field) if line.field else tuple(map(keys.get, line.fields))
    there = shelf.get(key)
    return _NONE if there is None else _each(there)


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
