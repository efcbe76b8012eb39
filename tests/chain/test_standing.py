"""Stages that stand for as long as a process lives, and what hangs on them (R3, R16)."""

from __future__ import annotations

from chain.plans import STANDING
from chain.story import detection, engine, levels

SERVICE = "s 0 process_creation process.entity_id=p1"
ATTACK = "a 3d file_creation process.entity_id=p1 file.path=x"
START = "r 3d+9m process_creation process.executable=x process.entity_id=p9"


def test_a_standing_stage_may_be_any_age() -> None:
    one = detection(STANDING)
    assert levels(one, [SERVICE, ATTACK, START]) == ["low"]
    assert levels(one, [SERVICE, ATTACK, START.replace("9m", "11m")]) == []


def test_a_standing_stage_ends_with_its_process() -> None:
    one = detection(STANDING)
    assert levels(one, [SERVICE, "end 2d p1", ATTACK, START]) == []
    assert levels(one, [SERVICE, "end 3d p1", ATTACK, START]) == ["low"]


def test_a_child_beside_the_base_may_be_older_but_not_too_young() -> None:
    one = detection(STANDING)
    assert levels(one, [SERVICE, "c 1d file_modification process.entity_id=p1", ATTACK, START]) == ["high"]
    inside = "c 3d+10m file_modification process.entity_id=p1"
    assert levels(one, [SERVICE, ATTACK, START, inside]) == ["high"]
    assert levels(one, [SERVICE, ATTACK, START, inside.replace("10m", "10m+1us")]) == ["low"]


def test_a_standing_chain_goes_when_its_process_has_ended() -> None:
    one = detection(
        STANDING.replace(
            "on: process_creation, bind", "on: process_creation, where: {process.name: svc}, bind"
        )
    )
    lines = [SERVICE + " process.name=svc", ATTACK, START]
    nine_days = 9 * 86_400_000_000
    made = engine(one, lines)
    made.advance(nine_days)
    assert made.nodes == 1
    ended = engine(one, [*lines, "end 4d p1"])
    ended.advance(nine_days)
    assert (ended.nodes, ended.size) == (0, 0)
