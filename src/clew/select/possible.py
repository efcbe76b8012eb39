"""What of a condition can be told before the columns are filled that tables fill: whether an event may pass.

An over-estimate. A test of such a column may come out either way, so it does not count; all others do. While the
data streams in, an event that may pass is kept, and tested once more when its columns are filled (see `places`).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from clew.detection.condition import All, Condition, Either, FieldRef, Not, Test
from clew.detection.matcher import Boolean, Exists
from clew.select.expression import connect, expression

#: Being told a name or a host can make a destination the host's own; it never makes it another's.
_GROWING = "clew.destination.own"
#: It holds the address until there is a name. All others are null as long as they can be filled, so what is denied
#: of them is true until then.
_REPLACED = "destination.address"


def possible(condition: Condition, fillable: Collection[str], holds: bool = True) -> exp.Expression:
    """SQL that is true for each event for which the condition may hold (or may not) once these columns are filled."""
    match condition:
        case Not(part):
            return possible(part, fillable, not holds)
        case All(parts) | Either(parts):
            joined = exp.And if isinstance(condition, All) is holds else exp.Or
            return connect(joined, [possible(part, fillable, holds) for part in parts])
        case Test() | FieldRef():
            if _is_open(condition, fillable, holds):
                return exp.true()
            told = expression(condition)
            return told if holds else exp.Not(this=exp.Paren(this=told))


def gains(condition: Condition, fillable: Collection[str], holds: bool = True) -> bool:
    """Whether an event may pass then that does not pass now."""
    match condition:
        case Not(part):
            return gains(part, fillable, not holds)
        case All(parts) | Either(parts):
            return any(gains(part, fillable, holds) for part in parts)
        case Test() | FieldRef():
            return _is_open(condition, fillable, holds)


def _is_open(test: Test | FieldRef, fillable: Collection[str], holds: bool) -> bool:
    """Whether the test may come to hold (or not to) though it does not now."""
    if isinstance(test, FieldRef):
        return test.field in fillable or test.other in fillable
    if test.field not in fillable:
        return False
    if test.field == _GROWING and isinstance(test.matcher, Boolean):
        return test.matcher.value is holds
    if isinstance(test.matcher, Exists):
        return test.matcher.present is holds
    return holds or test.field in (_GROWING, _REPLACED)
