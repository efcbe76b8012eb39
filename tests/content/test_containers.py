"""The detections of containers over whole logs: a recorded incident, and days on which nothing happened."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from clew.finding import Finding
from clew.runner.hunt import hunt
from clew.settings.layers import read_settings
from cluster import START, Day, Record, audit, container, event, pod
from recordings import recording

#: What a site with such a cluster says of it.
SITE = f"""
[elements.AN0693]
known_images = {{add = ["{Day.registry}/*", "quay.io/cilium/*"]}}
known_admins = {{add = ["{Day.ci}"]}}
"""


def findings(folder: Path, log: Path, site: str = "") -> list[Finding]:
    (folder / "clew.toml").write_text(site)
    settings = read_settings(environ={}, folder=folder, system=folder / "none")
    return list(hunt([log], settings=settings).findings)


def written(folder: Path, records: Iterable[Record]) -> Path:
    path = folder / "audit.log"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_an_ordinary_day_of_a_cluster(tmp_path: Path) -> None:
    """Its deployments, rollouts, cron jobs, daemon sets, autoscaling and kubelets: only what a person tried shows."""
    log = tmp_path / "audit.log"
    log.write_text(Day().lines())
    found = findings(tmp_path, log, SITE)
    assert [(one.level, one.per["name"]) for one in found] == [("medium", "try")]


def test_a_pod_of_the_node_on_that_day(tmp_path: Path) -> None:
    """The same day with one pod more, whose maker nobody knows: that one, with each trait, and what it did."""
    volume = {"name": "root", "hostPath": {"path": "/"}}
    spec = {
        "hostPID": True,
        "containers": [container("x", "alpine", volumeMounts=[{"name": "root", "mountPath": "/host"}])],
        "volumes": [volume],
    }
    time = START + timedelta(hours=15)
    asked = pod(time, "temp", "x", spec, sourceIPs=["203.0.113.9"])
    began = event(time + timedelta(seconds=3), "Started", "Started container x", asked["requestObject"])
    found = findings(tmp_path, written(tmp_path, [*Day().records(), asked, began]), SITE)
    [grave] = [one for one in found if one.level == "high"]
    assert (grave.per, grave.scope) == (
        {"namespace": "shop", "name": "x"},
        {"orchestrator.cluster.name": "kubernetes"},
    )
    assert grave.traits == tuple(
        f"create.{trait}"
        for trait in (
            *(
                "unknown_image",
                "latest",
                "not_admin",
                "remote_api",
                "node_access",
                "flag=pid=host",
                "flag=mount=/",
            ),
        )
    )
    assert [stage.name for stage in grave.stages] == ["create", "start"]


def test_the_incident(tmp_path: Path) -> None:
    found = findings(tmp_path, recording("k8s-audit/minikube-incident-2026-06/audit.log"))
    found = [one for one in found if one.analytic == "AN0693"]
    assert {(one.per["name"], one.level) for one in found} == {
        ("attacker-pod", "high"),
        ("privileged-pod", "high"),
    }
    for one in found:
        assert {stage.stage for stage in one.blind} >= {"start", "activity"}
        [stage] = [stage for stage in one.stages if stage.name == "impersonation"]
        who = stage.events[0].fields
        assert (who["user.name"], who["user.effective.name"]) == (
            "minikube-user",
            "system:serviceaccount:secure-ops:monitoring",
        )


@pytest.mark.parametrize("name", ["privileged", "sensitive_mount", "hostnetwork"])
def test_what_a_controller_made_long_after_somebody_asked_is_silent(tmp_path: Path, name: str) -> None:
    log = recording(f"k8s-audit/falco_k8s_audit/create_nginx_pod_{name}.json")
    assert [one for one in findings(tmp_path, log) if one.analytic == "AN0693"] == []


def test_a_recorded_escape_from_a_privileged_pod(tmp_path: Path) -> None:
    """nsenter into the host's first process, and the shell that it starts there."""
    [one] = findings(tmp_path, recording("tetragon/03_security_observability_events"))
    assert (one.analytic, one.level, one.traits) == ("AN0613", "critical", ("leave.into_init",))
    said = [stage.events[0].fields["process.command_line"] for stage in one.stages]
    assert said == ["/usr/bin/nsenter -t 1 -m -u -n -i -p bash", "/usr/bin/bash"]


