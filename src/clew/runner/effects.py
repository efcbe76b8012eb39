"""What became of findings, where a hunt is replayed with other values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import TypeAlias

from clew.finding import LEVELS, Finding, Level, rank
from clew.report.tuning import Effect, Fate

#: A finding before and after; None where it is not there.
_Pair: TypeAlias = "tuple[Finding | None, Finding | None]"


def by_level(findings: Iterable[Finding]) -> dict[Level, int]:
    """How many findings at each level, the gravest first; levels without any are left out."""
    counts = Counter(finding.level for finding in findings)
    return {level: counts[level] for level in reversed(LEVELS) if counts[level]}


def effects(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[Effect]:
    """What became of each finding that is not what it was, the gravest first.

    The same chain may have another id with another window, since its id tells when the first match began: of equal
    scope and `per` the findings that are left are paired in order of time.
    """
    changed = [
        _effect(was, now) for was, now in _pairs(before, after) if (was and was.level) != (now and now.level)
    ]
    yield from sorted(changed, key=lambda one: (-_gravity(one), one.first, one.id))


def _gravity(effect: Effect) -> int:
    return max(rank(level) for level in (effect.was, effect.level) if level)


def _pairs(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[_Pair]:
    old, new = ({finding.id: finding for finding in some} for some in (before, after))
    for id in old.keys() & new.keys():
        yield old.pop(id), new.pop(id)
    groups: dict[object, tuple[list[Finding], list[Finding]]] = {}
    for side, some in enumerate((old, new)):
        for finding in sorted(some.values(), key=lambda finding: finding.first):
            place = (finding.variant, *finding.scope.values(), *finding.per.values())
            groups.setdefault(place, ([], []))[side].append(finding)
    for was, now in groups.values():
        yield from zip_longest(was, now)


def _effect(was: Finding | None, now: Finding | None) -> Effect:
    shown = now or was
    assert shown
    return Effect(
        fate=_fate(was, now),
        id=shown.id,
        was=was.level if was else None,
        level=now.level if now else None,
        scope=shown.scope,
        per=shown.bound,
        first=shown.first,
    )


def _fate(was: Finding | None, now: Finding | None) -> Fate:
    if was and now:
        return "higher" if rank(now.level) > rank(was.level) else "lower"
    return "gone" if was else "new"
