"""Events as open chains keep them: packed, since most are never shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from clew.event import Event

#: What an entry takes beside its packed columns, in bytes; bench/engine.py measures it.
ENTRY_BYTES = 160

#: Data component, source, path, then the names of the columns that are not null.
Shape: TypeAlias = tuple[str, ...]

#: Events of one source look alike; beyond this many shapes a new one is packed with the event.
MAX_SHAPES = 10_000


class Entry:
    """An event that stands in at least one chain of a detection, for one stage.

    `ordinal` numbers them in the order of processing, so that within a stage it orders events as R12 does.
    `uses` counts the nodes and counts that refer to it.
    """

    __slots__ = ("ordinal", "packed", "time", "uses")

    def __init__(self, ordinal: int, time: int, packed: bytes) -> None:
        self.ordinal = ordinal
        self.time = time
        self.packed = packed
        self.uses = 0

    @property
    def size(self) -> int:
        """Bytes, estimated."""
        return ENTRY_BYTES + len(self.packed)

    @property
    def event(self) -> str:
        """The event's id."""
        return str(_decode(self.packed)[1])

    @property
    def process(self) -> str | None:
        """The event's process, as lineage knows it."""
        process: str | None = _decode(self.packed)[2]
        return process

    def is_of(self, event: Event) -> bool:
        """Whether this is that event."""
        return self.time == event.time and self.event == event.id


class Columns(msgspec.Struct, frozen=True):
    """What a finding shows of an event."""

    component: str
    source: str
    path: str
    position: int
    fields: dict[str, Any]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode


class Packing:
    """Packs events: their values one by one, their shape as a number."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self._numbers: dict[Shape, int] = {}

    def learn(self, shapes: Iterable[Shape]) -> None:
        """Take up the shapes of a snapshot, in their order."""
        for shape in shapes:
            self._learn(tuple(shape))

    def pack(self, ordinal: int, event: Event) -> Entry:
        """Keep of an event what a finding needs."""
        shape = (event.component, event.source, event.path, *event.fields)
        known: int | Shape | None = self._numbers.get(shape)
        if known is None:
            known = self._learn(shape)
        process = event.keys.get("process.entity_id") or process_of(event)
        packed = _encode([known, event.id, process, event.position, *event.fields.values()])
        return Entry(ordinal, event.time, packed)

    def unpack(self, entry: Entry) -> Columns:
        """What was kept."""
        known, _, _, position, *values = _decode(entry.packed)
        component, source, path, *names = self.shapes[known] if isinstance(known, int) else known
        return Columns(component, source, path, position, dict(zip(names, values, strict=True)))

    def _learn(self, shape: Shape) -> int | Shape:
        if len(self.shapes) >= MAX_SHAPES:
            return shape
        self._numbers[shape] = len(self.shapes)
        self.shapes.append(shape)
        return len(self.shapes) - 1


def process_of(event: Event) -> str | None:
    """The event's process, as lineage knows it."""
    process = event.keys.get("process.entity_id") or event.fields.get("process.entity_id")
    return str(process) if process else None
