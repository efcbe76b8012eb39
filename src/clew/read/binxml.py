"""Which records of a sound chunk may be wanted, told from their binary XML: the others need no rendering.

A record names a template and gives its values; the template tells its provider, and which value is its code::

    record    **00 <size> <number> <time> 0F010100 0C01 <id> <offset of the template> [the template]
              <count of values> (<size> <type> 00) ... <values>

A template stands in the chunk where it is first used. What is written in any other way may be wanted.
Specification: https://github.com/libyal/libevtx/blob/main/documentation (Windows XML Event Log, EVTX).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import msgspec

from clew.read.chunk import FIRST, RECORD, Chunk
from clew.read.template import Template, template_at
from clew.record import Pretest

_RECORD = struct.Struct("<4s I Q 8x 6s 4x I")
_HEAD = _RECORD.size  # of a record's bytes, those before its template or its values
_BEGIN = b"\x0f\1\1\0\x0c\1"
_COUNT = struct.Struct("<I")
_DESCRIPTOR = struct.Struct("<HB x")
_UINT16 = 6
#: Size and type of nothing and of numbers: of other values the library may take more or less than the size says.
_PLAIN = frozenset(
    {(0, 0), (1, 3), (1, 4), (2, 5), (2, 6), (4, 7), (4, 8), (8, 9), (8, 10), (4, 20), (8, 21)}
)
_UNTOLD = 0  # no template stands there


class Sifted(msgspec.Struct):
    """The numbers of the records that may be wanted, and the gaps that the others leave, from byte to byte.

    The code of the `unsure` is not known.
    """

    records: list[int] = []
    unsure: list[int] = []
    gaps: list[tuple[int, int]] = []


class Sieve:
    """Tells the records that a pretest wants by their provider and code."""

    def __init__(self, test: Pretest) -> None:
        self._codes = _numbers(test.codes)
        self._of = {provider: _numbers(codes) for provider, codes in test.providers.items()}

    def sift(self, chunk: Chunk) -> Sifted | None:
        """What of a chunk may be wanted.

        None where its records are not those that its header tells, one behind the other.
        """
        records, data = _records(chunk), chunk.data
        if records is None:
            return None
        rules: dict[int, _Rule | None] = {_UNTOLD: None}
        found, gap = Sifted(), 0
        for number, (at, end, template) in zip(chunk.records, records, strict=True):
            if template not in rules:
                rules[template] = self._rule(data, template)
            rule = rules[template]
            wanted = rule.wants(data, at + _HEAD, end) if rule else None
            if wanted is False:
                gap = gap or at
                continue
            if gap:
                found.gaps.append((gap, at))
                gap = 0
            if wanted is None:
                found.unsure.append(number)
            found.records.append(number)
        if gap:
            found.gaps.append((gap, chunk.free))
        return found

    def _rule(self, data: bytes, at: int) -> _Rule | None:
        template = template_at(data, at)
        if template is None:
            return None
        codes = self._codes if template.provider is None else self._of.get(template.provider, frozenset())
        return _Rule(at, template, codes)


def _records(chunk: Chunk) -> list[tuple[int, int, int]] | None:
    """Begin, end and template of each record that the header tells; None where they are not there."""
    data, free, unpack = chunk.data, chunk.free, _RECORD.unpack_from
    found = []
    end = FIRST
    for number in chunk.records:
        at = end
        if at + _HEAD > free:
            return None
        signature, size, told, begin, template = unpack(data, at)
        end = at + size
        if told != number or signature != RECORD or size < _HEAD or end > free:
            return None
        found.append((at, end, template if begin == _BEGIN else _UNTOLD))
    return found if end == free else None


class _Rule:
    """Where the records of one template of a chunk have their code, and which codes are wanted of them."""

    __slots__ = ("_at", "_codes", "_end", "_length", "_offsets", "_place")

    def __init__(self, at: int, template: Template, codes: frozenset[int]) -> None:
        self._at, self._codes = at, codes
        self._place, self._end = template.place, template.end
        self._length = _COUNT.size + _DESCRIPTOR.size * (template.place + 1)
        self._offsets: dict[bytes, int] = {}

    def wants(self, data: bytes, at: int, end: int) -> bool | None:
        """Whether the record is wanted whose template, or else values, begin at a byte; None where that is not told."""
        if self._at == at:
            at = self._end
        elif self._at > at:
            return None
        layout = data[at : at + self._length]
        offset = self._offsets.get(layout)
        if offset is None:
            offset = self._offsets[layout] = self._offset(layout)
        place = at + offset
        if not offset or place + 2 > end:
            return None
        return data[place] | data[place + 1] << 8 in self._codes

    def _offset(self, layout: bytes) -> int:
        """How far behind their beginning the values have the code, by the first of their descriptors; or 0."""
        if len(layout) < self._length:
            return 0
        count: int
        (count,) = _COUNT.unpack_from(layout)
        *before, code = _DESCRIPTOR.iter_unpack(layout[_COUNT.size :])
        if count <= self._place or code != (2, _UINT16) or not _PLAIN.issuperset(before):
            return 0
        return _COUNT.size + _DESCRIPTOR.size * count + sum(int(size) for size, _ in before)


def _numbers(codes: Iterable[str]) -> frozenset[int]:
    return frozenset(int(code) for code in codes if code.isdecimal())
