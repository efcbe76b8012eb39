"""The engine, rule by rule (R3 to R16), in stories."""

from __future__ import annotations

import msgspec
import pytest

from chain.plans import ABSENCE, CALL, DROP, NEW, RUN, WRITE
from chain.story import counts, detection, engine, findings, levels, microseconds, only, rows, thread
from clew.chain.engine import Engine
from clew.chain.order import in_order
from clew.detection.model import Detection


@pytest.fixture
def drop() -> Detection:
    return detection(DROP)


def test_a_chain_that_is_whole_is_found_with_its_events(drop: Detection) -> None:
    finding = only(findings(drop, [WRITE, RUN, CALL]))
    assert finding.level == "medium"
    assert thread(finding) == {"write": "w", "run": "r", "call": "c"}
    assert finding.scope == {"host.id": "h1"}
    assert finding.per == {"binary": r"c:\a.exe"}
    assert (finding.first, finding.last) == ("1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:09.000000Z")


def test_a_child_before_its_parent_is_no_match(drop: Detection) -> None:
    assert levels(drop, [WRITE.replace(" 0 ", " 6 "), RUN]) == []


def test_the_skew_lets_a_child_stand_a_little_before_its_parent() -> None:
    skewed = detection(DROP, skew=2_000_000)
    assert levels(skewed, [WRITE.replace(" 0 ", " 7 "), RUN]) == ["low"]
    assert levels(skewed, [WRITE.replace(" 0 ", " 7s+1us "), RUN]) == []


def test_the_window_is_closed_to_the_microsecond(drop: Detection) -> None:
    assert levels(drop, [WRITE, RUN.replace(" 5 ", " 10m ")]) == ["low"]
    assert levels(drop, [WRITE, RUN.replace(" 5 ", " 10m+1us ")]) == []


def test_another_host_is_another_scope(drop: Detection) -> None:
    assert levels(drop, [WRITE + " host.id=h2", RUN]) == []


def test_an_event_without_scope_is_unplaced(drop: Detection) -> None:
    made = engine(drop, [WRITE + " host.id=", RUN])
    assert made.counters.unplaced == 1
    assert made.take() == []


def test_a_tree_link_reaches_descendants(drop: Detection) -> None:
    far = [f"start {n} p{n} p{n - 1}" for n in range(6, 9)]
    lines = [WRITE, RUN, *far, "start 5 p6 p1", "c 9 network_traffic_flow process.entity_id=p8"]
    assert levels(drop, lines) == ["medium"]


def test_the_tree_of_a_process_is_not_that_of_its_parent(drop: Detection) -> None:
    lines = [WRITE, RUN, "start 5 p1 p0", "c 9 network_traffic_flow process.entity_id=p0"]
    assert levels(drop, lines) == ["low"]


def test_lineage_that_comes_later_than_the_skew_allows_does_not_count(drop: Detection) -> None:
    late = [WRITE, RUN, "c 9 network_traffic_flow process.entity_id=p2", "start 10 p2 p1"]
    assert levels(drop, late) == ["low"]
    skewed = detection(
        DROP, skew=2_000_000
    )  # an event at depth 3 uses facts up to three times the skew later
    assert levels(skewed, [line.replace("start 10", "start 15") for line in late]) == ["medium"]
    assert levels(skewed, [line.replace("start 10", "start 15s+1us") for line in late]) == ["low"]


def test_a_level_needs_one_assignment_and_not_two_halves(drop: Detection) -> None:
    """The shell of one program with the call of another is no match of `call and run.shell` (R4)."""
    other = r"s 6 process_creation process.executable=c:\a.exe process.entity_id=p2 process.name=cmd.exe"
    assert levels(drop, [WRITE, RUN, other, CALL]) == ["medium"]
    assert levels(drop, [WRITE, RUN, other, "c 9 network_traffic_flow process.entity_id=p2"]) == ["high"]


