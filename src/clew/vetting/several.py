"""Vetting what a lockfile names: only packages that run something when they are installed are fetched and watched.

Packages are vetted side by side, one a core: the work is done by npm, pip and the sandbox, which are processes of
their own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from clew.errors import TargetError
from clew.vetting.lockfile import Entry, Lockfile
from clew.vetting.verdict import Verdict
from clew.vetting.vet import Options, vet
from clew.vetting.vetted import Identity, Locked, Result, Stage, Vetted


def survey(lockfile: Lockfile, options: Options, told: Callable[[Vetted], None] = lambda one: None) -> Result:
    """Vet every package of the lockfile with an install script; `told` hears of each as it is done."""
    asked = [entry for entry in lockfile.entries if entry.script]
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        vetted = list(pool.map(lambda entry: _one(lockfile, entry, options, told), asked))
    quiet = sum(entry.script is False for entry in lockfile.entries)
    return Result(tuple(vetted), quiet, tuple(_unknown(lockfile)))


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
    package = entry.package
    return Vetted(
        target=str(package),
        package=Identity(
            "npm" if package.type == "npm" else "pypi", package.name, package.version, package.purl, "", 0
        ),
        verdict=Verdict("review", ()),
        facts=(),
        stages=(Stage("identity", "impossible", reason),),
        incomplete=(reason,),
    )
