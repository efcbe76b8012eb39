"""Kubernetes: the API server's audit log, and the events that its parts report.

An audit record says who asked the API server for what, once for each stage of the request. Its code is
resource/verb, with a subresource resource/verb/subresource: pods/create, pods/get/exec. An apply that made
something counts as its creation. Requests in somebody else's name that have no code of their own are
`impersonation`. A request that was only received has no answer yet, so it is its own code, and no mapping reads it.

https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

AUDIT_PROVIDER, EVENTS_PROVIDER = "Kubernetes audit", "Kubernetes"

#: The versions of records that were seen to have the fields that are read.
_VERSIONS = ("audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1")
#: What pods are, and what makes them.
_RESOURCES = (
    *("pods", "deployments", "daemonsets", "statefulsets", "replicasets", "replicationcontrollers"),
    *("jobs", "cronjobs"),
)


def _asked(field: str) -> str:
    return f"try(json_extract_string(h.objectRef, '$.{field}'))"


def _among(sql: str, names: tuple[str, ...]) -> str:
    return f"{sql} IN ({', '.join(map(repr, names))})"


_CODE = f"""CASE
    WHEN h.apiVersion IS NOT NULL AND NOT {_among("h.apiVersion", _VERSIONS)} THEN h.apiVersion
    WHEN h.stage = 'RequestReceived' THEN h.stage
    WHEN {_among(_asked("resource"), _RESOURCES)} THEN concat_ws('/', {_asked("resource")},
        CASE WHEN h.verb = 'patch' AND try(json_extract_string(h.responseStatus, '$.code')) = '201' THEN 'create'
            ELSE h.verb END, {_asked("subresource")})
    WHEN h.impersonatedUser IS NOT NULL THEN 'impersonation'
    ELSE concat_ws('/', {_asked("resource")}, h.verb, {_asked("subresource")}) END"""

KUBERNETES_AUDIT = Dialect(
    name="kubernetes audit",
    head=dict.fromkeys(
        ("apiVersion", "auditID", "stage", "verb", "objectRef", "responseStatus", "impersonatedUser"),
        "VARCHAR",
    ),
    is_this="h.auditID IS NOT NULL AND h.stage IS NOT NULL AND h.verb IS NOT NULL",
    provider=f"'{AUDIT_PROVIDER}'",
    code=_CODE,
    codes=("resource",),
    body={
        **dict.fromkeys(("auditID", "requestReceivedTimestamp", "timestamp"), "VARCHAR"),
        "metadata": {"creationTimestamp": "VARCHAR"},
    },
    system={
        "channel": "'audit'",
        "computer": "NULL::VARCHAR",
        "record_id": "b.auditID",  # the same in every stage of a request, so that it counts once
        "written": 'coalesce(b.requestReceivedTimestamp, b."timestamp", b.metadata.creationTimestamp)',
    },
    data=(),
    dots=None,
    marks={"impersonation": "impersonatedUser"},
    only=AUDIT_PROVIDER,
    parted=True,
)

KUBERNETES_EVENTS = Dialect(
    name="kubernetes events",
    head=dict.fromkeys(("apiVersion", "reason", "involvedObject", "regarding"), "VARCHAR"),
    is_this="h.reason IS NOT NULL AND coalesce(h.involvedObject, h.regarding) IS NOT NULL",
    provider=f"'{EVENTS_PROVIDER}'",
    code="h.reason",
    codes=("reason",),
    body={
        **dict.fromkeys(
            ("eventTime", "firstTimestamp", "lastTimestamp", "deprecatedFirstTimestamp"), "VARCHAR"
        ),
        "metadata": dict.fromkeys(("uid", "creationTimestamp"), "VARCHAR"),
    },
    system={
        "channel": "'events'",
        "computer": "NULL::VARCHAR",
        "record_id": "b.metadata.uid",
        "written": "coalesce(b.firstTimestamp, b.deprecatedFirstTimestamp, b.eventTime, b.metadata.creationTimestamp)",
    },
    data=(),
    dots=None,
    only=EVENTS_PROVIDER,
)
