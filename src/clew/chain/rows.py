"""What the state of an engine is made of, as it is written (see `snapshot`).

Look-ups, lifetimes and sums are not written, they are made again. Nodes stand in the order in which they came,
so parents stand before children. What there are many of, entries and nodes, stands in columns: that is smaller
and faster than a row for each.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from clew.chain.count import Value
from clew.chain.entry import Shape, Usual, Values
from clew.chain.limits import Counters
from clew.entity.processes import State
from clew.finding import Ancestor

#: Of the format; another one is refused.
VERSION = 6

#: A mask of ways: a number, or hexadecimal text where it has more bits than msgpack's numbers.
Mask: TypeAlias = "int | str"


class CountRow(msgspec.Struct, array_like=True):
    """A count: events by their place among the entries, each with its distinct value."""

    filled: bool
    values: list[Value]
    entries: list[int]


class EntryColumns(msgspec.Struct, array_like=True):
    """The entries. Times are given as the difference to the one before."""

    times: list[int]
    bound: list[Values]
    packed: list[bytes]


class Kind(msgspec.Struct, array_like=True, frozen=True):
    """What many nodes have in common; only openings have a scope of their own."""

    scope: str
    stage: int
    way: int
    traits: tuple[int, int]
    own: Mask
    sat: Mask


class NodeColumns(msgspec.Struct, array_like=True):
    """The nodes. `parents` are places among them, -1 for an opening. `values` are null where the entry has them."""

    kinds: list[Kind]
    kind: list[int]
    entries: list[int]
    parents: list[int]
    values: list[Values | None]


class RareRow(msgspec.Struct, array_like=True):
    """The rare things of a node."""

    node: int
    waiting: Mask
    excepted: bool
    run: int | None
    ended: bool
    merged: bytes
    latest: int
    counted: list[int]
    counts: list[tuple[int, int, CountRow]]


class ShownRow(msgspec.Struct, array_like=True):
    """A stage that a finding shows."""

    stage: int
    entry: int
    way: int
    held: int
    unknown: int
    counted: list[int]
    also: bool
    count: int
    last: int


class EpisodeRow(msgspec.Struct, array_like=True):
    """An episode; `hooks` are nodes."""

    scope: str
    per: tuple[str, ...]
    number: int
    began: int
    start: int
    end: int
    level: int
    revision: int
    covered: bool
    first: int | None
    last: int | None
    base: tuple[int, int]
    shown: list[ShownRow]
    hooks: list[int]
    tallies: dict[int, bytes]
    lineage: dict[str, tuple[Ancestor, ...]]
    touched: bool


class ChainRow(msgspec.Struct, array_like=True):
    """The state of one detection's chains."""

    now: int
    ordinal: int
    started: int
    shapes: list[tuple[Shape, Usual]]
    entries: EntryColumns
    nodes: NodeColumns
    rare: list[RareRow]
    episodes: list[EpisodeRow]
    absences: list[tuple[int, int, int, Mask]]
    counting: list[tuple[tuple[str, ...], CountRow]]
    placed: dict[str, int]
    since: list[tuple[int, int, str, int]]


class Head(msgspec.Struct, array_like=True):
    """What every format starts with."""

    version: int


class EngineRow(msgspec.Struct, array_like=True):
    """The state of an engine."""

    version: int
    print: str
    now: int
    counters: Counters
    lineage: tuple[tuple[State, ...], dict[str, int], int]
    chains: list[ChainRow]
