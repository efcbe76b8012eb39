"""Times as text. Records crowd into few minutes at a time, so a minute's text is made once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(512)
def _minute(minute: int, form: str) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime(form)


def utc(time: int) -> str:
    """Sysmon's UtcTime of a time in microseconds: 2026-03-31 08:00:00.000."""
    second, micro = divmod(time, 1_000_000)
    return f"{_minute(second // 60, '%Y-%m-%d %H:%M')}:{second % 60:02d}.{micro // 1000:03d}"


def iso(time: int) -> str:
    """2026-03-31T08:00:00.000Z"""
    second, micro = divmod(time, 1_000_000)
    return f"{_minute(second // 60, '%Y-%m-%dT%H:%M')}:{second % 60:02d}.{micro // 1000:03d}Z"


def iso_micro(time: int) -> str:
    """2026-03-31T08:00:00.000000Z"""
    second, micro = divmod(time, 1_000_000)
    return f"{_minute(second // 60, '%Y-%m-%dT%H:%M')}:{second % 60:02d}.{micro:06d}Z"


def clock(time: int, offset: int) -> str:
    """The time on a clock that is `offset` seconds ahead of UTC, without zone: 2026-03-31 10:00:00."""
    second = time // 1_000_000 + offset
    return f"{_minute(second // 60, '%Y-%m-%d %H:%M')}:{second % 60:02d}"
