"""Semantic Versioning 2.0.0 and npm's ranges of versions.

https://semver.org/spec/v2.0.0.html, https://github.com/npm/node-semver#ranges
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

_NUMBERS = r"(\d{1,16})(?:\.(\d{1,16}|[xX*]))?(?:\.(\d{1,16}|[xX*]))?"
_TAIL = r"(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
_WHOLE = re.compile(r"[v=\s]*(\d{1,16})\.(\d{1,16})\.(\d{1,16})" + _TAIL)
_TERM = re.compile(rf"(>=|<=|>|<|=|\^|~>?)?\s*[v=]*(?:{_NUMBERS}{_TAIL}|([xX*]))")
_HYPHEN = re.compile(rf"\s*[v=]*{_NUMBERS}{_TAIL}\s+-\s+[v=]*{_NUMBERS}{_TAIL}\s*")

#: Numbers, then 1 for a release and 0 for what comes before it, then the identifiers of the pre-release.
Key: TypeAlias = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]
Bound: TypeAlias = tuple[str, Key]


def key(version: str) -> Key:
    """What orders versions by precedence; build metadata counts for nothing. Raises ValueError."""
    match = _WHOLE.fullmatch(version.strip())
    if match is None:
        raise ValueError(f"'{version}' is no semantic version")
    return _key(int(match[1]), int(match[2]), int(match[3]), match[4])


def _key(major: int, minor: int, patch: int, before: str | None = None) -> Key:
    if not before:
        return (major, minor, patch, 1, ())
    words = tuple((0, int(w), "") if w.isdigit() else (1, 0, w) for w in before.split("."))
    return (major, minor, patch, 0, words)


def satisfies(version: str, wanted: str) -> bool:
    """Whether npm would take the version for the range. Raises ValueError where either cannot be read."""
    this = key(version)
    return any(_all_hold(this, bounds) for bounds in parse(wanted))


def covers(wanted: str, version: str) -> bool:
    """Whether the version lies in the range by order alone, pre-releases too, as advisories mean it."""
    this = key(version)
    return any(all(_holds(this, *bound) for bound in bounds) for bounds in parse(wanted))


def parse(wanted: str) -> list[list[Bound]]:
    """The range as alternatives of bounds that all must hold. Raises ValueError."""
    return [list(_bounds(part, wanted)) for part in wanted.split("||")]


def _all_hold(this: Key, bounds: list[Bound]) -> bool:
    """A pre-release passes only where a bound with the same numbers names one too, as npm has it."""
    if not all(_holds(this, operator, bound) for operator, bound in bounds):
        return False
    return this[3] == 1 or any(bound[3] == 0 and bound[4] and bound[:3] == this[:3] for _, bound in bounds)


def _holds(this: Key, operator: str, bound: Key) -> bool:
    match operator:
        case ">=":
            return this >= bound
        case "<":
            return this < bound
        case ">":
            return this > bound
        case "<=":
            return this <= bound
    return this == bound


def _bounds(part: str, wanted: str) -> Iterator[Bound]:
    if hyphen := _HYPHEN.fullmatch(part):
        low, high = hyphen.groups()[:4], hyphen.groups()[4:]
        yield (">=", _low(low))
        yield ("<", _next(high)) if _open(high) else ("<=", _low(high))
        return
    at = 0
    rest = part.strip()
    while at < len(rest):
        term = _TERM.match(rest, at)
        if term is None or (term.end() < len(rest) and not rest[term.end()].isspace()):
            raise ValueError(f"'{wanted}' is no range of versions")
        yield from _term(term[1] or "", term.groups()[1:5], bool(term[6]))
        at = term.end() + len(rest[term.end() :]) - len(rest[term.end() :].lstrip())


def _term(operator: str, parts: tuple[str | None, ...], anything: bool) -> Iterator[Bound]:
    if anything:
        return
    if operator == "^":
        yield (">=", _low(parts))
        yield ("<", _above_caret(parts))
    elif operator in ("~", "~>"):
        yield (">=", _low(parts))
        yield ("<", _next(parts if _open(parts) else (parts[0], parts[1], None)))
    elif operator in ("", "=") and _open(parts):
        yield (">=", _low(parts))
        yield ("<", _next(parts))
    elif operator == ">" and _open(parts):
        yield (">=", _next(parts))
    elif operator == "<=" and _open(parts):
        yield ("<", _next(parts))
    else:
        yield (operator or "=", _low(parts))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _open(parts: tuple[str | None, ...]) -> bool:
    """Whether minor or patch are left open, as in 1.x."""
    return _number(parts[1]) is None or _number(parts[2]) is None


def _low(parts: tuple[str | None, ...]) -> Key:
    return _key(
        int(parts[0] or 0),
        _number(parts[1]) or 0,
        _number(parts[2]) or 0,
        parts[3] if len(parts) > 3 else None,
    )


def _next(parts: tuple[str | None, ...]) -> Key:
    """The least version (pre-releases too) above everything that the open parts allow."""
    major, minor = int(parts[0] or 0), _number(parts[1])
    return (major + 1, 0, 0, 0, ()) if minor is None else (major, minor + 1, 0, 0, ())


def _above_caret(parts: tuple[str | None, ...]) -> Key:
    """The first non-zero number may not change."""
    major, minor, patch = int(parts[0] or 0), _number(parts[1]), _number(parts[2])
    if major or minor is None:
        return (major + 1, 0, 0, 0, ())
    if minor or patch is None:
        return (0, minor + 1, 0, 0, ())
    return (0, 0, patch + 1, 0, ())
