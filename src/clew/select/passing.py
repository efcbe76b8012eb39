"""Which selections an event passes, as SQL; each test is written once, and only for what may be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import duckdb

from clew.database import name, quote
from clew.detection.model import Detection
from clew.select.expression import expression
from clew.select.key import key
from clew.select.onhost import on_hosts
from clew.select.places import SHORT, Places
from clew.select.selection import PACKAGE, Selection, compared, selections
from clew.select.texts import Texts

#: SQL of the test by which an event passes a selection, never null.
Passes = Callable[[Selection], str]


class Passing:
    """The tests of all selections of these detections. `places` says which columns are filled later."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, detections: Sequence[Detection], places: Places
    ) -> None:
        self._database, self._detections, self._places = database, detections, places
        self.selections = selections(detections)
        #: The columns whose keys are made beside the hits.
        self.keys = compared(detections)
        #: The selections of vetted packages.
        self._vetting = frozenset(
            one.number for one in self.selections if detections[one.detection].plan.scope == PACKAGE
        )
        self._texts = Texts(database, self.selections, places.fills)
        self._tests: dict[tuple[Passes, int], str] = {}

    def possible(self, events: str) -> Sequence[Selection]:
        """The selections that some event of a table may pass: of components that there are, by what texts tell.

        Those of vetted packages only where there is a package at all.
        """
        packaged = f"count({name(PACKAGE)}) > 0" if self._vetting else "false"
        seen = f'SELECT "clew.component", {packaged} FROM {events} GROUP BY 1'
        components = dict(self._database.execute(seen).fetchall())
        packages = any(components.values())
        return [
            one
            for one in self._texts.possible(events)
            if one.asks.component in components and (packages or one.number not in self._vetting)
        ]

    def made(self, events: str, passes: Passes) -> str:
        """SQL like `hits` of a relation that costs something to make: where texts are looked at, that is done once."""
        if not self._texts.tells:
            return self.hits(events, passes, self.selections)
        self._database.execute(f"CREATE OR REPLACE TEMP TABLE asked AS FROM {events}").fetchall()
        return self.hits("asked", passes, self.possible("asked"))

    def hits(self, events: str, passes: Passes, possible: Sequence[Selection]) -> str:
        """SQL that gives events with the numbers of those selections that they pass, and their keys."""
        cases = ", ".join(self._case(selection, passes) for selection in possible) or "NULL::INTEGER"
        keys = "".join(f", {key(column)} AS {name('key ' + column)}" for column in self.keys)
        return (
            f"SELECT * FROM (SELECT *{keys}, list_filter([{cases}], lambda x: x IS NOT NULL) AS hits FROM {events}) "
            "WHERE len(hits) > 0"
        )

    def each(self) -> Iterator[str]:
        """SQL that is true for the events of `event` that may pass a selection, one of them each."""
        for selection in self.possible("event"):
            yield self._test(selection, self.may_pass)

    def passes(self, selection: Selection) -> str:
        """SQL that tells whether an event passes a selection, never null."""
        tests = [f'"clew.component" = {quote(selection.asks.component)}', *self._scope(selection)]
        hosts = self._detections[selection.detection].hosts
        if hosts:
            tests.append(on_hosts(hosts))
        if selection.asks.where is not None:
            tests.append(f"({expression(selection.asks.where).sql('duckdb')})")
        return " AND ".join(tests)

    def may_pass(self, selection: Selection) -> str:
        """The same of an event whose columns are still to be filled; true where it may pass then."""
        tests = [f'"clew.component" = {quote(selection.asks.component)}', *self._scope(selection)]
        hosts = self._detections[selection.detection].hosts
        if hosts:
            tests.append(f"({SHORT} OR {on_hosts(hosts)})")
        if selection.asks.where is not None:
            tests.append(f"({self._places.may_pass(selection.asks)})")
        return " AND ".join(tests)

    def _case(self, selection: Selection, passes: Passes) -> str:
        """SQL of a selection's number where an event passes it."""
        return f"CASE WHEN {self._test(selection, passes)} THEN {selection.number} END"

    def _test(self, selection: Selection, passes: Passes) -> str:
        """The SQL by which an event passes a selection, written once."""
        test = self._tests.get((passes, selection.number))
        if test is None:
            test = self._tests[passes, selection.number] = passes(selection)
        return test

    def _scope(self, selection: Selection) -> Iterator[str]:
        """SQL of what an event needs to have a scope, where other logs than those of the scope have such events."""
        if selection.number in self._vetting:
            yield f"{name(PACKAGE)} IS NOT NULL"
