"""A campaign as its pack tells it: who and when, the indicators, what to do, and the analytics that run beside.

Everything is a claim with a confidence and sources. Times are ISO 8601 in UTC, as the pack writes them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from clew.detection.model import Detection

Confidence: TypeAlias = Literal["high", "medium", "low"]
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")

Kind: TypeAlias = Literal[
    "domains",
    "addresses",
    "ports",
    "urls",
    "user_agents",
    "post_bodies",
    "hashes",
    "files",
    "registry",
    "packages",
    "accounts",
    "emails",
]
#: Every kind of indicator, with what it is called. A pack names all of them; an empty kind is an empty list.
KINDS: dict[Kind, str] = {
    "domains": "domains, each with all below it",
    "addresses": "addresses and networks",
    "ports": "ports",
    "urls": "URLs",
    "user_agents": "user agents",
    "post_bodies": "bodies of HTTP requests",
    "hashes": "hashes of files",
    "files": "paths of files",
    "registry": "registry values",
    "packages": "packages",
    "accounts": "publisher accounts",
    "emails": "e-mail addresses",
}

#: What a match means: `hit` alone makes a place hit, `lead` is worth a look, `context` is matched nowhere.
Use: TypeAlias = Literal["hit", "lead", "context"]
USES: tuple[Use, ...] = ("hit", "lead", "context")

#: What a step of the guidance follows from: kinds of evidence. `any` follows from each.
Trigger: TypeAlias = Literal["package", "installed", "host", "network", "behaviour", "any"]
TRIGGERS: tuple[Trigger, ...] = ("package", "installed", "host", "network", "behaviour", "any")

Phase: TypeAlias = Literal["contain", "scope", "eradicate", "recover", "prevent"]
PHASES: tuple[Phase, ...] = ("contain", "scope", "eradicate", "recover", "prevent")


class Source(msgspec.Struct, frozen=True):
    """Where claims come from; `kind` is primary or secondary."""

    id: str
    title: str
    kind: Literal["primary", "secondary"]
    url: str = ""
    note: str = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody says. `sources` are ids, each perhaps with who is relayed: `KR (Endor Labs)`.

    `conflict` is what others say instead, `use` what this pack does about it, `when` a time of the history.
    """

    text: str
    about: str = ""
    confidence: Confidence | None = None
    sources: tuple[str, ...] = ()
    conflict: str = ""
    use: str = ""
    when: str = ""


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """An ATT&CK technique; `strategy` is the detection strategy that looks for it, empty where none fits."""

    id: str
    name: str
    strategy: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""


class Window(msgspec.Struct, frozen=True):
    """From when until when, ISO 8601 in UTC."""

    since: str
    until: str
    about: str = ""


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """Software that the campaign reached: a package URL without version, bad and safe versions."""

    purl: str
    bad: tuple[str, ...]
    safe: tuple[str, ...] = ()
    about: str = ""
    sources: tuple[str, ...] = ()


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator. `value` is as it is, never defanged.

    `no` says what it is not. `platform` is of files. `data` is what a registry value holds, without which a match
    is a lead. `versions` and `range` are of packages, `hashes` of their archives, as `sha1:<hex>`.
    """

    kind: Kind
    value: str
    about: str
    confidence: Confidence
    use: Use
    sources: tuple[str, ...]
    since: str = ""
    until: str = ""
    no: str = ""
    conflict: str = ""
    platform: str = ""
    data: str = ""
    versions: tuple[str, ...] = ()
    range: str = ""
    hashes: tuple[str, ...] = ()


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A value in circulation that must not be used as an indicator, and why."""

    value: str
    kind: str
    why: str
    sources: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do: what, by which command where there is one, and how to see that it is done."""

    id: str
    phase: Phase
    text: str
    verify: str
    commands: tuple[str, ...] = ()
    when: tuple[Trigger, ...] = ("any",)
    sources: tuple[str, ...] = ()


class Guidance(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, now and later, and what is worth knowing."""

    remediation: tuple[Step, ...] = ()
    mitigation: tuple[Step, ...] = ()
    notes: tuple[Claim, ...] = ()
    history: tuple[Claim, ...] = ()
    related: tuple[Claim, ...] = ()


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A whole pack. `analytics` are names of shipped detections, `detections` those and the pack's own."""

    name: str
    title: str
    summary: str
    updated: str
    confidence: Confidence
    sources: dict[str, Source]
    aliases: tuple[str, ...] = ()
    span: Window
    exposure: Window | None = None
    actors: tuple[Claim, ...] = ()
    malware: tuple[Claim, ...] = ()
    techniques: tuple[Technique, ...] = ()
    affected: tuple[Affected, ...] = ()
    identifiers: tuple[Claim, ...] = ()
    behaviour: tuple[Claim, ...] = ()
    claims: tuple[Claim, ...] = ()
    published: tuple[Claim, ...] = ()
    conflicts: tuple[Claim, ...] = ()
    not_found: tuple[str, ...] = ()
    indicators: dict[Kind, tuple[Indicator, ...]]
    refused: tuple[Refused, ...] = ()
    guidance: Guidance
    analytics: tuple[str, ...] = ()
    detections: tuple[Detection, ...] = ()
    path: str = ""

    def all_indicators(self) -> tuple[Indicator, ...]:
        """The indicators of all kinds, in the order of kinds."""
        return tuple(one for kind in KINDS for one in self.indicators.get(kind, ()))
