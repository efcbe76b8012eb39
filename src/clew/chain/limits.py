"""What the engine may hold, and what it counts of all that it left out."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """Caps of one engine. `state_bytes` is an estimate of what open chains take, summed over detections.

    `evidence` is how many events of a counted stage a finding keeps; `processes` bounds the lineage.
    """

    state_bytes: int = 512 * 1024 * 1024
    evidence: int = 20
    processes: int = 1_000_000


DEFAULT = Limits()


class Counters(msgspec.Struct):
    """What came in, and what became of it.

    `unplaced`: candidates whose scope is null (R8), and that have no other place either: host, cluster or package.
    `duplicates`: second copies of an event that would have filled a stage again (R12). `folded`: openings inside
    the tree of an open one (R10). `merged`: events that share a node with an equal one (R14). `evicted`: nodes
    dropped for the cap (R14). `untimely`: synthetic creations in a place that they may not fill (R9). `excepted`:
    events that an exception kept out (R15), by the exception's number. `opened`: openings.
    """

    candidates: int = 0
    opened: int = 0
    unplaced: int = 0
    duplicates: int = 0
    folded: int = 0
    merged: int = 0
    evicted: int = 0
    untimely: int = 0
    excepted: dict[int, int] = {}
