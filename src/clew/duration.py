"""Durations as people write them: `90m`, `30d`, `1h30m`, `500ms`."""

from __future__ import annotations

import re

_UNITS = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
_PART = re.compile(r"([0-9]{1,15})(us|ms|[smhdw])")
_WHOLE = re.compile(f"(?:{_PART.pattern})+")
#: A hundred years: beyond it a sum with a time would leave what a timestamp can hold.
LONGEST = 36_525 * _UNITS["d"]


class DurationError(ValueError):
    """The text is no duration; the message says what one looks like."""


def parse_duration(written: str) -> int:
    """Microseconds of `90m`, `1h30m`, `2s500ms`.

    Raises:
        DurationError: for anything else, and for what is longer than a hundred years.
    """
    if not _WHOLE.fullmatch(written):
        raise DurationError("a duration is a number with us, ms, s, m, h, d or w, as in 90m or 1h30m")
    length = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(written))
    if length > LONGEST:
        raise DurationError("a duration is at most 36525d (a hundred years)")
    return length


def show_duration(length: int) -> str:
    """Microseconds as people write them: in one unit while the number stays short, else in several.

    `90m`, `30d`, `1h30m20s`, `0s`.
    """
    for unit, size in _UNITS.items():
        if length % size == 0 and 0 < length // size < 1000:
            return f"{length // size}{unit}"
    parts = []
    for unit, size in _UNITS.items():
        number, length = divmod(length, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
