"""Times as findings write them."""

from __future__ import annotations

from datetime import datetime, timedelta

_EPOCH = datetime(1970, 1, 1)


def iso(time: int) -> str:
    """UTC microseconds since 1970 as ISO 8601 with microseconds."""
    return (_EPOCH + timedelta(microseconds=time)).isoformat(timespec="microseconds") + "Z"
