"""Write changes of elements into the site's clew.toml, beside all that stands there."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from clew.errors import UsageError
from clew.report.tuning import Change
from clew.settings.edit import EditError, literal, put, replace


def keep(changes: Sequence[Change], detection: str, file: Path) -> list[str]:
    """Set them under `[elements.<detection>]`, and say line by line what was written, and over what.

    An entry is added to those that the file adds already; one that it takes away is not taken away any more. Raises
    UsageError where the file cannot be read or written, or not without touching more than these values.
    """
    text = _read(file)
    said: list[str] = []
    for change in changes:
        keys = ("elements", detection, change.element)
        was = _at(tomllib.loads(text.removeprefix("\ufeff")), keys)
        value = _changed(was, change)
        if value == was:
            said.append(f"{file}: {change.element} = {literal(was)} stands there already")
            continue
        try:
            text = put(text, keys, value)
        except EditError as error:
            raise UsageError(f"{file}: {change} was not written, and nothing else was; {error}") from error
        before = "" if was is None else f" (was {literal(was)})"
        said.append(f"{file}: [elements.{detection}] {change.element} = {literal(value)}{before}")
    _write(file, text)
    return said


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error


def _write(file: Path, text: str) -> None:
    try:
        replace(file, text)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error


def _at(values: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _changed(was: Any, change: Change) -> Any:
    """The value in the file with the change made."""
    if change.operation == "set":
        return change.value
    if isinstance(was, dict) or was is None:
        return dict(_merged(was or {}, change))
    entries = _listed(change.value)
    kept = [one for one in _listed(was) if one not in entries]
    return kept + entries if change.operation == "add" else kept


def _merged(was: dict[str, Any], change: Change) -> Iterator[tuple[str, Any]]:
    """The entries that are added and those that are taken away; an entry stands in one of them."""
    entries = _listed(change.value)
    for name in dict.fromkeys((*was, change.operation)):
        others = [one for one in _listed(was.get(name, [])) if one not in entries]
        if name == change.operation:
            yield name, others + entries
        elif others:
            yield name, others


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
