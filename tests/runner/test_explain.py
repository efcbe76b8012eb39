"""What `explain` says of chains that were begun and not completed."""

from pathlib import Path

import msgspec
import pytest

import sysmon
from clew.detection.load import load_detections, load_text, shipped
from clew.detection.model import Detection, HostSet
from clew.errors import DetectionError, UsageError
from clew.report.explanation import Explanation, Lack
from clew.runner.explain import run as explaining
from clew.runner.explain.run import explain
from clew.runner.explain.source import LogFiles, WrittenEvents, source_of, written_events

HEAD = """
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: A program is written, runs and calls out
status: test
"""
CHAIN = """
chain:
  scope: host.id
  within: 1h
  stages:
    write:
      on: file_creation
      where: {file.extension: exe}
      bind: {binary: file.path}
    run:
      on: process_creation
      link: process.executable = $binary
      within: 30m
      bind: {program: process.entity_id}
      traits:
        hidden: {process.command_line|contains: hidden}
        old: {process.name: old.exe}
    call:
      on: network_connection_creation
      where: {destination.port: 443, network.direction: egress}
      link: process.entity_id in tree of $program
      new: {key: [host.id, process.executable, destination.address], for: 1d}
  findings:
    high: call and run.hidden
    low: call
  per: [$binary]
"""
#: Creations are recorded on the host, so that what is not is not made up below an opening.
BEFORE = "- +0s process_creation: {process.entity_id: before, process.name: explorer.exe}"
WRITE = r"- +0s file_creation: {file.path: 'C:\a.exe'}"
RUN = r"- +1m process_creation: {process.entity_id: p, process.executable: 'C:\a.exe'}"
CALL = (
    r"- +2m network_connection_creation: {process.entity_id: p, process.executable: 'C:\a.exe', "
    "destination.ip: 203.0.113.7, destination.port: 443, network.direction: egress}"
)


def detection(chain: str = CHAIN) -> Detection:
    (one,) = load_text(HEAD + chain, "d.yaml")
    return one


def explained(*events: str, chain: str = CHAIN, **asked: str) -> Explanation:
    written = written_events("\n".join(events), "e.yaml")
    return explain(detection(chain), WrittenEvents(written, "e.yaml"), **asked)  # type: ignore[arg-type]


def lack(explanation: Explanation, name: str) -> Lack:
    return next(one for one in explanation.partials[0].lacks if one.name == name)


def said(one: Lack) -> list[str]:
    return [f"{failure.kind}: {failure.message}" for miss in one.misses for failure in miss.failures]


def thread(explanation: Explanation) -> list[str]:
    return [step.stage for step in explanation.partials[0].thread]


def test_the_thread_so_far_and_the_stage_that_is_missing() -> None:
    found = explained(WRITE, RUN)
    assert found.reached is None
    assert thread(found) == ["write", "run"]
    assert found.partials[0].where == {"host.id": "host", "$binary": r"C:\a.exe"}
    assert found.partials[0].conditions == {"low": "call"}
    missing = lack(found, "call")
    assert missing.levels == ("low",)
    assert missing.reason == "no network_connection_creation events at all"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("+2m", "+2h"), "time: too late by 1h: 2h after write, and the chain's window is 1h"),
        (("+2m", "+1h1us"), "time: too late by 1us: 1h1us after write, and the chain's window is 1h"),
        (("+2m", "+10s"), "time: too early: 50s before run, and only 2s is allowed"),
        (
            ("port: 443", "port: 80"),
            "where: asked is 'destination.port is 443', here destination.port is 80",
        ),
        (
            ("id: p,", "id: q,"),
            "link: process.entity_id q is not in the tree of $program, p (a.exe); its ancestors: none known",
        ),
        (("{process.entity_id: p,", "{"), "link: process.entity_id is null, and null never links"),
        (("{process", "{host.id: other, process"), "scope: host.id is other, and the chain lives in host"),
        (
            ("destination.ip: 203.0.113.7, ", ""),
            "new: destination.address is null, and a key with a null part is never new",
        ),
    ],
)
def test_the_nearest_miss_and_what_it_failed_on(change: tuple[str, str], expected: str) -> None:
    found = explained(BEFORE, WRITE, RUN, CALL.replace(*change))
    if "host.id" in expected and "scope" in expected:
        assert lack(found, "call").looked == 0
    assert said(lack(found, "call")) == [expected]
    assert sum(lack(found, "call").only.values()) == 1


