"""Lineage: which process or owner came of which, and when processes ended; SQL over the table `event`."""

from __future__ import annotations

from clew.database import name, quote
from clew.select.fork import FORKS
from clew.select.key import key
from clew.select.selection import OWNED, PACKAGE

ENDED = """
SELECT epoch_us("@timestamp") AS time, "host.id" AS scope, "process.entity_id" AS entity_id, "process.pid" AS pid
FROM event
WHERE "clew.component" = 'process_termination' AND "host.id" IS NOT NULL
    AND ("process.entity_id" IS NOT NULL OR "process.pid" IS NOT NULL)
"""

#: SQL of the columns of `lineage` that pairs of creations are told by, where nothing was read.
NO_CREATION = (
    "'' AS scope, '' AS log_source, '' AS name, 0::BIGINT AS time, 0::BIGINT AS added, 0::BIGINT AS pid, "
    "0::BIGINT AS parent_pid"
)

#: What tells of owners; they are lineage of their cluster, and no creation of a process.
OF_OWNERS = ("orchestrator.cluster.name", "orchestrator.resource.id", "clew.owner.uid")


def _owners() -> str:
    cluster, resource, owner = map(key, OF_OWNERS)
    return f"""
SELECT DISTINCT epoch_us("@timestamp"), {cluster}, {resource}, {owner}, '', '', '', '', '', NULL::BIGINT, NULL::BIGINT,
    "clew.log_source", "clew.clock.offset"
FROM event
WHERE "clew.component" IN ({", ".join(map(quote, OWNED))}) AND "clew.owner.uid" IS NOT NULL
    AND "orchestrator.resource.id" IS NOT NULL AND "orchestrator.cluster.name" IS NOT NULL"""


def _processes(scope: str) -> str:
    """SQL of who made whom, in the scopes of a column."""
    return f"""
SELECT epoch_us("@timestamp") AS time, {name(scope)} AS scope, "process.entity_id" AS entity_id,
    "process.parent.entity_id" AS parent_entity_id, coalesce("process.name", '') AS name,
    coalesce("process.executable", '') AS executable, coalesce("process.parent.name", '') AS parent_name,
    coalesce("process.parent.executable", '') AS parent_executable, "event.id" AS event,
    "process.pid" AS pid, "process.parent.pid" AS parent_pid, "clew.log_source" AS log_source,
    "clew.clock.offset" AS added
FROM event
WHERE "clew.component" = 'process_creation' AND {name(scope)} IS NOT NULL AND "process.entity_id" IS NOT NULL
"""


def statement(owners: bool, packages: bool = False) -> str:
    """SQL of all facts of lineage, those of owners and of vetted packages too where they are asked for."""
    asked = [*([_processes(PACKAGE)] * packages), *([_owners()] * owners)]
    return " UNION ALL ".join([_processes("host.id"), FORKS, *asked])
