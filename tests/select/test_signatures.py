"""CodeIntegrity's signer joins the decision that it belongs to, and no other one; against a literal reading."""

from collections.abc import Iterable
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from clew.bounded import Caps
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.entity.inventory import NOTHING
from clew.entity.signatures import WAIT
from clew.runner.trial import tables
from clew.select.candidate import Candidate
from clew.select.places import Known

SECOND = 1_000_000
DETECTION = """
analytic: AN0001
strategy: DET0001
technique: T1071.001
platform: windows
title: A file that was decided about
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    decided:
      on: file_metadata
      where: {WHERE}
  findings: {low: decided}
"""
DECISIONS = "{event.code: '3077'}"
BY_ACME = "{event.code: '3077', dll.code_signature.subject_name: Acme}"
NOT_BY_ACME = (
    "{of: {event.code: '3077'}, by: {dll.code_signature.subject_name: Acme}, condition: of and not by}"
)


def record(second: float, number: int | None, code: str, activity: str | None, **columns: Any) -> CaseEvent:
    fields = {"host.id": "ws1", "event.sequence": number, "event.code": code, "clew.activity.id": activity}
    more = {column.replace("__", "."): value for column, value in columns.items()}
    return CaseEvent(round(second * SECOND), "file_metadata", fields | more)


def decision(second: float, number: int | None, activity: str | None = "a", **columns: Any) -> CaseEvent:
    return record(second, number, "3077", activity, **columns)


def signer(
    second: float, number: int | None, name: str = "Acme", activity: str | None = "a", **columns: Any
) -> CaseEvent:
    signature = {"dll.code_signature.exists": True, "dll.code_signature.subject_name": name}
    one = record(second, number, "3089", activity, **columns)
    return CaseEvent(one.offset, one.component, one.fields | signature)


def candidates(
    *events: CaseEvent, where: str = DECISIONS, cap: int = 1_000_000
) -> tuple[list[tuple[int | None, Any]], Known]:
    """The decisions that are candidates in the end, in order of time: the number of each, and who signed."""
    detections = load_text(DETECTION.replace("{WHERE}", where))
    with connect(Limits(threads=1)) as database:
        gathered = tables(database, detections, events, NOTHING, Caps(facts=cap))
        found = [row.event for _, row in gathered.rows() if isinstance(row, Candidate)]
        known = gathered.known
    return [(event.sequence, event.fields.get("dll.code_signature.subject_name")) for event in found], known


def who(*events: CaseEvent, where: str = DECISIONS) -> list[Any]:
    return [signer for _, signer in candidates(*events, where=where)[0]]


def test_a_signer_belongs_to_the_decision_before_it() -> None:
    assert who(decision(1, 1), signer(1, 2)) == ["Acme"]
    assert who(signer(1, 2), decision(1, 1)) == ["Acme"]
    assert who(signer(1, 1), decision(1, 2)) == [None]
    assert who(decision(1, 1)) == [None]
    assert who(decision(1, None), signer(1, None)) == ["Acme"]


def test_what_is_filled_shows_whether_the_file_is_signed_at_all() -> None:
    events = (decision(1, 1), signer(1, 2, dll__code_signature__exists=False))
    where = "{event.code: '3077', dll.code_signature.exists: true}"
    assert who(*events, where=where) == ["Acme"]
    assert who(decision(1, 1), where=where) == []


def test_of_two_signers_the_first_counts_and_an_activity_may_go_on() -> None:
    both = (signer(1, 3, "Second"), signer(1, 2, "First"))
    assert who(decision(1, 1), *both) == ["First"]
    assert who(decision(1, 1), signer(1, 2, "One"), decision(2, 3), signer(2, 4, "Two")) == ["One", "Two"]


def test_another_activity_host_or_file_is_another_ones() -> None:
    assert who(decision(1, 1), signer(1, 2, activity="b")) == [None]
    assert who(decision(1, 1, None), signer(1, 2, activity=None)) == [None]
    assert who(decision(1, 1), signer(1, 2, host__id="ws2")) == [None]
    hash_ = {"clew__file__authentihash__sha1": "aa", "clew__file__authentihash__sha256": "bb"}
    assert who(decision(1, 1, **hash_), signer(1, 2, clew__file__authentihash__sha1="aa")) == ["Acme"]
    assert who(decision(1, 1, **hash_), signer(1, 2, clew__file__authentihash__sha256="bb")) == ["Acme"]
    assert who(decision(1, 1, **hash_), signer(1, 2, clew__file__authentihash__sha1="cc")) == [None]
    assert who(decision(1, 1, **hash_), signer(1, 2)) == ["Acme"]


def test_a_short_host_name_is_the_full_one() -> None:
    assert who(decision(1, 1, host__id="ws1.corp"), signer(1, 2)) == ["Acme"]


def test_what_comes_later_than_two_seconds_is_not_waited_for() -> None:
    assert who(decision(1, 1), signer(3, 2)) == ["Acme"]
    assert who(decision(1, 1), signer(3.000_001, 2)) == [None]


def test_a_condition_is_tested_with_the_signer() -> None:
    events = (
        decision(1, 1),
        signer(1, 2),
        decision(5, 3, "b"),
        signer(5, 4, "Other", "b"),
        decision(9, 5, "c"),
    )
    assert who(*events, where=BY_ACME) == ["Acme"]
    assert who(*events, where=NOT_BY_ACME) == ["Other", None]


def test_no_more_facts_are_kept_than_the_cap_and_the_rest_is_counted() -> None:
    events = [one for n in range(10) for one in (decision(10 * n, 2 * n), signer(10 * n, 2 * n + 1, f"S{n}"))]
    found, known = candidates(*events, cap=4)
    assert [signer for _, signer in found] == [None] * 8 + ["S8", "S9"]
    assert (known.facts, known.forgotten, known.signed) == (20, 16, 2)


RECORDS = st.tuples(
    st.sampled_from([0.0, 0.5, 2.0, 2.5, 5.0]),
    st.sampled_from(["3077", "3089"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["ws1", "ws2"]),
    st.sampled_from(["aa", "bb", None]),
)


@given(st.lists(RECORDS, max_size=12), st.randoms())
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_the_join_is_the_literal_reading(drawn: list[Any], random: Any) -> None:
    events = [_drawn(number, *parts) for number, parts in enumerate(drawn)]
    decisions = [one for one in events if one.fields["event.code"] == "3077"]
    wanted = {one.fields["event.sequence"]: _signer_of(one, events) for one in decisions}
    assert dict(candidates(*random.sample(events, len(events)))[0]) == wanted


def _drawn(number: int, second: float, code: str, activity: str, host: str, sha1: str | None) -> CaseEvent:
    columns = {"host__id": host, "clew__file__authentihash__sha1": sha1}
    if code == "3077":
        return decision(second, number, activity, **columns)
    return signer(second, number, f"S{number}", activity, **columns)


def _signer_of(one: CaseEvent, events: Iterable[CaseEvent]) -> str | None:
    """The first signer behind a decision that no other decision stands between."""
    for other in events:
        same = all(other.fields[c] == one.fields[c] for c in ("host.id", "clew.activity.id"))
        if not same or other.fields["event.sequence"] <= one.fields["event.sequence"]:
            continue
        if other.fields["event.code"] == "3077":
            return None
        hashes = [e.fields["clew.file.authentihash.sha1"] for e in (one, other)]
        if other.offset <= one.offset + WAIT and (None in hashes or len(set(hashes)) == 1):
            return str(other.fields["dll.code_signature.subject_name"])
    return None
