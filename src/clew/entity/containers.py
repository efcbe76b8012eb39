"""Which container a process of the host is in: what is learned of it, and how it is looked up, in SQL.

The Linux audit log does not tell. An engine tells the pid of a container's first process (State.Pid of docker inspect).
Two programs make processes of one container and no others of their own kind, and have its id among their arguments: its
shim (containerd-shim -namespace moby -id 4c01..., conmon -c 4c01...), which becomes the parent of its first process,
and runc exec, for what is started in it later. So the processes of a container are its first one, what a shim or runc
exec made that is no runtime, and whatever these made. What runc create makes are hooks, which run outside.

https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md, https://github.com/containers/conmon
"""

from __future__ import annotations

from collections.abc import Callable

from clew.database import quote

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

#: The arguments of those who make processes of containers, behind the folder of their program.
_MAKERS = (
    r"^containerd-shim\S* (?:.* )?-namespace moby (?:.* )?-id ([0-9a-f]{64})\b",
    r"^conmon (?:.* )?-c ([0-9a-f]{64})\b",
    r"^(?:runc|crun) (?:.* )?exec (?:.* )?([0-9a-f]{64})\b",
)
#: Programs that make a container, and are none of its own.
_RUNTIME = """(starts_with({0}, 'containerd-shim') OR {0} IN ('runc', 'crun', 'conmon'))"""


def _made_by() -> str:
    """SQL of the id among a maker's arguments, null where it is none."""
    found = (f"nullif(regexp_extract(command, {quote(maker)}, 1), '')" for maker in _MAKERS)
    return f"coalesce({', '.join(found)})"


#: SQL over `event`: facts (time, host, pid, container, makes) of first processes, and of who makes processes.
LEARNED = f"""
SELECT epoch_us(coalesce(clew_time(clew_cut("clew.container.started")), "@timestamp")) AS time, "host.id" AS host,
    "clew.container.pid" AS pid, "container.id" AS container, false AS makes
FROM event WHERE "clew.container.pid" > 0 AND "container.id" IS NOT NULL AND "host.id" IS NOT NULL
UNION ALL
SELECT epoch_us("@timestamp"), "host.id", "process.pid", {_made_by()}[:12], true FROM (
    SELECT *, regexp_replace("process.command_line", '^/\\S*/', '') AS command FROM event
    WHERE "clew.component" = 'process_creation' AND "process.pid" IS NOT NULL AND "host.id" IS NOT NULL
        AND {_RUNTIME.format('"process.name"')}
) WHERE {_made_by()} IS NOT NULL"""

#: SQL over `event`: facts (time, host, container, called, image) of what a container is called and made of.
DESCRIBED = """
SELECT epoch_us("@timestamp") AS time, "host.id" AS host, "container.id" AS container, "container.name" AS called,
    "container.image.name" AS image
FROM event WHERE "clew.component" = 'container_creation' AND "container.id" IS NOT NULL AND "host.id" IS NOT NULL
    AND coalesce("container.name", "container.image.name") IS NOT NULL"""


def processes(found: Callable[[str], str], skew: int) -> str:
    """SQL of (scope, entity, container, since): the processes of containers; `since` is null where that is always.

    Over the tables `contained`, of facts, and `lineage`. `found` makes SQL that gives each (place, scope, pid, time)
    its process as (place, entity_id). An engine tells the start of a container just before its program runs, and what
    has the pid until then is runc.
    """
    asked = f"""SELECT rowid AS place, host AS scope, pid, time + CASE WHEN makes THEN 0 ELSE {skew} END AS time
        FROM contained"""
    return f"""
WITH RECURSIVE known AS (
    SELECT host AS scope, entity_id AS entity, container, makes FROM contained JOIN ({found(asked)}) AS process
    ON contained.rowid = process.place
), ran AS (
    SELECT scope, entity_id AS entity, parent_entity_id AS parent, min(time) AS time FROM lineage
    WHERE name <> '' AND NOT {_RUNTIME.format("name")} GROUP BY ALL
), first AS (
    SELECT known.scope, known.entity, container, time AS since FROM known LEFT JOIN ran
    ON ran.scope = known.scope AND ran.entity = known.entity WHERE NOT makes
    UNION ALL SELECT ran.scope, ran.entity, container, time FROM ran JOIN known
    ON ran.scope = known.scope AND ran.parent = known.entity WHERE makes
), inside AS (
    SELECT scope, entity, container, since FROM first
    UNION SELECT l.scope, l.entity_id, inside.container, NULL FROM inside JOIN lineage AS l
    ON l.scope = inside.scope AND l.parent_entity_id = inside.entity
)
SELECT scope, entity, min(container) AS container, min(since) AS since FROM inside GROUP BY scope, entity"""
