"""Records of a Kubernetes cluster as its API server writes them, made here: single ones, and an ordinary day."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]
START = datetime(2026, 3, 31, 0, 0, tzinfo=UTC)
CONTROLLERS = "system:serviceaccount:kube-system:"


def uid(*parts: object) -> str:
    """The uid of what has this name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts))))


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def owner(kind: str, name: str, of: str) -> Record:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": of, "controller": True}


def container(name: str, image: str, **more: Any) -> Record:
    return {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", **more}


def resource(kind: str, namespace: str, name: str, spec: Record, owned: Record | None = None) -> Record:
    metadata = {"name": name, "namespace": namespace, "uid": uid(kind, namespace, name)}
    if owned:
        metadata["ownerReferences"] = [owned]  # type: ignore[assignment]
    return {"kind": kind, "apiVersion": "v1", "metadata": metadata, "spec": spec}


def audit(
    time: datetime, user: str, verb: str, resource: str, name: str = "", namespace: str = "", **more: Any
) -> Record:
    """One record of a request that was answered; `subresource` and `object` may be given, None leaves a key out."""
    subresource, found = more.pop("subresource", None), more.pop("object", None)
    asked = {"resource": resource, "namespace": namespace, "name": name, "apiVersion": "v1"}
    record = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "RequestResponse" if found else "Metadata",
        "auditID": uid(time, user, verb, resource, name, subresource),
        "stage": "ResponseComplete",
        "requestURI": f"/api/v1/namespaces/{namespace}/{resource}/{name}"
        + (f"/{subresource}" if subresource else ""),
        "verb": verb,
        "user": {"username": user, "groups": ["system:authenticated"]},
        "sourceIPs": ["10.1.2.3"],
        "userAgent": "kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9",
        "objectRef": asked | ({"subresource": subresource} if subresource else {}),
        "responseStatus": {"metadata": {}, "code": 201 if verb == "create" else 200},
        **({"requestObject": found, "responseObject": found} if found else {}),
        "requestReceivedTimestamp": stamp(time),
        "stageTimestamp": stamp(time + timedelta(milliseconds=3)),
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""},
    }
    return {key: value for key, value in (record | more).items() if value is not None}


def pod(
    time: datetime, user: str, name: str, spec: Record, owned: Record | None = None, **more: Any
) -> Record:
    """The creation of a pod in the namespace shop."""
    namespace = more.pop("namespace", "shop")
    made = resource("Pod", namespace, name, spec, owned)
    return audit(time, user, "create", "pods", name, namespace, object=made, **more)


