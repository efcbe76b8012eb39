"""Questions about what a release brings: scripts, dependencies, its size; most need no look at its code."""

from __future__ import annotations

from clew.package.version import VersionError, admits
from clew.vetting.fact import Signal, Weight
from clew.vetting.reputation.case import Case, clear, hit, unknown
from clew.vetting.reputation.imports import never_named
from clew.vetting.reputation.metadata import Metadata, day, texts
from clew.vetting.reputation.npm import INSTALL_SCRIPTS

_DAY = 86_400.0
#: So many releases without a script make the first one strange.
_ENOUGH = 5
#: A release that is so many times as large as the one before, and larger by so many bytes.
_TIMES, _LARGER = 2.0, 100_000
_SHOWN = 5
_DEPENDENCY = "T1195.001"


def install_script_new(case: Case) -> Signal:
    """A script that runs at install, where no release before had one."""
    name, source = "install-script-new", "versions[].scripts"
    declared = case.subject.manifest.get("scripts")
    now = {k: v for k, v in texts(declared).items() if k in INSTALL_SCRIPTS}
    if not isinstance(declared, dict) and case.release and case.release.scripts:
        now = case.release.scripts
    told = [one for one in case.before if one.scripts is not None]
    if not told:
        return unknown(name, source)
    if not now:
        return clear(name, "no install script", source)
    if any(one.scripts for one in told):
        return clear(name, "releases before had one, too", source)
    value = ", ".join(f"{key}: {script}" for key, script in now.items())
    weight: Weight = "review" if len(told) >= _ENOUGH else "note"
    return hit(name, f"{value}; none of {len(told)} releases before had any", source, weight, "T1195.002")


def dependency_new(case: Case) -> Signal:
    """Dependencies that the release before did not have."""
    name, source = "dependency-new", "versions[].dependencies"
    if case.added is None:
        return unknown(name, source)
    if not case.added:
        return clear(name, "none", source)
    return hit(name, _shown(case.added), source)


def dependency_phantom(case: Case) -> Signal:
    """Dependencies that the package's own code never names: then only their install scripts are of use to somebody."""
    name, source = "dependency-phantom", "package.json dependencies, against the package's files"
    if case.subject.ecosystem != "npm" or case.dependencies is None:
        return unknown(name, source, "only npm's packages name their dependencies as they are imported")
    missing = never_named(case.subject, case.dependencies)
    if missing is None:
        return unknown(name, source, "no code to read")
    if not missing:
        return clear(name, "its code names all of them", source)
    fresh = [one for one in missing if case.added is not None and one in case.added]
    if fresh:
        return hit(
            name,
            f"{_shown(fresh)}: new in this release, and its code never names it",
            source,
            "review",
            _DEPENDENCY,
        )
    return hit(name, f"its code never names {_shown(missing)}", source)


def dependency_young(case: Case) -> Signal:
    """A dependency of which the release that would be installed, or all of it, was less than a day old at the time."""
    name, source = "dependency-young", "time[] of the dependencies' packuments"
    if not case.dependencies:
        return (
            clear(name, "no dependencies", source) if case.dependencies is not None else unknown(name, source)
        )
    at = case.published if case.published is not None else case.now
    known = {
        one: case.metadata.others[one]
        for one in case.dependencies
        if case.metadata and one in case.metadata.others
    }
    young = [said for one, other in known.items() if (said := _young(other, case.dependencies[one], at))]
    if young:
        fresh = case.added is not None and any(one in case.added for one in known)
        return hit(name, _shown(young), source, "review" if fresh else "note", _DEPENDENCY)
    if len(known) < len(case.dependencies):
        return unknown(
            name, source, f"documents of {len(case.dependencies) - len(known)} dependencies are not given"
        )
    return clear(name, "none", source)


def _young(other: Metadata, wanted: str, at: float) -> str:
    """What is told of a dependency whose newest fitting release was made on the day before `at`; '' for others."""
    fitting = [
        one.published
        for one in other.releases
        if one.published is not None and one.published <= at and _admits(other, wanted, one.version)
    ]
    gone = [t for version, t in other.removed.items() if t <= at and _admits(other, wanted, version)]
    newest = max([*fitting, *gone], default=None)
    if newest is None or at - newest >= _DAY:
        return ""
    return f"{other.name} of {day(newest)}, {_hours(at - newest)} before"


def _admits(other: Metadata, wanted: str, version: str) -> bool:
    try:
        return admits(other.ecosystem, wanted, version)
    except VersionError:
        return False


def _hours(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < 2 * 3600 else f"{seconds / 3600:.0f} hours"


def manifest_differs(case: Case) -> Signal:
    """The registry shows other scripts or dependencies than the archive has: what is read is not what is run."""
    name, source = "manifest-differs", "versions[] against package.json in the archive"
    release, manifest = case.release, case.subject.manifest
    if release is None or case.subject.ecosystem != "npm" or not manifest:
        return unknown(name, source)
    wrong = []
    scripts = {key: one for key, one in texts(manifest.get("scripts")).items() if key in INSTALL_SCRIPTS}
    hidden = [key for key in scripts if release.scripts is not None and key not in release.scripts]
    if hidden and "install" not in (release.scripts or {}):
        wrong += [f"{key}: {scripts[key]}" for key in hidden]
    if release.dependencies is not None:
        declared = {*texts(manifest.get("dependencies")), *texts(manifest.get("optionalDependencies"))}
        wrong += [
            f"dependency {one}"
            for one in sorted(declared - release.dependencies.keys() - _optional(manifest))
        ]
    if not wrong:
        return clear(name, "as in the archive", source)
    return hit(name, f"only in the archive: {_shown(wrong)}", source, "review", "T1036")


def _optional(manifest: dict[str, object]) -> set[str]:
    """npm writes optional dependencies among the others in some documents, and not in others."""
    return {*texts(manifest.get("optionalDependencies"))}


def size_jump(case: Case) -> Signal:
    """Far larger than the release before."""
    npm = case.subject.ecosystem == "npm"
    name, source = "size-jump", "versions[].dist.unpackedSize" if npm else "releases[].size"
    now = case.release.size if case.release else None
    was = case.previous.size if case.previous else None
    if now is None or not was:
        return unknown(name, source)
    value = f"{now:,} bytes, {was:,} in {case.previous.version if case.previous else ''}"
    if now > was * _TIMES and now - was > _LARGER:
        return hit(name, value, source)
    return clear(name, value, source)


def _shown(values: list[str]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more
