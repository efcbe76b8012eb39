"""Who gets a synthetic creation, and when (R9)."""

from __future__ import annotations

from clew.entity.unrecorded import Unrecorded, Unseen


def test_a_process_that_is_only_named_gets_one_at_the_time_of_its_first_event() -> None:
    watch = Unrecorded(skew=2)
    watch.named("h", "p", 10)
    watch.named("h", "p", 11)
    assert watch.due(12) == []
    assert watch.due(13) == [Unseen(10, "h", "p")]
    watch.named("h", "p", 20)
    assert watch.due(100) == []


def test_a_recorded_creation_up_to_the_skew_later_takes_its_place() -> None:
    for created, expected in ((3, []), (10, []), (12, []), (13, [Unseen(10, "h", "p")])):
        watch = Unrecorded(skew=2)
        if created <= 10:
            watch.created("h", "p", created)
        watch.named("h", "p", 10)
        if created > 10:
            watch.created("h", "p", created)
        assert watch.due(100) == expected, created


def test_the_same_id_on_another_host_is_another_process() -> None:
    watch = Unrecorded(skew=0)
    watch.created("h1", "p", 1)
    watch.named("h2", "p", 5)
    assert watch.due(6) == [Unseen(5, "h2", "p")]


def test_an_earlier_event_that_comes_later_moves_the_time() -> None:
    watch = Unrecorded(skew=2)
    watch.named("h", "p", 10)
    watch.named("h", "p", 9)
    assert watch.due(20) == [Unseen(9, "h", "p")]


def test_what_is_remembered_is_bounded_and_counted() -> None:
    watch = Unrecorded(skew=0, limit=3)
    for number in range(5):
        watch.created("h", f"p{number}", number)
    assert watch.forgotten == 2
    watch.named("h", "p0", 9)
    watch.named("h", "p4", 9)
    assert watch.due(10) == [Unseen(9, "h", "p0")]
