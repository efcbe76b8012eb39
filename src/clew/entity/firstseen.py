"""When a key was first seen: runs (R5), kept live.

The *run* of a key is the longest series of events with gaps of at most `gap`. What the engine compares is when
the run of an event's key began. A batch computes that in SQL; this table does the same for a stream, whatever
the order of events: when a run began does not depend on what comes after.
"""

from __future__ import annotations

from typing import TypeAlias

#: The values of a key's columns, in their order; none is null, since such a key is never new.
Key: TypeAlias = tuple[str, ...]
#: The runs of one key in order of time: first, last, first, last ... microseconds.
Spans: TypeAlias = tuple[int, ...]
#: A table in a snapshot: gap, since, forgotten, runs.
State: TypeAlias = tuple[int, int | None, int, list[tuple[Key, Spans]]]


class Runs:
    """The runs of one `new`: of all keys of one alternative of one stage, or of what shares its meaning.

    `gap` is the `for` of the `new`, in microseconds. `since` is the time of the first event that was ever seen:
    how far the baseline reaches back. Of more than `limit` keys those go that were not seen for longest; they
    will be new again, so `forgotten` counts them.
    """

    def __init__(self, gap: int, limit: int = 1_000_000) -> None:
        self.gap = gap
        self.since: int | None = None
        self.forgotten = 0
        self._limit = limit
        self._spans: dict[Key, Spans] = {}

    def __len__(self) -> int:
        return len(self._spans)

    def see(self, key: Key, time: int) -> int:
        """An event with this key happened; when its run began, by all that was seen so far."""
        self.since = time if self.since is None else min(self.since, time)
        spans = self._spans.get(key)
        if spans is None:
            self._spans[key] = (time, time)
            if len(self._spans) > self._limit:
                self._forget(key)
            return time
        began, last = spans[-2], spans[-1]
        if began <= time <= last + self.gap:
            if time > last:
                self._spans[key] = (*spans[:-1], time)
            return began
        self._spans[key] = _joined(spans, time, self.gap)
        return self.began(key, time)

    def began(self, key: Key, time: int) -> int:
        """When the run that an event at this time belongs to began; the time itself where it would begin one."""
        spans = self._spans.get(key, ())
        for place in range(len(spans) - 2, -1, -2):
            if spans[place] <= time:
                return spans[place] if time <= spans[place + 1] + self.gap else time
        return time

    def sweep(self, time: int) -> None:
        """Drop the runs that no event at or after `time` can belong to."""
        for key, spans in list(self._spans.items()):
            kept = tuple(
                value
                for place in range(0, len(spans), 2)
                if spans[place + 1] + self.gap >= time
                for value in spans[place : place + 2]
            )
            if not kept:
                del self._spans[key]
            elif len(kept) < len(spans):
                self._spans[key] = kept

    def snapshot(self) -> State:
        """The table as plain values."""
        return self.gap, self.since, self.forgotten, list(self._spans.items())

    @classmethod
    def restored(cls, state: State, limit: int = 1_000_000) -> Runs:
        """The table that `snapshot` gave."""
        gap, since, forgotten, spans = state
        runs = cls(gap, limit)
        runs.since, runs.forgotten, runs._spans = since, forgotten, {tuple(k): tuple(s) for k, s in spans}
        return runs

    def _forget(self, keep: Key) -> None:
        """Drop a tenth of the keys, those first that were not seen for longest."""
        oldest = sorted((spans[-1], key) for key, spans in self._spans.items() if key != keep)
        for _, key in oldest[: max(1, len(self._spans) - self._limit * 9 // 10)]:
            del self._spans[key]
            self.forgotten += 1


def _joined(spans: Spans, time: int, gap: int) -> Spans:
    """The runs with one more event: it lengthens a run, joins two, or is one by itself."""
    first = last = time
    before: list[int] = []
    after: list[int] = []
    for place in range(0, len(spans), 2):
        began, ended = spans[place], spans[place + 1]
        if ended + gap < time:
            before += (began, ended)
        elif time + gap < began:
            after += (began, ended)
        else:
            first, last = min(first, began), max(last, ended)
    return (*before, first, last, *after)
