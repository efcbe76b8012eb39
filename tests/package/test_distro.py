"""The order of versions in distributions, and ranges of them."""

from __future__ import annotations

import pytest

from clew.package.distro import key
from clew.package.version import VersionError, covers

#: Each list from the oldest to the newest. Debian's agrees with `dpkg --compare-versions` on every pair.
DEBIAN = [
    *("1.0~rc1", "1.0-1~bpo12+1", "1.0-1", "1.0-1ubuntu1", "1.0-1+deb12u1", "1.0a", "1.0+b1", "1.0.0"),
    *("1.9", "1.10", "5.5.1alpha-0.1", "5.6.1-1", "5.6.1+really5.4.5-1", "1:0.1"),
]
RPM = [
    *(
        "1.0~rc1-1",
        "1.0-1",
        "1.0^git1-1",
        "1.0a-1",
        "1.0.1-1",
        "1.9-1",
        "1.10-1",
        "5.6.0-1.fc40",
        "5.6.0-2.fc40",
    ),
    *("5.6.1-1.1", "5.6.1.revertto5.4-1.1", "5.6.2-1", "1:0.1-1"),
]


@pytest.mark.parametrize(("type", "ordered"), [("deb", DEBIAN), ("rpm", RPM)])
def test_each_version_is_newer_than_all_before_it(type: str, ordered: list[str]) -> None:
    for place, version in enumerate(ordered):
        for older in ordered[:place]:
            assert key(type, older) < key(type, version), (older, version)


def test_zeros_before_a_number_count_for_nothing() -> None:
    assert key("deb", "1.00-1") == key("deb", "1.0-1")
    assert key("rpm", "1.00-1") == key("rpm", "1.0-1")


@pytest.mark.parametrize(
    ("type", "range", "version", "within"),
    [
        ("deb", ">=5.5.1alpha-0.1,<=5.6.1-1", "5.6.0-0.2", True),
        ("deb", ">=5.5.1alpha-0.1,<=5.6.1-1", "5.6.1-1", True),
        ("deb", ">=5.5.1alpha-0.1,<=5.6.1-1", "5.6.1+really5.4.5-1", False),
        ("deb", ">=5.5.1alpha-0.1,<=5.6.1-1", "5.4.5-0.3", False),
        ("rpm", ">=5.6.0,<5.6.1.revertto5.4", "5.6.1-1.1", True),
        ("rpm", ">=5.6.0,<5.6.1.revertto5.4", "5.6.1.revertto5.4-1.1", False),
        ("rpm", "5.6.0", "5.6.0-2.fc40", True),
    ],
)
def test_ranges(type: str, range: str, version: str, within: bool) -> None:
    assert covers(type, range, version) is within


@pytest.mark.parametrize(("range", "version"), [(">=1.0", "a b"), ("newer than 1", "1.0"), ("", "1.0")])
def test_what_is_no_version_and_no_range_is_said(range: str, version: str) -> None:
    with pytest.raises(VersionError):
        covers("deb", range, version)
