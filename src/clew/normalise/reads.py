"""Which of a record's data a mapping needs for some columns: what is not read of a line costs nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any

import duckdb

from clew.normalise.mapping import Mapping

#: Every event has these, or they come of these.
_ALWAYS = frozenset({"ordinal", "@timestamp", "event.code", "event.action", "event.provider", "host.name"})


def reads(
    database: duckdb.DuckDBPyConnection, mapping: Mapping, columns: Collection[str] | None
) -> tuple[str, ...]:
    """Names out of `every`: those that these columns come of, by any way through the SELECT."""
    if columns is None:
        return every(mapping)
    made_of = _made_of(database, mapping.select)
    wanted = {*_ALWAYS, *columns}
    left = list(wanted)
    while left:
        more = made_of.get(left.pop(), set()) - wanted
        wanted |= more
        left += more
    return tuple(field for field in every(mapping) if field.lower() in wanted)


def every(mapping: Mapping) -> tuple[str, ...]:
    """All that a mapping reads of a record, of the header first."""
    return (*mapping.header, *mapping.reads)


def _made_of(database: duckdb.DuckDBPyConnection, select: str) -> dict[str, set[str]]:
    """For each name that some SELECT gives, the names in its expression, without case."""
    [(text,)] = database.execute("SELECT json_serialize_sql(?)", [select]).fetchall()
    return _told(text)


@lru_cache(maxsize=64)
def _told(text: str) -> dict[str, set[str]]:
    """The same of a SELECT as DuckDB serialises it; whoever hunts through many small logs asks often."""
    parsed = json.loads(text)
    assert not parsed["error"], parsed
    found: dict[str, set[str]] = {}
    for item in _items(parsed):
        names = {name.lower() for name in _names(item)}
        found.setdefault(item["alias"].lower(), names).update(names)
    return found


def _items(tree: Any) -> Iterator[dict[str, Any]]:
    """What every SELECT in a tree gives."""
    for node in _nodes(tree):
        yield from node.get("select_list", ())


def _names(tree: Any) -> Iterator[str]:
    """The columns that an expression names; of a field of a struct the struct."""
    for node in _nodes(tree):
        if "column_names" in node:
            yield node["column_names"][0]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, list):
        for child in tree:
            yield from _nodes(child)
    elif isinstance(tree, dict):
        yield tree
        for child in tree.values():
            yield from _nodes(child)
