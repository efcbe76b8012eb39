"""Behaviour that people know from other engines, as cases of our own.

EQL's `sequence by ... with maxspan` (a key on each step, `until`, missing events ``![ ]``), Sigma's
`temporal` and `temporal_ordered` correlations and `event_count`/`value_count`, and what a stream brings: ties,
late and disordered events.
"""

from __future__ import annotations

import random

import pytest

from chain.story import counts, detection, engine, findings, levels, only, rows, thread
from clew.chain.engine import Engine
from clew.chain.order import Reorder, in_order
from clew.detection.model import Detection

# sequence by process.entity_id with maxspan=1m [a] [b] [c]
SEQUENCE = """\
  scope: host.id
  within: 1m
  stages:
    a: {on: process_creation, bind: {p: process.entity_id}}
    b: {on: file_creation, link: process.entity_id = $p, bind: {q: process.entity_id}}
    c: {on: network_traffic_flow, link: process.entity_id = $q}
  findings: {low: c}
  per: [$p]
"""
A = "a 0 process_creation process.entity_id=p1"
B = "b 10 file_creation process.entity_id=p1"
C = "c 20 network_traffic_flow process.entity_id=p1"


@pytest.fixture
def sequence() -> Detection:
    return detection(SEQUENCE)


def test_sequence_in_order(sequence: Detection) -> None:
    assert levels(sequence, [A, B, C]) == ["low"]


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_sequence_in_any_other_order_is_none(sequence: Detection, order: tuple[int, ...]) -> None:
    """`temporal_ordered`: A-C-B does not match A-B-C."""
    lines = [line.split(maxsplit=2) for line in (A, B, C)]
    timed = [f"{lines[which][0]} {place * 10} {lines[which][2]}" for place, which in enumerate(order)]
    assert levels(sequence, timed) == []


def test_sequence_at_one_moment(sequence: Detection) -> None:
    """Ties are no order: events of one time may follow each other in any way that the links allow."""
    at_once = [line.replace(" 10 ", " 0 ").replace(" 20 ", " 0 ") for line in (C, B, A)]
    assert levels(sequence, at_once) == ["low"]


def test_sequence_keys_differ_on_each_hop() -> None:
    """EQL's `[a by x] [b by y]`: what joins one pair of steps need not join the next."""
    one = detection("""\
  scope: host.id
  within: 1m
  stages:
    a: {on: file_creation, bind: {f: file.path}}
    b: {on: process_creation, link: process.executable = $f, bind: {p: process.entity_id}}
    c: {on: network_traffic_flow, link: process.entity_id = $p, bind: {d: destination.address}}
    d: {on: network_connection_creation, link: destination.address = $d}
  findings: {low: d}
""")
    lines = [
        "a 0 file_creation file.path=x process.entity_id=p0",
        "b 1 process_creation process.executable=x process.entity_id=p1",
        "c 2 network_traffic_flow process.entity_id=p1 destination.address=evil",
        "d 3 network_connection_creation process.entity_id=p7 destination.address=evil",
    ]
    assert levels(one, lines) == ["low"]
    for place, (old, new) in enumerate([("=x", "=y"), ("=x", "=y"), ("=p1", "=p2"), ("=evil", "=good")]):
        broken = [*lines[:place], lines[place].replace(old, new), *lines[place + 1 :]]
        assert levels(one, broken) == [], place


def test_sequence_by_two_keys() -> None:
    one = detection("""\
  scope: host.id
  within: 1m
  stages:
    a: {on: file_creation, bind: {f: file.path, u: user.name}}
    b: {on: process_creation, link: process.executable = $f and user.name = $u}
  findings: {low: b}
""")
    first = "a 0 file_creation file.path=x user.name=u"
    assert levels(one, [first, "b 1 process_creation process.executable=x user.name=u"]) == ["low"]
    assert levels(one, [first, "b 1 process_creation process.executable=x user.name=v"]) == []
    assert levels(one, [first, "b 1 process_creation process.executable=x"]) == []


