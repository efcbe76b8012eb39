"""What every part of a detection is read with: the faults gathered so far, the columns, and the mutable
elements in force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from clew.detection.block import Block, Faults, text, texts
from clew.detection.component import COMPONENTS
from clew.detection.condition import Condition, Test
from clew.detection.document import Items, Leaf, Mark, Node, plain
from clew.detection.document import Mapping as MappingNode
from clew.detection.element import ElementError, Typed, matcher
from clew.detection.taxonomy import SIGMA_CATEGORIES
from clew.detection.where import Problem, WhereError, parse_where
from clew.duration import DurationError, parse_duration
from clew.event import SCHEMA, Column
from clew.suggest import did_you_mean

_REFERENCE = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)%")
_LISTS = ("strings", "domains", "paths", "cidrs", "images", "regex", "string")


class Reading:
    """One file being read, with one set of values for its elements."""

    def __init__(self, faults: Faults, elements: Mapping[str, Typed]) -> None:
        self.faults = faults
        self.elements = elements

    def component(self, block: Block, key: str, needed: str = "") -> str | None:
        """The name of a data component."""
        name = block.text(key, needed)
        if name is None or name in COMPONENTS:
            return name
        known = did_you_mean(name, COMPONENTS, "ATT&CK's names in snake case, such as process_creation")
        sigma = SIGMA_CATEGORIES.get(name)
        mend = f"Sigma's {name} is '{sigma}'" if sigma else known
        self.faults.add(block.at(key), f"no data component is called '{name}'", mend)
        return None

    def column(self, node: Node, what: str, lineage: bool = False) -> Column | None:
        """A column of the schema; those of lineage only where `lineage` says so (R6)."""
        name = text(node, self.faults, what)
        return self.named(name, node.mark, lineage) if name is not None else None

    def named(self, name: str, mark: Mark, lineage: bool = False) -> Column | None:
        """The column of that name."""
        column = SCHEMA.get(name)
        if column is None:
            self.faults.add(
                mark, f"no column is called '{name}'", did_you_mean(name, SCHEMA, "see docs/events.md")
            )
        elif column.lineage and not lineage:
            self.faults.add(mark, f"only a trait may read '{name}'", "move the test into 'traits'")
            return None
        return column

    def columns(self, block: Block, key: str, needed: str = "") -> tuple[str, ...]:
        """The names of one column or a list of them."""
        node = block.get(key, needed)
        if node is None:
            return ()
        found = [self.named(name, mark) for name, mark in texts(node, self.faults, f"'{key}'")]
        return tuple(column.name for column in found if column is not None)

    def duration(self, block: Block, key: str, needed: str = "") -> int | None:
        """Microseconds: `90m`, or the `%Name%` of a duration."""
        node = block.get(key, needed)
        if node is None:
            return None
        bare = isinstance(node, Leaf) and isinstance(node.value, int | float)
        written = str(plain(node)) if bare else text(node, self.faults, f"'{key}'")
        if written is None:
            return None
        if _REFERENCE.fullmatch(written):
            data = self._referred(written, node.mark, ("duration",))
            return data.data if data and isinstance(data.data, int) else None
        try:
            return parse_duration(written)
        except DurationError as error:
            self.faults.add(node.mark, f"'{written}' is no duration", str(error))
            return None

    def number(self, block: Block, key: str, needed: str = "") -> int | None:
        """A whole number of 1 or more, or the `%Name%` of one."""
        node = block.get(key, needed)
        if node is None:
            return None
        value: object = node.value if isinstance(node, Leaf) else None
        if isinstance(value, str) and _REFERENCE.fullmatch(value):
            data = self._referred(value, node.mark, ("number",))
            if data is None:
                return None
            value = data.data
        if type(value) is int and value >= 1:
            return value
        self.faults.add(node.mark, f"'{key}' must be a whole number of 1 or more", "")
        return None

    def _referred(self, written: str, mark: Mark, types: tuple[str, ...]) -> Typed | None:
        name = written.strip("%")
        typed = self.elements.get(name)
        if typed is None:
            mend = did_you_mean(name, self.elements, "declare it under 'mutable'")
            self.faults.add(mark, f"no element is called '{name}'", mend)
        elif typed.type not in types:
            mend = f"its type must be {' or '.join(types)}"
            self.faults.add(mark, f"the element '{name}' is of the type {typed.type}", mend)
        else:
            return typed
        return None

    def condition(self, node: Node, lineage: bool = False) -> Condition | None:
        """A `where`, or a trait's selections."""
        if not isinstance(node, MappingNode) or not node.nodes:
            mend = "write {column: value}, or selections and a 'condition'"
            self.faults.add(node.mark, "conditions are a mapping that is not empty", mend)
            return None
        raw = plain(node)
        assert isinstance(raw, dict)
        try:
            return parse_where(raw, self.elements, lineage=lineage)
        except WhereError as error:
            for problem in error.problems:
                self.faults.add(_place(node, problem), problem.message, problem.mend)
            return None

    def each(self, column: Column, listed: Node) -> Iterator[tuple[str, Condition]]:
        """A condition for each value of a list, `%Name%` or written out."""
        written = listed.value if isinstance(listed, Leaf) else None
        if isinstance(written, str) and _REFERENCE.fullmatch(written):
            typed = self._referred(written, listed.mark, _LISTS)
        else:
            values = tuple(value for value, _ in texts(listed, self.faults, "'in'"))
            typed = Typed("strings", values) if values else None
        if typed is None:
            return
        for value in typed.data if isinstance(typed.data, tuple) else (str(typed.data),):
            data = (value,) if isinstance(typed.data, tuple) else value
            try:
                yield value, Test(column.name, matcher(typed.type, data, column))
            except ElementError as error:
                self.faults.add(listed.mark, str(error))
                return


def references(node: Node) -> Iterator[str]:
    """The names of the elements that a part of the file refers to, as `%Name%`."""
    if isinstance(node, Leaf):
        if isinstance(node.value, str):
            yield from _REFERENCE.findall(node.value)
        return
    for part in node.nodes if isinstance(node, Items) else node.nodes.values():
        yield from references(part)


def _place(node: Node, problem: Problem) -> Mark:
    """Where the problem stands: the last key or item of its path."""
    mark = node.mark
    for step in problem.path:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node.nodes:
            mark, node = node.keys[step], node.nodes[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.nodes):
            node = node.nodes[step]
            mark = node.mark
    return mark