def test_a_key_that_was_seen_before() -> None:
    earlier = CALL.replace("+2m", "-20h").replace("id: p,", "id: o,")
    missing = lack(explained(earlier, WRITE, RUN, CALL), "call")
    assert said(missing)[0] == (
        r"new: not new: host.id host, process.executable C:\a.exe, destination.address 203.0.113.7 was first seen "
        "2025-12-31T04:00:00.000000Z, 20h before the chain's window began, and never left unseen for more than 1d"
    )


def test_a_stages_own_window_and_a_path_that_differs() -> None:
    late = explained(WRITE, RUN.replace("+1m", "+31m"))
    assert said(lack(late, "run")) == [
        "time: too late by 1m: 31m after write, and the stage's own window is 30m"
    ]
    moved = explained(WRITE, RUN.replace(r"C:\a.exe", r"D:\tools\a.exe"))
    assert said(lack(moved, "run")) == [
        r"link: process.executable is D:\tools\a.exe, and $binary is C:\a.exe"
    ]
    assert lack(moved, "run").behind == ("call",)


def test_the_nearest_comes_first_and_few_are_kept() -> None:
    others = [CALL.replace("+2m", f"+{2 + n}h").replace("443", "80") for n in range(5)]
    missing = lack(explained(WRITE, RUN, *others, CALL.replace("+2m", "+61m")), "call")
    assert said(missing)[0] == "time: too late by 1m: 1h1m after write, and the chain's window is 1h"
    assert len(missing.misses) == 3
    assert missing.looked == 6
    assert missing.only == {"time": 1}


def test_lineage_that_is_recorded_too_late_is_said() -> None:
    child = r"- +10m process_creation: {process.entity_id: q, process.parent.entity_id: p, process.executable: 'C:\b.exe'}"
    missing = lack(explained(WRITE, RUN, child, CALL.replace("id: p,", "id: q,")), "call")
    assert said(missing) == [
        "link: process.entity_id q (b.exe) lies in the tree of $program, p (a.exe), but that was recorded 8m after "
        "this event"
    ]


def test_traits_that_do_not_hold_or_are_unknown() -> None:
    chain = CHAIN.replace("high: call and run.hidden", "high: call and run.hidden and not run.old")
    found = explained(WRITE, RUN.replace("}", ", process.command_line: a.exe}"), CALL, chain=chain)
    assert found.reached == "low"
    assert lack(found, "run.hidden").reason == (
        "asked is 'process.command_line contains hidden', here process.command_line is a.exe"
    )
    unknown = explained(WRITE, RUN, CALL, chain=chain)
    assert (
        lack(unknown, "run.hidden").reason == "it is unknown, since there is nothing in process.command_line"
    )


def test_a_trait_that_holds_and_must_not() -> None:
    chain = CHAIN.replace("high: call and run.hidden", "high: call and not run.old")
    old = [event.replace(r"C:\a.exe", r"C:\old.exe") for event in (WRITE, RUN, CALL)]
    found = explained(*old, chain=chain)
    assert (
        lack(found, "not run.old").reason
        == "it holds: 'process.name is old.exe', here process.name is old.exe"
    )


def test_a_stage_that_must_be_absent() -> None:
    chain = CHAIN.replace("low: call", "low: run and not call").replace("    high: call and run.hidden\n", "")
    found = explained(WRITE, RUN, CALL, chain=chain)
    assert said(lack(found, "not call")) == ["other: it is there, and the level asks that it is not"]
    assert explained(WRITE, RUN, chain=chain).reached == "low"


def test_a_weak_way_does_not_carry_a_level() -> None:
    chain = CHAIN.replace("      new: {", "      weak: medium\n      new: {")
    found = explained(
        WRITE, RUN.replace("}", ", process.command_line: hidden}"), CALL, chain=chain, level="high"
    )
    assert found.reached == "medium"
    assert lack(found, "call, not weak").reason == "what fills it is weak, and carries no more than medium"


def test_how_far_a_count_came() -> None:
    chain = CHAIN.replace(
        "      new: {", "      count: {at_least: 3, distinct: destination.ip}\n      new: {"
    )
    found = explained(WRITE, RUN, CALL, CALL.replace("+2m", "+3m"), chain=chain)
    assert lack(found, "call").reason == "it takes 3 distinct destination.ip, and there are 1"
    none = lack(explained(WRITE, RUN, chain=chain), "call")
    assert none.reason == "no network_connection_creation events at all"


