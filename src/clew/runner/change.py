"""Changes of elements as a user writes them behind --set, and those that are worth a try without being asked for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from clew.duration import DurationError, parse_duration, show_duration
from clew.errors import UsageError
from clew.report.tuning import Change, Operation

_CHANGE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(\+=|-=|=)\s*(.+?)\s*", re.DOTALL)
_OPERATIONS: dict[str, Operation] = {"=": "set", "+=": "add", "-=": "remove"}


def parse_change(written: str) -> Change:
    """`TimeWindow=30m`, `ApprovedSigners+=Contoso`, `Installers-=pip*`, `ProgramPaths+=["C:\\\\Tools\\\\"]`.

    Raises UsageError.
    """
    found = _CHANGE.fullmatch(written)
    if found is None:
        raise UsageError(
            f"--set {written}: write Name=value, Name+=entry to add to a list, or Name-=entry to take from it"
        )
    name, sign, text = found.groups()
    return Change(name, _OPERATIONS[sign], _value(text))


def _value(text: str) -> Any:
    """A list in brackets and a number as TOML reads them, anything else as text."""
    if re.fullmatch(r"\[.*\]|-?[0-9]+(\.[0-9]+)?", text, re.DOTALL):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"--set: {text} is no list as TOML writes it: {error}") from error
    return text


def half_and_double(value: object) -> Iterator[Any]:
    """Half and twice of a duration as people write it, or of a number; nothing of anything else."""
    if isinstance(value, str):
        try:
            length = parse_duration(value)
        except DurationError:
            return
        if length > 1:
            yield show_duration(length // 2)
        yield show_duration(length * 2)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        halved = max(value // 2, 1) if isinstance(value, int) else value / 2
        yield from (other for other in (halved, value * 2) if other != value)
