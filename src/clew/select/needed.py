"""Which of a part's events somebody needs, told by few columns before the others are made.

An event is needed where it may pass a selection, is a fact of lineage or of what `places` learns, or is the first: of
its process, which may lack a creation (R9), or of its data component in its scope, since when that is recorded (R5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from clew.database import name, quote
from clew.detection.model import Detection
from clew.normalise.scan import Sieve
from clew.select.fork import FORKED
from clew.select.selection import ADDRESSES, CONTAINERS, NAMES, OWNED, SIGNATURES, facts, tested

_LINEAGE = ("process_creation", "process_termination", *OWNED)
#: Events from which facts are learned (see `entity`): all of a data component, or all that have a column.
_COMPONENTS = {ADDRESSES: "network_connection_creation", SIGNATURES: "file_metadata"}
_COLUMNS = {NAMES: ("dns.question.name", "tls.client.server_name"), CONTAINERS: ("clew.container.pid",)}
#: What tells whether columns can be filled that a selection reads (see `places`).
_OPEN = (
    "source.ip",
    "destination.ip",
    "destination.domain",
    "clew.activity.id",
    "event.code",
    "container.id",
)
_FORKED = ("clew.component", "event.action")
_PROCESS = ("host.id", "process.entity_id", "process.pid")


def sieve(detections: Sequence[Detection], passes: Callable[[], Iterable[str]]) -> Sieve:
    """What lets through all that is needed; `passes` gives SQL over `event` of what may pass a selection."""
    scopes = tuple(sorted({"host.id", *(detection.plan.scope for detection in detections)}))
    learned = sorted(facts(detections))
    components = (*_LINEAGE, *(_COMPONENTS[fact] for fact in learned if fact in _COMPONENTS))
    telling = [column for fact in learned for column in _COLUMNS.get(fact, ())]
    columns = {
        "@timestamp",
        "clew.log_source",
        *scopes,
        *_PROCESS,
        *_OPEN,
        *_FORKED,
        *telling,
        *tested(detections),
    }
    always = [f'"clew.component" = {quote(component)}' for component in components]
    always += [FORKED, *(f"{name(column)} IS NOT NULL" for column in telling)]
    firsts = f"UNION ALL {_first('clew.component', *scopes)}\nUNION ALL {_first(*_PROCESS)}"

    def needed() -> str:
        tests = " OR ".join([*always, *passes()])
        return f'SELECT record."row" AS "row", record.ordinal AS ordinal FROM event WHERE {tests}\n{firsts}'

    return Sieve(frozenset(columns), needed)


def _first(*columns: str) -> str:
    """SQL of the first events of all that have these columns in common; what makes processes is by itself."""
    keys = ", ".join(map(name, columns))
    same = " AND ".join(
        f"event.{name(column)} IS NOT DISTINCT FROM first.{name(column)}" for column in columns
    )
    makes = f"(event.\"clew.component\" = 'process_creation' OR {FORKED})"
    return f"""
SELECT record."row", record.ordinal FROM event JOIN (
    SELECT {keys}, {makes} AS makes, min("@timestamp") AS happened FROM event GROUP BY ALL
) AS first ON {same} AND {makes} = makes AND "@timestamp" = happened"""