def test_no_event_fills_a_stage_and_one_above_it() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    first: {on: process_creation, bind: {p: process.entity_id}}
    second: {on: process_creation, link: process.entity_id in tree of $p}
  findings: {low: second}
""")
    assert levels(one, ["a 0 process_creation process.entity_id=p1"]) == []
    twice = ["a 0 process_creation process.entity_id=p1", "b 1 process_creation process.entity_id=p1"]
    assert levels(one, twice) == ["low"]


def test_siblings_may_share_an_event() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    first: {on: file_creation, bind: {p: process.entity_id}}
    left: {on: module_load, link: process.entity_id in tree of $p}
    right: {on: module_load, link: process.entity_id in tree of $p}
  findings: {low: left and right}
""")
    lines = ["a 0 file_creation process.entity_id=p1", "b 1 module_load process.entity_id=p1"]
    assert levels(one, lines) == ["low"]


def test_traits_hold_do_not_hold_or_are_unknown(drop: Detection) -> None:
    run = RUN.replace("a.exe process.entity_id", "a.exe process.entity_id") + " clew.process.renamed=true"
    finding = only(findings(drop, [WRITE, run]))
    assert (finding.traits, finding.unknown) == (("run.renamed",), ())
    finding = only(findings(drop, [WRITE, RUN]))
    assert (finding.traits, finding.unknown) == ((), ("run.renamed",))


def test_not_trait_is_true_only_where_it_does_not_hold() -> None:
    one = detection(DROP.replace("high: call and run.shell", "high: not run.renamed"))
    assert levels(one, [WRITE, RUN]) == ["low"]
    assert levels(one, [WRITE, RUN + " clew.process.renamed=false"]) == ["high"]
    assert levels(one, [WRITE, RUN + " clew.process.renamed=true"]) == ["low"]


def test_a_lineage_trait_asks_for_ancestors_and_not_for_the_process_itself() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    write:
      on: file_creation
      traits: {by_installer: {clew.process.ancestors: msiexec.exe}}
  findings: {high: write.by_installer, low: write}
