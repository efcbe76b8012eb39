"""Forks: a process that was made without a program of its own is lineage, and no creation (R9).

Such an event is of ATT&CK's OS API Execution (DC0021); its process is the one that was made. In `lineage` it has no
name, since that would stand for the program, and no event id. A pid it has where the log knows processes by that alone:
else only creations tell who a pid was.
"""

from __future__ import annotations

#: An id that was made of a pid, not told by the log.
MADE = r"'.+/\d+/\d+'"

_IS = """event."clew.component" = 'os_api_execution' AND event."event.action" IN ('fork', 'clone')"""
#: SQL over `event` that tells whether an event is a fork, never null.
FORKED = f"coalesce({_IS}, false)"

#: SQL of the rows of `lineage` that forks are. A parent may be known by its pid alone.
FORKS = f"""
SELECT epoch_us("@timestamp"), "host.id", "process.entity_id", "process.parent.entity_id", '', '',
    coalesce("process.parent.name", ''), coalesce("process.parent.executable", ''), '',
    CASE WHEN regexp_full_match("process.entity_id", {MADE}) THEN "process.pid" END, "process.parent.pid",
    "clew.log_source", "clew.clock.offset"
FROM event WHERE {FORKED} AND "host.id" IS NOT NULL AND "process.entity_id" IS NOT NULL"""
