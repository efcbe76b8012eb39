"""Why a detection did not fire, or no higher: what `runner.explain` finds and a report shows.

Like a finding it carries all that is shown; whoever prints it needs neither the detection nor the logs.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from clew.finding import EvidenceEvent, Level

#: What an event failed on; `other` is told by the message alone.
Kind = Literal["where", "scope", "link", "time", "new", "traits", "exception", "other"]


class Failure(msgspec.Struct, frozen=True):
    """One thing that an event failed on, in words. `cost` orders misses: 1 is one plain failure."""

    kind: Kind
    message: str
    cost: float = 1.0


class Miss(msgspec.Struct, frozen=True):
    """An event that came near a stage without filling it."""

    event: EvidenceEvent
    failures: tuple[Failure, ...]


class Step(msgspec.Struct, frozen=True):
    """A stage of the thread so far, with the event that fills it."""

    stage: str
    event: EvidenceEvent


class Exempted(msgspec.Struct, frozen=True):
    """An exception of the site: where it stands, why, and the last day on which it counts (ISO)."""

    origin: str
    because: str
    until: str


class Lack(msgspec.Struct, frozen=True, kw_only=True):
    """What a chain lacks for some levels: `stage`, `stage.trait`, or `not stage`.

    With `exempted` nothing is missing there: an exception holds the chain back for the event of the stage, or
    for what it binds, and `reason` says for which values.
    `reason` says why in words, as far as that is known without one single event. `looked` is how many events of
    `components` were put to the stage, `only` how many of them failed on one kind of thing alone. `behind` are
    stages that hang on this one and could not be looked for.
    """

    name: str
    levels: tuple[Level, ...]
    reason: str = ""
    components: tuple[str, ...] = ()
    looked: int = 0
    only: dict[Kind, int] = {}
    misses: tuple[Miss, ...] = ()
    behind: tuple[str, ...] = ()
    exempted: Exempted | None = None


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """A chain that was begun and not completed: where, the thread so far, and what it lacks.

    `where` are the scope and the values of `per` as far as they are bound. `conditions` are those of the levels
    that are nearest. `alike` are other chains with the same values, or held back by the same exception, that
    got no further. `folded` counts the openings inside the process tree of this one that are part of it and
    begin no chain of their own; `nested` are the first of them.
    """

    where: dict[str, str]
    thread: tuple[Step, ...]
    conditions: dict[Level, str]
    lacks: tuple[Lack, ...]
    alike: int = 0
    folded: int = 0
    nested: tuple[EvidenceEvent, ...] = ()


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What came of explaining one detection; `hosts` says on which, where its values are for some only.

    `reached` is the highest level of the `findings` findings. `partials` are the furthest chains below a higher
    level, the nearest first; `others` got as far and are not shown. `left_out` says what bounded work did not
    look at.
    """

    detection: str
    title: str
    hosts: str = ""
    reached: Level | None
    findings: int
    partials: tuple[Partial, ...]
    others: int = 0
    left_out: tuple[str, ...] = ()
