"""Questions about when releases came, and what became of them: bursts, gaps, removals, owners."""

from __future__ import annotations

from clew.vetting.fact import Signal
from clew.vetting.reputation.case import Case, clear, hit, unknown
from clew.vetting.reputation.metadata import branch, day

_HOUR, _DAY = 3_600.0, 86_400.0
#: A package that was quiet for so long.
_GAP = 365 * _DAY
_SHOWN = 5


def burst(case: Case) -> Signal:
    """Releases of two branches within an hour: whoever holds a stolen account reaches for all users at once."""
    name, source = "burst", _times(case)
    if case.metadata is None or case.published is None:
        return unknown(name, source)
    own = branch(case.subject.version)
    all_times = {one.version: one.published for one in case.metadata.releases} | case.metadata.removed
    near = [
        f"{version} at {day(at)}"
        for version, at in all_times.items()
        if at is not None
        and abs(at - case.published) <= _HOUR
        and branch(version) != own
        and "-" not in version
    ]
    if near and "-" not in case.subject.version:
        return hit(
            name, f"{case.subject.version} at {day(case.published)}, {', '.join(near[:_SHOWN])}", source
        )
    return clear(name, "no other branch within an hour", source)


def long_gap(case: Case) -> Signal:
    """The first release after a year or more."""
    name, source = "long-gap", _times(case)
    times = [one.published for one in case.before if one.published is not None]
    if case.published is None or not times:
        return unknown(name, source)
    gap = case.published - max(times)
    value = f"{gap / _DAY:.0f} days after the release before"
    return hit(name, value, source) if gap > _GAP else clear(name, value, source)


def young(case: Case) -> Signal:
    """Published less than a day ago: nobody has had time to look at it."""
    name, source = "young", _times(case)
    if case.published is None:
        return unknown(name, source)
    age = case.now - case.published
    value = f"published {day(case.published)}"
    return hit(name, value, source) if 0 <= age < _DAY else clear(name, value, source)


def removed_versions(case: Case) -> Signal:
    """Versions that were published and are gone, this one among them or not."""
    name, source = "removed-versions", "time[] without versions[]"
    if case.metadata is None or case.subject.ecosystem != "npm" or case.published is None:
        return unknown(name, source)
    gone = case.metadata.removed
    if case.subject.version in gone:
        return hit(
            name,
            f"{case.subject.version} itself was removed from the registry",
            source,
            "review",
            "T1195.002",
        )
    if gone:
        return hit(name, ", ".join(sorted(gone, key=lambda one: -gone[one])[:_SHOWN]), source)
    return clear(name, "none", source)


def unpublished(case: Case) -> Signal:
    """The whole package was taken off the registry."""
    name, source = "unpublished", "time.unpublished"
    if case.metadata is None or case.subject.ecosystem != "npm":
        return unknown(name, source)
    if case.metadata.unpublished:
        return hit(name, "the package was unpublished", source, "review")
    return clear(name, "no", source)


def deprecated(case: Case) -> Signal:
    """Its maintainers advise against it."""
    name, source = "deprecated", "versions[].deprecated"
    if case.release is None or case.subject.ecosystem != "npm":
        return unknown(name, source)
    if case.release.deprecated:
        return hit(name, case.release.deprecated[:200], source)
    return clear(name, "no", source)


def yanked(case: Case) -> Signal:
    """All files of the release were taken back."""
    name, source = "yanked", "releases[].yanked"
    if case.release is None or not case.release.files:
        return unknown(name, source)
    if case.release.yanked is not None:
        return hit(name, case.release.yanked[:200], source, "review")
    return clear(name, "no", source)


def owner_changed(case: Case) -> Signal:
    """Somebody owns it who did not when an older document of it was recorded."""
    npm = case.subject.ecosystem == "npm"
    name, source = "owner-changed", "maintainers[]" if npm else "ownership"
    now = case.metadata.owners if case.metadata else None
    was = case.metadata.earlier.owners if case.metadata and case.metadata.earlier else None
    if now is None or was is None:
        return unknown(name, source, "needs an older document of it beside the new one")
    if fresh := sorted(now - was):
        return hit(
            name, f"new: {', '.join(fresh[:_SHOWN])}", source, "note" if now & was else "review", "T1586"
        )
    return clear(name, "as before", source)


def sdist_missing(case: Case) -> Signal:
    """No source archive where the releases before had one: what was built cannot be compared with its source."""
    name, source = "sdist-missing", "releases[].packagetype"
    if case.release is None or not case.release.kinds or len(case.before) < 3:
        return unknown(name, source)
    if "sdist" in case.release.kinds or not all("sdist" in one.kinds for one in case.before[-3:]):
        return clear(name, ", ".join(sorted(case.release.kinds)), source)
    return hit(name, f"only {', '.join(sorted(case.release.kinds))}", source)


def upload_gap(case: Case) -> Signal:
    """A file was added days after the others of its release: pip would take it for the same release."""
    name, source = "upload-gap", "releases[].upload_time_iso_8601"
    if case.release is None or len(case.release.uploads) < 2:
        return unknown(name, source, "fewer than two files with times")
    gap = case.release.uploads[-1] - case.release.uploads[0]
    value = f"{gap / _DAY:.1f} days between its first file and its last"
    return hit(name, value, source) if gap > _DAY else clear(name, value, source)


def _times(case: Case) -> str:
    return "time[]" if case.subject.ecosystem == "npm" else "releases[].upload_time_iso_8601"
