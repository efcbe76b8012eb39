"""Snapshots: state as bytes, and what they refuse."""

from __future__ import annotations

import msgspec
import pytest

from chain.plans import ABSENCE, CALL, COUNT, DROP, RUN, SLIDING, STANDING, WRITE
from chain.story import detection, engine, event, rows
from clew.chain.engine import Engine
from clew.chain.order import in_order
from clew.chain.rows import VERSION, EngineRow
from clew.errors import UsageError


@pytest.mark.parametrize(
    ("chain", "lines"),
    [
        (DROP, [WRITE, "start 4 p1 p0 name=a event=r", RUN, "end 6 p9", CALL, "c2" + CALL[1:]]),
        (ABSENCE, [WRITE, RUN, "z 11m file_creation file.path=z"]),
        (
            COUNT,
            [
                "s 0 process_creation process.entity_id=p1",
                *(f"f{n} {n} file_creation process.entity_id=p1 file.path={n}" for n in range(1, 5)),
                "d 9 file_deletion file.path=3",
            ],
        ),
        (
            SLIDING.replace("  per: []\n", ""),
            [f"t{n} {n * 20} user_account_authentication user.name=u" for n in range(7)],
        ),
        (
            STANDING,
            [
                "s 0 process_creation process.entity_id=p1",
                "c 1d file_modification process.entity_id=p1",
                "a 3d file_creation process.entity_id=p1 file.path=x",
                "r 3d+9m process_creation process.executable=x process.entity_id=p9",
                "end 4d p1",
            ],
        ),
    ],
)
def test_going_on_from_a_snapshot_after_any_row_changes_nothing(chain: str, lines: list[str]) -> None:
    one = detection(chain)
    batch = in_order(rows(one, lines), [one])
    whole = Engine([one])
    for row in batch:
        whole.feed(row)
    whole.finish()
    expected = whole.take()
    assert expected
    for cut in range(len(batch) + 1):
        first, second = Engine([one]), Engine([one])
        for row in batch[:cut]:
            first.feed(row)
        second.restore(first.snapshot())
        assert (second.nodes, second.size) == (first.nodes, first.size)
        for row in batch[cut:]:
            second.feed(row)
        second.finish()
        assert second.take() == expected, cut
        assert second.counters == whole.counters
        assert len(second.lineage) == len(whole.lineage)


def test_the_same_state_is_the_same_bytes() -> None:
    one = detection(DROP)
    made = engine(one, [WRITE, RUN, CALL])
    again = Engine([one])
    again.restore(made.snapshot())
    assert again.snapshot() == made.snapshot()


def test_another_version_is_refused() -> None:
    one = detection(DROP)
    row = msgspec.msgpack.decode(engine(one, [WRITE]).snapshot())
    row[0] = 999
    with pytest.raises(UsageError, match=r"format 999"):
        Engine([one]).restore(msgspec.msgpack.encode(row))


def test_other_detections_are_refused() -> None:
    data = engine(detection(DROP), [WRITE]).snapshot()
    with pytest.raises(UsageError, match="other detections"):
        Engine([detection(DROP.replace("10m", "11m"))]).restore(data)


def test_damage_is_refused() -> None:
    one = detection(DROP)
    data = engine(one, [WRITE]).snapshot()
    for broken in (b"", b"nonsense", data[:-5], msgspec.msgpack.encode([VERSION, "x"])):
        with pytest.raises(UsageError):
            Engine([one]).restore(broken)


def test_more_ways_than_a_number_has_bits_survive() -> None:
    names = [f"s{n}" for n in range(9)]
    stages = "".join(f"    {n}: {{on: module_load, link: process.entity_id = $p}}\n" for n in names)
    pairs = [f"{a} and {b}" for i, a in enumerate(names) for b in names[i + 1 :]]
    chain = (
        "  scope: host.id\n  within: 10m\n  stages:\n    a: {on: file_creation, bind: {p: process.entity_id}}\n"
        f"{stages}  findings:\n    high: {' or '.join(pairs)}\n    low: {' or '.join(pairs)}\n"
    )
    one = detection(chain)
    made = engine(one, ["a 0 file_creation process.entity_id=p", "b 1 module_load process.entity_id=p"])
    assert len(made.chains[0].layout.ways) > 63
    again = Engine([one])
    again.restore(made.snapshot())
    assert again.take() == made.take()
    assert event("b 1 module_load").time == 1_000_000


@pytest.mark.parametrize("cut", ["entries", "nodes"])
def test_columns_of_unequal_length_are_damage(cut: str) -> None:
    state = msgspec.msgpack.decode(engine(detection(DROP), [WRITE, RUN]).snapshot(), type=EngineRow)
    columns = getattr(state.chains[0], cut)
    name = next(name for name in columns.__struct_fields__ if getattr(columns, name))
    setattr(columns, name, getattr(columns, name)[:-1])
    with pytest.raises(UsageError, match="the snapshot is damaged"):
        Engine([detection(DROP)]).restore(msgspec.msgpack.encode(state))
