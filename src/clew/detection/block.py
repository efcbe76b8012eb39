"""A thin typed view over a YAML document: what is asked for and is not there becomes a fault, never an
exception. Every reader returns None (or nothing) for what is missing or wrong, and the reading goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from clew.detection.document import Items, Leaf, Mapping, Mark, Node
from clew.errors import Fault
from clew.suggest import did_you_mean, one_of


class Faults:
    """Gathers what is wrong with one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[Fault] = []

    def add(self, mark: Mark, message: str, mend: str = "") -> None:
        """Note one fault at a place of the file."""
        self.found.append(Fault(self.path, mark.line, mark.column, message, mend))


class Block:
    """A mapping of the file, under the name that error messages call it by.

    Keys that are not in `keys` are faults, with the known key that comes closest.
    """

    def __init__(self, node: Mapping, faults: Faults, what: str, keys: Collection[str]) -> None:
        self.node, self.faults, self.what = node, faults, what
        for key, mark in node.keys.items():
            if key not in keys:
                faults.add(mark, f"{what} has no key '{key}'", did_you_mean(key, keys, one_of(keys)))

    @property
    def mark(self) -> Mark:
        """Where the block begins."""
        return self.node.mark

    def has(self, key: str) -> bool:
        """Whether the key stands in the file, rightly filled or not."""
        return key in self.node.nodes

    def at(self, key: str) -> Mark:
        """Where the value stands, or the block where it is missing."""
        node = self.node.nodes.get(key)
        return node.mark if node else self.mark

    def key_at(self, key: str) -> Mark:
        """Where the key stands, or the block where it is missing."""
        return self.node.keys.get(key, self.mark)

    def get(self, key: str, needed: str = "") -> Node | None:
        """The value as it stands; `needed` is the mend when the key must be there."""
        node = self.node.nodes.get(key)
        if node is None and needed:
            self.faults.add(self.mark, f"{self.what} has no '{key}'", needed)
        return node

    def text(self, key: str, needed: str = "") -> str | None:
        """Text that is not empty."""
        node = self.get(key, needed)
        return text(node, self.faults, f"'{key}'") if node is not None else None

    def choice(self, key: str, known: Sequence[str], needed: str = "") -> str | None:
        """One of a few words."""
        word = self.text(key, needed)
        if word is not None and word not in known:
            mend = did_you_mean(word, known, one_of(known))
            self.faults.add(self.at(key), f"'{key}' cannot be '{word}'", mend)
            return None
        return word

    def entries(self, key: str, needed: str = "") -> Iterator[tuple[str, Mark, Node]]:
        """The keys of a mapping whose names are free, each with its place and its value."""
        node = self.get(key, needed)
        if node is None:
            return
        if not isinstance(node, Mapping) or not node.nodes:
            self.faults.add(
                node.mark, f"'{key}' must be a mapping that is not empty", f"write '{key}:' and names"
            )
            return
        for name, value in node.nodes.items():
            yield name, node.keys[name], value

    def items(self, key: str, needed: str = "", *, may_be_empty: bool = False) -> tuple[Node, ...]:
        """The items of a list."""
        node = self.get(key, needed)
        if node is None or (may_be_empty and isinstance(node, Items) and not node.nodes):
            return ()
        if not isinstance(node, Items) or not node.nodes:
            self.faults.add(
                node.mark, f"'{key}' must be a list that is not empty", f"write {key}: [..., ...]"
            )
            return ()
        return node.nodes

    def block(self, key: str, keys: Collection[str], needed: str = "") -> Block | None:
        """A mapping inside this one."""
        node = self.get(key, needed)
        return block(node, self.faults, f"'{key}'", keys) if node is not None else None


def block(node: Node, faults: Faults, what: str, keys: Collection[str]) -> Block | None:
    """The node as a block with known keys."""
    if isinstance(node, Mapping):
        return Block(node, faults, what, keys)
    faults.add(node.mark, f"{what} must be a mapping", f"its keys are {', '.join(keys)}")
    return None


def text(node: Node, faults: Faults, what: str) -> str | None:
    """The node as text that is not empty."""
    if isinstance(node, Leaf) and isinstance(node.value, str) and node.value.strip():
        return node.value
    faults.add(node.mark, f"{what} must be text", "quote it if it looks like a number or is true or false")
    return None


def texts(node: Node, faults: Faults, what: str) -> list[tuple[str, Mark]]:
    """One text or a list of them, each with its place."""
    nodes = node.nodes if isinstance(node, Items) else (node,)
    if not nodes:
        faults.add(node.mark, f"{what} is an empty list", "name at least one, or leave it out")
    found = ((text(item, faults, what), item.mark) for item in nodes)
    return [(value, mark) for value, mark in found if value is not None]
