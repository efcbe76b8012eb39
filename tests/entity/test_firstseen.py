"""Runs of keys (R5)."""

from __future__ import annotations

import random

from clew.entity.firstseen import Runs

KEY = ("h1", "evil")


def literal(times: list[int], time: int, gap: int) -> int:
    """Back from the time while the gaps are short."""
    began = time
    for one in sorted((t for t in times if t <= time), reverse=True):
        if began - one > gap:
            break
        began = one
    return began


def test_a_run_goes_on_over_gaps_of_at_most_the_gap() -> None:
    runs = Runs(gap=10)
    assert [runs.see(KEY, time) for time in (0, 10, 20, 31, 41)] == [0, 0, 0, 31, 31]


def test_keys_do_not_see_each_other() -> None:
    runs = Runs(gap=10)
    runs.see(KEY, 0)
    assert runs.see(("h2", "evil"), 5) == 5


def test_whatever_the_order_the_answer_is_that_of_the_rule() -> None:
    for seed in range(400):
        chance = random.Random(seed)
        gap = chance.choice((0, 1, 3, 10))
        times = [chance.randrange(60) for _ in range(chance.randrange(1, 20))]
        runs = Runs(gap)
        for number, time in enumerate(times):
            assert runs.see(KEY, time) == literal(times[: number + 1], time, gap), (seed, number)
        for time in range(-5, 75):
            assert runs.began(KEY, time) == literal([*times], time, gap), (seed, time)


def test_a_late_event_joins_two_runs() -> None:
    runs = Runs(gap=10)
    runs.see(KEY, 0)
    assert runs.see(KEY, 20) == 20
    assert runs.see(KEY, 10) == 0
    assert runs.began(KEY, 20) == 0


def test_looking_does_not_count_as_seeing() -> None:
    runs = Runs(gap=10)
    assert runs.began(KEY, 5) == 5
    assert len(runs) == 0 and runs.since is None


def test_the_baseline_reaches_back_to_the_first_event() -> None:
    runs = Runs(gap=10)
    runs.see(KEY, 50)
    runs.see(("other",), 30)
    runs.sweep(1_000)
    assert (runs.since, len(runs)) == (30, 0)


def test_sweeping_drops_what_no_later_event_can_belong_to() -> None:
    for seed in range(100):
        chance = random.Random(seed)
        times = [chance.randrange(60) for _ in range(12)]
        swept, whole = Runs(5), Runs(5)
        for time in times:
            swept.see(KEY, time)
            whole.see(KEY, time)
        now = chance.randrange(70)
        swept.sweep(now)
        assert [swept.began(KEY, t) for t in range(now, 80)] == [whole.began(KEY, t) for t in range(now, 80)]


def test_what_was_not_seen_for_longest_is_forgotten_first_and_counted() -> None:
    runs = Runs(gap=100, limit=10)
    for number in range(10):
        runs.see((f"k{number}",), number)
    runs.see(("k0",), 20)
    runs.see(("new",), 21)
    assert (len(runs), runs.forgotten) == (9, 2)
    assert runs.see(("k0",), 30) == 0
    assert runs.see(("k1",), 31) == 31


def test_a_snapshot_is_the_whole_of_it() -> None:
    runs = Runs(gap=10)
    for time in (0, 5, 50):
        runs.see(KEY, time)
    again = Runs.restored(runs.snapshot())
    assert again.snapshot() == runs.snapshot()
    assert again.see(KEY, 60) == 50
