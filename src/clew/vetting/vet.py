"""The way of one package, on one page: target -> facts from every side -> verdict.

Each stage says how it ended: done; skipped, where it was not asked for; impossible, where it was and could not be
done. A clean result of a vetting with an impossible stage is never called clean.
"""

from __future__ import annotations

import datetime
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from clew.vetting import advisory, allowed, reputation
from clew.vetting.examine import How, examine
from clew.vetting.fact import Fact, Signal
from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.target import differs, take
from clew.vetting.trace import Detonation
from clew.vetting.verdict import combined, judge, ordered
from clew.vetting.vetted import Identity, Stage, Vetted


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to vet. `packument` are files and folders with what the registry says, of this package and of others.

    `hashes` are those that a lock gives for the archive; `allow` is a file of allowances.
    """

    packument: tuple[Path, ...] = ()
    osv: Path | None = None
    allow: Path | None = None
    how: How = How()
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
        examined = examine(subject, Path(folder), options.how)
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
        warnings=(*warnings, *(run.notes if run else ())),
    )


def _incomplete(told: _Told) -> tuple[str, ...]:
    lost = [f"{stage.name}: {stage.why}" for stage in told.stages if stage.ended == "impossible"]
    return (*lost, *told.lost, *(told.detonation.incomplete if told.detonation else ()))