def test_how_far_a_count_over_all_alternatives_came() -> None:
    chain = CHAIN.replace(
        "      on: network_connection_creation\n",
        "      count: {at_least: 3}\n      any: [{on: network_connection_creation}, {on: network_traffic_flow}]\n",
    )
    flow = CALL.replace("+2m network_connection_creation", "+3m network_traffic_flow")
    found = explained(WRITE, RUN, CALL, flow, chain=chain)
    assert lack(found, "call").reason == "it takes 3 events, and there are 2"
    found = explained(WRITE, RUN, CALL, flow, CALL.replace("+2m", "+4m"), chain=chain, level="high")
    assert thread(found) == ["write", "run", "call"]
    assert lack(found, "run.hidden")


def test_traits_that_a_stage_demands() -> None:
    chain = CHAIN.replace("      within: 30m\n", "      at_least: 1\n")
    found = explained(WRITE, RUN.replace("}", ", process.command_line: a.exe}"), CALL, chain=chain)
    assert said(lack(found, "run")) == ["traits: 1 of its traits must hold; these do: none"]


def test_no_opening() -> None:
    found = explained(RUN, WRITE.replace("a.exe", "a.txt"))
    assert thread(found) == []
    assert said(lack(found, "write")) == [
        "where: asked is 'file.extension is exe', here file.extension is txt"
    ]


def test_what_was_reached_and_what_is_above_it() -> None:
    found = explained(WRITE, RUN, CALL)
    assert (found.reached, found.findings) == ("low", 1)
    assert list(found.partials[0].conditions) == ["high"]
    assert explained(WRITE, RUN, CALL, level="low").partials == ()


def test_the_furthest_chain_is_first_and_equal_ones_are_counted() -> None:
    writes = [WRITE.replace("a.exe", f"b{n}.exe") for n in range(12)]
    found = explained(*writes, *writes, WRITE, RUN)
    assert thread(found) == ["write", "run"]
    assert [len(partial.thread) for partial in found.partials] == [2, 1, 1]
    assert found.others == 0
    many = explained(*writes, *writes)
    assert many.partials[0].alike == 1
    assert (len(many.partials), many.others) == (3, 9)


def test_among_equal_chains_the_one_with_the_nearest_miss_is_first() -> None:
    writes = [WRITE.replace("a.exe", f"b{n}.exe") for n in range(6)]
    found = explained(*writes, RUN.replace("a.exe", "b5.exe").replace("+1m", "+31m"))
    assert found.partials[0].where["$binary"] == r"C:\b5.exe"


def test_one_scope() -> None:
    here = [event.replace("{", "{host.id: WS1, ", 1) for event in (WRITE, RUN)]
    found = explained(*here, WRITE, RUN, CALL, scope="ws1")
    assert (found.reached, thread(found)) == (None, ["write", "run"])
    assert lack(found, "call").reason == "no network_connection_creation events in ws1"


def test_the_window_counts_from_the_stage_that_from_names() -> None:
    chain = CHAIN.replace("  within: 1h\n", "  within: 1h\n  from: run\n")
    late = CALL.replace("+2m", "+62m")
    missing = lack(explained(WRITE, RUN, late, chain=chain), "call")
    assert said(missing) == ["time: too late by 1m: 1h1m after run, and the chain's window is 1h"]


def test_bounded_work_says_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "MOST_EVENTS", 2)
    found = explained(WRITE, RUN, *(CALL.replace("443", str(port)) for port in range(80, 90)))
    assert found.left_out == ("8 of 10 events of network_connection_creation were not looked at",)
    monkeypatch.setattr("clew.runner.explain.growth.MOST_STEPS", 3)
    stopped = explained(
        *(WRITE.replace("a.exe", f"b{n}.exe") for n in range(9)), *[RUN.replace("a.exe", "b1.exe")] * 5
    )
    assert any("no more chains were grown" in line for line in stopped.left_out)


def an0862() -> Detection:
    return next(one for one in load_detections([shipped()]) if one.name == "AN0862")


def test_egress_a_week_later_is_out_of_the_window(tmp_path: Path) -> None:
    records = sysmon.incident()
    records[4]["UtcTime"] = sysmon.stamp(7 * 86_400 + 9)
    log = tmp_path / "log.jsonl"
    log.write_text(sysmon.lines(*records))
    found = explain(an0862(), LogFiles([log]))
    assert found.reached is None
    assert thread(found) == ["write", "first_run", "script_child"]
    missing = lack(found, "egress")
    assert said(missing) == ["time: too late by 6d22h30m: 7d6s after write, and the chain's window is 90m"]
    assert missing.misses[0].event.log.position == 5


