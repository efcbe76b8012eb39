"""Which container a process of the host is in: what is learned of it, and how it is looked up, in SQL.

The Linux audit log does not tell. An engine tells the pid of a container's first process (State.Pid of docker inspect);
a shim has its container's id among its arguments (containerd-shim -namespace moby -id 4c01..., conmon -c 4c01...), and
makes the processes of that container and no others. Each of them begins as runc, and what is started in a container
later (docker exec) is no child of the first. So the processes of a container are its first one, what was runc below a
shim and became another program, and whatever these made.

https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md, https://github.com/containers/conmon
"""

from __future__ import annotations

from collections.abc import Callable

#: The columns of an event of the audit log that its container fills.
CONTAINED = ("container.id", "container.name", "container.image.name")
#: The columns of `event` that LEARNED, DESCRIBED and UNCONTAINED read.
COLUMNS = (
    *("@timestamp", "clew.component", "host.id", "clew.log_source", *CONTAINED),
    *("clew.container.pid", "clew.container.started", "process.pid", "process.name", "process.command_line"),
)
#: Data components whose events may be of a container's process.
COMPONENTS = (
    *("process_creation", "process_termination", "process_access", "os_api_execution", "kernel_module_load"),
    *("network_connection_creation", "file_access", "file_creation", "file_deletion", "file_metadata"),
    "file_modification",
)

#: SQL that is true for an event whose container may come to be known.
UNCONTAINED = """("container.id" IS NULL AND "process.pid" IS NOT NULL
    AND coalesce(starts_with("clew.log_source", 'auditd:'), false))"""

_SHIM = r"""'^containerd-shim\b.* -namespace moby\b.* -id ([0-9a-f]{64})\b'"""
_CONMON = r"""'^(?:\S*/)?conmon\b.* -c ([0-9a-f]{64})\b'"""

#: SQL over `event`: facts (time, host, pid, container, makes) of first processes, and of shims, which make them.
LEARNED = f"""
SELECT epoch_us(coalesce(clew_time(clew_cut("clew.container.started")), "@timestamp")) AS time, "host.id" AS host,
    "clew.container.pid" AS pid, "container.id" AS container, false AS makes
FROM event WHERE "clew.container.pid" > 0 AND "container.id" IS NOT NULL AND "host.id" IS NOT NULL
UNION ALL
SELECT epoch_us("@timestamp"), "host.id", "process.pid", id[:12], true FROM (
    SELECT *, nullif(coalesce(
        nullif(regexp_extract(regexp_replace("process.command_line", '^\\S*/', ''), {_SHIM}, 1), ''),
        regexp_extract("process.command_line", {_CONMON}, 1)), '') AS id
    FROM event WHERE "clew.component" = 'process_creation' AND "process.pid" IS NOT NULL AND "host.id" IS NOT NULL
        AND ("process.name" = 'conmon' OR starts_with("process.name", 'containerd-shim'))
) WHERE id IS NOT NULL"""

#: SQL over `event`: facts (time, host, container, called, image) of what a container is called and made of.
DESCRIBED = """
SELECT epoch_us("@timestamp") AS time, "host.id" AS host, "container.id" AS container, "container.name" AS called,
    "container.image.name" AS image
FROM event WHERE "clew.component" = 'container_creation' AND "container.id" IS NOT NULL AND "host.id" IS NOT NULL"""

#: Programs that make a container, and are none of its own.
_RUNTIME = """(starts_with({0}, 'containerd-shim') OR {0} IN ('runc', 'crun', 'conmon'))"""


def processes(found: Callable[[str], str], skew: int) -> str:
    """SQL of (scope, entity, container, since): the processes of containers; `since` is null where they were no runc.

    Over the tables `contained`, of facts, and `lineage`. `found` makes SQL that gives each (place, scope, pid, time)
    its process as (place, entity_id). An engine tells the start of a container just before its program runs.
    """
    asked = f"""SELECT rowid AS place, host AS scope, pid, time + CASE WHEN makes THEN 0 ELSE {skew} END AS time
        FROM contained"""
    runtime, was = _RUNTIME.format("name"), _RUNTIME.format("was")
    return f"""
WITH RECURSIVE known AS (
    SELECT host AS scope, entity_id AS entity, container, makes FROM contained JOIN ({found(asked)}) AS process
    ON contained.rowid = process.place
), ran AS (
    SELECT scope, entity_id AS entity, parent_entity_id AS parent, name, time,
        coalesce(NOT {runtime} AND {was}, false) AS became
    FROM (SELECT *, lag(name) OVER (PARTITION BY scope, pid ORDER BY time) AS was FROM lineage
        WHERE pid IS NOT NULL AND name <> '')
), engine AS (
    SELECT scope, entity, container FROM known WHERE makes
    UNION SELECT ran.scope, ran.entity, engine.container FROM ran JOIN engine
    ON ran.scope = engine.scope AND ran.parent = engine.entity WHERE {_RUNTIME.format("ran.name")}
), first AS (
    SELECT scope, entity, container FROM known WHERE NOT makes
    UNION SELECT ran.scope, ran.entity, engine.container FROM ran JOIN engine
    ON ran.scope = engine.scope AND (ran.parent = engine.entity OR ran.entity = engine.entity) WHERE became
), inside AS (
    SELECT scope, entity, container, (SELECT min(time) FROM ran
        WHERE ran.scope = first.scope AND ran.entity = first.entity AND became) AS since FROM first
    UNION SELECT l.scope, l.entity_id, inside.container, NULL FROM inside JOIN lineage AS l
    ON l.scope = inside.scope AND l.parent_entity_id = inside.entity
)
SELECT scope, entity, min(container) AS container, min(since) AS since FROM inside GROUP BY scope, entity"""
