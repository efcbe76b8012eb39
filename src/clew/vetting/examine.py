"""Reading and running one package: static rules over its files, the sandbox, then rules and detections over both."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from clew.errors import SandboxError
from clew.settings import read_settings
from clew.vetting import cache, static
from clew.vetting.cache import Examined
from clew.vetting.fact import Fact
from clew.vetting.runs import Run, Runs, joined
from clew.vetting.static import Code, platforms
from clew.vetting.subject import Subject
from clew.vetting.trace import Platform
from clew.vetting.vetted import Stage, StageName


class How(msgspec.Struct, frozen=True):
    """As on which systems it is run: none given, on Linux and on those that its code names. Whether it is run at all;
    whether the cache is asked.
    """

    platforms: tuple[Platform, ...] = ()
    detonate: bool = True
    cache: bool = True


def examine(subject: Subject, workplace: Path, how: How) -> Examined:
    """What reading and running it came to, from the cache where the same was examined before."""
    site = repr(
        [file.values for file in read_settings().files]
    )  # behaviours have elements that a site can set
    name = cache.key(subject, f"{' '.join(how.platforms)} {how.detonate} {site}")
    if how.cache and (kept := cache.load(name)):
        stages = [
            msgspec.structs.replace(stage, why=f"{stage.why} (kept from before)") for stage in kept.stages
        ]
        return msgspec.structs.replace(kept, stages=stages)
    examined = _Examination(subject, workplace, how).examined()
    if how.cache and examined.whole:
        cache.save(name, examined)
    return examined


class _Examination:
    """One package's. It is read while it runs, and run again as what was read or decoded demands."""

    def __init__(self, subject: Subject, workplace: Path, how: How) -> None:
        self._subject, self._workplace, self._how = subject, workplace, how
        self._found = Examined([], [])
        self._code: list[Code] = []

    def examined(self) -> Examined:
        """Reads and runs it."""
        with Runs(self._subject, self._workplace) as runs:
            if self._how.detonate:
                runs.start(dict.fromkeys(self._how.platforms or ("linux",), ""))
            self._stage("static", self._read)
            if not self._how.detonate:
                why = "--no-detonate: nothing of it was run"
                self._found.stages.append(Stage("detonation", "skipped", why))
            elif made := self._made(runs):
                self._tell(made)
        return self._found

    def _read(self) -> list[Fact]:
        self._code = list(static.code_of(self._subject))
        return static.examine_files(self._subject, self._code)

    def _made(self, runs: Runs) -> list[Run]:
        """All runs; none after one that was impossible."""
        made: list[Run] = []
        if not self._how.platforms:
            runs.start(platforms.of_install(self._subject, self._code))
        from clew.vetting import behaviour  # it brings the whole engine along, while the package runs

        behaviour.behaviours(self._subject, (), read_settings())
        try:
            for run in runs:
                made.append(run)
                self._found.stages.append(_ran(run))
                if not self._how.platforms:
                    runs.start(platforms.of_run(run.detonation, self._code))
        except SandboxError as error:
            self._found.stages.append(Stage("detonation", "impossible", str(error)))
        return made

    def _tell(self, made: list[Run]) -> None:
        from clew.vetting import behaviour

        run = self._found.detonation = joined(made)
        self._stage("layers", lambda: _placed(static.examine_layers(run.layers, self._code), made))
        self._stage("behaviour", lambda: behaviour.facts(run, self._subject))

    def _stage(self, name: StageName, work: Callable[[], list[Fact]]) -> None:
        start = time.monotonic()
        facts = work()
        self._found.facts += facts
        said = f"{len(facts)} facts" if facts else "nothing found"
        self._found.stages.append(Stage(name, "done", said, time.monotonic() - start))


def _placed(facts: list[Fact], made: list[Run]) -> list[Fact]:
    """The facts of layers; those that came to be on another system alone say so."""
    first = {layer.sha256: run.platform for run in reversed(made) for layer in run.detonation.layers}
    seen = [(fact, first.get(fact.place.layer or "", "linux")) for fact in facts]
    return [
        fact if on == "linux" else msgspec.structs.replace(fact, title=f"{fact.title}, as on {on}")
        for fact, on in seen
    ]


def _ran(run: Run) -> Stage:
    why = f", {run.why}" if run.why else ""
    told = run.detonation
    said = f"as on {run.platform}{why}: {', '.join(told.phases) or 'nothing to run'}"
    said += f"; {len(told.calls)} calls, {len(told.layers)} layers"
    return Stage("detonation", "done", said, run.seconds)
