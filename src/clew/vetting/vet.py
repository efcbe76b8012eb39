"""The way of one package, on one page: target -> facts from every side -> verdict.

Each stage says how it ended: done; skipped, where it was not asked for; impossible, where it was and could not be
done. A clean result of a vetting with an impossible stage is never called clean.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from clew.vetting import allowed, static
from clew.vetting.fact import Fact, Signal
from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.target import differs, take
from clew.vetting.trace import Detonation
from clew.vetting.verdict import combined, judge, ordered
from clew.vetting.vetted import Identity, Stage, StageName, Vetted


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to vet. `hashes` are those that a lock gives for the archive; `allow` is a file of allowances."""

    packument: Path | None = None
    osv: Path | None = None
    allow: Path | None = None
    platform: str = "linux"
    detonate: bool = True
    hashes: tuple[str, ...] = ()


_PLAIN = Options()


class _Told(msgspec.Struct):
    """What has been found so far."""

    facts: list[Fact]
    stages: list[Stage]
    signals: list[Signal]
    detonation: Detonation | None = None


def vet(ecosystem: Ecosystem, target: str, options: Options = _PLAIN) -> Vetted:
    """Vet one package. Raises UsageError, TargetError, ContentError; SandboxError where the self-test fails."""
    with tempfile.TemporaryDirectory(prefix="clew-vet-") as folder:
        start = time.monotonic()
        subject = take(ecosystem, target, Path(folder))
        told = _Told(_of_identity(subject, options.hashes), [], [])
        told.stages.append(Stage("identity", "done", f"{len(subject.files)} files", time.monotonic() - start))
        _reputation(told, subject, options)
        _advisory(told, subject, options)
        _stage(told, "static", lambda: static.examine_files(subject))
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


def _stage(told: _Told, name: StageName, work: Callable[[], list[Fact]]) -> None:
    start = time.monotonic()
    facts = work()
    told.facts += facts
    said = f"{len(facts)} facts" if facts else "nothing found"
    told.stages.append(Stage(name, "done", said, time.monotonic() - start))


def _reputation(told: _Told, subject: Subject, options: Options) -> None:
    if options.packument is None:
        told.stages.append(Stage("reputation", "skipped", "no registry metadata: give it with --packument"))


def _advisory(told: _Told, subject: Subject, options: Options) -> None:
    if options.osv is None:
        told.stages.append(Stage("advisory", "skipped", "no advisories: give OSV records with --osv"))


def _close(target: str, subject: Subject, told: _Told, options: Options) -> Vetted:
    allowances = allowed.read_allowances(options.allow) if options.allow else []
    today = datetime.datetime.now(datetime.UTC).date()
    standing, held, warnings = allowed.apply(allowances, told.facts, subject, today)
    facts = ordered([*combined(standing), *standing])
    run = told.detonation
    return Vetted(
        target=target,
        package=Identity(
            subject.ecosystem, subject.name, subject.version, subject.purl, subject.sha256, len(subject.files)
        ),
        verdict=judge(standing),
        facts=tuple(facts),
        held=tuple(held),
        signals=tuple(told.signals),
        stages=tuple(told.stages),
        layers=tuple(run.layers) if run else (),
        calls=tuple(run.calls) if run else (),
        hashes={
            fact.place.file: subject.files[fact.place.file]
            for fact in facts
            if fact.place.file in subject.files
        },
        incomplete=_incomplete(told),
        warnings=tuple(warnings),
    )


def _incomplete(told: _Told) -> tuple[str, ...]:
    lost = [f"{stage.name}: {stage.why}" for stage in told.stages if stage.ended == "impossible"]
    return (*lost, *(told.detonation.incomplete if told.detonation else ()))