def test_sequence_maxspan_is_over_the_whole_and_closed(sequence: Detection) -> None:
    assert levels(sequence, [A, B, C.replace(" 20 ", " 1m ")]) == ["low"]
    assert levels(sequence, [A, B, C.replace(" 20 ", " 1m+1us ")]) == []


def test_sequence_does_not_mix_keys(sequence: Detection) -> None:
    assert levels(sequence, [A, B.replace("=p1", "=p2"), C]) == []
    interleaved = [
        line.replace("=p1", f"={p}").replace(line[0], line[0] + p, 1)
        for line in (A, B, C)
        for p in ("x", "y")
    ]
    assert levels(sequence, interleaved) == ["low", "low"]


def test_sequence_a_later_start_does_not_hide_an_earlier_one(sequence: Detection) -> None:
    """EQL's state machine overwrites `a`; here each start is a chain of its own, and the latest is shown."""
    restarted = [A, "a2" + A[1:].replace(" 0 ", " 15 "), B, C]
    assert thread(only(findings(sequence, restarted)))["a"] == "a"  # a2 comes after b
    early = [A, "a2" + A[1:].replace(" 0 ", " 5 "), B, C]
    assert thread(only(findings(sequence, early)))["a"] == "a2"
    late = [A, "a2" + A[1:].replace(" 0 ", " 5 "), B, C.replace(" 20 ", " 1m+3s ")]
    assert thread(only(findings(sequence, late)))["a"] == "a2"  # the first window is over, the second is not


def test_sequence_repeats_count_and_do_not_multiply(sequence: Detection) -> None:
    many = [
        A,
        *(B.replace("b 10", f"b{n} {10 + n}") for n in range(5)),
        *(C.replace("c 20", f"c{n} {20 + n}") for n in range(7)),
    ]
    assert counts(only(findings(sequence, many))) == {"a": 1, "b": 5, "c": 7}


# sequence ... until [process end]: a process that has ended does nothing more
def test_until_the_end_of_the_process_closes_a_standing_stage() -> None:
    one = detection("""\
  scope: host.id
  within: 1m
  from: b
  stages:
    a: {on: process_creation, bind: {p: process.entity_id}}
    b: {on: file_creation, link: process.entity_id = $p}
  findings: {low: b}
""")
    assert levels(one, [A, B]) == ["low"]
    assert levels(one, [A, "end 5 p1", B]) == []
    assert levels(one, [A, "end 15 p1", B]) == ["low"]
    reused = [A, "end 5 p1", A.replace("a 0", "a2 8").replace("=p1", "=p1-2"), B.replace("=p1", "=p1-2")]
    assert levels(one, reused) == ["low"]


# sequence [a] ![b] [c]: b is missing
MISSING = """\
  scope: host.id
  within: 1m
  stages:
    a: {on: process_creation, bind: {p: process.entity_id}}
    b: {on: file_creation, link: process.entity_id = $p}
    c: {on: network_traffic_flow, link: process.entity_id = $p}
  findings: {low: c and not b}
"""
END = "z 10m process_creation process.entity_id=late"


def test_a_missing_event_is_missing_in_the_whole_window() -> None:
    one = detection(MISSING)
    assert levels(one, [A, C, END]) == ["low"]
    assert levels(one, [A, B, C, END]) == []
    assert (
        levels(one, [A, C, B.replace(" 10 ", " 30 "), END]) == []
    )  # unlike EQL, also after c: no order was asked
    assert levels(one, [A, C, B.replace(" 10 ", " 61 "), END]) == ["low"]
    assert levels(one, [A, C, B.replace("=p1", "=p2"), END]) == ["low"]


def test_a_missing_event_may_be_asked_after_another_with_its_own_window() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    a: {on: process_creation, bind: {p: process.entity_id}}
    c: {on: network_traffic_flow, link: process.entity_id = $p, bind: {q: process.entity_id}}
    b: {on: file_creation, link: process.entity_id = $q, within: 5s}
  findings: {low: c and not b}
