"""The way of one package, on one page: target -> facts from every side -> verdict.

Each stage says how it ended: done; skipped, where it was not asked for; impossible, where it was and could not be
done. A clean result of a vetting with an impossible stage is never called clean.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from clew.errors import SandboxError
from clew.vetting import advisory, allowed, behaviour, cache, reputation, static
from clew.vetting.cache import Examined
from clew.vetting.detonate import detonate
from clew.vetting.fact import Fact, Signal
from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.target import differs, take
from clew.vetting.trace import Detonation, Layer
from clew.vetting.verdict import combined, judge, ordered
from clew.vetting.vetted import Identity, Stage, StageName, Vetted

Platform: TypeAlias = Literal["linux", "win32", "darwin"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to vet. `packument` are files and folders with what the registry says, of this package and of others.

    `hashes` are those that a lock gives for the archive; `allow` is a file of allowances.
    `platforms` are what the package is told, run by run, that it runs on; with `detonate` off nothing of it is run.
    """

    packument: tuple[Path, ...] = ()
    osv: Path | None = None
    allow: Path | None = None
    platforms: tuple[Platform, ...] = ("linux",)
    detonate: bool = True
    cache: bool = True
    hashes: tuple[str, ...] = ()


_PLAIN = Options()


class _Told(msgspec.Struct):
    """What has been found so far."""

    facts: list[Fact]
    stages: list[Stage]
    signals: list[Signal]
    lost: list[str]
    detonation: Detonation | None = None


def vet(ecosystem: Ecosystem, target: str, options: Options = _PLAIN) -> Vetted:
    """Vet one package. Raises UsageError, TargetError, ContentError."""
    with tempfile.TemporaryDirectory(prefix="clew-vet-") as folder:
        start = time.monotonic()
        subject = take(ecosystem, target, Path(folder))
        told = _Told(_of_identity(subject, options.hashes), [], [], [])
        told.stages.append(Stage("identity", "done", f"{len(subject.files)} files", time.monotonic() - start))
        _reputation(told, subject, options)
        _advisory(told, subject, options)
        examined = _examined(subject, options, Path(folder))
        told.facts += examined.facts
        told.stages += examined.stages
        told.detonation = examined.detonation
        return _close(target, subject, told, options)


def _of_identity(subject: Subject, hashes: Sequence[str]) -> list[Fact]:
    if not (wanted := differs(subject, hashes)):
        return []
    return [
        Fact(
            rule="identity.integrity",
            side="static",
            weight="block",
            title="is not the archive that the lockfile names",
            evidence=f"the lockfile has {wanted[:40]}…",
            technique="T1195.002",
        )
    ]


def _reputation(told: _Told, subject: Subject, options: Options) -> None:
    """What the registry's document tells; signals that it cannot tell of are unknown, and count for nothing."""
    start = time.monotonic()
    if not options.packument:
        told.stages.append(Stage("reputation", "skipped", "no registry metadata: give it with --packument"))
        return
    metadata = reputation.gather(options.packument, subject)
    if metadata is None:
        lack = f"no document of {subject.name} in {', '.join(map(str, options.packument))}"
        told.stages.append(Stage("reputation", "impossible", lack))
        return
    told.signals = reputation.signals(metadata, subject)
    told.facts += reputation.facts(told.signals)
    counts = Counter(signal.state for signal in told.signals)
    said = ", ".join(f"{counts[state]} {state}" for state in ("hit", "clear", "unknown"))
    told.stages.append(Stage("reputation", "done", said, time.monotonic() - start))


def _advisory(told: _Told, subject: Subject, options: Options) -> None:
    start = time.monotonic()
    if options.osv is None:
        told.stages.append(Stage("advisory", "skipped", "no advisories: give OSV records with --osv"))
        return
    known = advisory.load(options.osv, subject)
    told.facts += advisory.facts(subject, known.found)
    said = f"{known.read:,} records, {len(known.found)} about {subject.name}"
    told.stages.append(Stage("advisory", "done", said, time.monotonic() - start))
    told.lost += [f"advisory: {fault}" for fault in known.faults]


def _examined(subject: Subject, options: Options, workplace: Path) -> Examined:
    """What reading and running it came to, from the cache where the same was examined before."""
    name = cache.key(subject, f"{' '.join(options.platforms)} {options.detonate}")
    if options.cache and (kept := cache.load(name)):
        stages = [
            msgspec.structs.replace(stage, why=f"{stage.why} (kept from before)") for stage in kept.stages
        ]
        return msgspec.structs.replace(kept, stages=stages)
    examined = Examined([], [])
    _stage(examined, "static", lambda: static.examine_files(subject))
    _detonation(examined, subject, options, workplace)
    if options.cache and examined.whole:
        cache.save(name, examined)
    return examined


def _stage(examined: Examined, name: StageName, work: Callable[[], list[Fact]]) -> None:
    start = time.monotonic()
    facts = work()
    examined.facts += facts
    said = f"{len(facts)} facts" if facts else "nothing found"
    examined.stages.append(Stage(name, "done", said, time.monotonic() - start))


def _detonation(examined: Examined, subject: Subject, options: Options, workplace: Path) -> None:
    if not options.detonate:
        examined.stages.append(Stage("detonation", "skipped", "--no-detonate: nothing of it was run"))
        return
    for platform in options.platforms:
        start = time.monotonic()
        try:
            run = detonate(subject, platform=platform, workplace=workplace)
        except SandboxError as error:
            examined.stages.append(Stage("detonation", "impossible", str(error)))
            return
        run = msgspec.structs.replace(run, layers=_own(run.layers, subject))
        said = f"as on {platform}: {', '.join(run.phases) or 'nothing to run'}"
        said += f"; {len(run.calls)} calls, {len(run.layers)} layers"
        examined.stages.append(Stage("detonation", "done", said, time.monotonic() - start))
        _told_by(examined, run, subject)
        examined.detonation = _joined(examined.detonation, run)


def _told_by(examined: Examined, run: Detonation, subject: Subject) -> None:
    """What one run shows; what another run has shown already is not told again."""
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
    )


def _own(layers: Sequence[Layer], subject: Subject) -> list[Layer]:
    """Those that are neither files as they were published nor programs of the machine, such as npm's own."""
    published = set(subject.files.values())
    return [
        layer
        for layer in layers
        if layer.sha256 not in published
        and not (layer.origin == "file" and (layer.file or "").startswith(("/usr/", "/lib/")))
    ]


def _close(target: str, subject: Subject, told: _Told, options: Options) -> Vetted:
    allowances = allowed.read_allowances(options.allow) if options.allow else []
    today = datetime.datetime.now(datetime.UTC).date()
    standing, held, warnings = allowed.apply(allowances, told.facts, subject, today)
    run = told.detonation
    return Vetted(
        target=target,
        package=Identity(
            subject.ecosystem, subject.name, subject.version, subject.purl, subject.sha256, len(subject.files)
        ),
        verdict=judge(standing),
        facts=tuple(ordered([*combined(standing), *standing])),
        held=tuple(held),
        signals=tuple(told.signals),
        stages=tuple(told.stages),
        layers=tuple(run.layers) if run else (),
        calls=tuple(run.calls) if run else (),
        files=subject.files,
        manifest=subject.manifest,
        incomplete=_incomplete(told),
        warnings=tuple(warnings),
    )


def _incomplete(told: _Told) -> tuple[str, ...]:
    lost = [f"{stage.name}: {stage.why}" for stage in told.stages if stage.ended == "impossible"]
    return (*lost, *told.lost, *(told.detonation.incomplete if told.detonation else ()))
