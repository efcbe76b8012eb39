"""Signals -> facts: what each weighs by itself, and which of them together make a takeover."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clew.vetting.fact import Fact, Signal

#: What is said of each signal that hits.
TITLES = {
    "trusted-publisher-lost": "was published by token, and not by its trusted publisher as before",
    "publisher-changed": "was published by somebody who never did",
    "email-changed": "was published by an account whose e-mail address changed",
    "attestation-lost": "has no provenance, unlike the releases before",
    "git-head-lost": "names no commit, unlike the releases before",
    "signature-lost": "has no signature of the registry, unlike the releases before",
    "install-script-new": "has an install script for the first time",
    "dependency-phantom": "declares dependencies that its code never names",
    "dependency-young": "depends on something that was less than a day old",
    "dependency-new": "has new dependencies",
    "manifest-differs": "is shown by the registry with another manifest than it has",
    "size-jump": "is far larger than the release before",
    "burst": "was released on several branches within an hour",
    "long-gap": "is the first release for a long time",
    "young": "is less than a day old",
    "removed-versions": "has versions that were removed",
    "unpublished": "was unpublished",
    "owner-changed": "has new owners",
    "deprecated": "is deprecated",
    "doppelganger": "has the words of another package",
    "typosquat": "has a name like a well-known one",
    "yanked": "was taken back by its maintainers",
    "sdist-missing": "has no source archive, unlike the releases before",
    "upload-gap": "got another file days after its release",
}


class Takeover(msgspec.Struct, frozen=True):
    """Signals that mean a takeover together: so many of `path`, and any of `with_`."""

    rule: str
    title: str
    path: frozenset[str]
    at_least: int
    with_: frozenset[str]


#: How a release got to the registry.
_PATH = frozenset(
    (
        *("trusted-publisher-lost", "publisher-changed", "email-changed", "attestation-lost"),
        *("git-head-lost", "signature-lost", "owner-changed"),
    )
)
#: Those of them that do not happen by a change of tools.
_STRONG = frozenset(("trusted-publisher-lost", "publisher-changed", "email-changed"))
TAKEOVERS = (
    Takeover(
        "reputation.takeover-dependency",
        "was published in another way than before, and brings a dependency that it does not use",
        _PATH,
        1,
        frozenset(("dependency-phantom",)),
    ),
    Takeover(
        "reputation.takeover-script",
        "was published in another way than before, and has its first install script",
        _PATH,
        1,
        frozenset(("install-script-new",)),
    ),
    Takeover(
        "reputation.takeover-young",
        "was published in another way than before, and brings a dependency that was made for it",
        _PATH,
        1,
        frozenset(("dependency-young",)),
    ),
    Takeover(
        "reputation.takeover-burst",
        "was published in another way than before on several branches at once",
        _STRONG,
        2,
        frozenset(("burst", "manifest-differs")),
    ),
)


def facts(signals: Sequence[Signal]) -> list[Fact]:
    """A fact for each signal that hits; and before them, what some of them mean together, which blocks."""
    hits = {one.name: one for one in signals if one.state == "hit"}
    return [*(_together(one, hits) for one in TAKEOVERS if _is_met(one, hits)), *map(_fact, hits.values())]


def _is_met(takeover: Takeover, hits: dict[str, Signal]) -> bool:
    """What comes with a strange publication must itself be worth a look: old phantoms are notes."""
    brings = [
        name for name in takeover.with_ if name in hits and (hits[name].weight != "note" or name == "burst")
    ]
    path = [name for name in takeover.path if name in hits]
    return bool(brings) and len(path) >= takeover.at_least


def _together(takeover: Takeover, hits: dict[str, Signal]) -> Fact:
    said = [hits[name] for name in hits if name in takeover.path | takeover.with_]
    return Fact(
        rule=takeover.rule,
        side="reputation",
        weight="block",
        title=takeover.title,
        evidence="; ".join(f"{one.name}: {one.value}" for one in said),
        technique="T1195.002",
    )


def _fact(signal: Signal) -> Fact:
    return Fact(
        rule=f"reputation.{signal.name}",
        side="reputation",
        weight=signal.weight,
        title=TITLES[signal.name],
        evidence=f"{signal.value} ({signal.source})",
        technique=signal.technique,
    )
