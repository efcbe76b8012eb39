"""The runs of one package: as on Linux, and as on every other system that its code names, each once.

They are made side by side, as many at a time as there are cores, over all packages that are vetted at once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from clew.vetting.detonate import detonate
from clew.vetting.machine import without_machine
from clew.vetting.subject import Subject
from clew.vetting.trace import Detonation, Platform


class Run(msgspec.Struct, frozen=True):
    """One run: what the package was told that it runs on, and why; and how it ended."""

    platform: Platform
    why: str
    detonation: Detonation
    seconds: float


class Runs:
    """Gives the runs in the order in which they were asked for; more may be asked for meanwhile.

    Raises SandboxError where there is no sandbox. When it is left, no run goes on.
    """

    def __init__(self, subject: Subject, workplace: Path) -> None:
        self._subject, self._workplace = subject, workplace
        self._asked: dict[Platform, Future[Run]] = {}
        self._given = 0

    def start(self, platforms: Mapping[Platform, str]) -> None:
        """Run it as on these, each for a reason; not where it is run already."""
        for platform, why in platforms.items():
            if platform not in self._asked:
                self._asked[platform] = _pool().submit(self._run, platform, why)

    def _run(self, platform: Platform, why: str) -> Run:
        start = time.monotonic()
        told = detonate(self._subject, platform=platform, workplace=self._workplace)
        return Run(platform, why, without_machine(told, self._subject), time.monotonic() - start)

    def __iter__(self) -> Iterator[Run]:
        while self._given < len(self._asked):
            run = list(self._asked.values())[self._given]
            self._given += 1
            yield run.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for run in self._asked.values():
            if not run.cancel():
                run.exception()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="clew-run")


def joined(runs: Sequence[Run]) -> Detonation:
    """All runs as one: the calls of one after those of the other, numbered through; each layer once."""
    told = [run.detonation for run in runs]
    calls = [call for one in told for call in one.calls]
    layers = {layer.sha256: layer for one in reversed(told) for layer in reversed(one.layers)}
    return Detonation(
        calls=[msgspec.structs.replace(call, sequence=number) for number, call in enumerate(calls)],
        layers=list(reversed(layers.values())),
        seconds=sum(one.seconds for one in told),
        phases=told[0].phases,
        incomplete=list(dict.fromkeys(what for one in told for what in one.incomplete)),
        notes=list(dict.fromkeys(what for one in told for what in one.notes)),
    )
