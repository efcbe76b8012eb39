"""Container engines: what Docker and podman report, what `docker inspect` shows.

The code of an event is action/kind: create/container, tag/image; what stands behind a colon in the action of an
exec is its command. What `docker inspect` shows of a container is a record of its creation, at the time of that, with
all that events do not say: privileges, mounts, capabilities. dockerd's log says that, too, in its debug lines (see
`enginelog`), of requests whose answer it does not write.

https://docs.docker.com/reference/cli/docker/system/events/
https://docs.docker.com/reference/api/engine/
https://docs.podman.io/en/latest/markdown/podman-events.1.html
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

EVENTS_PROVIDER, INSPECT_PROVIDER = "Docker", "docker inspect"

#: Whole seconds and the rest of them are told apart, since a double has no room for both.
_NANOSECONDS = "make_timestamp(try_cast(b.timeNano AS BIGINT) // 1000)::VARCHAR"

DOCKER = Dialect(
    name="docker",
    head=dict.fromkeys(("Type", "Action", "Actor"), "VARCHAR"),
    is_this="h.Type IS NOT NULL AND h.Action IS NOT NULL AND h.Actor IS NOT NULL",
    provider=f"'{EVENTS_PROVIDER}'",
    code="split_part(h.Action, ':', 1) || '/' || h.Type",
    codes=("Action",),
    body={**dict.fromkeys(("time", "timeNano", "Action"), "VARCHAR"), "Actor": {"ID": "VARCHAR"}},
    system={
        "channel": "'events'",
        "computer": "NULL::VARCHAR",
        "record_id": "b.timeNano || '|' || b.Action || '|' || b.Actor.ID",  # the CLI and the API write them differently
        "written": f"coalesce({_NANOSECONDS}, to_timestamp(try_cast(b.time AS BIGINT))::TIMESTAMP::VARCHAR)",
    },
    data=(),
    dots=None,
    only=EVENTS_PROVIDER,
    parted=True,
)

PODMAN = Dialect(
    name="podman",
    head=dict.fromkeys(("Type", "Status", "Time", "Attributes"), "VARCHAR"),
    is_this="h.Type IS NOT NULL AND h.Status IS NOT NULL AND h.Time IS NOT NULL",
    provider=f"'{EVENTS_PROVIDER}'",
    code="h.Status || '/' || h.Type",
    codes=("Status",),
    body={"Time": "VARCHAR"},
    system={
        "channel": "'events'",
        "computer": "NULL::VARCHAR",
        "record_id": "NULL::VARCHAR",
        "written": "b.Time",
    },
    data=(),
    dots=None,
    only=EVENTS_PROVIDER,
    parted=True,
)

INSPECT = Dialect(
    name="docker inspect",
    head=dict.fromkeys(("HostConfig", "Created"), "VARCHAR"),
    is_this="h.HostConfig IS NOT NULL AND h.Created IS NOT NULL",
    provider=f"'{INSPECT_PROVIDER}'",
    code="'inspect'",
    codes=(),
    body={"Created": "VARCHAR"},
    system={
        "channel": "'inspect'",
        "computer": "NULL::VARCHAR",
        "record_id": "NULL::VARCHAR",
        "written": "b.Created",
    },
    data=(),
    marks={"inspect": "HostConfig"},
    dots=None,
    only=INSPECT_PROVIDER,
)
