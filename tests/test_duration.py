import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.duration import LONGEST, DurationError, parse_duration, show_duration


@pytest.mark.parametrize(
    ("written", "microseconds"),
    [
        ("90m", 5_400_000_000),
        ("1h30m", 5_400_000_000),
        ("30d", 2_592_000_000_000),
        ("1w", 604_800_000_000),
        ("2s500ms", 2_500_000),
        ("90m1us", 5_400_000_001),
        ("0s", 0),
    ],
)
def test_durations(written: str, microseconds: int) -> None:
    assert parse_duration(written) == microseconds


@pytest.mark.parametrize(
    "written", ["", "90", "m", "-5m", "5 m", "1.5h", "5M", "1y", "90m ", "36526d", "9" * 40 + "d", "٣m"]
)
def test_what_is_no_duration(written: str) -> None:
    with pytest.raises(DurationError):
        parse_duration(written)


@given(st.integers(0, LONGEST))
def test_what_is_shown_reads_back(length: int) -> None:
    assert parse_duration(show_duration(length)) == length
