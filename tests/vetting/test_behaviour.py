"""From a trace to facts: droppers block with what they did in the evidence, honest packages get nothing but notes."""

from __future__ import annotations

from pathlib import Path

import pytest

import clew
from clew.vetting.behaviour import BEHAVIOURS, facts, write
from clew.vetting.declared import declared_hosts
from clew.vetting.fact import Fact
from vetting.runs import DROPPER, HOME, SECOND_STAGE, TWINS, asks, run, subject


@pytest.fixture(scope="module")
def dropper() -> dict[str, Fact]:
    return {fact.rule: fact for fact in reversed(facts(run(DROPPER), subject()))}


def test_a_dropper_is_blocked_for_each_thing_that_it_did(dropper: dict[str, Fact]) -> None:
    assert {rule for rule, fact in dropper.items() if fact.weight == "block"} == {
        "behaviour.decode-then-run",
        "behaviour.decoy-exfiltration",
        "behaviour.masquerading-version",
        "behaviour.self-erasure",
    }
    assert {rule for rule, fact in dropper.items() if fact.weight == "review"} == {
        "behaviour.install-time-egress"
    }


@pytest.mark.parametrize(
    ("rule", "technique", "words"),
    [
        ("decode-then-run", "T1027", ["c2.example.com", "the layer bbbbbbbbbbbb (eval", "echo reached"]),
        ("decoy-exfiltration", "T1041", ["NPM_TOKEN went to c2.example.com"]),
        ("self-erasure", "T1070.004", ["setup.js was gone", "c2.example.com"]),
        ("masquerading-version", "T1036", ["package.md to", "package.json was not as published"]),
        ("install-time-egress", "T1071", ["c2.example.com"]),
        ("child-shell", "T1059", ["echo reached > reached.txt"]),
        ("credential-read", "T1552.001", ["NPM_TOKEN"]),
    ],
)
def test_the_evidence_says_what_was_seen(
    rule: str, technique: str, words: list[str], dropper: dict[str, Fact]
) -> None:
    fact = dropper[f"behaviour.{rule}"]
    assert fact.technique == technique
    assert all(word in fact.evidence for word in words), fact.evidence


def test_a_fact_names_its_place(dropper: dict[str, Fact]) -> None:
    assert dropper["behaviour.self-erasure"].place.file == "setup.js"
    assert dropper["behaviour.decode-then-run"].place.layer == "aa" * 32
    assert dropper["behaviour.install-time-egress"].place.sequence == 6


def test_a_second_stage_is_blocked() -> None:
    found = facts(run(SECOND_STAGE), subject())
    assert (found[0].rule, found[0].weight) == ("behaviour.second-stage-fetch", "block")
    assert "stage.example.com" in found[0].evidence
    assert f"ran /bin/sh {HOME}/.cache-update.sh" in found[0].evidence


@pytest.mark.parametrize("name", TWINS)
def test_an_honest_package_gets_nothing_but_notes(name: str) -> None:
    story, manifest = TWINS[name]
    found = facts(run(story), subject(**manifest))
    assert [fact for fact in found if fact.weight != "note"] == []


def test_what_one_witness_did_not_see_is_a_fact_and_many_alike_are_told_once() -> None:
    shells = [
        (
            "execute",
            {"pid": 10 + n, "parent_pid": 3, "executable": "/bin/sh", "arguments": ["sh", "-c", f"make {n}"]},
        )
        for n in range(8)
    ]
    bypass = ("bypass", {"what": "strace saw python3 start, and no hook did", "witness": "runner"})
    found = facts(run([bypass, *shells]), subject())  # type: ignore[list-item]
    assert [(fact.rule, fact.weight) for fact in found] == [
        ("behaviour.instrumentation-bypass", "review"),
        *[("behaviour.child-shell", "note")] * 5,
    ]
    assert "strace saw python3 start" in found[0].evidence
    assert found[-1].evidence.endswith("… and 3 more like it")


def test_a_package_told_that_it_runs_on_a_mac_has_the_detection_of_apple(tmp_path: Path) -> None:
    """And a trace is hunted as any log is, with nothing but its path."""
    write(run(DROPPER, platform="darwin").calls, tmp_path / "trace.jsonl")
    result = clew.hunt([tmp_path / "trace.jsonl"])
    levels = {finding.analytic: finding.level for finding in result.findings}
    assert levels["AN1852"] == "high"
    assert "AN1851" not in levels
    assert result.tally.complete and result.counters.unplaced == 0  # a trace has no host by nature


def test_every_behaviour_is_a_detection_that_ships() -> None:
    from clew.detection.load import load_detections, shipped

    vetted = {one.analytic for one in load_detections([shipped()]) if one.plan.scope == "package.id"}
    assert vetted == set(BEHAVIOURS)


@pytest.mark.parametrize(
    ("manifest", "hosts"),
    [
        ({"homepage": "https://left.example.com/docs"}, {"left.example.com"}),
        ({"repository": "acme/left"}, {"github.com"}),
        ({"repository": "github:other/left"}, set()),
        ({"repository": "https://github.com/acmes/left"}, set()),
        ({"Project-URL": ["Source, https://code.example.com/left"]}, {"code.example.com"}),
        (
            {"description": "see https://evil.example.com", "scripts": {"x": "curl https://a.example.com"}},
            set(),
        ),
        ({"homepage": "https://www.npmjs.com/package/left", "bugs": {"url": "http://[broken"}}, set()),
    ],
)
def test_a_package_names_its_own_hosts(manifest: dict[str, object], hosts: set[str]) -> None:
    calls = run(asks("github.com", "/Acme/left/releases")).calls
    assert declared_hosts(subject(**manifest), calls) == hosts


def test_a_shared_host_is_the_packages_own_only_where_it_asks_for_nothing_else() -> None:
    calls = run([*asks("github.com", "/acme/left"), *asks("github.com", "/thief/second-stage")]).calls
    assert declared_hosts(subject(repository="acme/left"), calls) == set()
