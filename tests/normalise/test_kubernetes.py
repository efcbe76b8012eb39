"""The API server's audit log and Kubernetes' events: what each record becomes, and what it does not."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clew.event import SCHEMA
from clew.record import Tally
from cluster import START, Record, audit, container, event, owner, pod, resource, stamp, status, uid
from normalise.test_sysmon import Events, events
from recordings import recording

RISKY: Record = {
    "hostPID": True,
    "nodeName": "n7",
    "serviceAccountName": "builder",
    "securityContext": {"seccompProfile": {"type": "Unconfined"}, "runAsUser": 0},
    "containers": [
        container(
            "pwn",
            "ghcr.io/acme/tool:2@sha256:" + "ab" * 32,
            command=["sh", "-c"],
            args=["sleep 1"],
            securityContext={"privileged": True, "capabilities": {"add": ["SYS_ADMIN", "CAP_BPF"]}},
            volumeMounts=[{"name": "root", "mountPath": "/host"}, {"name": "data", "mountPath": "/data"}],
        ),
        container(
            "side", "envoy", securityContext={"seccompProfile": {"type": "RuntimeDefault"}, "runAsUser": 65}
        ),
    ],
    "initContainers": [
        container("first", "busybox:1.36", volumeMounts=[{"name": "socket", "mountPath": "/s"}])
    ],
    "ephemeralContainers": [container("look", "busybox")],
    "volumes": [
        {"name": "root", "hostPath": {"path": "/"}},
        {"name": "socket", "hostPath": {"path": "/run/my containerd.sock", "type": "Socket"}},
        {"name": "nobodys", "hostPath": {"path": "/etc"}},
        {"name": "data", "emptyDir": {}},
    ],
}


def of(folder: Path, *records: Record, columns: set[str] | None = None) -> tuple[Events, Tally]:
    (folder / "audit.log").write_text("".join(json.dumps(record) + "\n" for record in records))
    return events(folder / "audit.log", folder, columns)


def picked(found: Events, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(one.get(column) for column in columns) for one in found]


def test_a_pod_is_an_event_for_each_container_and_one_record(tmp_path: Path) -> None:
    found, tally = of(tmp_path, pod(START, "kim", "app", RISKY))
    assert picked(
        found, "container.name", "clew.container.type", "container.image.tag", "clew.container.flags"
    ) == [
        (
            "pwn",
            "container",
            "2",
            "privileged pid=host seccomp=unconfined user=0 cap=SYS_ADMIN cap=BPF mount=/",
        ),
        ("side", "container", "latest", "pid=host"),
        ("first", "init", "1.36", "pid=host seccomp=unconfined user=0 mount=/run/my%20containerd.sock"),
        ("look", "ephemeral", "latest", "pid=host seccomp=unconfined user=0"),
    ]
    assert len({one["event.id"] for one in found}) == 4
    assert (tally.records["event"], tally.total, tally.components) == (1, 1, {"container_creation": 4})
    assert {column for one in found for column in one} <= set(SCHEMA)


def test_what_a_pod_tells(tmp_path: Path) -> None:
    made = pod(START, "kim", "app", RISKY, owner("ReplicaSet", "app-1", "r1"))
    found, _ = of(tmp_path, {**made, "impersonatedUser": {"username": "admin"}, "cluster_name": "Prod"})
    first = {k: v for k, v in found[0].items() if k not in ("event.id", "log.file.path", "@timestamp")}
    assert first == {
        "event.code": "pods/create",
        "event.provider": "Kubernetes audit",
        "event.action": "create",
        "event.outcome": "success",
        "clew.component": "container_creation",
        "clew.log_source": "kubernetes:audit",
        "clew.audit.level": "RequestResponse",
        "user.name": "kim",
        "user.effective.name": "admin",
        "clew.user.groups": "system:authenticated",
        "source.ip": "10.1.2.3",
        "user_agent.original": "kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9",
        "url.original": "/api/v1/namespaces/shop/pods/app",
        "url.path": "/api/v1/namespaces/shop/pods/app",
        "http.response.status_code": 201,
        "orchestrator.type": "kubernetes",
        "orchestrator.cluster.name": "prod",
        "orchestrator.namespace": "shop",
        "orchestrator.resource.name": "app",
        "orchestrator.resource.type": "pods",
        "orchestrator.resource.id": uid("Pod", "shop", "app"),
        "orchestrator.api_version": "v1",
        "orchestrator.resource.parent.type": "ReplicaSet",
        "clew.owner.uid": "r1",
        "clew.owner.name": "app-1",
        "clew.pod.node": "n7",
        "clew.pod.service_account": "builder",
        "container.name": "pwn",
        "container.image.name": "ghcr.io/acme/tool:2@sha256:" + "ab" * 32,
        "container.image.tag": "2",
        "container.image.hash.all": "sha256:" + "ab" * 32,
        "container.security_context.privileged": True,
        "clew.container.flags": "privileged pid=host seccomp=unconfined user=0 cap=SYS_ADMIN cap=BPF mount=/",
        "clew.container.type": "container",
        "clew.container.command": "sh -c sleep 1",
        "clew.log.source": "jsonlines",
        "log.position": 1,
    }


def test_every_stage_of_a_request_is_one_event(tmp_path: Path) -> None:
    made = pod(START, "kim", "app", RISKY)
    received = {
        k: v for k, v in made.items() if k not in ("responseStatus", "requestObject", "responseObject")
    }
    started = {**made, "stage": "ResponseStarted", "stageTimestamp": stamp(START)}
    _, tally = of(tmp_path, {**received, "stage": "RequestReceived"}, started, made, made)
    assert tally.records == {
        "event": 1, "joined": 0, "duplicate": 2, "not_parsed": 1, "irrelevant": 0, "outside": 0, "rejected": 0
    }  # fmt: skip
    assert tally.components == {"container_creation": 4}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            {
                "apiVersion": "audit.k8s.io/v1beta1",
                "requestReceivedTimestamp": None,
                "timestamp": "2026-03-31T00:00:00Z",
            },
            1,
        ),
        ({"apiVersion": None}, 1),
        (
            {
                "apiVersion": "audit.k8s.io/v1alpha1",
                "metadata": {"creationTimestamp": "2026-03-31T00:00:00Z"},
            },
            1,
        ),
        ({"apiVersion": "audit.k8s.io/v3"}, 0),
        ({"stage": "Panic"}, 1),
    ],
)
def test_versions_of_the_log(tmp_path: Path, change: Record, code: int) -> None:
    record = {k: v for k, v in {**pod(START, "kim", "app", RISKY), **change}.items() if v is not None}
    found, tally = of(tmp_path, record)
    assert (tally.records["event"], tally.records["not_parsed"]) == (code, 1 - code)
    assert all(str(one["@timestamp"]).startswith("2026-03-31 00:00:00") for one in found)


def test_of_metadata_nothing_is_known_of_the_pod(tmp_path: Path) -> None:
    [found] = of(tmp_path, audit(START, "kim", "create", "pods", "app", "shop"))[0]
    assert found["orchestrator.resource.name"] == "app"
    assert "clew.container.flags" not in found and "container.security_context.privileged" not in found


def test_a_pod_without_flags_says_so(tmp_path: Path) -> None:
    [found] = of(tmp_path, pod(START, "kim", "app", {"containers": [container("a", "nginx")]}))[0]
    assert found["clew.container.flags"] == "none"
    assert found["container.security_context.privileged"] is False


def test_what_was_refused(tmp_path: Path) -> None:
    refused = {"metadata": {}, "status": "Failure", "reason": "Forbidden", "message": "no", "code": 403}
    answer = {"kind": "Status", "metadata": {"name": "status"}, "spec": {}, "code": 403}
    found, _ = of(tmp_path, pod(START, "kim", "app", RISKY, responseStatus=refused, responseObject=answer))
    assert picked(
        found[:1], "event.outcome", "error.code", "error.message", "orchestrator.resource.name"
    ) == [("failure", "Forbidden", "no", "app")]
    assert found[0]["clew.container.flags"].startswith("privileged")


def test_the_uid_is_known_from_the_answer_only(tmp_path: Path) -> None:
    made = pod(START, "kim", "", RISKY)
    asked = {**made["requestObject"], "metadata": {"generateName": "app-"}}
    found, _ = of(
        tmp_path,
        {**made, "requestObject": asked, "objectRef": {"resource": "pods", "namespace": "shop"}},
        {**made, "auditID": "x", "requestObject": asked, "responseObject": None, "level": "Request"},
    )
    assert picked(found, "orchestrator.resource.name", "orchestrator.resource.id")[:1] == [
        (None, uid("Pod", "shop", ""))
    ]
    assert picked(found, "orchestrator.resource.name", "orchestrator.resource.id")[-1:] == [("app-", None)]


@pytest.mark.parametrize(
    ("resource_name", "kind", "wrap"),
    [
        ("deployments", "Deployment", lambda spec: {"template": {"spec": spec}}),
        ("daemonsets", "DaemonSet", lambda spec: {"template": {"spec": spec}}),
        ("jobs", "Job", lambda spec: {"template": {"spec": spec}}),
        ("cronjobs", "CronJob", lambda spec: {"jobTemplate": {"spec": {"template": {"spec": spec}}}}),
    ],
)
def test_what_makes_pods_has_their_containers(
    tmp_path: Path, resource_name: str, kind: str, wrap: Any
) -> None:
    made = resource(kind, "shop", "app", wrap(RISKY))
    found, _ = of(
        tmp_path,
        audit(START, "ci", "create", resource_name, "app", "shop", object=made),
        audit(START, "ci", "patch", resource_name, "app", "shop", object=made),
        audit(
            START,
            "ci",
            "patch",
            resource_name,
            "app",
            "shop",
            object=made,
            responseStatus={"code": 201},
            auditID="x",
        ),
        audit(
            START, "ci", "patch", resource_name, "app", "shop", object=made, subresource="status", auditID="y"
        ),
    )
    assert [one["clew.component"] for one in found[::4]] == (
        ["pod_creation", "pod_modification", "pod_creation"]
        if kind != "Job"
        else ["pod_creation", "pod_creation"]
    )
    assert {one["container.name"] for one in found} == {"pwn", "side", "first", "look"}
    assert {one["orchestrator.resource.id"] for one in found} == {uid(kind, "shop", "app")}


def test_a_debugging_container_is_alone_in_its_event(tmp_path: Path) -> None:
    made = resource("Pod", "shop", "app", RISKY)
    found, _ = of(
        tmp_path,
        audit(START, "kim", "patch", "pods", "app", "shop", object=made, subresource="ephemeralcontainers"),
    )
    assert picked(found, "container.name", "clew.component") == [("look", "container_creation")]


def test_a_kubelet_reports_what_it_started_once(tmp_path: Path) -> None:
    made = resource("Pod", "shop", "app", {"containers": RISKY["containers"]})
    later = START + timedelta(minutes=10)
    found, tally = of(tmp_path, status(START, "n1", made, START), status(later, "n1", made, START))
    assert picked(found, "clew.component", "host.id", "container.name", "container.runtime") == [
        ("container_start", "n1", "pwn", "containerd"),
        ("container_start", "n1", "side", "containerd"),
        ("pod_modification", "n1", None, None),
    ]
    assert all(len(one["container.id"]) == 12 for one in found[:2])
    assert tally.records["event"] == 2


@pytest.mark.parametrize("verb", ["get", "create"])
def test_what_is_run_in_a_container(tmp_path: Path, verb: str) -> None:
    uri = "/api/v1/namespaces/shop/pods/app/exec?command=sh&command=-c&command=cat%20%2Fetc%2Fpasswd&container=side&tty=true"
    record = audit(START, "kim", verb, "pods", "app", "shop", subresource="exec", requestURI=uri)
    [found] = of(tmp_path, {**record, "responseStatus": {"code": 101}})[0]
    assert picked([found], "clew.component", "process.command_line", "container.name", "event.outcome") == [
        ("command_execution", "sh -c cat /etc/passwd", "side", "success")
    ]


def test_a_request_in_anothers_name(tmp_path: Path) -> None:
    record = audit(START, "kim", "get", "secrets", "s", "shop", impersonatedUser={"username": "admin"})
    [found] = of(tmp_path, record, audit(START, "kim", "get", "secrets", "s", "shop"))[0]
    assert picked([found], "event.code", "user.name", "user.effective.name", "event.action") == [
        ("impersonation", "kim", "admin", "get")
    ]


@pytest.mark.parametrize(
    "patch", [[{"op": "replace", "path": "/spec", "value": 1}], "text", 5, None, {"spec": "x"}]
)
def test_a_request_of_another_shape_loses_nothing_else(tmp_path: Path, patch: Any) -> None:
    record = audit(START, "kim", "patch", "deployments", "app", "shop", requestObject=patch)
    [found] = of(tmp_path, record)[0]
    assert found["user.name"] == "kim" and "container.name" not in found


def test_a_specification_of_a_megabyte(tmp_path: Path) -> None:
    """A thousand variables in each of many containers."""
    env = [{"name": f"V{number}", "value": "x" * 100} for number in range(100)]
    spec = {"containers": [container(f"c{number}", "nginx:1", env=env) for number in range(80)]}
    record = pod(START, "kim", "app", spec)
    assert len(json.dumps(record)) > 1 << 20
    found, tally = of(tmp_path, record)
    assert [one["container.name"] for one in found] == [f"c{number}" for number in range(80)]
    assert tally.total == tally.records["event"] == 1


def test_an_event_list_that_is_cut(tmp_path: Path) -> None:
    items = [pod(START, "kim", f"app{n}", {"containers": [container("a", "nginx")]}) for n in range(3)]
    text = json.dumps({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": items})
    (tmp_path / "list.json").write_text(text[: -len(json.dumps(items[2])) // 2])
    found, tally = events(tmp_path / "list.json", tmp_path)
    assert [one["orchestrator.resource.name"] for one in found] == ["app0", "app1"]
    assert [(one.position, one.reason) for one in tally.rejects] == [(3, "the last item is cut")]


def test_less_is_read_where_less_is_asked(tmp_path: Path) -> None:
    """An event keeps its id, whatever is asked of it."""
    record = pod(START, "kim", "app", RISKY)
    every, _ = of(tmp_path, record)
    some, _ = of(tmp_path, record, columns={"user.name"})
    assert [one["event.id"] for one in some] == [one["event.id"] for one in every]
    assert {one["user.name"] for one in some} == {"kim"}


def test_events_of_a_pod(tmp_path: Path) -> None:
    made = resource("Pod", "shop", "app", RISKY)
    pulled = 'Successfully pulled image "ghcr.io/acme/tool:2" in 1.2s (1.2s including waiting)'
    found, tally = of(
        tmp_path,
        event(START, "Pulled", pulled, made),
        event(START, "Created", "Created container: pwn", made),
        event(START, "Started", "Started container pwn", made),
        event(START, "Scheduled", "Successfully assigned shop/app to n1", made),
    )
    assert picked(found, "clew.component", "container.image.name", "host.id", "orchestrator.resource.id") == [
        ("image_creation", "ghcr.io/acme/tool:2", "n1", uid("Pod", "shop", "app")),
        ("container_creation", None, "n1", uid("Pod", "shop", "app")),
        ("container_start", None, "n1", uid("Pod", "shop", "app")),
    ]
    assert {one["container.name"] for one in found} == {"pwn"}
    assert tally.records["not_parsed"] == 1


def test_events_of_the_newer_interface(tmp_path: Path) -> None:
    old = event(START, "Started", "", resource("Pod", "shop", "app", RISKY))
    new = {
        "kind": "Event",
        "apiVersion": "events.k8s.io/v1",
        "metadata": {"uid": "e1", "creationTimestamp": "2026-03-31T00:00:00Z"},
        "eventTime": None,
        "deprecatedFirstTimestamp": "2026-03-31T00:00:00Z",
        "reason": "Started",
        "regarding": old["involvedObject"],
        "note": "Started container pwn",
        "reportingController": "kubelet",
        "reportingInstance": "n1",
    }
    [one, other] = of(tmp_path, old, new)[0]
    differ = ("event.id", "log.position")
    assert {k: v for k, v in one.items() if k not in differ} == {
        k: v for k, v in other.items() if k not in differ
    }


def test_the_recordings_are_read_whole(tmp_path: Path) -> None:
    incident = recording("k8s-audit/minikube-incident-2026-06/audit.log")
    _, tally = events(incident, tmp_path)
    assert tally.total == 141 and not tally.rejects and not tally.records["irrelevant"]
    assert tally.components == {
        "container_creation": 2, "command_execution": 1, "pod_modification": 4, "application_log_content": 6
    }  # fmt: skip


#: What each of Falco's fixtures is: the code of its first event, the containers and what they are given.
POD = "pods/create"
FIXTURES = {
    "attach_pod": ("pods/create/attach", ["nginx1"], []),
    "exec_pod": ("pods/create/exec", ["nginx1"], []),
    "create_deployment": ("deployments/create", ["nginx1"], ["none"]),
    "create_nginx_pod_hostnetwork": (POD, ["nginx1"], ["network=host"]),
    "create_nginx_pod_no_secctx_1st_container_privileged_2nd_container": (
        POD,
        ["nginx1", "mysql"],
        ["none", "privileged"],
    ),
    "create_nginx_pod_nohostnetwork": (POD, ["nginx1"], ["none"]),
    "create_nginx_pod_privileged": (POD, ["nginx"], ["privileged"]),
    "create_nginx_pod_privileged_2nd_container": (POD, ["nginx1", "mysql"], ["none", "privileged"]),
    "create_nginx_pod_sensitive_mount": (POD, ["nginx"], ["mount=/etc"]),
    "create_nginx_pod_sensitive_mount_2nd_container": (POD, ["nginx1", "mysql"], ["none", "mount=/etc"]),
    "create_nginx_pod_unprivileged": (POD, ["nginx"], ["none"]),
    "create_pod_kube_public_namespace": (POD, ["nginx1"], ["none"]),
    "create_pod_kube_system_namespace": (POD, ["nginx1"], ["none"]),
}


def test_falcos_fixtures_become_the_right_events(tmp_path: Path) -> None:
    """What is no pod, and makes none, is for nobody: it is counted, and never rejected."""
    for path in sorted(recording("k8s-audit/falco_k8s_audit").iterdir()):
        found, tally = events(path, tmp_path)
        assert tally.complete and not tally.records["irrelevant"], path.name
        told = (
            found[0]["event.code"] if found else "",
            [one["container.name"] for one in found],
            [one["clew.container.flags"] for one in found if "clew.container.flags" in one],
        )
        assert told == FIXTURES.get(path.stem, ("", [], [])), path.name