""")
    line = "w 5 file_creation process.entity_id=p2"
    assert levels(one, ["start 0 p1 p0 name=msiexec.exe", "start 1 p2 p1 name=child.exe", line]) == ["high"]
    assert levels(one, ["start 1 p2 p1 name=msiexec.exe", line]) == ["low"]
    named_by_child = "start 1 p2 p1 name=child.exe parent_name=msiexec.exe"
    assert levels(one, [named_by_child, line]) == ["high"]
    assert levels(one, ["start 6 p2 p1 parent_name=msiexec.exe", line]) == ["low"]


def test_an_absence_is_decided_when_the_window_has_passed() -> None:
    one = detection(ABSENCE)
    found = only(findings(one, [WRITE, RUN, "z 11m file_creation file.path=other"]))
    assert (found.level, found.window_covered) == ("high", True)


def test_the_end_of_a_batch_decides_an_absence_and_says_so() -> None:
    found = only(findings(detection(ABSENCE), [WRITE, RUN]))
    assert (found.level, found.window_covered) == ("high", False)


def test_an_absence_is_refuted_by_the_last_microsecond_of_the_window() -> None:
    one = detection(ABSENCE)
    assert levels(one, [WRITE, RUN, CALL.replace(" 9 ", " 10m ")]) == ["low"]
    assert levels(one, [WRITE, RUN, CALL.replace(" 9 ", " 10m+1us ")]) == ["high"]


def test_live_says_nothing_of_an_absence_before_its_time() -> None:
    one = detection(ABSENCE)
    made = engine(one, [WRITE, RUN])
    assert [finding.level for finding in made.take()] == ["low"]
    made.advance(600_000_000)
    assert made.take() == []
    made.advance(600_000_001)
    (finding,) = made.take()
    assert (finding.level, finding.revision, finding.window_covered) == ("high", 2, True)


def test_an_absence_ends_with_the_stages_own_window() -> None:
    one = detection(ABSENCE.replace("tree of $program", "tree of $program\n      within: 1m"))
    made = engine(one, [WRITE, RUN])
    made.take()
    made.advance(65_000_001)
    assert [finding.level for finding in made.take()] == ["high"]
    assert levels(one, [WRITE, RUN, CALL.replace(" 9 ", " 1m+5s ")]) == ["low"]
    assert levels(one, [WRITE, RUN, CALL.replace(" 9 ", " 1m+6s ")]) == ["high"]


def test_new_looks_at_all_events_of_the_key_linked_or_not() -> None:
    one = detection(NEW)
    call = CALL + " destination.address=evil"
    assert levels(one, [WRITE, RUN, call]) == ["medium"]
    before = "b -5m network_traffic_flow process.entity_id=other destination.address=evil"
    assert levels(one, [before, WRITE, RUN, call]) == ["low"]
    long_ago = before.replace(" -5m ", " -1d ")
    assert levels(one, [long_ago, WRITE, RUN, call]) == ["medium"]


def test_a_finding_says_how_long_a_record_its_newness_rests_on() -> None:
    """From the first event of the data component to t(b), and no more than was asked."""
    one = detection(NEW)
    call = CALL + " destination.address=evil"

    def baselines(since: int | None) -> list[tuple[str, float, float]]:
        made = Engine([one])
        for row in in_order(rows(one, [WRITE, RUN, call]), [one]):
            fits = tuple(msgspec.structs.replace(fit, recorded_since=since) for fit in row.fits)
            made.feed(msgspec.structs.replace(row, fits=fits))
        made.finish()
        return [(b.stage, b.asked, b.recorded) for b in only(made.take()).baselines]

    began = microseconds(WRITE.split()[1])
    assert baselines(began - microseconds("2m")) == [("call", 86_400, 120)]
    assert baselines(began - microseconds("9d")) == [("call", 86_400, 86_400)]
    assert baselines(began + microseconds("5s")) == [("call", 86_400, 0)]
    assert baselines(None) == [("call", 86_400, 0)]
    assert only(findings(detection(DROP), [WRITE, RUN, CALL])).baselines == ()


def test_a_key_with_a_null_part_is_never_new() -> None:
    assert levels(detection(NEW), [WRITE, RUN, CALL]) == ["low"]


def test_one_contact_that_two_sensors_see_is_new_for_both() -> None:
    one = detection(NEW)
    first = "b 8 network_traffic_flow process.entity_id=sensor destination.address=evil"
    assert levels(one, [WRITE, RUN, first, CALL + " destination.address=evil"]) == ["medium"]


def test_weak_alternatives_lower_the_level_and_are_named() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    write: {on: file_creation, bind: {binary: file.path}}
    run: {on: process_creation, link: process.executable = $binary, bind: {program: process.entity_id}}
    call:
      any:
        - {on: network_connection_creation, link: process.entity_id in tree of $program}
        - {on: network_traffic_flow, after: run, weak: low}
  findings: {high: call}
""")
    flow = "f 9 network_traffic_flow source.ip=10.0.0.1"
    finding = only(findings(one, [WRITE, RUN, flow]))
    assert (finding.level, finding.weak) == ("low", ("call",))
    finding = only(findings(one, [WRITE, RUN, flow, CALL.replace("traffic_flow", "connection_creation")]))
    assert (finding.level, finding.weak, finding.revision) == ("high", (), 1)


def test_findings_are_one_for_each_scope_and_per(drop: Detection) -> None:
    both = [
        WRITE,
        RUN,
        *(line.replace("a.exe", "b.exe").replace("A.exe", "b.exe") for line in ("x" + WRITE, "x" + RUN)),
    ]
    assert levels(drop, both) == ["low", "low"]


