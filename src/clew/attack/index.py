"""The index of ATT&CK's detection strategies: look up by id, search by words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

from clew.attack.facts import Analytic, DataComponent, LogSource, Strategy, Technique, component_name
from clew.attack.table import AnalyticRow, SourceRow, StrategyRow, Table, decode
from clew.errors import UsageError

DATA_FILE = "attack-18.1.json"

_Fact = TypeVar("_Fact")
_KNOWN_ID = re.compile(r"(?P<prefix>DET|AN|T)(?P<number>\d+)(?:[./](?P<sub>\d+))?", re.ASCII)


class Hit(msgspec.Struct, frozen=True):
    """A strategy that a search found, with those of its analytics for which every word holds."""

    strategy: Strategy
    analytics: tuple[Analytic, ...]


class Index:
    """All strategies of one release of ATT&CK. Ids are taken in any case; an unknown one is a UsageError."""

    def __init__(self, table: Table) -> None:
        self.version = table.version
        self._components = tuple(
            DataComponent(c.id, c.name, component_name(c.name)) for c in table.components
        )
        self._techniques = {t.id: Technique(t.id, t.name, t.tactics) for t in table.techniques}
        builder = _Builder(table, self._components, tuple(self._techniques.values()))
        self._strategies = {row.id: builder.strategy(row) for row in table.strategies}
        self._analytics = {a.id: a for s in self._strategies.values() for a in s.analytics}

    def strategy(self, id_: str) -> Strategy:
        """The strategy `DET0309`."""
        return self._get(self._strategies, id_, "detection strategy")

    def analytic(self, id_: str) -> Analytic:
        """The analytic `AN0862`."""
        return self._get(self._analytics, id_, "analytic")

    def technique(self, id_: str) -> Technique:
        """The technique or sub-technique `T1195.002`. Only those that a strategy detects are known."""
        return self._get(self._techniques, id_, "technique")

    def find(self, id_: str) -> Strategy | Analytic | Technique:
        """Whatever has this id."""
        known: dict[str, Strategy | Analytic | Technique] = {}
        known.update(self._strategies)
        known.update(self._analytics)
        known.update(self._techniques)
        return self._get(known, id_, "strategy (such as DET0309), analytic (AN0862) or technique (T1195.002)")

    def strategies(self) -> tuple[Strategy, ...]:
        """All strategies, by id."""
        return tuple(self._strategies.values())

    def strategies_of(self, technique: str) -> tuple[Strategy, ...]:
        """The strategies that detect this technique itself (not its sub-techniques)."""
        wanted = self.technique(technique)
        return tuple(s for s in self._strategies.values() if wanted in s.techniques)

    def subtechniques(self, technique: str) -> tuple[Technique, ...]:
        """The sub-techniques of a technique, by id."""
        prefix = self.technique(technique).id + "."
        return tuple(t for t in self._techniques.values() if t.id.startswith(prefix))

    def components(self) -> tuple[DataComponent, ...]:
        """All data components, by id."""
        return self._components

    def search(self, words: Sequence[str]) -> tuple[Hit, ...]:
        """Strategies with an analytic in which every word occurs, case ignored.

        Looked at are ids, names, techniques, tactics, the platform, log sources, data components and mutable
        elements. Strategies with more of the words in their own name or technique come first, then by id.
        """
        folded = [word.casefold() for part in words for word in part.split()]
        ranked = []
        for strategy in self._strategies.values() if folded else ():
            head = _text(_strategy_words(strategy))
            missing = [word for word in folded if word not in head]
            found = tuple(a for a in strategy.analytics if _all_in(missing, _analytic_words(a)))
            if found or not missing:
                ranked.append((len(missing), strategy.id, Hit(strategy, found)))
        return tuple(hit for _, _, hit in sorted(ranked, key=lambda entry: entry[:2]))

    def _get(self, known: Mapping[str, _Fact], id_: str, kind: str) -> _Fact:
        found = known.get(id_.strip().upper())
        if found is None:
            raise UsageError(f"{id_!r} is no {kind} of ATT&CK {self.version}{_suggestion(id_, known)}")
        return found


class _Builder:
    """Turns rows into facts; a log source that many analytics name is made once."""

    def __init__(
        self, table: Table, components: Sequence[DataComponent], techniques: Sequence[Technique]
    ) -> None:
        self._techniques = techniques
        self._elements = table.elements
        self._sources = [_log_source(row, components[row.component]) for row in table.sources]

    def strategy(self, row: StrategyRow) -> Strategy:
        techniques = tuple(self._techniques[i] for i in row.techniques)
        analytics = tuple(self._analytic(row.id, analytic) for analytic in row.analytics)
        return Strategy(row.id, row.name, row.domain, row.modified, techniques, analytics)

    def _analytic(self, strategy: str, row: AnalyticRow) -> Analytic:
        sources = tuple(self._sources[i] for i in row.sources)
        elements = tuple(self._elements[i] for i in row.elements)
        return Analytic(row.id, strategy, row.platforms, row.modified, sources, elements)


@cache
def attack_index() -> Index:
    """The index of the release that Clew ships, read from the package on the first call."""
    return Index(decode(files("clew.attack").joinpath(DATA_FILE).read_bytes()))


def _log_source(row: SourceRow, component: DataComponent) -> LogSource:
    return LogSource(component.component, component.id, row.name, row.channel)


def _strategy_words(strategy: Strategy) -> Iterable[str]:
    yield from (strategy.id, strategy.name, strategy.domain)
    for technique in strategy.techniques:
        yield from (technique.id, technique.name, *technique.tactics)


def _analytic_words(analytic: Analytic) -> Iterable[str]:
    yield from (analytic.id, *analytic.platforms, *analytic.mutable)
    for source in analytic.log_sources:
        yield from (source.component, source.component_id, source.name, source.channel)


def _text(words: Iterable[str]) -> str:
    """The words as one text; the line break keeps a needle from matching across two of them."""
    return "\n".join(words).casefold()


def _all_in(needles: Sequence[str], words: Iterable[str]) -> bool:
    if not needles:
        return True
    text = _text(words)
    return all(needle in text for needle in needles)


def _suggestion(id_: str, known: Mapping[str, object]) -> str:
    """What to type instead: the id with its digits filled up, the range of such ids, or the nearest ones."""
    typed = id_.strip().upper()
    whole = _KNOWN_ID.fullmatch(typed)
    if whole and (padded := _padded(whole)) in known:
        return f"; did you mean {padded}?"
    if whole and (same_kind := _numbered(known, whole["prefix"])):
        return f"; they run from {same_kind[0]} to {same_kind[-1]}"
    near = difflib.get_close_matches(typed, known, n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _padded(match: re.Match[str]) -> str:
    sub = match["sub"]
    return f"{match['prefix']}{int(match['number']):04d}" + (f".{int(sub):03d}" if sub else "")


def _numbered(known: Iterable[str], prefix: str) -> list[str]:
    """The ids of that kind in order; none for techniques, whose numbers have wide gaps."""
    return sorted(id_ for id_ in known if prefix != "T" and id_.startswith(prefix))
