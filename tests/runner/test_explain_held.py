"""What `explain` says of chains that an exception holds back, and of openings that fold into another."""

from typing import Any

import pytest

from clew.detection.exception import read_exemptions
from clew.report.explanation import Exempted, Explanation
from clew.runner.explain.run import explain
from clew.runner.explain.source import WrittenEvents, written_events
from clew.settings import TomlFile
from runner.test_explain import CALL, CHAIN, RUN, WRITE, detection, lack, said, thread

BARRED = {"stage": "call", "where": {"destination.ip": "203.0.113.7"}}
BOUND = {"where": {"$binary|endswith": "a.exe"}}
HIDDEN = RUN.replace("}", ", process.command_line: a hidden one}")


def explained(*events: str, excepted: list[dict[str, Any]], chain: str = CHAIN, **asked: Any) -> Explanation:
    one = detection(chain)
    values = [{"detection": "AN0862", "because": "ours", "until": "2027-03-31", **made} for made in excepted]
    places = {("except", n): (10 * n + 1, 1) for n in range(len(values))}
    exemptions = read_exemptions([TomlFile("clew.toml", {"except": values}, places)], [one], [])
    source = WrittenEvents(written_events("\n".join(events), "e.yaml"), "e.yaml")
    return explain(one, source, exemptions=exemptions, **asked)


@pytest.mark.parametrize(
    ("excepted", "name", "reason"),
    [
        (BARRED, "call", "destination.ip is 203.0.113.7"),
        (BOUND, "write", r"$binary is C:\a.exe"),
        ({"stage": "write", "where": {"file.name": "a.exe"}}, "write", "file.name is a.exe"),
    ],
)
def test_a_chain_that_an_exception_holds_back(excepted: dict[str, Any], name: str, reason: str) -> None:
    found = explained(WRITE, RUN, CALL, excepted=[excepted])
    assert found.reached is None
    assert thread(found) == ["write", "run", "call"]
    [only] = found.partials[0].lacks
    assert (only.name, only.levels, only.reason) == (name, ("low",), reason)
    assert only.exempted == Exempted("clew.toml:1", "ours", "2027-03-31")


def test_an_event_that_is_not_excepted_is_preferred() -> None:
    other = CALL.replace("203.0.113.7", "203.0.113.8").replace("+2m", "+3m")
    found = explained(WRITE, HIDDEN, CALL, other, excepted=[BARRED])
    assert (found.reached, found.partials) == ("high", ())


def test_an_exception_for_another_detection_or_value_holds_nothing_back() -> None:
    for excepted in ({**BARRED, "detection": "AN0001"}, {**BARRED, "where": {"destination.ip": "10.0.0.1"}}):
        assert explained(WRITE, RUN, CALL, excepted=[excepted]).reached == "low"


def test_chains_held_back_by_one_exception_are_told_once() -> None:
    many = [event.replace("a.exe", f"{n}a.exe") for n in range(9) for event in (WRITE, RUN, CALL)]
    many = [event.replace("id: p,", f"id: p{n},") for n, event in enumerate(many)]
    other = WRITE.replace("a.exe", "b.exe")
    found = explained(*many, other, excepted=[BOUND])
    assert found.reached is None
    assert [partial.alike for partial in found.partials] == [8, 0]
    assert found.partials[1].where["$binary"] == r"C:\b.exe"


def test_a_barred_event_counts_for_nothing() -> None:
    chain = CHAIN.replace("      new: {", "      count: {at_least: 2}\n      new: {")
    other = CALL.replace("203.0.113.7", "203.0.113.8").replace("+2m", "+3m")
    found = explained(WRITE, RUN, CALL, other, excepted=[BARRED], chain=chain)
    missing = lack(found, "call")
    assert missing.reason == "it takes 2 events, and there are 1"
    assert said(missing) == [
        "exception: held back by the exception at clew.toml:1 until 2027-03-31: ours",
    ]
    assert missing.only == {"exception": 1}
    assert explained(WRITE, RUN, CALL, other, excepted=[], chain=chain).reached == "low"


