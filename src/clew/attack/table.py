"""The form of the data file: rows that point into shared lists, so that each string stands in it once.

One row a line, sorted, so that two releases can be compared with `diff`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec


class ComponentRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A data component."""

    id: str
    name: str


class TechniqueRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A technique."""

    id: str
    name: str
    tactics: tuple[str, ...]


class SourceRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A log source; `component` is an index into `Table.components`."""

    component: int
    name: str
    channel: str


class AnalyticRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """An analytic; `sources` and `elements` are indexes into `Table.sources` and `Table.elements`."""

    id: str
    platforms: tuple[str, ...]
    modified: str
    sources: tuple[int, ...]
    elements: tuple[int, ...]


class StrategyRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A strategy; `techniques` are indexes into `Table.techniques`."""

    id: str
    name: str
    domain: str
    modified: str
    techniques: tuple[int, ...]
    analytics: tuple[AnalyticRow, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. `version` is ATT&CK's release, `notice` MITRE's copyright designation."""

    version: str
    source: str
    notice: str
    components: tuple[ComponentRow, ...]
    techniques: tuple[TechniqueRow, ...]
    sources: tuple[SourceRow, ...]
    elements: tuple[str, ...]
    strategies: tuple[StrategyRow, ...]


def decode(data: bytes) -> Table:
    """Read the file's bytes; msgspec.DecodeError where they are not such a table."""
    return msgspec.json.decode(data, type=Table)


def encode(table: Table) -> bytes:
    """The file's bytes: the same table always gives the same bytes."""
    keys = (_entry(name, getattr(table, name)) for name in table.__struct_fields__)
    return b"{\n" + b",\n".join(keys) + b"\n}\n"


def _entry(name: str, value: str | Iterable[Any]) -> bytes:
    key = msgspec.json.encode(name) + b":"
    if isinstance(value, str):
        return key + msgspec.json.encode(value)
    return key + b"[\n" + b",\n".join(msgspec.json.encode(row) for row in value) + b"\n]"
