"""OCSF, the Open Cybersecurity Schema Framework, versions 1.x: a class and an activity say what an event is.

The code is class_uid/activity_id, as text or number; that of a network event without a process ends in /sensor, that
of a launch that is a fork in /fork.

https://schema.ocsf.io
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

OCSF_PROVIDER = "OCSF"

#: Those classes of which some activities are read; of the network ones a process may be told.
_CLASSES = ("1001", "1002", "1005", "1007", "201001", "201002", "4001", "4002", "4003")
_NETWORK = ("4001", "4003")
_PROCESS = (
    "coalesce(e.actor.process.uid, e.actor.process.pid, e.actor.process.name, e.actor.process.file.path)"
)
_FORKS = "e.class_uid = '1007' AND e.activity_id = '1' AND e.launch_type_id = '2'"


def _one_of(classes: tuple[str, ...]) -> str:
    return f"e.class_uid IN ({', '.join(map(repr, classes))})"


OCSF = Dialect(
    name="ocsf",
    head={},
    apart={
        **dict.fromkeys(("class_uid", "activity_id", "launch_type_id", "time", "time_dt"), "VARCHAR"),
        "actor": {
            "process": {**dict.fromkeys(("uid", "pid", "name"), "VARCHAR"), "file": {"path": "VARCHAR"}}
        },
        "metadata": {"product": {"name": "VARCHAR"}},
    },
    signs=('"class_uid"',),
    is_this="e.class_uid IS NOT NULL AND coalesce(e.time, e.time_dt) IS NOT NULL",
    provider=f"CASE WHEN {_one_of(_CLASSES)} THEN '{OCSF_PROVIDER}' ELSE e.metadata.product.name END",
    code="e.class_uid || '/' || coalesce(e.activity_id, '0') || "
    f"CASE WHEN {_one_of(_NETWORK)} AND {_PROCESS} IS NULL THEN '/sensor' WHEN {_FORKS} THEN '/fork' ELSE '' END",
    codes=("class_uid",),
    body={
        **dict.fromkeys(("time", "time_dt"), "VARCHAR"),
        "device": {"hostname": "VARCHAR", "name": "VARCHAR"},
        "metadata": {"uid": "VARCHAR", "product": {"name": "VARCHAR"}},
    },
    system={
        "channel": "b.metadata.product.name",
        "computer": "coalesce(b.device.hostname, b.device.name)",
        "record_id": "b.metadata.uid",
        "written": "coalesce(b.time, b.time_dt)",
    },
    data=(),
    dots=None,
    only=OCSF_PROVIDER,
    parted=True,
)
