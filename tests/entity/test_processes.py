"""Lineage: who made whom, under what name, until when (R9)."""

from __future__ import annotations

from clew.entity.processes import MAX_PARENTS, Made, Processes


def test_the_first_parent_stands() -> None:
    lineage = Processes()
    lineage.start("h", "p", Made(1, "a"))
    lineage.start("h", "p", Made(2, "init"))
    assert list(lineage.line("h", "p")) == ["p", "a"]


def test_a_parent_that_is_learnt_later_is_taken() -> None:
    lineage = Processes()
    lineage.start("h", "p", Made(1))
    lineage.start("h", "p", Made(2, "a"))
    assert list(lineage.line("h", "p")) == ["p", "a"]


def test_a_process_is_known_in_its_scope_only() -> None:
    lineage = Processes()
    lineage.start("h1", "p", Made(1, "a", "x.exe"))
    assert list(lineage.line("h2", "p")) == ["p"]
    assert lineage.get("h2", "p") is None
    assert lineage.parents("h2") == {}


def test_a_fork_tells_of_no_program_so_a_child_may_name_its_parent() -> None:
    lineage = Processes()
    lineage.start("h", "f", Made(1, "s"))
    lineage.start("h", "c", Made(2, "f", "curl", event="e"))
    lineage.named("h", "f", "sh", "/bin/sh")
    assert lineage.ancestors("h", "c") == ("sh",)


def test_exec_keeps_the_process_and_changes_its_name() -> None:
    lineage = Processes()
    lineage.start("h", "p", Made(1, "a", "bash", "/bin/bash", "e1"))
    lineage.start("h", "p", Made(2, "a", "curl", "/usr/bin/curl", "e2"))
    process = lineage.get("h", "p")
    assert process is not None
    assert (process.name, process.executable, process.time, process.event) == (
        "curl",
        "/usr/bin/curl",
        1,
        "e1",
    )


def test_a_name_from_a_childs_record_counts_until_the_processes_own() -> None:
    lineage = Processes()
    lineage.start("h", "c", Made(1, "p", "child.exe"))
    lineage.named("h", "p", "parent.exe", "c:\\parent.exe")
    lineage.named("h", "p", "other.exe", "")
    assert lineage.ancestors("h", "c") == ("parent.exe",)
    lineage.start("h", "p", Made(2, None, "own.exe"))
    lineage.named("h", "p", "late.exe", "")
    assert lineage.ancestors("h", "c") == ("own.exe",)


def test_ancestors_are_nearest_first_without_the_process_and_without_the_nameless() -> None:
    lineage = Processes()
    for number in range(1, 5):
        lineage.start("h", f"p{number}", Made(number, f"p{number - 1}", "" if number == 2 else f"n{number}"))
    assert lineage.ancestors("h", "p4") == ("n3", "n1")
    assert lineage.ancestors("h", "unknown") == ()


def test_walks_end_after_the_greatest_number_of_parents() -> None:
    lineage = Processes()
    for number in range(1, 200):
        lineage.start("h", f"p{number}", Made(number, f"p{number - 1}"))
    line = list(lineage.line("h", "p199"))
    assert len(line) == MAX_PARENTS + 1
    assert line[-1] == f"p{199 - MAX_PARENTS}"


def test_a_circle_is_walked_once() -> None:
    lineage = Processes()
    lineage.start("h", "a", Made(1, "b"))
    lineage.start("h", "b", Made(1, "a"))
    lineage.start("h", "c", Made(1, "c"))
    assert list(lineage.line("h", "a")) == ["a", "b"]
    assert list(lineage.line("h", "c")) == ["c"]


def test_the_first_end_stands() -> None:
    lineage = Processes()
    assert lineage.ended("h", "p") is None
    lineage.end("h", "p", 7)
    lineage.end("h", "p", 9)
    assert lineage.ended("h", "p") == 7
    assert lineage.ended("h", None) is None


def test_recorded_since_is_the_first_recorded_creation() -> None:
    lineage = Processes()
    lineage.start("h", "p", Made(1, "a"))
    assert lineage.recorded_since("h") is None
    lineage.start("h", "q", Made(5, event="e"))
    lineage.start("h", "r", Made(6, event="f"))
    assert lineage.recorded_since("h") == 5


def test_what_is_forgotten_first_has_ended_and_is_counted() -> None:
    lineage = Processes(limit=10)
    for number in range(10):
        lineage.start("h", f"p{number}", Made(number, "root"))
    lineage.end("h", "p7", 20)
    lineage.end("h", "p5", 21)
    lineage.start("h", "new", Made(30, "root"))
    assert (len(lineage), lineage.forgotten) == (9, 2)
    assert lineage.get("h", "p7") is None and lineage.get("h", "p5") is None
    assert list(lineage.line("h", "p7")) == ["p7"]
    assert lineage.get("h", "p0") is not None
    lineage.start("h", "newer", Made(31))
    lineage.start("h", "newest", Made(32))
    assert lineage.get("h", "p0") is None and lineage.get("h", "newest") is not None


def test_a_snapshot_is_the_whole_of_it() -> None:
    lineage = Processes()
    lineage.start("h", "p", Made(1, "a", "n", "x", "e"))
    lineage.named("h", "a", "stub", "")
    lineage.end("h", "p", 5)
    other = Processes()
    other.restore(lineage.snapshot())
    assert other.snapshot() == lineage.snapshot()
    assert (len(other), other.ended("h", "p"), other.recorded_since("h")) == (2, 5, 1)
    other.start("h", "a", Made(6, None, "own"))
    assert other.ancestors("h", "p") == ("own",)
