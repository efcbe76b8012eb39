"""A campaign as a page: sections of text and tables, for whatever writes them (terminal, Markdown, HTML)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from clew.campaign.model import KINDS, Campaign, Claim, Indicator, Step, Window
from clew.package.model import from_purl


class Table(msgspec.Struct, frozen=True):
    """A table; cells are plain text. Without rows it says so: an empty kind is shown as empty."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(msgspec.Struct, frozen=True):
    """A part of the page, under its heading."""

    heading: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """The whole page."""

    title: str
    sections: tuple[Section, ...]


def page(campaign: Campaign) -> Page:
    """Everything that the pack holds."""
    return Page(
        campaign.title,
        (
            _overview(campaign),
            _claims("Actors", campaign.actors),
            _claims("Malware", campaign.malware),
            _affected(campaign),
            Section("Indicators", tables=tuple(_indicators(campaign))),
            _refused(campaign),
            _steps("Remediation", campaign.guidance.remediation),
            _steps("Mitigation", campaign.guidance.mitigation),
            _claims("Notes", campaign.guidance.notes),
            _claims("History", campaign.guidance.history),
            _claims("Related intelligence", campaign.guidance.related),
            _detections(campaign),
            _techniques(campaign),
            _claims("Behaviour", campaign.behaviour),
            _claims("Further claims", campaign.claims),
            _claims("Detections of others", campaign.published),
            _claims("Where sources disagree", campaign.conflicts),
            Section("Not found", campaign.not_found or ("nothing was looked for in vain",)),
            _sources(campaign),
        ),
    )


def _overview(campaign: Campaign) -> Section:
    rows = [("name", campaign.name), ("facts checked", campaign.updated), ("confidence", campaign.confidence)]
    rows += [("also called", ", ".join(campaign.aliases))] if campaign.aliases else []
    rows += [("time", _window(campaign.span))]
    rows += [("exposure", _window(campaign.exposure))] if campaign.exposure else []
    rows += [
        (claim.about or "identifier", _with(claim.text, claim.conflict)) for claim in campaign.identifiers
    ]
    return Section("Overview", (campaign.summary,), (Table("", ("fact", "value"), tuple(rows)),))


def _window(window: Window) -> str:
    return f"{window.since} to {window.until}" + (f": {window.about}" if window.about else "")


def _with(text: str, conflict: str, use: str = "") -> str:
    """A text with what others say instead, and what is made of it."""
    return text + (f" (others: {conflict})" if conflict else "") + (f" Used here: {use}" if use else "")


def _claims(heading: str, claims: Iterable[Claim]) -> Section:
    """A table with the columns that any of the claims fills."""
    found = list(claims)
    columns: dict[str, list[str]] = {
        "when": [claim.when for claim in found],
        "what": [_with(claim.text, claim.conflict, claim.use) for claim in found],
        "about": [claim.about for claim in found],
        "confidence": [claim.confidence or "" for claim in found],
        "sources": [", ".join(claim.sources) for claim in found],
    }
    filled = {name: cells for name, cells in columns.items() if any(cells) or name == "what"}
    return Section(heading, tables=(Table("", tuple(filled), tuple(zip(*filled.values(), strict=True))),))


def _affected(campaign: Campaign) -> Section:
    rows = [
        (one.purl, ", ".join(one.bad), ", ".join(one.safe), one.about, ", ".join(one.sources))
        for one in campaign.affected
    ]
    header = ("package", "bad", "safe", "about", "sources")
    return Section("Affected software", tables=(Table("", header, tuple(rows)),))


def _indicators(campaign: Campaign) -> Iterator[Table]:
    header = ("indicator", "what it is", "confidence", "a match is", "valid", "sources")
    for kind, title in KINDS.items():
        rows = tuple(_indicator(one) for one in campaign.indicators.get(kind, ()))
        yield Table(title[0].upper() + title[1:], header, rows)


def _indicator(one: Indicator) -> tuple[str, ...]:
    about = one.about + (f"; not {one.no}" if one.no else "")
    valid = f"{one.since or 'always'} to {one.until or 'now'}" if one.since or one.until else ""
    meaning = {"hit": "a hit", "lead": "a lead", "context": "not looked for"}[one.use]
    return (shown(one), _with(about, one.conflict), one.confidence, meaning, valid, ", ".join(one.sources))


def shown(one: Indicator) -> str:
    """The indicator as people write it: `axios@1.14.1`, `HKCU\\...\\Run\\Name = system.bat`."""
    if one.kind == "packages":
        name = str(from_purl(one.value))
        return (
            f"{name}@{', '.join(one.versions) or one.range}"
            if one.versions != ("*",)
            else f"{name}, any version"
        )
    if one.kind == "hashes":
        return one.value.partition(":")[2]
    if one.kind == "addresses":
        return one.value.removesuffix("/32" if "." in one.value else "/128")
    return f"{one.value} = {one.data}" if one.data else one.value


def _refused(campaign: Campaign) -> Section:
    rows = tuple((one.value, one.kind, one.why) for one in campaign.refused)
    return Section("Not to be used", tables=(Table("", ("value", "taken for", "why it is wrong"), rows),))


def _steps(heading: str, steps: Iterable[Step]) -> Section:
    rows = tuple(
        (
            one.id,
            one.phase,
            "\n".join((one.text, *(f"$ {command}" for command in one.commands))),
            one.verify,
            ", ".join(one.sources),
        )
        for one in steps
    )
    return Section(
        heading, tables=(Table("", ("step", "phase", "what to do", "done when", "sources"), rows),)
    )


def _detections(campaign: Campaign) -> Section:
    rows = tuple((one.name, one.technique, one.platform, one.title) for one in campaign.detections)
    return Section(
        "Analytics that run beside",
        tables=(Table("", ("detection", "technique", "platform", "title"), rows),),
    )


def _techniques(campaign: Campaign) -> Section:
    rows = tuple(
        (one.id, one.name, one.strategy, one.note, ", ".join(one.sources)) for one in campaign.techniques
    )
    return Section(
        "ATT&CK techniques", tables=(Table("", ("id", "name", "strategy", "note", "sources"), rows),)
    )


def _sources(campaign: Campaign) -> Section:
    rows = tuple(
        (one.id, one.kind, one.title + (f" ({one.note})" if one.note else ""), one.url)
        for one in campaign.sources.values()
    )
    return Section("Sources", tables=(Table("", ("id", "kind", "title", "address"), rows),))
