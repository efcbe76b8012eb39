"""Cases in which the engine was once wrong, found by a second reading of the rules and by random cases."""

from __future__ import annotations

import pytest

from chain.story import counts, detection, findings
from properties.kept import Kept, kept
from properties.laws import breaks

TWO_ABSENCES = """\
  scope: host.id
  within: 6s
  stages:
    s0: {on: file_creation, where: {file.name|contains: a}, bind: {p0: process.entity_id}}
    s1:
      on: file_creation
      where: {file.name|contains: b}
      link: process.entity_id in tree of $p0
      bind: {p1: process.entity_id}
    s2: {on: file_creation, where: {file.name|contains: c}, link: process.entity_id in tree of $p1}
    s3: {on: file_creation, where: {file.name|contains: d}, link: process.entity_id in tree of $p0}
  findings: {medium: s1, low: s1 and not s2 and not s3}
"""


def test_a_match_joins_no_second_episode_when_the_absences_of_another_level_are_decided() -> None:
    found = findings(
        detection(TWO_ABSENCES, skew=2_000_000),
        [
            "e02 0 file_creation process.entity_id=p3 file.name=a",
            "e03 5 file_creation process.entity_id=p3 file.name=b",
            "e04 6 file_creation process.entity_id=p2 file.name=abd",
            "e00 8 file_creation process.entity_id=p2 file.name=ab",
        ],
    )
    assert [counts(finding) for finding in found] == [{"s0": 2, "s1": 2}, {"s0": 1, "s1": 1, "s3": 1}]


CHAIN_OF_THREE = """\
  scope: host.id
  within: 10s
  stages:
    s0: {on: file_creation, where: {file.name: a}, bind: {p: process.entity_id}}
    s1:
      on: file_creation
      where: {file.name: b}
      link: process.entity_id = $p
      bind: {q: process.entity_id}
    s2: {on: file_creation, where: {file.name: c}, link: process.entity_id = $q}
  findings: {low: s2}
"""


def test_what_was_counted_for_one_episode_is_counted_for_the_next_one_too() -> None:
    """x opens an episode of its own; then v closes the gap to w's, and what x does next belongs to that."""
    found = findings(
        detection(CHAIN_OF_THREE),
        [
            "w0 0 file_creation process.entity_id=w file.name=a",
            "w1 1 file_creation process.entity_id=w file.name=b",
            "w2 2 file_creation process.entity_id=w file.name=c",
            "v0 10 file_creation process.entity_id=v file.name=a",
            "v1 11 file_creation process.entity_id=v file.name=b",
            "x0 20 file_creation process.entity_id=x file.name=a",
            "x1 20 file_creation process.entity_id=x file.name=b",
            "c1 20 file_creation process.entity_id=x file.name=c",
            "c2 20 file_creation process.entity_id=v file.name=c",
            "x3 25 file_creation process.entity_id=x file.name=c",
        ],
    )
    assert [counts(finding) for finding in found] == [
        {"s0": 3, "s1": 3, "s2": 3},
        {"s0": 1, "s1": 1, "s2": 1},
    ]


@pytest.mark.parametrize("one", kept(), ids=lambda one: f"{one.seed}: {one.why}")
def test_random_cases_that_once_broke_a_law(one: Kept) -> None:
    assert breaks(one.case) is None
