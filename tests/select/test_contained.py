"""Processes of the host that are in containers: by the first process, by the shim, and by whoever these made."""

from typing import Any

import pytest

from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import CaseEvent
from clew.runner.trial import tables
from clew.select.candidate import Candidate
from clew.select.tables import Candidates

ID, OTHER = "4c01db0b339c", "ffffffffffff"
SECOND = 1_000_000
DETECTION = """
analytic: AN0001
strategy: DET0001
technique: T1059.004
platform: linux
title: What a container runs
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    run:
      any:
        - on: process_creation
          where: {container.id|exists: true}
        - on: network_connection_creation
          where: {container.id|exists: true, container.image.name: 'tool:1'}
  findings: {low: run}
"""


def at(seconds: float, component: str, **columns: Any) -> CaseEvent:
    fields = {name.replace("__", "."): value for name, value in columns.items()}
    return CaseEvent(round(seconds * SECOND), component, {"host.id": "h", **fields})


def runs(seconds: float, pid: int, parent: int, name: str, command: str = "") -> CaseEvent:
    return at(
        seconds,
        "process_creation",
        clew__log_source="auditd:SYSCALL",
        process__entity_id=f"h/{pid}/{round(seconds * SECOND)}",
        process__pid=pid,
        process__parent__pid=parent,
        process__name=name,
        process__command_line=command or name,
    )


def calls(seconds: float, pid: int) -> CaseEvent:
    return at(seconds, "network_connection_creation", clew__log_source="auditd:SYSCALL", process__pid=pid)


def started(seconds: float, pid: int, container: str = ID) -> CaseEvent:
    return at(seconds, "container_start", container__id=container, clew__container__pid=pid)


def made(container: str = ID) -> CaseEvent:
    return at(
        0, "container_creation", container__id=container, container__name="t", container__image__name="tool:1"
    )


def shim(seconds: float, pid: int, command: str = "") -> CaseEvent:
    told = (
        command or f"/usr/bin/containerd-shim-runc-v2 -namespace moby -id {ID}{'0' * 52} -address /run/c.sock"
    )
    return runs(seconds, pid, 1, "containerd-shim-runc-v2", told)


def docker_exec(seconds: float, pid: int, parent: int) -> CaseEvent:
    return runs(
        seconds, pid, parent, "runc", f"/usr/sbin/runc --root /r exec --detach --pid-file /p {ID}{'0' * 52}"
    )


def contained(*events: CaseEvent) -> list[tuple[Any, ...]]:
    """Time, name and container of each event that is in one, in order of time; the same after a restart in between."""
    detections = load_text(DETECTION)
    with connect(Limits(threads=1)) as database:
        candidates = tables(database, detections, events)
        kept = candidates.snapshot()
        found = [row.event for _, row in candidates.rows() if isinstance(row, Candidate)]
    with connect(Limits(threads=1)) as database:
        again = Candidates(database, detections)
        again.restore(kept)
        assert [row.event for _, row in again.rows() if isinstance(row, Candidate)] == found
    base = 1_767_225_600 * SECOND  # where a trial begins
    return [((e.time - base) / SECOND, e.fields.get("process.name"), e.fields["container.id"]) for e in found]


def names(*events: CaseEvent) -> list[Any]:
    return [name for _, name, container in contained(*events) if container == ID]


def test_the_first_process_and_its_children() -> None:
    tree = (runs(9.9, 70, 60, "sh"), runs(11, 71, 70, "id"), runs(12, 80, 1, "sshd"), runs(13, 72, 71, "cat"))
    assert names(*tree, started(10, 70)) == ["sh", "id", "cat"]


def test_an_engine_may_tell_of_the_start_before_the_program_runs() -> None:
    tree = (runs(9, 70, 60, "runc"), runs(10.4, 70, 61, "sh"), runs(11, 71, 70, "id"))
    assert names(*tree, started(10, 70)) == ["sh", "id"]


def test_a_process_whose_creation_was_not_recorded() -> None:
    assert names(started(10, 70), runs(11, 71, 70, "id")) == ["id"]


def test_a_shim_makes_the_processes_of_its_container() -> None:
    tree = (
        shim(1, 60), runs(2, 61, 60, "runc", f"runc --root /r create --bundle /b {ID}{'0' * 52}"),
        runs(2.1, 62, 61, "runc", "runc init"), runs(2.2, 65, 61, "dockerd"),
        runs(3, 67, 60, "sh"), runs(4, 63, 67, "id"),  # its first process has the shim for a parent by then
        docker_exec(5, 64, 60), runs(5.1, 68, 64, "runc", "runc init"), runs(5.2, 66, 64, "ps"),
    )  # fmt: skip
    assert names(*tree) == ["sh", "id", "ps"]


@pytest.mark.parametrize(
    "command",
    [
        f"/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id {ID}{'0' * 52}",  # the id of a pod
        f"containerd-shim-runc-v2 -namespace moby -id {ID}",
        f"sh -c 'containerd-shim -namespace moby -id {ID}{'0' * 52}'",
    ],
)
def test_what_is_no_shim_of_a_container(command: str) -> None:
    assert not names(shim(1, 60, command), runs(2, 61, 60, "runc"), runs(3, 61, 60, "sh"))


def test_conmon_is_podmans_shim() -> None:
    conmon = runs(1, 60, 1, "conmon", f"/usr/bin/conmon --api-version 1 -c {ID}{'0' * 52} -u {ID}{'0' * 52}")
    assert names(conmon, runs(2, 61, 60, "crun"), runs(3, 62, 60, "sh")) == ["sh"]


def test_connections_are_of_the_container_with_its_image() -> None:
    events = (made(), runs(10, 70, 60, "sh"), started(10, 70), calls(12, 70), calls(13, 99))
    assert contained(*events) == [(10, "sh", ID), (12, None, ID)]
    assert contained(*events[1:]) == [(10, "sh", ID)]  # nobody says of which image


def test_what_runs_before_the_program_is_not_inside() -> None:
    events = (made(), shim(1, 60), docker_exec(2, 64, 60), runs(2.1, 66, 64, "runc"), calls(2.15, 66),
              runs(2.2, 66, 64, "ps"), calls(2.3, 66))  # fmt: skip
    assert contained(*events) == [(2.2, "ps", ID), (2.3, None, ID)]


def test_two_containers_and_a_pid_that_is_used_again() -> None:
    events = (started(10, 70), runs(10, 70, 60, "a"), at(11, "process_termination", process__pid=70),
              started(20, 70, OTHER), runs(20, 70, 61, "b"), runs(21, 71, 70, "c"))  # fmt: skip
    assert contained(*events) == [(10, "a", ID), (20, "b", OTHER), (21, "c", OTHER)]


def test_processes_that_make_each_other_in_a_circle() -> None:
    events = (started(10, 70), runs(10, 70, 71, "a"), runs(10, 71, 70, "b"))
    assert names(*events) == ["a", "b"]


def test_on_another_host() -> None:
    elsewhere = CaseEvent(10 * SECOND, "container_start", {**started(10, 70).fields, "host.id": "other"})
    assert not contained(elsewhere, runs(10, 70, 60, "a"))
