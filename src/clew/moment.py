"""Moments as people write them: `2026-03-31`, `2026-03-31T00:21:58Z`, `24h` ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clew.duration import DurationError, parse_duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)


class MomentError(ValueError):
    """The text is no moment; the message says what one looks like."""


def parse_moment(written: str, now: datetime, end: bool = False) -> int:
    """Microseconds since 1970, UTC, of a date, a time of ISO 8601 (in UTC where it has no offset), or a duration
    before `now`. A bare date is where the day begins, or with `end` where it ends.

    Raises:
        MomentError: for anything else, and for times that the calendar does not have.
    """
    try:
        moment = now - timedelta(microseconds=parse_duration(written))
    except DurationError:
        moment = _absolute(written, end)
    except OverflowError as error:
        raise MomentError(f"{written} ago is before the calendar begins") from error
    return (moment - _EPOCH) // _MICROSECOND


def _absolute(written: str, end: bool) -> datetime:
    try:
        moment = datetime.fromisoformat(written.strip())
        if end and len(written.strip()) <= len("2026-03-31"):
            moment += _DAY
    except (ValueError, OverflowError) as error:
        raise MomentError(
            "a time is a date, as 2026-03-31, with a time, as 2026-03-31T00:21:58Z, or 24h ago"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