def test_more_matches_update_a_finding_and_do_not_repeat_it(drop: Detection) -> None:
    lines = [WRITE, "w2" + WRITE[1:].replace(" 0 ", " 1 "), RUN, CALL, "c2" + CALL[1:].replace(" 9 ", " 20 ")]
    finding = only(findings(drop, lines))
    assert counts(finding) == {"write": 2, "run": 1, "call": 2}
    assert thread(finding) == {"write": "w2", "run": "r", "call": "c"}
    assert finding.last == "1970-01-01T00:00:20.000000Z"


def test_a_rising_level_is_the_next_revision_of_the_same_finding(drop: Detection) -> None:
    made = Engine([drop])
    said = []
    for row in in_order(rows(drop, [WRITE, RUN, CALL]), [drop]):
        made.feed(row)
        said.extend((f.id, f.level, f.revision) for f in made.take())
    assert [(level, revision) for _, level, revision in said] == [("low", 1), ("medium", 2)]
    assert len({identity for identity, _, _ in said}) == 1


def test_matches_whose_windows_meet_are_one_episode_and_others_are_not(drop: Detection) -> None:
    again = [line.replace(" 0 ", " 15m ").replace(" 5 ", " 16m ") for line in ("x" + WRITE, "x" + RUN)]
    assert levels(drop, [WRITE, RUN, *again]) == ["low", "low"]
    meeting = [line.replace(" 15m ", " 10m ").replace(" 16m ", " 11m ") for line in again]
    assert levels(drop, [WRITE, RUN, *meeting]) == ["low"]


def test_a_null_per_value_is_replaced_by_the_opening_and_not_shown() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    first: {on: file_creation, bind: {name: file.path, p: process.entity_id}}
  findings: {low: first}
  per: [$name]
""")
    lines = ["a 0 file_creation process.entity_id=p", "b 1 file_creation process.entity_id=p"]
    assert [finding.per for finding in findings(one, lines)] == [{"name": None}, {"name": None}]


def test_what_is_not_needed_but_fits_is_shown_as_also() -> None:
    one = detection(DROP.replace("    high: call and run.shell\n    medium: run and call\n", ""))
    finding = only(findings(one, [WRITE, RUN, CALL, "c2" + CALL[1:].replace(" 9 ", " 20 ")]))
    assert thread(finding) == {"write": "w", "run": "r", "call": "(c)"}
    assert counts(finding)["call"] == 2


def test_the_lineage_of_every_process_of_the_thread_is_shown(drop: Detection) -> None:
    lines = [
        "start 0 p0 name=msiexec.exe event=s0",
        "start 4 p1 p0 name=a.exe event=r parent_name=msiexec.exe",
        WRITE + " process.entity_id=p0",
        RUN,
    ]
    finding = only(findings(drop, lines))
    shown = [(a.of, a.entity_id, a.name, a.event) for a in finding.lineage]
    assert shown == [
        ("p0", "p0", "msiexec.exe", "s0"),
        ("p1", "p1", "a.exe", "r"),
        ("p1", "p0", "msiexec.exe", "s0"),
    ]


def test_a_copy_of_an_event_counts_once(drop: Detection) -> None:
    made = engine(drop, [WRITE, WRITE, RUN, RUN, CALL, CALL])
    assert counts(only(made.take())) == {"write": 1, "run": 1, "call": 1}
    assert made.counters.duplicates == 3


def test_a_row_out_of_order_is_refused(drop: Detection) -> None:
    ordered = in_order(rows(drop, [WRITE, RUN]), [drop])
    made = Engine([drop])
    made.feed(ordered[1])
    with pytest.raises(ValueError, match="stage-delayed order"):
        made.feed(ordered[0])


def test_at_least_counts_the_traits_of_a_stage() -> None:
    one = detection(DROP.replace("      traits:", "      at_least: 1\n      traits:"))
    assert levels(one, [WRITE, RUN]) == []
    assert levels(one, [WRITE, RUN.replace("process.name=a.exe", "process.name=cmd.exe")]) == ["low"]


def test_under_reaches_into_folders_and_not_beside_them() -> None:
    one = detection("""\
  scope: host.id
  within: 10m
  stages:
    unpack: {on: file_creation, bind: {folder: file.directory}}
    run: {on: process_creation, link: process.executable under $folder}
  findings: {low: run}
