"""A week of ordinary life on three hosts, without any incident: what a detection must bear in silence.

Somebody in an office, a developer and an administrator, from Monday to Friday. Nothing here is a recording; programs of
known makers behave as those do. `python bench/sample/week.py > week.jsonl` writes it, one record a line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sample import developer, newcomers, office, routine, updates
from sample.background import Background
from sample.boot import boot
from sample.day import Line
from sample.dialects import EVERY, Written
from sample.machine import SECOND, Host, HostPlan, make_host
from sample.scene import Event, Scene

MONDAY = datetime(2026, 4, 6, 8, tzinfo=UTC)
DAYS, HOURS = 5, 10
SEED = 20260406
HOSTS = (
    HostPlan("PC-201", "office", "10.20.1.201", "gale", "otrf", 1.0),
    HostPlan("PC-202", "workstation", "10.20.1.202", "hazel", "nxlog", 1.0),
    HostPlan("PC-203", "administrator", "10.20.1.203", "ivy", "otrf", 1.0),
)
#: Minutes between two things that people or Windows do.
PACE = 12
#: Records of the background in an hour on one host.
BACKGROUND = 260

Play = Callable[[Scene, int], None]
#: Day of the week from 0, time, host, what happens, and for the how many-th time, from 0.
Entry = tuple[int, str, str, Play, int]


def _always(activity: Callable[[Scene], None]) -> Play:
    return lambda scene, _turn: activity(scene)


def morning(scene: Scene) -> None:
    """As in an office; a developer has the editor open as well, and uses every tool once."""
    office.morning(scene)
    if scene.host.plan.kind == "workstation":
        scene.host.roles["code"] = scene.start("code", loads=9)
        developer.tools(scene)


SCENES: tuple[Entry, ...] = (
    (0, "09:00", "PC-201", newcomers.notes, 0),
    (0, "09:40", "PC-201", newcomers.chat, 0),
    (0, "10:15", "PC-202", newcomers.git_desktop, 0),
    (0, "11:00", "PC-203", newcomers.printer, 0),
    (0, "11:30", "PC-203", newcomers.house_program, 0),
    (0, "13:00", "PC-201", updates.chrome, 0),
    (0, "13:30", "PC-202", newcomers.global_tool, 0),
    (0, "14:30", "PC-203", updates.defender, 0),
    (0, "15:10", "PC-202", updates.code, 0),
    (0, "16:00", "PC-203", newcomers.packages, 0),
    (1, "09:10", "PC-201", newcomers.meetings, 0),
    (1, "10:00", "PC-202", newcomers.compiled, 0),
    (1, "11:00", "PC-203", newcomers.graphics_driver, 0),
    (1, "12:30", "PC-201", updates.windows, 0),
    (1, "13:00", "PC-201", newcomers.windows_driver, 0),
    (1, "13:30", "PC-202", newcomers.node_release, 0),
    (1, "14:30", "PC-203", updates.edge, 0),
    (1, "15:30", "PC-201", updates.office, 0),
    (2, "09:30", "PC-201", updates.teams, 0),
    (2, "10:20", "PC-202", newcomers.notebook, 0),
    (2, "11:10", "PC-203", newcomers.hardware_monitor, 0),
    (2, "13:10", "PC-201", newcomers.reader, 0),
    (2, "14:00", "PC-202", newcomers.browser_for_tests, 0),
    (2, "15:00", "PC-203", newcomers.desktop_winget, 0),
    (2, "16:00", "PC-201", updates.onedrive, 0),
    (3, "09:20", "PC-201", newcomers.chat, 1),
    (3, "10:10", "PC-202", newcomers.git_desktop, 1),
    (3, "11:00", "PC-201", newcomers.notes, 1),
    (3, "11:40", "PC-203", newcomers.java, 0),
    (3, "13:20", "PC-202", newcomers.compiled, 1),
    (3, "14:10", "PC-202", updates.google_updater, 0),
    (3, "15:00", "PC-203", updates.device_agent, 0),
    (3, "16:00", "PC-203", updates.windows, 1),
    (4, "09:30", "PC-202", updates.chrome, 1),
    (4, "10:30", "PC-203", newcomers.packages, 1),
    (4, "11:30", "PC-203", newcomers.house_program, 1),
    (4, "13:00", "PC-202", newcomers.node_release, 1),
    (4, "14:00", "PC-201", updates.defender, 1),
    (4, "15:00", "PC-202", newcomers.global_tool, 1),
    (4, "16:00", "PC-201", newcomers.reader, 1),
)


def week(seed: int = SEED, more: tuple[Entry, ...] = ()) -> Iterator[Line]:
    """The records of all hosts in order of writing, with `more` scenes; the same seed gives the same bytes."""
    scenes = sorted((*SCENES, *more), key=lambda entry: entry[:2])
    hosts = [_Week(plan, number, seed, scenes) for number, plan in enumerate(HOSTS)]
    return iter(sorted(line for host in hosts for line in host.lines()))


class _Week:
    """One host's log."""

    def __init__(self, plan: HostPlan, number: int, seed: int, scenes: list[Entry]):
        begin = int(MONDAY.timestamp()) * SECOND
        self.host: Host = make_host(plan, seed, begin)
        boot(self.host, begin)
        self.number, self.scenes = number, scenes
        self.background = Background(self.host)
        self.events: list[Event] = []
        kinds = routine.ROUTINE + office.OFFICE
        kinds += developer.DEVELOPER * 3 if plan.kind == "workstation" else ()
        self.weights, self.activities = zip(*kinds, strict=True)

    def lines(self) -> Iterator[Line]:
        for day in range(DAYS):
            self._day(day)
        render = EVERY[self.host.plan.dialect].of(self.host.plan)
        for number, (time, code, data) in enumerate(sorted(self.events, key=lambda event: event.time), 1_000):
            text = render(Written(time + 1_000, code, data, number, 2_928, 2_000))
            yield Line(time + 1_000, self.number, number, self.host.plan.dialect, text)

    def _day(self, day: int) -> None:
        opens = int(MONDAY.timestamp()) + day * 86_400
        self._play(_always(morning), opens + 300, 0)
        set_scenes = [
            (opens + _minutes(clock) * 60, play, turn)
            for on, clock, name, play, turn in self.scenes
            if on == day and name == self.host.plan.name
        ]
        for minute in range(45, HOURS * 60 - 20, PACE):
            at = opens + minute * 60
            while set_scenes and set_scenes[0][0] <= at:
                due, play, turn = set_scenes.pop(0)
                self._play(play, due, turn, settled=True)
            activity = self.host.rng.choices(self.activities, self.weights)[0]
            self._play(_always(activity), at + self.host.rng.randrange(60, PACE * 60), 0)
        for hour in range(HOURS):
            self._fill((opens + hour * 3_600) * SECOND)

    def _play(self, play: Play, second: int, turn: int, *, settled: bool = False) -> None:
        before = dict(self.host.roles)
        scene = Scene(self.host, second * SECOND, settled=settled)
        play(scene, turn)
        self.events += scene.events
        self.background.settle({role for role, one in self.host.roles.items() if before.get(role) is not one})

    def _fill(self, begin: int) -> None:
        for _ in range(BACKGROUND):
            self.events.append(self.background.event(begin + self.host.rng.randrange(3_600 * SECOND)))


def _minutes(clock: str) -> int:
    """Minutes after eight of a time of the day."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute) - 480


if __name__ == "__main__":
    sys.stdout.reconfigure(newline="\n")  # type: ignore[union-attr]
    for line in week():
        print(line.text)
