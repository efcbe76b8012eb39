"""YAML as nodes that know where they stand.

The text is read by PyYAML's C parser; the nodes are composed here, so that every key and value has a line
and a column, and so that scalars mean what a detection engineer expects:

* only ``true`` and ``false`` are booleans: ``on``, ``off``, ``yes`` and ``no`` are words (`on:` is a key);
* numbers are decimal, ``0123`` and ``1_000`` are text, and so is every date;
* a key stands once in a mapping, tags are refused, and an alias counts for what it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

import yaml

from clew.errors import Fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
#: Nodes of a file after aliases are followed: what stops a "billion laughs".
MAX_NODES = 100_000

Scalar: TypeAlias = "str | int | float | bool | None"
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain]"

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; both count from 1, and 0 means no place at all."""

    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar."""

    mark: Mark
    value: Scalar
    size: int = 1


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    nodes: tuple[Node, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; `keys` tells where each key stands."""

    mark: Mark
    nodes: dict[str, Node]
    keys: dict[str, Mark]
    size: int


Node: TypeAlias = "Leaf | Items | Mapping"


def plain(node: Node) -> Plain:
    """The node as ordinary Python data."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.nodes]
    return {key: plain(value) for key, value in node.nodes.items()}


def compose(text: str, path: str, faults: list[Fault]) -> Node | None:
    """The one document of a YAML text; None when it is empty or broken, with the reason in `faults`."""
    if len(text) > MAX_BYTES:
        faults.append(Fault(path, 0, 0, f"the file is larger than {MAX_BYTES:,} characters", "split it"))
        return None
    try:
        return _Composer(text, path, faults).document()
    except yaml.YAMLError as error:
        faults.append(_syntax_fault(error, path, text))
    except _RefusedError as refused:
        faults.append(refused.fault)
    return None


def _syntax_fault(error: yaml.YAMLError, path: str, text: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    lines = text.split("\n")
    if mark is not None and mark.line >= len(lines):  # past the end: what was left open says more
        mark = getattr(error, "context_mark", None) or mark
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    context = getattr(error, "context", None)
    message = f"not YAML: {context}: {problem}" if context else f"not YAML: {problem}"
    if mark is None:
        place = _place(text, getattr(error, "position", 0))
        return Fault(path, *place, message, "remove it, or write it in double quotes, as \\x1b")
    # YAML counts more than newlines as ends of lines, so the place may lie past ours.
    tabbed = any(line.lstrip(" ").startswith("\t") for line in lines[mark.line : mark.line + 1])
    mend = "indent with blanks, not with tabs" if tabbed else "quote text that holds ': ', '{' or '%'"
    return Fault(path, mark.line + 1, mark.column + 1, message, mend)


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column of a byte of the text in UTF-8, from 1."""
    before = text.encode()[:position].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _RefusedError(Exception):
    """The document breaks a limit; nothing more is read of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Composer:
    """Builds nodes out of the parser's events, within the limits above."""

    def __init__(self, text: str, path: str, faults: list[Fault]) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._path = path
        self._faults = faults
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def document(self) -> Node | None:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        node = self._node(next(self._events), 1)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(_mark(after), "a second document in the file", "write one detection a file")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self._refuse(_mark(event), f"nested more than {MAX_DEPTH} deep", "take it apart")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(_mark(event), f"the tag {tag} means nothing here", "remove it")
        self._count(1, event)
        node = self._fresh(event, depth)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._anchors[anchor] = node
        return node

    def _fresh(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.SequenceStartEvent):
            return self._items(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, depth)
        assert isinstance(event, yaml.ScalarEvent)
        return Leaf(_mark(event), _scalar(event))

    def _alias(self, event: yaml.AliasEvent) -> Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            self._refuse(
                _mark(event), f"*{event.anchor} stands for nothing above it", f"write &{event.anchor} above"
            )
        self._count(node.size, event)
        return node

    def _items(self, start: yaml.Event, depth: int) -> Items:
        nodes = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            nodes.append(self._node(event, depth + 1))
        return Items(_mark(start), tuple(nodes), 1 + sum(node.size for node in nodes))

    def _mapping(self, start: yaml.Event, depth: int) -> Mapping:
        nodes: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            value = self._node(next(self._events), depth + 1)
            if key in nodes:
                place = f"line {keys[key].line}"
                self._fault(_mark(event), f"'{key}' stands twice, first in {place}", "keep one of them")
                continue
            nodes[key], keys[key] = value, _mark(event)
        return Mapping(_mark(start), nodes, keys, 1 + sum(node.size for node in nodes.values()))

    def _key(self, event: yaml.Event, depth: int) -> str:
        node = self._node(event, depth + 1)
        if isinstance(node, Leaf):
            return event.value if isinstance(event, yaml.ScalarEvent) else str(node.value)
        self._refuse(node.mark, "a key must be a word", "quote it if it holds brackets")

    def _count(self, nodes: int, event: yaml.Event) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._refuse(
                _mark(event), f"more than {MAX_NODES:,} nodes", "use fewer aliases or split the file"
            )

    def _fault(self, mark: Mark, message: str, mend: str) -> None:
        self._faults.append(Fault(self._path, mark.line, mark.column, message, mend))

    def _refuse(self, mark: Mark, message: str, mend: str) -> NoReturn:
        raise _RefusedError(Fault(self._path, mark.line, mark.column, message, mend))


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1) if start else Mark()


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    """What a scalar means: quoted and block text is text, of bare words only a few mean something else."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
