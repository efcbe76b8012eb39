"""Stage-delayed order (R12) and the watermark (R13)."""

from __future__ import annotations

import random

from chain.story import detection, rows
from clew.chain.order import Order, Reorder, delayed, in_order, order_key
from clew.event import Event
from clew.select.candidate import Candidate, Fit, ProcessEnd, ProcessStart

CHAIN = """\
  scope: host.id
  within: 10m
  stages:
    a: {on: file_creation, bind: {f: file.path}}
    b: {on: process_creation, link: process.executable = $f, bind: {p: process.entity_id}}
    c: {on: network_traffic_flow, link: process.entity_id in tree of $p}
  findings: {low: c}
"""
ONE = detection(CHAIN, skew=2)


def candidate(
    stage: int, time: int, name: str = "e", clock: str = "", sequence: int | None = None
) -> Candidate:
    return Candidate(0, stage, (Fit(0),), Event(name, "c", time, {}, {}, clock, sequence))


def test_a_candidate_is_delayed_by_the_skew_of_its_depth() -> None:
    assert [order_key(candidate(stage, 10), [ONE])[0] for stage in range(3)] == [12, 14, 16]


def test_lineage_stands_at_its_time_and_before_candidates() -> None:
    start, end = ProcessStart(12, "h1", "p", None), ProcessEnd(12, "h1", "p")
    a = candidate(0, 10)
    assert in_order([a, end, start], [ONE]) == [start, end, a]


def test_facts_of_one_process_at_one_time_have_an_order_of_their_own() -> None:
    """What is named last stands, so that the order of arrival must not decide (seed 7002380)."""
    facts = [ProcessStart(5, "h1", "p", None, name) for name in ("a", "b")]
    facts += [ProcessStart(5, "h1", "p", "q", "c", parent_name=name) for name in ("a", "b")]
    assert in_order(facts, [ONE]) == in_order(facts[::-1], [ONE]) == facts


def test_parents_come_before_every_child_that_the_skew_admits() -> None:
    for early in range(3):
        a, b = candidate(0, 10), candidate(1, 10 - early)
        assert in_order([b, a], [ONE]) == [a, b]


def test_ties_go_by_depth_clock_sequence_and_id() -> None:
    ordered = [
        candidate(0, 12, "z", "z", 9),
        candidate(1, 10, "z", "a", 9),
        candidate(1, 10, "z", "b"),
        candidate(1, 10, "y", "b", 1),
        candidate(1, 10, "x", "b", 2),
        candidate(1, 10, "y", "b", 2),
    ]
    for seed in range(10):
        shuffled = ordered.copy()
        random.Random(seed).shuffle(shuffled)
        assert in_order(shuffled, [ONE]) == ordered


def test_delayed_gives_the_same_order_holding_back_little() -> None:
    chance = random.Random(1)
    batch = [candidate(chance.randrange(3), time, f"e{time}") for time in range(200)]
    assert list(delayed(batch, [ONE])) == in_order(batch, [ONE])
    taken = 0

    def counting():
        nonlocal taken
        for row in batch:
            taken += 1
            yield row

    next(delayed(counting(), [ONE]))
    assert taken <= 8


def test_delayed_gives_rows_of_one_time_in_the_order_of_their_keys() -> None:
    chance = random.Random(2)
    times = sorted(chance.randrange(40) for _ in range(400))
    batch = [
        candidate(chance.randrange(3), time, f"e{chance.randrange(9)}", f"h{chance.randrange(3)}", number)
        for number, time in enumerate(times)
    ]
    batch += [ProcessStart(40, f"h{number % 2}", f"p{number}", None) for number in range(9, 0, -1)]
    assert list(delayed(batch, [ONE])) == in_order(batch, [ONE])


def test_the_watermark_is_the_slowest_clock_less_its_lateness() -> None:
    reorder = Reorder([ONE], lateness=5)
    reorder.saw("a", 100)
    reorder.saw("b", 50, lateness=20)
    list(reorder.ready())
    assert reorder.watermark == 30
    reorder.saw("b", 200)
    list(reorder.ready())
    assert reorder.watermark == 95


def test_an_idle_clock_does_not_hold_the_others_until_it_speaks_again() -> None:
    reorder = Reorder([ONE], lateness=0)
    reorder.saw("a", 100)
    reorder.saw("b", 50)
    reorder.idle("b")
    reorder.idle("never seen")
    list(reorder.ready())
    assert reorder.watermark == 100
    reorder.saw("b", 60)
    list(reorder.ready())
    assert reorder.watermark == 100  # it never goes back
    reorder.saw("a", 200)
    list(reorder.ready())
    assert reorder.watermark == 100
    reorder.saw("b", 150)
    list(reorder.ready())
    assert reorder.watermark == 150


def test_a_row_waits_until_the_watermark_has_passed_its_order_time() -> None:
    reorder = Reorder([ONE], lateness=0)
    row = candidate(2, 10)
    assert reorder.push(row)
    for seen, out in ((10, []), (16, []), (17, [row])):
        reorder.saw("a", seen)
        assert list(reorder.ready()) == out
    assert len(reorder) == 0


def test_a_late_row_is_counted_and_handed_back() -> None:
    reorder = Reorder([ONE], lateness=5)
    reorder.saw("a", 100)
    list(reorder.ready())
    assert reorder.push(candidate(0, 95))
    assert not reorder.push(candidate(2, 94))
    assert not reorder.push(ProcessStart(94, "h1", "p", None))
    assert reorder.late == 2
    assert [row.event.time for row in reorder.drain()] == [95]


def test_rows_that_come_in_any_order_within_the_lateness_leave_in_order() -> None:
    lines = [f"e{n} {n} file_creation file.path=f{n}" for n in range(30)]
    batch = rows(ONE, lines)
    expected = in_order(batch, [ONE])
    for seed in range(20):
        chance = random.Random(seed)
        arrival = sorted(batch, key=lambda row: row.event.time + chance.randint(0, 5_000_000))
        reorder = Reorder([ONE], lateness=5_000_000)
        left = []
        for row in arrival:
            reorder.saw("h1", row.event.time)
            assert reorder.push(row)
            left.extend(reorder.ready())
        left.extend(reorder.drain())
        assert left == expected


def test_keys_of_many_detections_are_total() -> None:
    order = Order([ONE, ONE])
    event = candidate(0, 1).event
    keys = {order.key(Candidate(d, s, (), event)) for d in (0, 1) for s in (0, 1, 2)}
    assert len(keys) == 6
