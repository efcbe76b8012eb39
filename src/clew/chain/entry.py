"""Events as open chains keep them: packed, since most are never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from clew.event import Event

#: What an entry takes beside its packed columns, in bytes; bench/engine.py measures it.
ENTRY_BYTES = 70

#: Data component, source, path, then the names of the columns that are not null.
Shape: TypeAlias = tuple[str, ...]
#: What the first event of a shape said in columns that seldom change, by their place among what is packed.
Usual: TypeAlias = tuple[tuple[int, Any], ...]
#: What the variables of a stage are bound to, in their order.
Values: TypeAlias = tuple[str | None, ...]

#: Events of one source look alike; beyond this many shapes a new one is packed with the event.
MAX_SHAPES = 10_000
#: Marks of bound values in packed columns, by their place.
_MARKS = tuple(bytes([place]) for place in range(256))
#: Mark of a value that is the usual one of its shape, and the columns where that is worth a look.
_USUAL = b""
_SELDOM_CHANGE = frozenset(
    ("event.code", "event.provider", "clew.log_source", "host.os.type", "host.name", "user.name")
)
#: What stands before the columns in a packed event: shape, id, process, position.
_HEAD = 4
#: Bytes of an entry's number, which stands before all that.
_NUMBER = 6
#: Digits of an event's id as mappings make it: a hash of 16 bytes.
_DIGITS = 32

_encode_into = msgspec.msgpack.Encoder().encode_into
_decode = msgspec.msgpack.Decoder(list[Any]).decode


class Entry(msgspec.Struct, eq=False, gc=False):
    """An event that stands in at least one chain of a detection, for one stage.

    `bound` is what the alternative binds by which it came in. `packed` is its number, then its shape, id, process
    and position and its columns. What is said twice is kept once, by marks in binary, which no column's value is:
    a value that is bound is one byte with its place there, one that is usual is none, and a process is the place
    of its column.
    `uses` counts the nodes and counts that refer to it.
    """

    time: int
    bound: Values
    packed: bytes
    uses: int = 0

    @property
    def size(self) -> int:
        """Bytes, estimated."""
        return ENTRY_BYTES + len(self.packed)

    @property
    def ordinal(self) -> int:
        """Numbers entries in the order of processing, so that within a stage it orders events as R12 does."""
        return int.from_bytes(self.packed[:_NUMBER])

    @property
    def event(self) -> str:
        """The event's id."""
        event: str | bytes = _decode(self.packed[_NUMBER:])[1]
        return event.hex() if isinstance(event, bytes) else event

    @property
    def process(self) -> str | None:
        """The event's process, as lineage knows it."""
        row = _decode(self.packed[_NUMBER:])
        process: str | int | None = row[2]
        if isinstance(process, int):
            said: str | bytes = row[process]
            return self.bound[said[0]] if isinstance(said, bytes) else said
        return process

    def is_of(self, event: Event) -> bool:
        """Whether this is that event."""
        return self.time == event.time and self.event == event.id

    def row(self) -> list[Any]:
        """What is packed, with the bound values in their places; marks of usual ones are left."""
        row, bound = _decode(self.packed[_NUMBER:]), self.bound
        for at in range(_HEAD, len(row)):
            mark = row[at]
            if isinstance(mark, bytes) and mark:
                row[at] = bound[mark[0]]
        return row


class Columns(msgspec.Struct, frozen=True):
    """What a finding shows of an event."""

    component: str
    source: str
    path: str
    position: int
    fields: dict[str, Any]


