"""Which selections the events of a relation can pass at all, told by their texts alone: each text is tested once.

Most of many detections find nothing in most input. Of each selection one test of a text is taken that every event
must pass, its *anchor*. DuckDB looks through a column once, for the anchors of all selections together; the few
texts in which something is found come to Python, which tells whose anchors they pass. Only selections with such a
text are planned and tested in full, so what is found does not change. Plans of thousands of tests would cost more
than reading the input.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

import duckdb
import msgspec

from clew.database import name, quote
from clew.detection.condition import All, Condition, Either, Test
from clew.detection.glob import Glob, escaped, pattern
from clew.detection.matcher import Domains, Regex, Text
from clew.select.selection import Selection

#: So few selections are all planned: to look for anchors is a plan as well.
FEW = 32
#: Texts that one expression looks for: RE2 gives each a limit of memory.
_CHUNK = 250
#: Texts whose selections are remembered, of a column.
_REMEMBERED = 20_000

Predicate: TypeAlias = Callable[[str], bool]


class _Anchor(msgspec.Struct, frozen=True):
    """A test that events of a component must pass for one of the selection's anchors."""

    component: str
    number: int
    test: Test


class Texts:
    """The anchors of selections. Columns that are filled later (see `places`) cannot serve: `fillable`."""

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        selections: Sequence[Selection],
        fillable: Collection[str] = (),
        few: int = FEW,
    ) -> None:
        self._database = database
        self._selections = selections
        self._columns: dict[str, _Column] = {}
        self._always: set[int] = set()
        for selection in selections:
            tests = None if len(selections) <= few else _anchors(selection.asks.where, fillable)
            if tests is None:
                self._always.add(selection.number)
            for test in tests or ():
                column = self._columns.setdefault(test.field, _Column(test.field))
                column.add(_Anchor(selection.asks.component, selection.number, test))

    @property
    def tells(self) -> bool:
        """Whether it tells of any selection that it is not possible."""
        return bool(self._columns)

    def possible(self, events: str) -> tuple[Selection, ...]:
        """The selections that some event of the relation may pass: a safe over-estimate, in their order."""
        if not self.tells:
            return tuple(self._selections)
        found = set(self._always)
        columns = list(self._columns.values())
        parts = [column.looked_through(number, events) for number, column in enumerate(columns)]
        for number, component, text in self._database.execute(" UNION ALL ".join(parts)).fetchall():
            found |= columns[number].passed(component, text)
        return tuple(selection for selection in self._selections if selection.number in found)


class _Column:
    """The anchors on one column."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._tests: dict[str, list[tuple[int, Predicate]]] = {}
        self._sources: dict[str, dict[str, None]] = {"whole": {}, "folded": {}, "plain": {}}
        self._passed: dict[tuple[str, str], frozenset[int]] = {}

    def add(self, anchor: _Anchor) -> None:
        """Take an anchor on this column."""
        accept = anchor.test.matcher.predicate()
        self._tests.setdefault(anchor.component, []).append((anchor.number, accept))
        for kind, source in _sources(anchor.test):
            self._sources[kind][source] = None

    def looked_through(self, number: int, events: str) -> str:
        """SQL of (number, component, text) of the texts in which any anchor may be found; some without one as well."""
        column = name(self._field)
        lowered, whole = f"lower({column})", [*self._sources["whole"]]
        tests = [f"{lowered} IN ({', '.join(map(quote, whole))})"] if whole else []
        tests += [
            f"regexp_matches({lowered}, {quote(one)})" for one in _alternations(self._sources["folded"])
        ]
        tests += [f"regexp_matches({column}, {quote(one)})" for one in _alternations(self._sources["plain"])]
        return (
            f'SELECT DISTINCT {number}, "clew.component", {column} FROM {events} '
            f'WHERE "clew.component" IN ({", ".join(map(quote, self._tests))}) AND ({" OR ".join(tests) or "false"})'
        )

    def passed(self, component: str, text: str) -> frozenset[int]:
        """The numbers of the selections whose anchor the text passes in an event of the component."""
        known = self._passed.get((component, text))
        if known is None:
            if len(self._passed) >= _REMEMBERED:
                self._passed.clear()
            known = frozenset(number for number, accept in self._tests[component] if accept(text))
            self._passed[component, text] = known
        return known


def _anchors(condition: Condition | None, fillable: Collection[str]) -> tuple[Test, ...] | None:
    """Tests of which each event that fulfils the condition passes at least one; None where there are none such."""
    match condition:
        case Test(field, Text() | Domains() | Regex()) if field not in fillable and _tells(condition):
            return (condition,)
        case All(parts):
            found = [tests for part in parts if (tests := _anchors(part, fillable)) is not None]
            return max(found, key=_worth, default=None)
        case Either(parts):
            every = [_anchors(part, fillable) for part in parts]
            told = [tests for tests in every if tests is not None]
            return tuple(test for tests in told for test in tests) if len(told) == len(every) else None
    return None


def _tells(test: Test) -> bool:
    """Whether there are texts that do not pass the test, and few enough patterns to look for."""
    matcher = test.matcher
    return not isinstance(matcher, Text) or all(glob.shape()[0] != "any" for glob in matcher.globs)


def _worth(tests: Iterable[Test]) -> int:
    """How much a test tells: the length of the shortest text that it looks for."""
    return min((_length(test) for test in tests), default=0)


def _length(test: Test) -> int:
    match test.matcher:
        case Text(globs):
            return min((_literal(glob) for glob in globs), default=0)
        case Domains(suffixes):
            return min(map(len, suffixes), default=0)
    return 1


def _literal(glob: Glob) -> int:
    return max((len(part) for part in glob.parts if isinstance(part, str)), default=0)


def _sources(test: Test) -> Iterator[tuple[str, str]]:
    """What DuckDB looks for, by kind: a whole folded text, an expression for the folded text or for the text itself."""
    match test.matcher:
        case Text(globs):
            for glob in globs:
                folded = glob.folded()
                shape, literal = folded.shape()
                yield ("whole", literal) if shape == "whole" else ("folded", _shaped(folded))
        case Domains(suffixes):
            yield from (("folded", rf"(?:^|\.){escaped(suffix)}\.*$") for suffix in suffixes)
        case Regex() as regex:
            yield "plain", f"(?:{regex.source})"


def _shaped(glob: Glob) -> str:
    """The glob as expression, tied to the ends of the text where it is."""
    shape, literal = glob.shape()
    match shape:
        case "start":
            return "^" + escaped(literal)
        case "end":
            return escaped(literal) + "$"
        case "within":
            return escaped(literal)
    return rf"(?s:^{pattern(glob)}\z)"


def _alternations(sources: Iterable[str]) -> list[str]:
    every = list(sources)
    return ["|".join(every[start : start + _CHUNK]) for start in range(0, len(every), _CHUNK)]
