"""Open chains leave no circles for the garbage collector, so that it may look seldom."""

from __future__ import annotations

import gc

import pytest

from chain.plans import ABSENCE, CALL, COUNT, DROP, RUN, STANDING, WRITE
from chain.story import detection, rows
from clew.chain.engine import Engine
from clew.chain.garbage import seldom_collected
from clew.chain.limits import DEFAULT, Limits
from clew.chain.order import in_order


def story(number: int) -> list[str]:
    """One after the other: a program is written, runs, calls twice and ends."""
    at = f"{number * 20}m+"
    lines = [WRITE, RUN, CALL, CALL.replace("c 9", "d 10"), "end 12 p1"]
    own = [line.lower().replace("a.exe", f"{number}.exe").replace("p1", f"p{number}") for line in lines]
    return [
        line.replace("end ", f"end {at}")
        if line.startswith("end")
        else line.replace(" ", f"{number} {at}", 1)
        for line in own
    ]


@pytest.mark.parametrize("chain", [DROP, ABSENCE, COUNT, STANDING])
@pytest.mark.parametrize("limits", [DEFAULT, Limits(state_bytes=2_000)])
def test_chains_that_are_over_or_evicted_leave_no_circles(chain: str, limits: Limits) -> None:
    one = detection(chain)
    made = Engine([one], limits)
    every = in_order(rows(one, [line for number in range(60) for line in story(number)]), [one])
    shown = 0
    gc.collect()
    gc.disable()
    try:
        for place, row in enumerate(every):
            made.feed(row)
            if place % 10 == 0:
                made.advance(made.now)
                shown += len(made.take())
        made.advance(2_000 * 60 * 1_000_000)
        shown += len(made.take())
        left = gc.collect()
    finally:
        gc.enable()
    assert made.counters.opened >= 60
    assert made.nodes < 60
    assert left == 0
    assert shown or limits is not DEFAULT or chain not in (DROP, ABSENCE)


def test_the_collector_is_as_it_was_after_all() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), seldom_collected():
        assert gc.get_threshold() > before
        raise KeyError
    assert gc.get_threshold() == before