def test_a_barred_event_does_not_refute_an_absence_but_excepted_bindings_do() -> None:
    chain = CHAIN.replace("low: call", "low: run and not call").replace("    high: call and run.hidden\n", "")
    chain = chain.replace("      new: {", "      bind: {to: destination.ip}\n      new: {")
    assert explained(WRITE, RUN, CALL, excepted=[BARRED], chain=chain).reached == "low"
    bound = explained(WRITE, RUN, CALL, excepted=[{"where": {"$to": "203.0.113.7"}}], chain=chain)
    assert (bound.reached, [one.name for one in bound.partials[0].lacks]) == (None, ["not call"])


NESTED = """
chain:
  scope: host.id
  within: 1h
  stages:
    install:
      on: process_creation
      where: {process.name: msiexec.exe}
      bind: {installer: process.entity_id}
    call:
      on: network_connection_creation
      link: process.entity_id in tree of $installer
  findings: {low: call}
"""


def install(offset: str, process: str, parent: str = "none") -> str:
    return (
        f"- {offset} process_creation: {{process.entity_id: {process}, process.parent.entity_id: {parent}, "
        "process.executable: 'C:\\Windows\\msiexec.exe'}"
    )


def nested(*events: str, excepted: list[dict[str, Any]] = [], chain: str = NESTED) -> Explanation:  # noqa: B006
    return explained(*events, excepted=excepted, chain=chain)


def lines(found: Explanation) -> list[tuple[int, list[int]]]:
    """For each chain the line of its opening, and those of what folds into it."""
    return [
        (one.thread[0].event.log.position, [event.log.position for event in one.nested])
        for one in found.partials
    ]


def test_an_opening_inside_the_tree_of_another_is_no_chain_of_its_own() -> None:
    found = nested(install("+0s", "a"), install("+1s", "b", "a"), install("+2s", "c", "b"))
    assert lines(found) == [(1, [2, 3])]
    assert found.partials[0].folded == 2


def test_what_does_not_fold() -> None:
    beside = nested(install("+0s", "a"), install("+1s", "b", "z"))
    assert lines(beside) == [(1, []), (2, [])]
    late = nested(install("+0s", "a"), install("+1h1us", "b", "a"))
    assert lines(late) == [(1, []), (2, [])]
    different = NESTED.replace("process.entity_id}", "process.entity_id, who: user.name}")
    user = install("+1s", "b", "a").replace("}", ", user.name: ada}")
    assert lines(nested(install("+0s", "a"), user, chain=different)) == [(1, []), (2, [])]


def test_where_the_outer_one_is_barred_the_inner_one_opens() -> None:
    outer = {"stage": "install", "where": {"process.entity_id": "a"}}
    call = "- +3s network_connection_creation: {process.entity_id: b, destination.ip: 203.0.113.7}"
    events = (install("+0s", "a"), install("+1s", "b", "a"))
    found = nested(*events, excepted=[outer])
    assert sorted(lines(found)) == [(1, []), (2, [])]
    assert nested(*events, call, excepted=[outer]).reached == "low"


def test_where_the_inner_one_is_barred_the_outer_one_has_it_in_its_tree_all_the_same() -> None:
    inner = {"stage": "install", "where": {"process.entity_id": "b"}}
    found = nested(install("+0s", "a"), install("+1s", "b", "a"), excepted=[inner])
    assert lines(found)[0] == (1, [])


def test_weak_and_strong_openings_do_not_fold_into_one_another() -> None:
    chain = NESTED.replace(
        "      on: process_creation\n      where: {process.name: msiexec.exe}\n      bind: {installer: process.entity_id}\n",
        """      any:
        - {on: process_creation, where: {process.name: msiexec.exe}, bind: {installer: process.entity_id}}
        - {on: process_creation, where: {process.name: setup.exe}, bind: {installer: process.entity_id}, weak: low}
""",
    )
    setup = install("+1s", "b", "a").replace("msiexec.exe", "setup.exe")
    assert lines(nested(install("+0s", "a"), setup, chain=chain)) == [(1, []), (2, [])]
    assert lines(nested(install("+0s", "a"), install("+1s", "b", "a"), chain=chain)) == [(1, [2])]


def test_a_level_that_others_reached_can_be_asked_of_those_that_did_not() -> None:
    stopped = WRITE.replace("a.exe", "b.exe")
    found = explained(WRITE, RUN, CALL, stopped, excepted=[], level="low")
    assert found.reached == "low"
    assert [partial.where["$binary"] for partial in found.partials] == [r"C:\b.exe"]
