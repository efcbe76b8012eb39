"""Moments as people write them."""

from datetime import UTC, datetime

import pytest

from clew.moment import MomentError, parse_moment

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = 86_400_000_000


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-31", at(2026, 3, 31)),
        ("2026-03-31T00:21:58Z", at(2026, 3, 31, 0, 21, 58)),
        ("2026-03-31 00:21", at(2026, 3, 31, 0, 21)),
        ("2026-03-31T02:21:58.000001+02:00", at(2026, 3, 31, 0, 21, 58) + 1),
        ("24h", at(2026, 3, 31, 12)),
        ("1h30m", at(2026, 4, 1, 10, 30)),
    ],
)
def test_what_is_a_moment(written: str, moment: int) -> None:
    assert parse_moment(written, NOW) == moment


def test_a_day_ends_with_itself() -> None:
    assert parse_moment("2026-03-31", NOW, end=True) == at(2026, 4, 1)
    assert parse_moment("2026-03-31T00:00", NOW, end=True) == at(2026, 3, 31)
    assert parse_moment("24h", NOW, end=True) == at(2026, 3, 31, 12)


@pytest.mark.parametrize("written", ["", "yesterday", "2026-02-30", "31.3.2026", "12", "9999-12-31T25:00"])
def test_what_is_none(written: str) -> None:
    with pytest.raises(MomentError, match="a time is a date"):
        parse_moment(written, NOW)


def test_beyond_the_calendar() -> None:
    with pytest.raises(MomentError):
        parse_moment("9999-12-31", NOW, end=True)
    with pytest.raises(MomentError, match="before the calendar"):
        parse_moment("36525d", datetime(5, 1, 1, tzinfo=UTC))
