"""The recording: each host's records in the order of its log, and all hosts merged by time.

Everything streams: at any moment a host holds the records of the minutes ahead and no more, so memory does not
grow with the number of records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import NamedTuple

from sample import developer, office, routine, server
from sample.background import Background
from sample.boot import boot
from sample.dialects import EVERY, Written
from sample.machine import NETWORK, SECOND, Host, HostPlan, make_host
from sample.scene import Event, Scene
from sample.timetable import CLOSES, OPENS, SLOT, TIMETABLE, Weighted, entries

LAST_DAY = datetime(2026, 3, 31, tzinfo=UTC)
SLOTS = (CLOSES - OPENS) // SLOT
SLOT_LENGTH = SLOT * 60 * SECOND
#: Between these slots scenes begin that have no set time: after people came in, until they leave.
FIRST, LAST = 4, SLOTS - 4
#: Part of the records that scenes make; the background makes the rest.
SCENES = 0.26
#: A record is written up to that late, for this share of the records (seconds).
DISTURBED, LATEST = 0.12, 0.9
#: About so many records of a host are held at a time.
PIECE = 2_000
_BY_KIND: dict[str, Weighted] = {
    "office": routine.ROUTINE + office.MEETINGS,
    "developer": routine.ROUTINE + office.OFFICE + developer.DEVELOPER * 3,
    "build": routine.SERVER_ROUTINE + server.BUILD_SERVER * 2,
    "domain": routine.SERVER_ROUTINE + server.DOMAIN_CONTROLLER,
}


class TooFewError(ValueError):
    """Fewer records were asked for than the set scenes of the day make."""


class Line(NamedTuple):
    """One written record: when it was written, which host, and its text."""

    time: int
    host: int
    number: int
    dialect: str
    text: str


def record(events: int, seed: int, days: int = 1, dialect: str | None = None) -> Iterator[Line]:
    """Exactly `events` records of `days` working days that end on 2026-03-31, in order of writing.

    `dialect` writes all hosts in one dialect; without it each host has its own. Raises TooFewError, possibly
    after some lines, if a day's set scenes alone make more.
    """
    streams = []
    left, weight = events, sum(plan.weight for plan in NETWORK)
    for number, plan in enumerate(NETWORK):
        share = round(left * plan.weight / weight)
        left, weight = left - share, weight - plan.weight
        streams.append(_Recording(plan, number, share, seed, days, dialect).lines())
    return merge(*streams)


def working_days(count: int) -> list[datetime]:
    """The last `count` working days up to and including LAST_DAY, earliest first."""
    found: list[datetime] = []
    day = LAST_DAY
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return found[::-1]


class _Recording:
    """One host's log."""

    def __init__(self, plan: HostPlan, number: int, share: int, seed: int, days: int, dialect: str | None):
        self.days = working_days(days)
        begin = self._open(self.days[0])
        self.host: Host = make_host(plan, seed, begin)
        boot(self.host, begin)
        self.number, self.share = number, share
        self.dialect = dialect or plan.dialect
        self.render = EVERY[self.dialect].of(plan)
        self.background = Background(self.host)
        choices = _BY_KIND[plan.kind]
        self.activities = [activity for _, activity in choices]
        self.weights = [weight for weight, _ in choices]
        self.pending: list[Event] = []
        self.planned = self.written = 0
        self.last_set_slot = max(entry.slot for entry in TIMETABLE if entry.concerns(plan.name, 0))
        self.log_number = self.host.rng.randrange(100_000, 900_000)
        self.writer = 4 * self.host.rng.randrange(500, 1500)

    @staticmethod
    def _open(day: datetime) -> int:
        return (int(day.timestamp()) + OPENS * 60) * SECOND

    def lines(self) -> Iterator[Line]:
        total = len(self.days) * SLOTS
        for day_number, day in enumerate(self.days):
            days_left = len(self.days) - 1 - day_number
            for slot in range(SLOTS):
                begin = self._open(day) + slot * SLOT_LENGTH
                done = day_number * SLOTS + slot + 1
                self._plan(slot, begin, days_left, self.share * done // total)
                if self.written >= self.share and slot <= self.last_set_slot + 1:
                    message = f"{self.host.plan.name}: the set scenes make more than {self.share} records"
                    raise TooFewError(message)
                yield from self._write(begin, begin + SLOT_LENGTH, self.share * done // total - self.written)
            self.pending.clear()  # what the evening would have brought

    def _plan(self, slot: int, begin: int, days_left: int, target: int) -> None:
        """Play the slot's set scenes, or else as many others as its part of the records allows."""
        before = dict(self.host.roles)
        set_scenes = entries(self.host.plan, slot, days_left)
        for entry in set_scenes:
            scene = Scene(self.host, begin + int(self.host.rng.uniform(1, 20) * SECOND), settled=True)
            entry.play(scene, len(self.days) // 5 - days_left // 5)
            self._take(scene)
        while not set_scenes and FIRST <= slot < LAST and self.planned < SCENES * target:
            start = begin + int(self.host.rng.random() * SLOT_LENGTH)
            scene = Scene(self.host, start)
            self.host.rng.choices(self.activities, self.weights)[0](scene)
            self._take(scene)
        changed = {role for role, process in self.host.roles.items() if before.get(role) is not process}
        self.background.settle(changed)

    def _take(self, scene: Scene) -> None:
        self.pending += scene.events
        self.planned += len(scene.events)

    def _write(self, begin: int, end: int, room: int) -> Iterator[Line]:
        """Write what is due from `begin` to `end`, filled up with background to `room` records, piece by piece."""
        pieces = max(1, room // PIECE)
        goal = self.written + room
        for piece in range(1, pieces + 1):
            until = begin + (end - begin) * piece // pieces
            since = begin + (end - begin) * (piece - 1) // pieces
            yield from self._piece(since, until, goal - room * (pieces - piece) // pieces - self.written)

    def _piece(self, begin: int, end: int, room: int) -> Iterator[Line]:
        due = [event for event in self.pending if event.time < end]
        self.pending = [event for event in self.pending if event.time >= end]
        random, span, late = self.host.rng.random, end - begin, int(LATEST * SECOND)
        for _ in range(room - len(due)):
            due.append(self.background.event(begin + int(random() * span)))
        order = [
            (event.time + (int(random() * late) if random() < DISTURBED else 1_000), number, event)
            for number, event in enumerate(due)
        ]
        order.sort()
        for time, _, (_, code, data) in order[: self.share - self.written]:
            self.written += 1
            self.log_number += 1
            record = Written(time, code, data, self.log_number, self.writer, 2000 + 4 * (self.log_number % 3))
            yield Line(time, self.number, self.log_number, self.dialect, self.render(record))
