"""Compare a detection with the ATT&CK analytic that it makes executable.

Nothing here is an error: a detection that differs from ATT&CK still runs. But coverage is computed from
`log_sources`, and a site looks for the elements that ATT&CK names, so what was forgotten is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from clew.attack.facts import Analytic, LogSource
from clew.attack.index import Index
from clew.attack.spelling import channel_items, channel_parts, element_key, name_key, platform_key
from clew.detection import model
from clew.errors import UsageError
from clew.normalise.mapping import mappings
from clew.suggest import did_you_mean

#: The scope of what a package did while it was vetted. What ATT&CK lets a site tune on hosts may mean nothing there.
VETTED = "package.id"

Severity = Literal["warning", "note"]
Kind = Literal[
    "analytic_unknown",
    "strategy_wrong",
    "technique_wrong",
    "platform_wrong",
    "log_sources_empty",
    "log_source_forgotten",
    "log_source_partial",
    "log_source_unknown",
    "element_forgotten",
    "element_unknown",
]
_Source: TypeAlias = "LogSource | model.LogSource"
#: Channel parts by (component, key of the name).
_Parts: TypeAlias = "Mapping[tuple[str, str], frozenset[str]]"


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between a detection and its analytic.

    A `note` needs no mending: an element that ATT&CK does not have is often on purpose, ours.
    """

    path: str
    kind: Kind
    message: str
    mend: str = ""
    severity: Severity = "warning"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" + (f" ({self.mend})" if self.mend else "")


def check(detection: model.Detection, index: Index) -> list[Remark]:
    """Every difference: ids first, then log sources in ATT&CK's order, then mutable elements."""
    try:
        analytic = index.analytic(detection.analytic)
    except UsageError as error:
        return [Remark(path=detection.path, kind="analytic_unknown", message=str(error))]
    sources = _check_trace if detection.plan.scope == VETTED else _check_sources
    return [
        *_check_ids(detection, analytic, index),
        *sources(detection, analytic),
        *_check_elements(detection, analytic),
    ]


def _check_ids(detection: model.Detection, analytic: Analytic, index: Index) -> Iterator[Remark]:
    techniques = [technique.id for technique in index.strategy(analytic.strategy).techniques]
    if detection.strategy.upper() != analytic.strategy:
        yield _wrong(detection, "strategy_wrong", detection.strategy, f"is part of {analytic.strategy}")
    if detection.technique.upper() not in techniques:
        yield _wrong(detection, "technique_wrong", detection.technique, f"detects {', '.join(techniques)}")
    platforms = {platform_key(platform) for platform in analytic.platforms}
    if platforms and platform_key(detection.platform) not in platforms:
        fact = f"is for {', '.join(analytic.platforms)}"
        yield _wrong(detection, "platform_wrong", detection.platform, fact)


def _wrong(detection: model.Detection, kind: Kind, given: str, fact: str) -> Remark:
    word = kind.removesuffix("_wrong")
    return Remark(
        path=detection.path,
        kind=kind,
        message=f"{word} {given!r} is not that of {detection.analytic}, which {fact} in ATT&CK",
    )


def _check_sources(detection: model.Detection, analytic: Analytic) -> Iterator[Remark]:
    if not detection.log_sources and analytic.log_sources:
        message = f"no log sources are given; ATT&CK names {len(analytic.log_sources)} for {analytic.id}"
        yield Remark(path=detection.path, kind="log_sources_empty", message=message)
        return
    given, known = _parts(detection.log_sources), _parts(analytic.log_sources)
    for source in analytic.log_sources:
        yield from _forgotten_source(detection.path, source, given)
    for own in detection.log_sources:
        yield from _unknown_source(detection.path, own, analytic, known)


def _check_trace(detection: model.Detection, analytic: Analytic) -> Iterator[Remark]:
    """Of vetted packages there are traces, in the place of the analytic's log sources, which are of hosts."""
    channels = [(m.log_source, c.component) for m in mappings() if VETTED in m.scopes for c in m.channels]
    for own in detection.log_sources:
        if (own.name, own.component) not in channels:
            message = f"the trace of a vetted package has no such log source: {_spell(own)}"
            mend = did_you_mean(f"{own.component} {own.name}", [f"{c} {name}" for name, c in channels])
            yield Remark(path=detection.path, kind="log_source_unknown", message=message, mend=mend)
    if not detection.log_sources:
        message = (
            f"no log sources are given for {analytic.id}: name those of Application Vetting that it reads"
        )
        yield Remark(path=detection.path, kind="log_sources_empty", message=message)


def _parts(sources: Iterable[_Source]) -> _Parts:
    parts: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for source in sources:
        parts[_key(source)] |= channel_parts(source.channel)
    return parts


def _key(source: _Source) -> tuple[str, str]:
    return source.component, name_key(source.name)


def _forgotten_source(path: str, source: LogSource, given: _Parts) -> Iterator[Remark]:
    wanted = channel_parts(source.channel)
    missing = wanted - given.get(_key(source), frozenset())
    if missing == wanted:
        message = f"log source forgotten: {_spell(source)}"
        yield Remark(path=path, kind="log_source_forgotten", message=message)
    elif missing:
        message = f"log source given only in part: of {_spell(source)}, {_items(source, missing)} is missing"
        yield Remark(path=path, kind="log_source_partial", message=message)


def _unknown_source(path: str, own: _Source, analytic: Analytic, known: _Parts) -> Iterator[Remark]:
    wanted = channel_parts(own.channel)
    surplus = wanted - known.get(_key(own), frozenset())
    if not surplus:
        return
    what = _spell(own) if surplus == wanted else f"{_items(own, surplus)} of {_spell(own)}"
    yield Remark(
        path=path,
        kind="log_source_unknown",
        message=f"ATT&CK has no such log source for {analytic.id}: {what}",
        mend=did_you_mean(_spell(own), map(_spell, analytic.log_sources)),
    )


def _check_elements(detection: model.Detection, analytic: Analytic) -> Iterator[Remark]:
    given = {element_key(name): name for name in detection.mutable}
    known = {element_key(name): name for name in analytic.mutable}
    forgotten = [known[key] for key in known.keys() - given.keys()]
    for name in analytic.mutable:
        if name in forgotten:
            message = f"mutable element forgotten: {name}"
            severity: Severity = "note" if detection.plan.scope == VETTED else "warning"
            yield Remark(path=detection.path, kind="element_forgotten", message=message, severity=severity)
    for name in detection.mutable:
        if element_key(name) not in known:
            yield _unknown_element(detection.path, name, analytic.id, forgotten)


def _unknown_element(path: str, name: str, analytic: str, forgotten: list[str]) -> Remark:
    """A warning where it looks like a forgotten one misspelt, else a note: our own elements are allowed."""
    mend = did_you_mean(name, forgotten)
    return Remark(
        path=path,
        kind="element_unknown",
        message=f"ATT&CK has no mutable element {name} for {analytic}",
        mend=mend,
        severity="warning" if mend else "note",
    )


def _spell(source: _Source) -> str:
    return f"{source.component} {source.name} '{source.channel}'"


def _items(source: _Source, parts: frozenset[str]) -> str:
    """Those items of the channel, as the source spells them."""
    return ", ".join(item for item in channel_items(source.channel) if item.casefold() in parts)