""")
    unpack = "u 0 file_creation file.directory=c:\\drop\\"
    for path, expected in (
        ("c:\\drop\\x.exe", ["low"]),
        ("c:\\drop\\y\\x.exe", ["low"]),
        ("c:\\dropped\\x.exe", []),
    ):
        assert levels(one, [unpack, f"r 1 process_creation process.executable={path}"]) == expected, path


NESTED = """\
  scope: host.id
  within: 10m
  stages:
    install: {on: process_creation, where: {process.name: msiexec.exe}, bind: {p: process.entity_id}}
    call: {on: network_traffic_flow, link: process.entity_id in tree of $p}
  findings: {low: call}
"""


def test_a_nested_opening_folds_into_the_outermost() -> None:
    one = detection(NESTED)
    lines = [
        "a 0 process_creation process.name=msiexec.exe process.entity_id=p1",
        "start 1 p2 p1",
        "b 1 process_creation process.name=msiexec.exe process.entity_id=p2",
        "c 2 network_traffic_flow process.entity_id=p2",
    ]
    made = engine(one, lines)
    assert counts(only(made.take())) == {"install": 1, "call": 1}
    assert (made.counters.opened, made.counters.folded) == (1, 1)
    late = [lines[0], *(line.replace(" 1 ", " 11m ").replace(" 2 ", " 12m ") for line in lines[1:])]
    assert levels(one, late) == ["low"]  # the outer one is over, so the inner opens


def test_a_plan_of_one_stage_folds_nothing() -> None:
    one = detection(
        NESTED.replace(
            "    call: {on: network_traffic_flow, link: process.entity_id in tree of $p}\n", ""
        ).replace("call", "install")
    )
    lines = [
        "a 0 process_creation process.name=msiexec.exe process.entity_id=p1",
        "start 1 p2 p1",
        "b 1 process_creation process.name=msiexec.exe process.entity_id=p2",
    ]
    assert counts(only(findings(one, lines))) == {"install": 2}


SYNTHETIC = "{} {} process_creation process.name=msiexec.exe process.entity_id={} clew.synthetic=true"


def test_a_synthetic_creation_may_open_a_chain_and_the_finding_shows_it() -> None:
    finding = only(
        findings(
            detection(NESTED),
            [SYNTHETIC.format("a", 0, "p1"), "c 2 network_traffic_flow process.entity_id=p1"],
        )
    )
    assert finding.stages[0].events[0].fields["clew.synthetic"] is True


def test_below_the_opening_a_synthetic_creation_counts_only_before_all_real_ones(drop: Detection) -> None:
    run = RUN + " clew.synthetic=true"
    assert levels(drop, [WRITE, run]) == ["low"]
    made = engine(drop, ["start 4 px p0 event=real", WRITE, run])
    assert made.take() == []
    assert made.counters.untimely == 1
    assert levels(drop, ["start 6 px p0 event=real", WRITE, run]) == ["low"]
    assert levels(drop, ["start 4 px p0", WRITE, run]) == ["low"]  # a fact of lineage is no recorded creation


def test_detections_do_not_see_each_other(drop: Detection) -> None:
    other = detection(NESTED)
    lines = [WRITE, RUN, CALL]
    both = in_order(rows(drop, lines) + rows(other, lines, number=1), [drop, other])
    made = Engine([drop, other])
    for row in both:
        made.feed(row)
    assert [(f.level, f.title) for f in made.take()] == [("medium", "A story")]


def test_open_chains_go_when_their_window_has_passed(drop: Detection) -> None:
    made = engine(drop, [WRITE, RUN, CALL])
    assert made.nodes == 3
    made.take()
    made.advance(600_000_000)
    assert made.nodes == 3
    made.advance(600_000_001)
    assert (made.nodes, made.size) == (0, 0)
