"""The order of versions in distributions: Debian's, and RPM's, which Arch Linux has too.

https://www.debian.org/doc/debian-policy/ch-controlfields.html#version
https://rpm-software-management.github.io/rpm/manual/dependencies.html#versioning
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cmp_to_key
from itertools import zip_longest
from typing import Any

_VERSION = re.compile(r"(?:(\d+):)?([A-Za-z0-9.+~^_-]+?)(?:-([A-Za-z0-9.+~^_]+))?")
_BOUND = re.compile(r"\s*(>=|<=|>|<|=)?\s*([^\s,<>=]+)\s*(?:,|$)")
_RUNS = re.compile(r"(\D*)(\d*)")
_TRIES: Mapping[str, Callable[[int], bool]] = {
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    "=": lambda order: order == 0,
}
#: Who orders how.
TYPES = ("deb", "rpm", "alpm")


def key(type: str, version: str) -> Any:
    """What orders the versions of a distribution. Raises ValueError."""
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"'{version}' is no version of {type}")
    compared = _DEB if type == "deb" else _RPM
    return (int(match[1] or 0), compared(match[2]), compared(match[3] or ("0" if type == "deb" else "")))


def covers(type: str, range: str, version: str) -> bool:
    """Whether all bounds hold: `>=5.6.0,<=5.6.1-1`. A bound of RPM without a release holds for each release.

    Raises ValueError.
    """
    bounds, end = [], 0
    while end < len(range) and (match := _BOUND.match(range, end)):
        bounds.append((match[1] or "=", match[2]))
        end = match.end()
    if not bounds or end < len(range):
        raise ValueError(f"'{range}' is no range: write >=1.0,<2.0")
    return all(_TRIES[sign](_order(type, version, bound)) for sign, bound in bounds)


def _order(type: str, version: str, bound: str) -> int:
    """-1 where the version is older than the bound, 0 where it is as new, 1 where it is newer."""
    one, other = key(type, version), key(type, bound)
    if type != "deb" and "-" not in bound:
        one, other = one[:2], other[:2]
    return int(one > other) - int(one < other)


def _deb(one: str, other: str) -> int:
    """Runs of other signs and of digits in turn; `~` comes before the end, letters before all other signs."""
    for mine, yours in zip_longest(_RUNS.findall(one), _RUNS.findall(other), fillvalue=("", "")):
        signs = zip_longest(mine[0], yours[0], fillvalue="")
        if order := next((found for pair in signs if (found := _sign(pair[0]) - _sign(pair[1]))), 0):
            return order
        if order := int(mine[1] or 0) - int(yours[1] or 0):
            return order
    return 0


def _sign(sign: str) -> int:
    return -1 if sign == "~" else 0 if not sign else ord(sign) if sign.isalpha() else ord(sign) + 256


def _rpm(one: str, other: str) -> int:
    """Runs of letters and of digits, whatever parts them; digits are newer than letters, `~` older than the end."""
    for mine, yours in zip_longest(_parts(one), _parts(other), fillvalue=""):
        if mine == yours:
            continue
        if "~" in (mine, yours):
            return -1 if mine == "~" else 1
        if "^" in (mine, yours):
            return (-1 if yours else 1) if mine == "^" else (1 if mine else -1)
        if not mine or not yours:
            return 1 if mine else -1
        if mine.isdigit() != yours.isdigit():
            return 1 if mine.isdigit() else -1
        if mine.isdigit() and int(mine) == int(yours):
            continue
        greater = int(mine) > int(yours) if mine.isdigit() else mine > yours
        return 1 if greater else -1
    return 0


def _parts(version: str) -> list[str]:
    return re.findall(r"\d+|[A-Za-z]+|~|\^", version)


_DEB, _RPM = cmp_to_key(_deb), cmp_to_key(_rpm)