class Packing:
    """Packs events: their values one by one, their shape as a number. `shapes` go by that, with what is usual."""

    def __init__(self) -> None:
        self.shapes: list[tuple[Shape, Usual]] = []
        self._numbers: dict[Shape, int] = {}

    def resume(self, shapes: Iterable[tuple[Shape, Usual]]) -> None:
        """Take up the shapes of a snapshot, in their order."""
        for shape, usual in shapes:
            self._numbers[shape] = len(self.shapes)
            self.shapes.append((shape, usual))

    def number(self, shape: Shape, row: Sequence[Any]) -> tuple[int | Shape, Usual]:
        """What stands for a shape, and what is usual in it: a number, beyond `MAX_SHAPES` the shape itself."""
        number = self._numbers.get(shape)
        if number is None:
            if len(self.shapes) >= MAX_SHAPES:
                return shape, ()
            usual = [(at, row[at]) for at, column in enumerate(shape[3:], _HEAD) if column in _SELDOM_CHANGE]
            number = len(self.shapes)
            self.resume([(shape, tuple(usual))])
        return number, self.shapes[number][1]

    def unpack(self, entry: Entry) -> Columns:
        """What was kept."""
        row = entry.row()
        known, _, _, position, *_ = row
        shape, usual = self.shapes[known] if isinstance(known, int) else (known, ())
        for at, value in usual:
            if row[at] == _USUAL:
                row[at] = value
        component, source, path, *names = shape
        return Columns(component, source, path, position, dict(zip(names, row[_HEAD:], strict=True)))


class Form(NamedTuple):
    """How events of one shape are packed: the shape, where the process may stand, what may be bound or usual."""

    shape: int | Shape
    process: int
    bound: tuple[tuple[int, int, bytes], ...]
    usual: Usual


class Packer:
    """Packs the events that come in by one alternative, which binds these columns; `bind` takes them from keys."""

    def __init__(self, packing: Packing, columns: tuple[str, ...]) -> None:
        self._packing = packing
        self._columns = columns
        self.bind: Callable[[Mapping[str, str]], Values] = reader(columns)
        self._forms: dict[Shape, Form] = {}
        self._buffer = bytearray()

    def pack(self, ordinal: int, event: Event) -> Entry:
        """Keep of an event what a finding needs."""
        keys, fields = event.keys, event.fields
        shape = (event.component, event.source, event.path, *fields)
        process = keys.get("process.entity_id") or process_of(event)
        row: list[Any] = [0, _short(event.id), process, event.position, *fields.values()]
        row[0], at, marks, usual = self._forms.get(shape) or self._form(shape, row)
        if row[at] == process:
            row[2] = at
        for at, value in usual:
            if row[at] == value:
                row[at] = _USUAL
        bound = self.bind(keys)
        for at, place, mark in marks:
            if row[at] == bound[place]:
                row[at] = mark
        # Bytes that msgspec makes itself keep the room that they had to spare.
        _encode_into(row, self._buffer)
        return Entry(event.time, bound, ordinal.to_bytes(_NUMBER) + self._buffer)

    def _form(self, shape: Shape, row: Sequence[Any]) -> Form:
        number, usual = self._packing.number(shape, row)
        places = {column: at for at, column in enumerate(shape[3:], _HEAD)}
        marks = tuple(
            (places[column], place, mark)
            for place, (column, mark) in enumerate(zip(self._columns, _MARKS, strict=False))
            if column in places
        )
        form = Form(number, places.get("process.entity_id", 0), marks, usual)
        if isinstance(number, int):
            self._forms[shape] = form
        return form


def _short(identity: str) -> str | bytes:
    """An id as the bytes that its digits say, where that is how it is written."""
    if len(identity) == _DIGITS:
        try:
            said = bytes.fromhex(identity)
        except ValueError:
            return identity
        if said.hex() == identity:  # no capitals, no blanks
            return said
    return identity


def reader(columns: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Reads the values of some columns, None where one is null. Mostly these are few, and that is to be quick."""
    if len(columns) == 1:
        (only,) = columns
        return lambda row: (row.get(only),)
    if len(columns) == 2:
        first, second = columns
        return lambda row: (row.get(first), row.get(second))
    return lambda row: tuple(map(row.get, columns))


def process_of(event: Event) -> str | None:
    """The event's process, as lineage knows it."""
    process = event.keys.get("process.entity_id") or event.fields.get("process.entity_id")
    return str(process) if process else None