""")
    assert levels(one, [A, C, B.replace(" 10 ", " 25 ")]) == []
    assert levels(one, [A, C, B.replace(" 10 ", " 26 ")]) == ["low"]
    assert levels(one, [A, B, C]) == ["low"]


# Sigma correlations
TEMPORAL = """\
  scope: host.id
  within: 1m
  stages:
    a: {on: process_creation, bind: {u: user.name}}
    b: {on: file_creation, link: user.name = $u}
    c: {on: network_traffic_flow, link: user.name = $u}
  findings: {low: b and c}
"""


def test_temporal_takes_the_others_in_any_order() -> None:
    one = detection(TEMPORAL)
    first = "a 0 process_creation user.name=u"
    b, c = "b {} file_creation user.name=u", "c {} network_traffic_flow user.name=u"
    assert levels(one, [first, b.format(1), c.format(2)]) == ["low"]
    assert levels(one, [first, c.format(1), b.format(2)]) == ["low"]
    assert levels(one, [first, c.format(1)]) == []
    assert levels(one, [first, c.format(1), b.format(2).replace("=u", "=v")]) == []


def test_event_count_groups_and_slides() -> None:
    one = detection("""\
  scope: host.id
  within: 1m
  stages:
    fail: {on: user_account_authentication, count: {at_least: 3, by: [user.name], within: 10s}, bind: {u: user.name}}
    success: {on: logon_session_creation, link: user.name = $u}
  findings: {high: success, low: fail}
""")
    fails = [f"f{n} {n * 5} user_account_authentication user.name=u" for n in range(3)]
    assert levels(one, fails) == ["low"]
    assert levels(one, [fails[0], fails[1], fails[2].replace(" 10 ", " 11 ")]) == []
    assert levels(one, [*fails, "s 20 logon_session_creation user.name=u"]) == ["high"]
    assert levels(one, [*fails, "s 20 logon_session_creation user.name=v"]) == ["low"]


def test_value_count_counts_values() -> None:
    one = detection("""\
  scope: host.id
  within: 1m
  stages:
    spray:
      on: user_account_authentication
      count: {at_least: 3, distinct: user.name, by: [source.ip], within: 1m}
  findings: {low: spray}
""")
    line = "f{} {} user_account_authentication source.ip=10.0.0.1 user.name={}"
    assert levels(one, [line.format(n, n, user) for n, user in enumerate("abc")]) == ["low"]
    assert levels(one, [line.format(n, n, user) for n, user in enumerate("abab")]) == []


# streams
def test_the_order_of_arrival_says_nothing(sequence: Detection) -> None:
    expected = findings(sequence, [A, B, C])
    for seed in range(20):
        shuffled = rows(sequence, [A, B, C])
        random.Random(seed).shuffle(shuffled)
        made = Engine([sequence])
        for row in in_order(shuffled, [sequence]):
            made.feed(row)
        assert made.take() == expected


def test_disorder_within_the_lateness_changes_nothing_and_what_is_later_is_handed_back(
    sequence: Detection,
) -> None:
    a, b, c = rows(sequence, [A, B, C])
    kept = _live(sequence, [b, a, c], lateness=15_000_000)
    assert [finding.level for finding in kept.take()] == ["low"]
    late = Reorder([sequence], lateness=5_000_000)
    late.saw("h1", c.event.time)
    assert list(late.ready()) == []
    assert [late.push(row) for row in (a, b, c)] == [False, False, True]
    assert late.late == 2


def _live(one: Detection, arrival: list, lateness: int) -> Engine:
    reorder, made = Reorder([one], lateness), Engine([one])
    for row in arrival:
        reorder.saw("h1", row.event.time)
        assert reorder.push(row)
        for ready in reorder.ready():
            made.feed(ready)
        made.advance(reorder.watermark)
    for ready in reorder.drain():
        made.feed(ready)
    made.finish()
    return made


def test_a_finding_keeps_its_id_however_it_arrives(sequence: Detection) -> None:
    batch = only(findings(sequence, [A, B, C]))
    live = only(_live(sequence, [rows(sequence, [A, B, C])[n] for n in (1, 0, 2)], 15_000_000).take())
    assert live == batch


def test_engine_is_silent_about_what_is_only_begun(sequence: Detection) -> None:
    assert engine(sequence, [A, B]).take() == []