def test_log_files_are_accounted_for(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(sysmon.lines(*sysmon.incident()) + "{broken\n")
    source = source_of(log)
    assert explain(an0862(), source).reached == "high"
    assert source.tally.records["rejected"] == 1
    assert not source.tally.complete


def test_a_file_of_events(tmp_path: Path) -> None:
    file = tmp_path / "e.yaml"
    file.write_text("events:\n  " + "\n  ".join((WRITE, RUN)))
    source = source_of(file)
    found = explain(detection(), source)
    assert thread(found) == ["write", "run"]
    assert [(step.event.log.path, step.event.log.position) for step in found.partials[0].thread] == [
        (str(file), 2),
        (str(file), 3),
    ]
    assert source.tally.total == 2


@pytest.mark.parametrize(
    "text", ["", "- 3", "events: x", "event: []", "- +3m nonsense: {}", "a: [", "just text"]
)
def test_a_file_of_events_that_is_wrong(text: str) -> None:
    with pytest.raises(DetectionError):
        written_events(text, "e.yaml")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        source_of(tmp_path / "none.yaml")
    with pytest.raises(UsageError):
        explain(detection(), source_of(tmp_path / "none.jsonl"))


COUNTED = """
chain:
  scope: host.id
  within: 1h
  stages:
    failures:
      on: user_account_authentication
      where: {event.code: '4625'}
      count: {at_least: 3, distinct: user.name, by: [source.ip], within: 10m}
  findings: {low: failures}
"""


def failures(*seen: tuple[str, str, str], host: str = "h") -> list[str]:
    return [
        f"- {offset} user_account_authentication: "
        f"{{host.id: {host}, event.code: '4625', user.name: {name}, source.ip: {address}}}"
        for offset, name, address in seen
    ]


@pytest.mark.parametrize(
    ("seen", "most"),
    [
        ((("+0s", "ada", "1.1.1.1"), ("+11m", "bob", "1.1.1.1"), ("+20m", "cem", "1.1.1.1")), 2),
        ((("+0s", "ada", "1.1.1.1"), ("+1m", "bob", "2.2.2.2"), ("+2m", "cem", "3.3.3.3")), 1),
    ],
)
def test_how_far_a_count_on_the_opening_came(seen: tuple[tuple[str, str, str], ...], most: int) -> None:
    """Events of several groups, or too far apart, do not add up."""
    missing = lack(explained(*failures(*seen), chain=COUNTED), "failures")
    assert missing.reason == (
        "it takes 3 distinct user.name of one host.id and source.ip within 10m; "
        f"the most is {most}, and there are 3 in all"
    )


def test_events_without_the_scope_open_no_chain() -> None:
    chain = COUNTED.replace("scope: host.id", "scope: orchestrator.cluster.name")
    seen = failures(("+0s", "ada", "1.1.1.1"), ("+1m", "bob", "1.1.1.1"), ("+2m", "cem", "1.1.1.1"))
    missing = lack(explained(*seen, chain=chain), "failures")
    null = "orchestrator.cluster.name is null, and a chain lives in one orchestrator.cluster.name"
    assert said(missing) == [f"scope: {null}"] * 3
    assert "there are 0 in all" in missing.reason


def test_a_detection_with_values_for_some_hosts_is_explained_on_those() -> None:
    ours = HostSet((("build-*", True),), False)
    one = msgspec.structs.replace(detection(), hosts=ours)
    there = WRITE.replace("{", "{host.id: build-7, ")
    events = WrittenEvents(written_events("\n".join((WRITE, there)), "e.yaml"), "e.yaml")
    found = explain(one, events)
    assert (found.hosts, thread(found)) == ("hosts build-*", ["write"])
    assert lack(found, "run").reason == "no process_creation events on hosts build-*"
    elsewhere = explain(one, WrittenEvents(written_events(WRITE, "e.yaml"), "e.yaml"))
    assert lack(elsewhere, "write").reason == "no file_creation events on hosts build-*"
    assert not lack(elsewhere, "write").misses
    others = msgspec.structs.replace(one, hosts=HostSet((("build-*", False),), True))
    assert explain(others, events).hosts == "all hosts but build-*"
