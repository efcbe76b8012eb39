"""Record what a container engine tells, as JSON lines that a hunt reads: its events, and what containers are given.

Events say neither what a container is given of its host nor the pid of its first process. So each container is
inspected when it is created, and the answer is written as a line of its own; a start gets the container's `State`.
Containers that are there already are inspected first. The variables of a container's environment, where secrets are,
are not written.

Delivery: each event that the engine sends is written once, before the next is asked for. A stream that breaks is taken
up again from the last event on. What happened while nobody was connected is lost where the engine does not remember
it (it keeps the last 256 events, and none over a restart of its own): that is told, with its time, and the containers
that are there are inspected once more.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from clew.errors import ResourceError, UsageError
from clew.read.engine import Endpoint, Engine, EngineError

#: Seconds until the engine is asked again, at first and at most.
_PAUSE, _LONGEST = 0.2, 5.0
#: Told what a person should know.
Say = Callable[[str], None]


class Recorded(msgspec.Struct):
    """What was written, in numbers: events, and answers about containers. `gone` are containers that could not be asked
    about any more, `gaps` times in which events may have been missed.
    """

    events: int = 0
    inspected: int = 0
    gone: int = 0
    gaps: int = 0


class Recorder:
    """Records one engine into one file. `host` is written into each record; '' for none."""

    def __init__(self, where: Endpoint, file: Path, say: Say, host: str = "") -> None:
        self.done = Recorded()
        self._engine, self._say, self._host = Engine(where), say, host
        self._lines = Lines(file)
        self._known: set[str] = set()
        self._begun = False
        #: When the last event was, and all events of that time: the stream is taken up again from there on.
        self._last, self._latest = "", set[bytes]()

    def run(self) -> None:
        """Record until KeyboardInterrupt. Raises UsageError where no engine answers, ResourceError on a full disk."""
        with self._lines:
            self._begin()
            pause, lost = _PAUSE, ""
            while True:
                try:
                    for line in self._engine.events(self._last):
                        if not line:
                            self._connected(lost)
                        else:
                            self._event(line)
                        pause, lost = _PAUSE, ""
                except EngineError as error:
                    self._engine.close()
                    if not self._begun:
                        raise UsageError(
                            f"{self._engine.where}: its events cannot be had: {error}"
                        ) from error
                    if not lost:
                        lost = _now()
                        self._say(
                            f"{lost}: lost {self._engine.where}: {error}. Trying again until it is there."
                        )
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST)

    def _begin(self) -> None:
        try:
            about = self._engine.about()
        except EngineError as error:
            raise UsageError(f"{self._engine.where}: no engine answers: {error}") from error
        self._last = _seconds(str(about.get("SystemTime", "")))
        if not self._host and not self._engine.where.local:
            self._host = str(about.get("Name", ""))

    def _connected(self, lost: str) -> None:
        """The stream of events has begun, or has been taken up again. Whoever comes late hears of what is there."""
        self._begun = True
        if not lost:
            self._say(f"Recording {self._engine.where} into {self._lines.file}. Ctrl-C ends it.")
        elif any(self._engine.remembers(event, self._last) for event in self._latest):
            self._say(f"{_now()}: {self._engine.where} is there again, and tells of all that was meanwhile.")
        else:
            self.done.gaps += 1
            self._say(
                f"{_now()}: {self._engine.where} is there again, and remembers nothing from before: events since "
                f"{lost} may be missing. Containers made meanwhile that are still there are recorded."
            )
        self._take_stock()

    def _take_stock(self) -> None:
        """Write what is known of containers that nobody was asked about yet."""
        there = set(self._engine.containers())
        for container in sorted(there - self._known):
            if found := self._inspected(container):
                self._write(found)
        self._known &= there

    def _event(self, line: bytes) -> None:
        """Write an event, unless it was, and what is known of its container."""
        try:
            event = _DECODER.decode(line)
        except msgspec.DecodeError:
            self._write(line)  # a hunt says of it what it is
            return
        when = f"{event.timeNano // 1_000_000_000}.{event.timeNano % 1_000_000_000:09}"
        if line in self._latest:
            return
        if when != self._last:
            self._last, self._latest = when, set()
        self._latest.add(line)
        self.done.events += 1
        container = event.Actor.ID if event.Type == "container" else ""
        if container and event.Action == "start":
            self._start(line, container)
        else:
            self._write(msgspec.json.decode(line) if self._host else line)
        if container and event.Action == "create" and (found := self._inspected(container)):
            self._write(found)
        if event.Action == "destroy":
            self._known.discard(container)

    def _start(self, line: bytes, container: str) -> None:
        """Write a start with the state of its container, which has the pid of the first process."""
        state = (self._inspected(container) or {}).get("State")
        self._write({**msgspec.json.decode(line), "State": state} if state else line)

    def _inspected(self, container: str) -> dict[str, Any] | None:
        """What the engine says of a container, without the variables of its environment; None where it is gone."""
        try:
            found = self._engine.inspect(container)
        except (
            EngineError
        ):  # it was removed meanwhile; or the engine has gone, and the stream of events will say so
            self.done.gone += 1
            return None
        if isinstance(config := found.get("Config"), dict):
            config.pop("Env", None)
        self._known.add(container)
        self.done.inspected += 1
        return found

    def _write(self, record: bytes | dict[str, Any]) -> None:
        if isinstance(record, dict):
            record = msgspec.json.encode({"host": self._host, **record} if self._host else record)
        self._lines.write(record)


class Lines:
    """A file to which lines are added, each of them whole or not at all."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __enter__(self) -> Lines:
        try:
            self._out = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise UsageError(f"{self.file}: cannot be written: {error.strerror}") from error
        if _is_cut(self._out):
            self.write(b"")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._out)

    def write(self, line: bytes) -> None:
        """Add a line. Raises ResourceError where there is no room for it."""
        left = memoryview(line + b"\n")
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except OSError as error:
            written = len(line) + 1 - len(left)
            if written:
                os.ftruncate(self._out, os.fstat(self._out).st_size - written)
            raise ResourceError(
                f"{self.file}: cannot be written any more: {error.strerror}; what was recorded up to {_now()} is in it"
            ) from error


def _is_cut(out: int) -> bool:
    """Whether a file's last line has no end, as whoever was killed while writing leaves it."""
    size = os.fstat(out).st_size
    return size > 0 and os.pread(out, 1, size - 1) != b"\n"


def _seconds(said: str) -> str:
    """An engine's time as it wants to be asked for it; our own where it says none."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        moment = datetime.now(UTC)
    return f"{int(moment.timestamp())}.{moment.microsecond:06}000"


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class _Actor(msgspec.Struct):
    ID: str = ""


class _Event(msgspec.Struct):
    """What is asked of an event."""

    timeNano: int  # noqa: N815 - the engine's names
    Type: str = ""
    Action: str = ""
    Actor: _Actor = msgspec.field(default_factory=_Actor)


_DECODER = msgspec.json.Decoder(_Event)
