"""Vetting what a lockfile names: only packages that run something when they are installed are fetched and watched.

Whether one is known to be malicious is asked of every package.

Packages are vetted side by side, one a core: the work is done by npm, pip and the sandbox, which are processes of
their own.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from clew.errors import TargetError
from clew.package.model import Package
from clew.package.osv import Advisory
from clew.vetting import advisory
from clew.vetting.lockfile import Entry, Lockfile
from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.verdict import Verdict, judge
from clew.vetting.vet import Options, vet
from clew.vetting.vetted import Identity, Locked, Result, Stage, Vetted


def survey(lockfile: Lockfile, options: Options, told: Callable[[Vetted], None] = lambda one: None) -> Result:
    """Vet every package of the lockfile with an install script; `told` hears of each as it is done."""
    asked = [entry for entry in lockfile.entries if entry.script]
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        vetted = list(pool.map(lambda entry: _one(lockfile, entry, options, told), asked))
    bad, lost = _known_bad(lockfile, options.osv) if options.osv else ([], [])
    quiet = sum(entry.script is False for entry in lockfile.entries) - len(bad)
    return Result((*bad, *vetted), quiet, (*lost, *_unknown(lockfile)))


def _known_bad(lockfile: Lockfile, osv: Path) -> tuple[list[Vetted], list[str]]:
    """Those that are not vetted and are known to be malicious, and what of the advisories could not be read."""
    known = advisory.load_all(osv)
    about: dict[Package, list[Advisory]] = defaultdict(list)
    for record in known.found:
        for affected in record.affected:
            about[affected.package.any].append(record)
    found = []
    for entry in lockfile.entries:
        records = about.get(entry.package.any, []) if not entry.script else []
        if facts := advisory.facts(_bare(entry.package), records):
            why = f"{entry.package} runs nothing when it is installed, or it is not known whether it does"
            stages = (Stage("advisory", "done", f"{known.read:,} records"), Stage("identity", "skipped", why))
            one = _unread(entry, facts=tuple(facts), verdict=judge(facts), stages=stages)
            if one.verdict.decision == "block":
                found.append(msgspec.structs.replace(one, locked=Locked(str(lockfile.path), entry.line)))
    return found, [f"advisory: {fault}" for fault in known.faults]


def _bare(package: Package) -> Subject:
    """The package by its name alone."""
    return Subject(
        ecosystem="npm" if package.type == "npm" else "pypi",
        name=package.name,
        version=package.version,
        folder=Path(),
        sha256="",
        files={},
        manifest={},
    )


def _unknown(lockfile: Lockfile) -> Sequence[str]:
    lost = [f"{reject.path}:{reject.position}: {reject.reason}" for reject in lockfile.rejects]
    if unknown := [str(entry.package) for entry in lockfile.entries if entry.script is None]:
        lost.append(
            f"{lockfile.path}: does not tell whether {len(unknown)} packages run a script when they are installed, "
            f"such as {unknown[0]}: install with scripts off first, so that node_modules tells, or vet them one by one"
        )
    return lost


def _one(lockfile: Lockfile, entry: Entry, options: Options, told: Callable[[Vetted], None]) -> Vetted:
    """The package's vetting; where it cannot be had, one that says so and asks for a look."""
    package = entry.package
    locked = Locked(str(lockfile.path), entry.line)
    own = msgspec.structs.replace(options, hashes=entry.hashes)
    try:
        one = vet("npm" if package.type == "npm" else "pypi", str(package), own)
    except TargetError as error:
        one = _unvetted(entry, str(error))
    one = msgspec.structs.replace(one, locked=locked)
    told(one)
    return one


def _unvetted(entry: Entry, reason: str) -> Vetted:
    stages = (Stage("identity", "impossible", reason),)
    return _unread(entry, verdict=Verdict("review", ()), facts=(), stages=stages, incomplete=(reason,))


def _unread(entry: Entry, **told: Any) -> Vetted:
    """What is told of a package whose archive was not looked at."""
    package = entry.package
    ecosystem: Ecosystem = "npm" if package.type == "npm" else "pypi"
    identity = Identity(ecosystem, package.name, package.version, package.purl, "", 0)
    return Vetted(target=str(package), package=identity, **told)
