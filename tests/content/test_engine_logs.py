"""Chains over the logs of containers' runtimes and sensors: each tells a part of one container's story."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clew.finding import Finding
from cluster import START, container, pod
from content.test_containers import findings
from normalise.test_dockerapi import authorized, in_base64
from normalise.test_tracee import flat

DOCKER, TRACED, AUDITED, POD = "d0" * 32, "7c" * 32, "a0" * 32, "b0" * 32
WORK = START + timedelta(hours=1)


def tracee(seconds: float, of: str, entity: int, parent: int, *argv: str, **more: Any) -> dict[str, Any]:
    record = flat("sched_process_exec", pathname=f"/usr/bin/{argv[0]}", argv=list(argv))
    time = int((WORK + timedelta(seconds=seconds)).timestamp() * 10**6) * 1000
    found = {"container": {"id": of}, "kubernetes": {}, "processEntityId": entity, "parentEntityId": parent}
    return {**record, "timestamp": time, **found, **more}


def said(seconds: float, message: str) -> str:
    time = (WORK + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"time={json.dumps(time)} level=info msg={json.dumps(message)}\n"


def audited(seconds: float, serial: int, pid: int, parent: int, *argv: str) -> str:
    event = f"msg=audit({(WORK + timedelta(seconds=seconds)).timestamp():.3f}:{serial}):"
    call = f'arch=c000003e syscall=59 success=yes exit=0 ppid={parent} pid={pid} uid=0 comm="{argv[0]}" exe="/bin/{argv[0]}"'
    arguments = " ".join(f'a{n}="{text}"' for n, text in enumerate(argv))
    return (
        f"type=SYSCALL {event} {call}\ntype=EXECVE {event} argc={len(argv)} {arguments}\ntype=EOE {event}\n"
    )


def logs(folder: Path) -> Iterator[tuple[str, str]]:
    """The logs: of a container that was asked for, of one that is left, and of a pod of the node."""
    answer = in_base64(json.dumps({"Id": DOCKER}))
    asked = authorized(time=WORK.isoformat(), ResponseStatusCode=201, ResponseBody=answer)
    yield "authorization.jsonl", json.dumps(asked)
    traced = [
        tracee(2, DOCKER, 11, 10, "id"),
        tracee(3, TRACED, 21, 20, "nsenter", "-t", "1", "-m", "sh"),
        tracee(4, TRACED, 21, 20, "sh"),
        tracee(9, POD, 31, 30, "id", kubernetes={"podName": "x", "podNamespace": "shop"}),
    ]
    yield "tracee.jsonl", "\n".join(map(json.dumps, traced))
    began = (WORK + timedelta(seconds=2)).strftime("%Y-%m-%d %H:%M:%S.000000001 +0000 UTC")
    told = json.dumps({"container_id": AUDITED, "pid": 700})
    yield "ctr.log", f"{began} default /tasks/start {told}\n"
    yield (
        "audit.log",
        audited(2.1, 1, 700, 600, "sh") + audited(5, 2, 700, 600, "nsenter", "-t", "1") + audited(6, 3, 700, 600, "id"),
    )  # fmt: skip
    spec = {"hostPID": True, "containers": [container("x", "alpine")]}
    yield "kubernetes.log", json.dumps(pod(WORK, "temp", "x", spec))
    metadata = "&PodSandboxMetadata{Name:x,Uid:u,Namespace:shop,Attempt:0,}"
    yield (
        "containerd.log",
        said(1, f'RunPodSandbox for {metadata} returns sandbox id "{"c0" * 32}"')
        + said(2, f'CreateContainer within sandbox "{"c0" * 32}" for &ContainerMetadata{{Name:x,Attempt:0,}} returns container id "{POD}"')
        + said(3, f'StartContainer for "{POD}" returns successfully'),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    folder = tmp_path_factory.mktemp("engines")
    (folder / "logs").mkdir()
    for name, text in logs(folder):
        (folder / "logs" / name).write_text(text)
    return findings(folder, folder / "logs")


def of(found: list[Finding], analytic: str, variant: str = "") -> list[Finding]:
    return [one for one in found if one.analytic == analytic and (one.variant or "") == variant]


def test_who_asked_for_a_container_and_what_it_ran(found: list[Finding]) -> None:
    [one] = of(found, "AN0693", "docker")
    assert (one.level, one.per["container"]) == ("critical", DOCKER[:12])
    assert [stage.name for stage in one.stages] == ["create", "activity"]
    assert one.stages[0].events[0].fields["user.name"] == "kim" and "create.not_admin" in one.traits


def test_who_leaves_a_container_by_a_sensor_and_by_the_audit_log(found: list[Finding]) -> None:
    """The audit log knows of no container: the pid of the first process is in containerd's events."""
    left = {str(one.per["container"]): one for one in of(found, "AN0613")}
    assert {name: one.level for name, one in left.items()} == {
        TRACED[:12]: "critical",
        AUDITED[:12]: "critical",
    }
    ran = [stage.events[0].fields["process.name"] for stage in left[AUDITED[:12]].stages]
    assert ran == ["nsenter", "id"]


def test_a_pod_that_containerd_started(found: list[Finding]) -> None:
    [one] = of(found, "AN0693", "kubernetes")
    assert one.level == "critical"
    stages = {stage.name: stage.events[0].fields for stage in one.stages}
    assert set(stages) == {"create", "start", "activity"}
    assert stages["start"]["clew.log_source"] == "containerd:runtime"
    assert stages["activity"]["container.id"] == stages["start"]["container.id"] == POD[:12]
