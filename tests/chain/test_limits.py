"""What happens at the caps (R14): the least is lost, and it is counted."""

from __future__ import annotations

from chain.plans import CALL, COUNT, DROP, RUN, STANDING, WRITE
from chain.story import detection, engine, only, rows
from clew.chain.engine import Engine
from clew.chain.limits import Limits
from clew.chain.order import in_order


def writes(count: int) -> list[str]:
    return [f"w{n} {n} file_creation file.path=c:\\{n}.exe" for n in range(count)]


def test_what_goes_first_has_least_progress_and_then_is_oldest() -> None:
    one = detection(DROP)
    made = Engine([one], Limits(state_bytes=12_000))
    for row in in_order(rows(one, [WRITE, RUN, CALL, *writes(40)]), [one]):
        made.feed(row)
    made.advance(40_000_000)
    assert made.counters.evicted > 0
    assert made.size <= 12_000
    assert made.counters.evicted + made.nodes == 43
    kept = [opening.entry.event for opening in made.chains[0].expiry.openings()]
    assert kept[0] == "w"  # the oldest of all, but the only one with progress
    assert kept[1:] == [f"w{n}" for n in range(40 - len(kept) + 1, 40)]


def test_an_evicted_chain_is_found_by_no_link_and_what_stays_goes_on() -> None:
    one = detection(DROP)
    made = Engine([one], Limits(state_bytes=5_000))
    for row in in_order(rows(one, writes(30)), [one]):
        made.feed(row)
    made.advance(30_000_000)
    kept = {opening.entry.event for opening in made.chains[0].expiry.openings()}
    runs = [
        f"r{n} 1m process_creation process.executable=c:\\{n}.exe process.entity_id=p{n}" for n in range(30)
    ]
    for row in in_order(rows(one, runs), [one]):
        made.feed(row)
    shown = {finding.stages[0].events[0].id for finding in made.take()}
    assert shown == kept


def test_a_standing_chain_can_be_evicted_too() -> None:
    one = detection(STANDING)
    made = Engine([one], Limits(state_bytes=5_000))
    lines = [f"s{n} {n} process_creation process.entity_id=p{n}" for n in range(50)]
    for row in in_order(rows(one, lines), [one]):
        made.feed(row)
    made.advance(60_000_000)
    assert made.counters.evicted == 50 - made.nodes > 0
    assert made.size <= 5_000


def test_size_comes_back_to_nothing() -> None:
    for chain, lines in (
        (DROP, [WRITE, RUN, CALL, "c2" + CALL[1:]]),
        (
            COUNT,
            [
                "s 0 process_creation process.entity_id=p",
                *(f"f{n} {n} file_creation process.entity_id=p file.path={n}" for n in (1, 2)),
            ],
        ),
    ):
        made = engine(detection(chain), lines)
        assert made.size > 0
        made.advance(10_000_000_000)
        assert (made.size, made.nodes) == (0, 0)


def test_a_counted_stage_shows_no_more_than_its_share() -> None:
    one = detection(COUNT.replace("at_least: 3, distinct: file.path", "at_least: 30"))
    files = [f"f{n} {n} file_creation process.entity_id=p file.path={n}" for n in range(1, 31)]
    made = engine(one, ["s 0 process_creation process.entity_id=p", *files], Limits(evidence=5))
    many = only(made.take()).stages[1]
    assert many.count == 30
    assert [e.id for e in many.events] == ["f30", "f26", "f27", "f28", "f29"]


def test_lineage_is_capped_and_what_it_forgets_is_counted() -> None:
    one = detection(DROP)
    made = Engine([one], Limits(processes=10))
    for row in in_order(rows(one, [f"start {n} p{n}" for n in range(30)]), [one]):
        made.feed(row)
    assert len(made.lineage) <= 10
    assert made.lineage.forgotten == 30 - len(made.lineage)


def test_leaves_that_say_the_same_share_a_node() -> None:
    one = detection(DROP)
    calls = [f"c{n} {10 + n} network_traffic_flow process.entity_id=p1" for n in range(50)]
    made = engine(one, [WRITE, RUN, *calls])
    assert made.nodes == 3
    assert made.counters.merged == 49
    assert only(made.take()).stages[2].count == 50


def test_what_is_over_goes_as_rows_come_and_all_of_it_when_the_time_is_said() -> None:
    one = detection(DROP)
    made = Engine([one])
    reach = made.chains[0].layout.reach
    for row in in_order(rows(one, writes(2_000)), [one]):
        made.feed(row)
        oldest = next(made.chains[0].expiry.openings()).entry.time
        assert made.now - oldest <= reach + reach // 256
    newest = 1_999_000_000
    made.advance(newest + reach)
    assert made.nodes == 1
    made.advance(newest + reach + 1)
    assert (made.nodes, made.size) == (0, 0)
