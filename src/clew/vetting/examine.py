"""Reading and running one package: static rules over its files, the sandbox, then rules and detections over both."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from clew.errors import SandboxError
from clew.settings import read_settings
from clew.vetting import cache, static
from clew.vetting.cache import Examined
from clew.vetting.detonate import detonate
from clew.vetting.fact import Fact
from clew.vetting.machine import without_machine
from clew.vetting.subject import Subject
from clew.vetting.trace import Detonation
from clew.vetting.vetted import Stage, StageName

Platform: TypeAlias = Literal["linux", "win32", "darwin"]


class How(msgspec.Struct, frozen=True):
    """On which platforms it is run, one after the other; whether it is run at all; whether the cache is asked."""

    platforms: tuple[Platform, ...] = ("linux",)
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
    examined = Examined([], [])
    _stage(examined, "static", lambda: static.examine_files(subject))
    _detonation(examined, subject, how, workplace)
    if how.cache and examined.whole:
        cache.save(name, examined)
    return examined


def _stage(examined: Examined, name: StageName, work: Callable[[], list[Fact]]) -> None:
    start = time.monotonic()
    facts = work()
    examined.facts += facts
    said = f"{len(facts)} facts" if facts else "nothing found"
    examined.stages.append(Stage(name, "done", said, time.monotonic() - start))


def _detonation(examined: Examined, subject: Subject, how: How, workplace: Path) -> None:
    if not how.detonate:
        examined.stages.append(Stage("detonation", "skipped", "--no-detonate: nothing of it was run"))
        return
    for platform in how.platforms:
        start = time.monotonic()
        try:
            run = detonate(subject, platform=platform, workplace=workplace)
        except SandboxError as error:
            examined.stages.append(Stage("detonation", "impossible", str(error)))
            return
        run = without_machine(run, subject)
        said = f"as on {platform}: {', '.join(run.phases) or 'nothing to run'}"
        said += f"; {len(run.calls)} calls, {len(run.layers)} layers"
        examined.stages.append(Stage("detonation", "done", said, time.monotonic() - start))
        _told_by(examined, run, subject)
        examined.detonation = _joined(examined.detonation, run)


def _told_by(examined: Examined, run: Detonation, subject: Subject) -> None:
    """What one run shows; what another run has shown already is not told again."""
    from clew.vetting import behaviour  # it brings the whole engine along

    known = {(fact.rule, fact.place.layer, fact.place.file) for fact in examined.facts}

    def fresh(facts: list[Fact]) -> list[Fact]:
        return [fact for fact in facts if (fact.rule, fact.place.layer, fact.place.file) not in known]

    _stage(examined, "layers", lambda: fresh(static.examine_layers(run.layers, subject)))
    _stage(examined, "behaviour", lambda: fresh(behaviour.facts(run, subject)))


def _joined(before: Detonation | None, run: Detonation) -> Detonation:
    """Both runs as one: the calls of one after those of the other, each layer once."""
    if before is None:
        return run
    layers = {layer.sha256: layer for layer in (*run.layers, *before.layers)}
    return Detonation(
        calls=[*before.calls, *run.calls],
        layers=list(layers.values()),
        seconds=before.seconds + run.seconds,
        phases=before.phases,
        incomplete=list(dict.fromkeys((*before.incomplete, *run.incomplete))),
        notes=list(dict.fromkeys((*before.notes, *run.notes))),
    )
