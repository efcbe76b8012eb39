"""What there is in some logs: the document that `clew sources` makes, and prints as it is with `-f json`.

Times are ISO 8601, UTC, and empty where no record has one that can be read.
"""

from __future__ import annotations

import msgspec

from clew.report.clock import Twins


class Sample(msgspec.Struct, frozen=True):
    """One record, and where it stands; the text is its beginning."""

    path: str
    position: int
    text: str


class Mapped(msgspec.Struct, frozen=True):
    """Events of one kind: what they are in ATT&CK's words, how many, on how many hosts, in how many files."""

    log_source: str
    channel: str
    component: str
    reader: str
    records: int
    hosts: int
    files: int
    first: str
    last: str


class Unmapped(msgspec.Struct, frozen=True):
    """Records of one kind that become no event.

    A kind is provider, channel and code, or where a record has none of these the `keys` at its top. `claimed`:
    a mapping reads the provider, but not this code.
    """

    provider: str | None
    channel: str | None
    code: str | None
    keys: str | None
    reader: str
    claimed: bool
    records: int
    hosts: int
    files: int
    first: str
    last: str
    sample: Sample | None


class Clock(msgspec.Struct, frozen=True):
    """A clock that disagrees: what a field of the records says, against the time of their events.

    In seconds, positive where the field is later: the median, and between which nine in ten of them lie.
    """

    host: str
    log_source: str
    field: str
    records: int
    median: int
    low: int
    high: int


class Apart(msgspec.Struct, frozen=True):
    """Two sources of one host that have no time in common: when the earlier ends and the later begins."""

    host: str
    earlier: str
    ends: str
    later: str
    begins: str


class Refused(msgspec.Struct, frozen=True):
    """Records that could not be read for one reason, or with `files` whole files; where the first one stands."""

    reason: str
    records: int
    files: int
    path: str
    position: int


class Sight(msgspec.Struct, frozen=True):
    """Whether a stage of a detection can be looked for: how many events of each of its components there are."""

    detection: str
    stage: str
    components: dict[str, int]
    log_sources: tuple[str, ...]

    @property
    def seen(self) -> bool:
        """Whether there is anything for it."""
        return any(self.components.values())


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What there is. `records` counts per status; `hosts` and `files` are counts over everything.

    `unmapped`, `apart`, `disagreeing` and `refused` are capped; `more` counts what was left out of each. `corrections`
    are lines of clew.toml that set right the clocks that disagree.
    """

    files: int
    hosts: int
    records: dict[str, int]
    mapped: tuple[Mapped, ...]
    unmapped: tuple[Unmapped, ...]
    clocks: tuple[Clock, ...]
    apart: tuple[Apart, ...]
    disagreeing: tuple[Twins, ...]
    corrections: tuple[str, ...]
    refused: tuple[Refused, ...]
    stages: tuple[Sight, ...]
    more: dict[str, int]
    interrupted: bool = False
