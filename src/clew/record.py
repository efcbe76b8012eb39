"""What a reader hands on, and how every record is accounted for.

A *record* is one entry of a log as it was written. Each one ends as exactly one of: event, joined to
another, duplicate, irrelevant, not parsed, outside, rejected (DESIGN section 4, Accounting). Blank lines are no
records.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import msgspec

#: A longer record is rejected. DuckDB holds a buffer of twice this size for each thread.
LINE_BYTES = 16 << 20


class Span(msgspec.Struct, frozen=True):
    """Rows of a batch that stand one after another in one source.

    The batch's row `row` (from 0) is the record at position `first` of `source`, the next row the next position,
    up to the next span. `source` is the path as the user knows it, `reader` the name of its reader. `cut` says
    that the source's last line has no line end.
    """

    row: int
    source: str
    reader: str
    first: int = 1
    cut: bool = False


class Batch(msgspec.Struct, frozen=True):
    """Some records, as a UTF-8 file with one record a line that DuckDB can scan; a blank line is no record.

    `size` is how much of the input went into it, in bytes. Whoever is done with a `temporary` file removes it.
    """

    lines: Path
    spans: tuple[Span, ...]
    size: int = 0
    temporary: bool = False

    def place(self, row: int) -> tuple[Span, int]:
        """The span in which a row stands, and the record's position in that source."""
        span = self.spans[bisect_right(self.spans, row, key=lambda span: span.row) - 1]
        return span, span.first + row - span.row

    def done(self) -> None:
        """Remove what was written for this batch only."""
        if self.temporary:
            self.lines.unlink(missing_ok=True)


class Reject(msgspec.Struct, frozen=True, order=True):
    """Something that could not be read. Position 0: the whole file, or what the reason says of it.

    `count` records in a row from `position` on are meant.
    """

    path: str
    position: int
    reason: str
    count: int = 1


class Note(msgspec.Struct, frozen=True, order=True):
    """Something about a source that a reader should know, though nothing of it was lost."""

    path: str
    text: str


class Opened(msgspec.Struct, frozen=True):
    """A source was opened, and what comes next comes from it."""

    path: str


class Skipped(msgspec.Struct, frozen=True):
    """Records of a source that its reader did not hand on, since by their text no detection can use them."""

    path: str
    reader: str
    count: int


class Joined(msgspec.Struct, frozen=True):
    """Records of a source that its reader put together with another one: they are that one's parts, and no events."""

    path: str
    reader: str
    count: int


#: What a reader hands on, in the order of the input.
Item: TypeAlias = Batch | Reject | Note | Opened | Skipped | Joined


class Pretest:
    """Whether a record's text is such that it may be wanted, at a fraction of the cost of parsing it.

    It never holds back a record that is wanted, and lets some pass that are not. One of some pairs must be found in
    the text: a literal, to which a search can leap, and a regular expression for what follows it. As `patterns` they
    are regular expressions that RE2 and Python read alike. `providers` has the event codes that are wanted, by who
    provides them, for a reader that knows where those stand; `codes` are all of them.
    """

    def __init__(
        self, pairs: Iterable[tuple[str, str]], providers: Mapping[str, Collection[str]] | None = None
    ) -> None:
        self.providers = {who: frozenset(codes) for who, codes in (providers or {}).items()}
        self.codes = frozenset[str]().union(*self.providers.values())
        made = [(literal, re.escape(literal) + rest) for literal, rest in pairs]
        self.patterns = tuple(pattern for _, pattern in made)
        self._tests = [(literal, re.compile(pattern).match) for literal, pattern in made]

    def passes(self, text: str) -> bool:
        """Whether the record may be wanted."""
        for literal, match in self._tests:
            at = text.find(literal)  # a search with re alone takes four times as long
            while at >= 0:
                if match(text, at):
                    return True
                at = text.find(literal, at + 1)
        return False


#: `joined` are parts of another record, `outside` those that `--since`, `--until`, `--host` and `--source` leave out.
Status = Literal["event", "joined", "duplicate", "irrelevant", "not_parsed", "outside", "rejected"]
STATUSES: tuple[Status, ...] = get_args(Status)


class Tally:
    """Counts per status, per data component, and what was rejected.

    `files` counts logs: a member of an archive is one. `unread` counts those that were not read, or not to
    their end. `rejects` and `notes` are capped, the
    counts are not.
    """

    def __init__(self, keep: int = 1000) -> None:
        self.records: dict[Status, int] = dict.fromkeys(STATUSES, 0)
        self.components: dict[str, int] = {}
        self.rejects: list[Reject] = []
        self.notes: list[Note] = []
        self.noted: int = 0
        self.unread: int = 0
        self.files: int = 0
        self._keep = keep

    @property
    def total(self) -> int:
        """All records that were seen."""
        return sum(self.records.values())

    @property
    def complete(self) -> bool:
        """Everything that was there could be read."""
        return not (self.records["rejected"] or self.unread)

    def add(self, status: Status, count: int) -> None:
        """Count records of one status."""
        self.records[status] += count

    def account(self, item: Reject | Note | Opened | Skipped | Joined) -> None:
        """Enter what a reader says beside its batches."""
        match item:
            case Reject():
                self.reject(item)
            case Note():
                self.noted += 1
                self.notes += [item][: self._keep - len(self.notes)]
            case Opened():
                self.files += 1
            case Skipped():
                self.add("not_parsed", item.count)
            case Joined():
                self.add("joined", item.count)

    def reject(self, reject: Reject) -> None:
        """Count records, or with position 0 one file, that could not be read."""
        if reject.position:
            self.records["rejected"] += reject.count
        else:
            self.unread += 1
        if len(self.rejects) < self._keep:
            self.rejects.append(reject)
