"""Stages that the nth event fills, by how many traits hold, and beside `any` (R6, R16)."""

from __future__ import annotations

from chain.plans import COUNT, SLIDING
from chain.story import counts, detection, findings, levels, only


def test_the_nth_distinct_event_fills_a_counted_stage() -> None:
    one = detection(COUNT)
    files = [
        f"f{n} {n} file_creation process.entity_id=p1 file.path={path}" for n, path in enumerate("aabbc", 1)
    ]
    start = "s 0 process_creation process.entity_id=p1"
    assert levels(one, [start, *files[:-1]]) == []
    finding = only(findings(one, [start, *files, "d 9 file_deletion file.path=c"]))
    assert finding.level == "high"
    many = finding.stages[1]
    assert [e.id for e in many.events] == ["f5", "f1", "f3"]
    assert many.count == 3
    assert only(findings(one, [start, *files, "d 9 file_deletion file.path=a"])).level == "low"


def test_a_null_does_not_count_as_distinct() -> None:
    one = detection(COUNT)
    files = [f"f{n} {n} file_creation process.entity_id=p1" for n in range(1, 9)]
    assert levels(one, ["s 0 process_creation process.entity_id=p1", *files]) == []


def test_a_counted_opening_slides_and_starts_again() -> None:
    one = detection(SLIDING.replace("  per: []\n", ""))
    tries = [f"t{n} {n * 20} user_account_authentication user.name=u" for n in range(4)]
    finding = only(findings(one, tries[:3]))
    assert [e.id for e in finding.stages[0].events] == ["t2", "t0", "t1"]
    slow = [line.replace(" 40 ", " 61 ") for line in tries[:3]]
    assert levels(one, slow) == []
    other_user = [tries[0], tries[1].replace("=u", "=v"), tries[2]]
    assert levels(one, other_user) == []
    assert counts(only(findings(one, tries)))["guess"] == 3  # the fourth begins a new count


COUNT_BESIDE_ANY = """\
  scope: host.id
  within: 10m
  stages:
    start: {on: process_creation, bind: {p: process.entity_id}}
    many:
      count: {at_least: 3}
      any:
        - {on: file_creation, link: process.entity_id = $p, bind: {made: file.path}}
        - {on: file_creation, where: {file.name: b}, link: process.entity_id = $p, bind: {named: file.name}}
        - {on: file_deletion, link: process.entity_id = $p, at_least: 1}
      traits: {log: {file.name: log}}
    by_path: {on: module_load, link: dll.path = $made}
    by_name: {on: module_load, link: dll.name = $named}
  findings: {high: by_path or by_name, low: many}
"""
PROGRAM = "s 0 process_creation process.entity_id=p"


def test_a_count_beside_any_is_over_the_stage() -> None:
    one = detection(COUNT_BESIDE_ANY)
    made = "f{0} {0} file_creation process.entity_id=p file.path={1} file.name={1}"
    gone = "g {} file_deletion process.entity_id=p file.path=x file.name={}"
    assert levels(one, [PROGRAM, made.format(1, "a"), made.format(2, "c")]) == []
    assert levels(one, [PROGRAM, made.format(1, "a"), made.format(2, "c"), gone.format(3, "log")]) == ["low"]
    assert levels(one, [PROGRAM, made.format(1, "a"), made.format(2, "c"), gone.format(3, "txt")]) == []
    other = gone.format(3, "log").replace("entity_id=p", "entity_id=q")
    assert levels(one, [PROGRAM, made.format(1, "a"), made.format(2, "c"), other]) == []


def test_an_event_that_passes_two_alternatives_counts_once_and_fills_the_stage_by_both() -> None:
    one = detection(COUNT_BESIDE_ANY)
    made = [f"f{n} {n} file_creation process.entity_id=p file.path=b file.name=b" for n in range(1, 5)]
    assert levels(one, [PROGRAM, *made[:2]]) == []
    (finding,) = findings(one, [PROGRAM, *made[:3]])
    assert (finding.level, counts(finding)) == ("low", {"start": 1, "many": 3})
    assert counts(only(findings(one, [PROGRAM, *made]))) == {"start": 1, "many": 3}  # once
    for load in ("l 9 module_load dll.path=b", "l 9 module_load dll.name=b"):
        assert levels(one, [PROGRAM, *made, load]) == ["high"]


def test_a_count_beside_the_any_of_an_opening_slides_over_all_alternatives() -> None:
    one = detection(
        """\
  scope: host.id
  within: 10m
  stages:
    guess:
      count: {at_least: 3, by: [user.name], within: 1m}
      any: [{on: user_account_authentication}, {on: logon_session_creation}, {on: logon_session_creation}]
  findings: {low: guess}
"""
    )
    failed, logged = (
        "f{0} {0} user_account_authentication user.name=u",
        "l{0} {0} logon_session_creation user.name=u",
    )
    assert levels(one, [failed.format(0), logged.format(20)]) == []
    assert levels(one, [logged.format(0), logged.format(20)]) == []  # by two alternatives each, and yet once
    every = [failed.format(0), failed.format(20), logged.format(40), logged.format(45), failed.format(50)]
    assert counts(only(findings(one, every)))["guess"] == 3  # the other two begin a new count
    assert levels(one, [failed.format(0), failed.format(20), logged.format(61)]) == []
