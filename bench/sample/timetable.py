"""When what happens: the scenes that every day, or every fifth day and the last, has at a set time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sample import developer, office, routine, updates
from sample.incident import incident
from sample.machine import HostPlan
from sample.scene import Scene

Activity = Callable[[Scene], None]
Weighted = tuple[tuple[int, Activity], ...]
OPENS, CLOSES, SLOT = 8 * 60, 18 * 60, 5  # minutes of the day, UTC; a slot is one step of planning
INCIDENT_HOST = "WS-105"


@dataclass(frozen=True, slots=True)
class Entry:
    """A scene in the slot that begins at `clock` (HH:MM) on some hosts. `when`: daily, weekly or last."""

    clock: str
    hosts: str
    when: str
    play: Callable[[Scene, int], None]

    @property
    def slot(self) -> int:
        hour, minute = self.clock.split(":")
        return (int(hour) * 60 + int(minute) - OPENS) // SLOT

    def concerns(self, host: str, days_left: int) -> bool:
        """Whether it happens on this host when `days_left` more days are recorded after today."""
        due = {"daily": True, "weekly": days_left % 5 == 0, "last": days_left == 0}
        return due[self.when] and host in self.hosts.split()


def _daily(activity: Activity) -> Callable[[Scene, int], None]:
    return lambda scene, _turn: activity(scene)


_PEOPLE = "WS-101 WS-102 WS-103 WS-104 WS-105 WS-106"
_OFFICE = "WS-101 WS-102 WS-103 WS-104"
_DEVELOPERS = "WS-105 WS-106"
TIMETABLE = (
    Entry("08:05", _PEOPLE, "daily", _daily(office.morning)),
    Entry("08:10", _PEOPLE + " BLD-01 DC-01", "daily", _daily(routine.device_agent)),
    Entry("08:15", _OFFICE, "daily", _daily(office.meeting)),
    Entry("08:15", _DEVELOPERS, "daily", _daily(developer.tools)),
    Entry("08:45", "WS-104", "weekly", updates.inventory),
    Entry("09:20", "WS-101", "weekly", updates.chrome),
    Entry("09:40", "WS-105", "weekly", updates.code),
    Entry("10:05", "WS-106", "weekly", updates.code),
    Entry("10:20", "WS-102", "weekly", updates.teams),
    Entry("10:40", "WS-103", "weekly", updates.chrome),
    Entry("11:00", "WS-105", "weekly", _daily(developer.packages_in_profile)),
    Entry("11:05", "WS-102", "weekly", updates.edge),
    Entry("11:30", "WS-101", "weekly", updates.device_agent),
    Entry("11:40", "WS-103", "weekly", updates.defender),
    Entry("12:05", "WS-105", "weekly", updates.defender),
    Entry("12:10", "WS-104", "weekly", updates.windows),
    Entry("12:30", "BLD-01", "weekly", updates.windows),
    Entry("13:10", "WS-101", "weekly", updates.onedrive),
    Entry("13:25", "WS-106", "weekly", updates.google_updater),
    Entry("13:45", "BLD-01", "weekly", updates.device_agent),
    Entry("14:20", INCIDENT_HOST, "last", incident),
    Entry("14:30", "WS-102", "weekly", updates.office),
    Entry("15:00", "WS-104", "weekly", updates.teams),
    Entry("15:20", "WS-106", "weekly", _daily(developer.packages_in_profile)),
    Entry("16:00", "BLD-01", "weekly", updates.chocolatey),
    Entry("16:10", "WS-106", "weekly", _daily(developer.new_python_tool)),
)  # fmt: skip


def entries(host: HostPlan, slot: int, days_left: int) -> list[Entry]:
    """The set scenes of a host in a slot."""
    return [entry for entry in TIMETABLE if entry.slot == slot and entry.concerns(host.name, days_left)]
