"""The engine against the oracle and its other laws, on random detections and logs.

CLEW_CASES sets how many (20,000 by default); `scripts/prove` runs as many as wanted on all cores.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from properties.compare import oracle_view
from properties.generate import case
from properties.laws import broken, rotating

CASES = int(os.environ.get("CLEW_CASES", "20000"))
CHUNK = 500


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_random_cases(first: int) -> None:
    for seed in range(first, first + CHUNK):
        failure = broken(seed, rotating(seed))
        assert failure is None, failure


@given(st.integers(min_value=1 << 32, max_value=1 << 62))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cases_that_nobody_chose(seed: int) -> None:
    failure = broken(seed)
    assert failure is None, failure


def test_the_cases_are_worth_running() -> None:
    """Half of them find something, and what is awkward is not rare: absences, bases that move, deep chains."""
    kinds = ("found", "absence", "uncovered", "from", "deep", "raised", "weak", "also", "short")
    seen = dict.fromkeys((*kinds, "together", "excepted"), 0)
    for seed in range(600):
        one = case(seed)
        plan = one.detection.plan
        views = oracle_view(one)
        absent = any(disjunct.absent for rule in plan.levels for disjunct in rule.disjuncts)
        seen["found"] += bool(views)
        seen["absence"] += bool(views) and absent
        seen["from"] += bool(views) and plan.base > 0
        seen["uncovered"] += any(not head[4] for head, *_ in views)
        ways = [way for stage in plan.stages for way in stage.alternatives]
        seen["together"] += bool(views) and any(way.count and way.count.together for way in ways)
        seen["excepted"] += views != oracle_view(replace(one, exemptions=()))
        seen["raised"] += any(head[3] > 1 for head, *_ in views)
        seen["weak"] += any(weak for _, _, weak, *_ in views)
        seen["also"] += any(also for _, stages, *_ in views for _, also, _, _ in stages)
        seen["deep"] += any(plan.stages[stage].depth > 3 for _, stages, *_ in views for stage, *_ in stages)
        seen["short"] += any(0 < length < asked for *_, new in views for _, asked, length in new)
    assert seen["found"] > 250
    assert min(seen.values()) > 15, seen