def status(time: datetime, node: str, made: Record, started: datetime) -> Record:
    """A kubelet's report that the containers of a pod run since then."""
    running = {"running": {"startedAt": started.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    metadata, spec = made["metadata"], made["spec"]
    statuses = [
        {
            "name": c["name"],
            "image": c["image"],
            "containerID": f"containerd://{uid(metadata, c)[:8] * 8}",
            "state": running,
        }
        for c in spec["containers"]
    ]
    found = {**made, "status": {"phase": "Running", "containerStatuses": statuses}}
    about = (metadata["name"], metadata["namespace"])
    return audit(time, f"system:node:{node}", "patch", "pods", *about, subresource="status", object=found)


def event(time: datetime, reason: str, message: str, made: Record, node: str = "n1") -> Record:
    """What a kubelet tells of the first container of a pod."""
    metadata = made["metadata"]
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": f"{metadata['name']}.{reason}", "uid": uid(metadata["name"], reason, time)},
        "involvedObject": {
            "kind": "Pod",
            **{key: metadata[key] for key in ("name", "namespace", "uid")},
            "fieldPath": f"spec.containers{{{made['spec']['containers'][0]['name']}}}",
        },
        "reason": reason,
        "message": message,
        "source": {"component": "kubelet", "host": node},
        "firstTimestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lastTimestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "count": 1,
        "type": "Normal",
    }


class Day:
    """An ordinary day of a cluster: what people, CI, Kubernetes' controllers and its kubelets ask for."""

    ci = "system:serviceaccount:ci:deployer"
    registry = "registry.example.com"

    def __init__(self, nodes: int = 4) -> None:
        self._nodes = [f"n{number}" for number in range(1, nodes + 1)]
        self._made = 0

    def records(self) -> Iterator[Record]:
        """The records, not in the order of their time."""
        yield from self._boot()
        for hour in range(24):
            yield from self._every_hour(START + timedelta(hours=hour))
        for number, app in enumerate(("web", "cart", "search", "mail")):
            time = START + timedelta(hours=9 + 2 * number, minutes=7)
            yield from self._workload(time, self.ci, app, f"{self.registry}/{app}:1.{number}", replicas=3)
            later = time + timedelta(hours=1)
            yield from self._rollout(later, app, f"{self.registry}/{app}:1.{number + 1}")
            yield from self._scale(
                later + timedelta(minutes=30), app, f"{self.registry}/{app}:1.{number + 1}", 4
            )
        yield from self._by_hand(START + timedelta(hours=14))

    def lines(self) -> str:
        """The log."""
        every = sorted(self.records(), key=lambda record: str(record["requestReceivedTimestamp"]))
        return "".join(json.dumps(record) + "\n" for record in every)

    def _boot(self) -> Iterator[Record]:
        """The static pods of the control plane, kube-proxy and the network's agent."""
        for part in ("etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"):
            spec = {
                "hostNetwork": True,
                "nodeName": "n1",
                "containers": [
                    container(part, f"registry.k8s.io/{part}:v1.34.1", volumeMounts=[{"name": "pki"}])
                ],
                "volumes": [{"name": "pki", "hostPath": {"path": "/etc/kubernetes/pki"}}],
            }
            node = owner("Node", "n1", uid("Node", "n1"))
            yield pod(START, "system:node:n1", f"{part}-n1", spec, node, namespace="kube-system")
        agent = container("agent", "quay.io/cilium/cilium:v1.16.1", securityContext={"privileged": True})
        proxy = container(
            "kube-proxy", "registry.k8s.io/kube-proxy:v1.34.1", securityContext={"privileged": True}
        )
        for name, one in (("cilium", agent), ("kube-proxy", proxy)):
            spec = {"hostNetwork": True, "hostPID": True, "containers": [one]}
            made = resource("DaemonSet", "kube-system", name, {"template": {"spec": spec}})
            time = START + timedelta(seconds=20)
            yield audit(time, self.ci, "create", "daemonsets", name, "kube-system", object=made)
            for node_name in self._nodes:
                yield from self._pods(time, "daemon-set", made, {**spec, "nodeName": node_name}, 1)

    def _every_hour(self, time: datetime) -> Iterator[Record]:
        for minute in range(0, 60, 5):
            at = time + timedelta(minutes=minute)
            yield from self._cron(at)
            for node in self._nodes:
                yield audit(at, f"system:node:{node}", "update", "leases", node, "kube-node-lease")
                yield audit(at, f"system:node:{node}", "list", "pods")
            yield audit(at, "prometheus", "get", "nodes", "n1")
            yield audit(at, "system:kube-scheduler", "create", "events", f"e{minute}", "shop")

    def _cron(self, time: datetime) -> Iterator[Record]:
        template = {"spec": {"containers": [container("sweep", f"{self.registry}/sweep:4")]}}
        made = resource("CronJob", "shop", "sweep", {"jobTemplate": {"spec": {"template": template}}})
        cron = owner("CronJob", "sweep", made["metadata"]["uid"])
        job = resource("Job", "shop", f"sweep-{time:%H%M}", {"template": template}, cron)
        name = job["metadata"]["name"]
        yield audit(time, f"{CONTROLLERS}cronjob-controller", "create", "jobs", name, "shop", object=job)
        yield from self._pods(time, "job", job, template["spec"], 1)

    def _workload(self, time: datetime, user: str, app: str, image: str, replicas: int) -> Iterator[Record]:
        spec = {"containers": [container(app, image)], "serviceAccountName": app}
        made = resource("Deployment", "shop", app, {"replicas": replicas, "template": {"spec": spec}})
        yield audit(time, user, "create", "deployments", app, "shop", object=made)
        yield from self._replicas(time, made, f"{app}-{image[-1]}", spec, replicas)

    def _rollout(self, time: datetime, app: str, image: str) -> Iterator[Record]:
        spec = {"containers": [container(app, image)], "serviceAccountName": app}
        made = resource("Deployment", "shop", app, {"replicas": 3, "template": {"spec": spec}})
        yield audit(time, self.ci, "patch", "deployments", app, "shop", object=made)
        deployer = f"{CONTROLLERS}deployment-controller"
        yield audit(time, deployer, "update", "deployments", app, "shop", object=made)
        yield from self._replicas(time, made, f"{app}-{image[-1]}", spec, 3)

    def _scale(self, time: datetime, app: str, image: str, more: int) -> Iterator[Record]:
        """The autoscaler asks for more pods of the same set."""
        scaler = f"{CONTROLLERS}horizontal-pod-autoscaler"
        yield audit(time, scaler, "update", "deployments", app, "shop", subresource="scale")
        spec = {"containers": [container(app, image)], "serviceAccountName": app}
        made = resource("Deployment", "shop", app, {})
        sets = resource("ReplicaSet", "shop", f"{app}-{image[-1]}", {"template": {"spec": spec}}, _of(made))
        yield from self._pods(time, "replicaset", sets, spec, more)

    def _replicas(
        self, time: datetime, made: Record, name: str, spec: Record, count: int
    ) -> Iterator[Record]:
        sets = resource("ReplicaSet", "shop", name, {"template": {"spec": spec}}, _of(made))
        deployer = f"{CONTROLLERS}deployment-controller"
        yield audit(time, deployer, "create", "replicasets", name, "shop", object=sets)
        yield from self._pods(time, "replicaset", sets, spec, count)

    def _pods(
        self, time: datetime, controller: str, of: Record, spec: Record, count: int
    ) -> Iterator[Record]:
        namespace = of["metadata"]["namespace"]
        for number in range(count):
            self._made += 1
            at = time + timedelta(milliseconds=50 * (number + 1))
            name = f"{of['metadata']['name']}-{self._made:05d}"
            user = f"{CONTROLLERS}{controller}-controller"
            yield pod(at, user, name, spec, _of(of), namespace=namespace)
            made = resource("Pod", namespace, name, spec, _of(of))
            node = spec.get("nodeName") or self._nodes[self._made % len(self._nodes)]
            for seconds in (2, 12, 42):
                yield status(at + timedelta(seconds=seconds), node, made, at + timedelta(seconds=1))

    def _by_hand(self, time: datetime) -> Iterator[Record]:
        """A developer looks into something."""
        yield audit(time, "kim", "get", "pods", "web-1-00001", "shop", subresource="exec")
        yield pod(time, "kim", "try", {"containers": [container("try", "busybox")]})
        forbidden = {"metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403}
        spec = {
            "hostPID": True,
            "containers": [container("x", "busybox", securityContext={"privileged": True})],
        }
        yield pod(
            time,
            "kim",
            "debug",
            spec,
            responseStatus=forbidden,
            responseObject={"kind": "Status", "code": 403},
        )


def _of(made: Record) -> Record:
    return owner(made["kind"], made["metadata"]["name"], made["metadata"]["uid"])