def test_docker_and_its_daemon_tell_of_one_container(tmp_path: Path) -> None:
    """What the debug log says it was given, an event says was started; ordinary containers beside it are silent."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in ("rec1.cli.jsonl", "rec1.dockerd-debug.log"):
        (folder / name).write_bytes(recording(f"docker-events/{name}").read_bytes())
    found = findings(tmp_path, folder)
    [grave] = [one for one in found if one.level == "high"]
    assert grave.per["named"] == "capadd" and grave.unknown == ("create.not_admin", "create.remote_api")
    assert grave.traits == (
        *("create.unknown_image", "create.host_access", "create.flag=cap=SYS_ADMIN"),
        "create.flag=apparmor=unconfined",
    )
    assert not {"web1", "oneshot"} & {str(one.per.get("named")) for one in found}


#: What a site says of who makes containers, and of what.
ENGINE_SITE = """
[elements.AN0693]
known_admins = ["deploy"]
known_images = ["registry.example.com/*"]
"""


def asked(host: str, user: str, image: str, **more: object) -> Record:
    """A request to an engine for a container of its host, as a proxy before it writes that."""
    body = {"Image": image, "HostConfig": {"PidMode": "host", "Binds": ["/:/host"]}}
    return {
        "host": {"name": host},
        "time_iso8601": "2026-03-31T09:00:00+00:00",
        "remote_addr": "10.1.2.3",
        "remote_user": user,
        "request_method": "POST",
        "request_uri": "/v1.41/containers/create?name=tool",
        "request_body": json.dumps(body),
        "status": "201",
        **more,
    }


def test_who_asks_an_engine_for_its_host(tmp_path: Path) -> None:
    """Each on an engine of its own; on the last one the engine tells that what was asked for was started."""
    actor = {"ID": "0a1b" * 16, "Attributes": {"image": "tool:1", "name": "tool"}}
    start = {"Type": "container", "Action": "start", "Actor": actor, "time": 1774947601, "host": "started"}
    records = [
        asked("anybody", "temp", "tool:1"),
        asked("of-known-image", "temp", "registry.example.com/tool:1"),
        asked("admin", "deploy", "registry.example.com/tool:1"),
        asked("refused", "temp", "tool:1", status="403"),
        asked("started", "temp", "tool:1"),
        start,
    ]
    found = {
        str(one.scope["host.id"]): one for one in findings(tmp_path, written(tmp_path, records), ENGINE_SITE)
    }
    assert {host: one.level for host, one in found.items()} == {
        "anybody": "high",
        "of-known-image": "medium",
        "started": "high",
    }
    assert all("create.not_admin" in one.traits for one in found.values())
    assert [stage.name for stage in found["started"].stages] == ["create", "start"]
    assert found["started"].stages[0].events[0].fields["user.name"] == "temp"


def test_logs_that_tell_too_little_or_are_broken(tmp_path: Path) -> None:
    """Of Metadata no image is known, a later version is not parsed, a list is cut: each is said, and the rest is found."""
    risky = {
        "hostPID": True,
        "containers": [container("x", "alpine", env=[{"name": "V", "value": "x" * (1 << 20)}])],
    }
    told = [
        audit(START, "temp", "create", "pods", "untold", "shop"),
        {**pod(START, "temp", "later", risky), "apiVersion": "audit.k8s.io/v3"},
        pod(START, "temp", "huge", risky),
        pod(START, "temp", "lost", risky),
    ]
    listed = json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": told})
    (tmp_path / "list.json").write_text(listed[:-1000])
    result = hunt(
        [tmp_path / "list.json"],
        settings=read_settings(environ={}, folder=tmp_path, system=tmp_path / "none"),
    )
    assert [(one.per["name"], one.level) for one in result.findings] == [("huge", "high")]
    assert (result.tally.records["event"], result.tally.records["not_parsed"]) == (2, 1)
    assert [(one.position, one.reason) for one in result.tally.rejects] == [(4, "the last item is cut")]
