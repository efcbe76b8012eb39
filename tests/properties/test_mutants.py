"""Engines that are wrong on purpose: the properties must notice.

Merging more than provably changes nothing (R14) is the mistake that is easiest to make and hardest to see.
"""

from __future__ import annotations

import pytest

from clew.chain import chain, layout
from clew.chain.admission import Hit
from clew.chain.chain import Chain
from clew.chain.exempt import Exempt
from clew.chain.layout import Level
from clew.chain.node import Filled
from clew.detection.model import Plan, Stage
from clew.event import Event
from properties.laws import broken, is_the_oracle

SEEDS = range(600)


def caught() -> int:
    """How many of the cases show the mistake."""
    return sum(broken(seed, (is_the_oracle,)) is not None for seed in SEEDS)


def test_without_a_mutant_nothing_is_wrong() -> None:
    assert caught() == 0


def test_merging_all_nodes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def merges(plan: Plan, stage: Stage, has_children: bool) -> bool:
        return stage.index > 0

    monkeypatch.setattr(layout, "_merges", merges)
    assert caught() > 15


def test_merging_openings_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Chain._place

    def merge(self: Chain, level: Level, event: Event, filled: Filled, hit: Hit, *counted: object) -> None:
        filling, _, parent = hit
        values = tuple(map(event.keys.get, filling.columns))
        for node in self.expiry.openings() if parent is None and filling.count is None else ():
            if (node.scope, node.way, node.values) == (filled[0], filling.number, values):
                self._merge(node, filled[1])
                return
        place(self, level, event, filled, hit, *counted)

    monkeypatch.setattr(Chain, "_place", merge)
    assert caught() > 40


def test_counting_each_alternative_by_itself_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "number_of", lambda count, alternative: alternative)
    assert caught() > 2


def test_forgetting_exceptions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Exempt, "node", lambda self, node: None)
        assert caught() > 2
    monkeypatch.setattr(Exempt, "event", lambda self, stage, event: None)
    assert caught() > 5
