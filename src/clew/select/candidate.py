"""What select hands to the chain engine: candidates, and facts of lineage."""

from __future__ import annotations

import msgspec

from clew.event import Event


class Fit(msgspec.Struct, frozen=True):
    """An alternative of a stage whose `on` and `where` the event passes.

    `run_began` is when the run of the alternative's `new` key began, in microseconds; None where the
    alternative has no `new`, or a part of the key is null (then it is never new, R5). `recorded_since` is when
    the first event of the alternative's data component was recorded in the event's scope, or anywhere for a key
    without the scope's column: how far back the baseline of a `new` reaches.
    """

    alternative: int
    run_began: int | None = None
    recorded_since: int | None = None


class Candidate(msgspec.Struct, frozen=True):
    """An event that may fill a stage of a detection: links, traits, time and order are still to be tested.

    `detection` and `stage` are indexes into what the engine was made with.
    """

    detection: int
    stage: int
    fits: tuple[Fit, ...]
    event: Event


class ProcessStart(msgspec.Struct, frozen=True):
    """Lineage: a process and who made it, by (scope, entity id). `event` is its creation's event id.

    `parent_name` and `parent_executable` come from the same record, for parents whose own start is not
    recorded.
    """

    time: int
    scope: str
    entity_id: str
    parent_entity_id: str | None
    name: str = ""
    executable: str = ""
    parent_name: str = ""
    parent_executable: str = ""
    event: str = ""


class ProcessEnd(msgspec.Struct, frozen=True):
    """Lineage: a process ended, as recorded."""

    time: int
    scope: str
    entity_id: str
