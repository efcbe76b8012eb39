"""Findings as CSV for a spreadsheet: a row a finding, or a row an event of the evidence.

UTF-8 with a byte order mark, which Excel needs to know it by, and CRLF (RFC 4180). A cell that a spreadsheet would
take for a formula begins with an apostrophe: https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from clew.finding import Finding
from clew.report.sentence import sentence
from clew.report.table import by_gravity, thread
from clew.report.text import cut, plain

FINDING_COLUMNS = (
    "level", "title", "scope", "per", "first", "last", "stages", "weak", "traits", "unknown", "window_covered",
    "analytic", "variant", "strategy", "technique", "finding", "revision", "blind",
)  # fmt: skip
EVENT_COLUMNS = (
    "finding", "level", "title", "scope", "stage", "also", "count", "time", "component", "event", "fields",
    "path", "position", "id",
)  # fmt: skip

#: Excel refuses cells of more than 32,767 characters.
_CELL = 32_000
#: The wide forms of the same characters are formulas in some locales.
_FORMULA = tuple("=+-@＝＋－＠")


def write(findings: Iterable[Finding], out: IO[bytes]) -> None:
    """Write a row for each finding, the gravest first."""
    _write(FINDING_COLUMNS, map(_finding, by_gravity(findings)), out)


def write_events(findings: Iterable[Finding], out: IO[bytes]) -> None:
    """Write a row for each event of the evidence, finding by finding in order of time."""
    _write(EVENT_COLUMNS, (row for finding in by_gravity(findings) for row in _events(finding)), out)


def _write(columns: Sequence[str], rows: Iterable[Sequence[object]], out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    text.detach()


def cell(value: object) -> str:
    """A value as a cell that holds nothing but text; null is empty, true and false are words."""
    if value is None:
        return ""
    shown = cut(str(value).lower() if isinstance(value, bool) else plain(value), _CELL)
    return "'" + shown if shown.startswith(_FORMULA) else shown


def _finding(one: Finding) -> Sequence[object]:
    stages = [f"{stage.name} (also)" if stage.also else stage.name for stage in one.stages]
    return (
        one.level, one.title, _pairs(one.scope), _pairs(one.bound), one.first, one.last, ", ".join(stages),
        ", ".join(one.weak), ", ".join(one.traits), ", ".join(one.unknown), one.window_covered,
        one.analytic, one.variant, one.strategy, one.technique, one.id, one.revision,
        ", ".join(stage.stage for stage in one.blind),
    )  # fmt: skip


def _events(one: Finding) -> Iterator[Sequence[object]]:
    for event, stage in thread(one):
        yield (
            one.id, one.level, one.title, _pairs(one.scope), stage.name, stage.also, stage.count, event.time,
            event.component, sentence(event), _pairs(event.fields), event.log.path, event.log.position, event.id,
        )  # fmt: skip


def _pairs(values: Mapping[str, object]) -> str:
    """One value bare, several with their names."""
    if len(values) == 1:
        return str(next(iter(values.values())))
    return "; ".join(f"{name}={value}" for name, value in values.items())
