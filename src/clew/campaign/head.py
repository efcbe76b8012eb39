"""campaign.yaml: what the campaign is, who says so, and where they disagree."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from clew.campaign.model import CONFIDENCES, Affected, Claim, Confidence, Source, Technique, Window
from clew.campaign.reading import PackReading
from clew.detection.block import Block, block
from clew.detection.head import STRATEGY, TECHNIQUE
from clew.package.model import PackageError, from_purl

KEYS = (
    *("name", "title", "summary", "updated", "confidence", "aliases", "span", "exposure"),
    *("actors", "malware", "techniques", "affected", "identifiers", "behaviour", "claims", "published"),
    *("conflicts", "not_found"),
    *("analytics", "sources"),
)
NAME = r"[a-z0-9][a-z0-9-]{1,60}"
NAME_PATTERN = re.compile(NAME)
_CLAIMS = ("actors", "malware", "identifiers", "behaviour", "claims", "published", "conflicts")
_SOURCE_KEYS = ("title", "kind", "url", "note")


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of campaign.yaml, under the names that the Campaign has."""

    name: str
    title: str
    summary: str
    updated: str
    confidence: Confidence
    aliases: tuple[str, ...]
    span: Window
    exposure: Window | None
    actors: tuple[Claim, ...]
    malware: tuple[Claim, ...]
    techniques: tuple[Technique, ...]
    affected: tuple[Affected, ...]
    identifiers: tuple[Claim, ...]
    behaviour: tuple[Claim, ...]
    claims: tuple[Claim, ...]
    published: tuple[Claim, ...]
    conflicts: tuple[Claim, ...]
    not_found: tuple[str, ...]
    analytics: tuple[str, ...]


def read_sources(top: Block) -> dict[str, Source]:
    """The sources, by id."""
    found: dict[str, Source] = {}
    for id, _, node in top.entries("sources", "name the documents that it rests on"):
        source = block(node, top.faults, f"the source '{id}'", _SOURCE_KEYS)
        if source is None:
            continue
        kind = source.choice("kind", ("primary", "secondary"), "primary or secondary") or "secondary"
        title = source.text("title", "say what it is") or ""
        url, note = source.text("url") or "", source.text("note") or ""
        found[id] = Source(id, title, "primary" if kind == "primary" else "secondary", url, note)
    return found


def read_head(top: Block, reading: PackReading, folder: str) -> Head:
    """The head of a pack; what is wrong with it is noted."""
    name = top.text("name", f"the name of its folder: {folder}") or ""
    if name and (name != folder or not re.fullmatch(NAME, name)):
        top.faults.add(top.at("name"), f"'{name}' is not the name of its folder", f"write name: {folder}")
    claims: dict[str, Any] = {key: reading.claims(top, key) for key in _CLAIMS}
    lists: dict[str, Any] = {
        key: tuple(text for text, _ in reading.words(top, key, f"write '{key}: []' where there is nothing"))
        for key in ("aliases", "not_found", "analytics")
    }
    return Head(
        name=name,
        title=top.text("title", "say in a line what happened") or "",
        summary=top.text("summary", "say in a few sentences what happened") or "",
        updated=reading.time(top, "updated", "the day on which its facts were last checked"),
        confidence=reading.choice(top, "confidence", CONFIDENCES, "how sure the whole is: high") or "low",
        span=_window(top, "span", reading, "when it went on: span: {since: ..., until: ...}")
        or Window("", ""),
        exposure=_window(top, "exposure", reading),
        techniques=tuple(_techniques(top, reading)),
        affected=tuple(_affected(top, reading)),
        **claims,
        **lists,
    )


def _window(top: Block, key: str, reading: PackReading, needed: str = "") -> Window | None:
    found = top.block(key, ("since", "until", "about"), needed)
    if found is None:
        return None
    since, until = (
        reading.time(found, "since", "when it began"),
        reading.time(found, "until", "when it ended"),
    )
    return Window(since, until, found.text("about") or "")


def _techniques(top: Block, reading: PackReading) -> list[Technique]:
    found = []
    for one in reading.blocks(
        top, "techniques", ("id", "name", "strategy", "sources", "note"), "a technique"
    ):
        id, strategy = one.text("id", "ATT&CK's id: T1195.002") or "", one.text("strategy") or ""
        for key, written, pattern in (("id", id, TECHNIQUE), ("strategy", strategy, STRATEGY)):
            if written and not re.fullmatch(pattern, written):
                reading.faults.add(one.at(key), f"'{key}' cannot be '{written}'", "T1195.002, DET0309")
        name, sources = (
            one.text("name", "ATT&CK's name of it") or "",
            reading.named_sources(one, needed=False),
        )
        found.append(
            Technique(id=id, name=name, strategy=strategy, sources=sources, note=one.text("note") or "")
        )
    return found


def _affected(top: Block, reading: PackReading) -> list[Affected]:
    found = []
    for one in reading.blocks(
        top, "affected", ("purl", "bad", "safe", "about", "sources"), "affected software"
    ):
        purl = one.text("purl", "its package URL: pkg:npm/axios") or ""
        try:
            if purl and from_purl(purl).version:
                reading.faults.add(
                    one.at("purl"), "versions do not stand in the purl", "list them under 'bad'"
                )
        except PackageError as error:
            reading.faults.add(one.at("purl"), str(error), "write pkg:npm/axios")
        bad, safe = reading.words(one, "bad", "which versions are bad"), reading.words(one, "safe")
        found.append(
            Affected(
                purl=purl,
                bad=tuple(text for text, _ in bad),
                safe=tuple(text for text, _ in safe),
                about=one.text("about") or "",
                sources=reading.named_sources(one),
            )
        )
    return found
