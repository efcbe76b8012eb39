"""indicators.csv: the indicators of a pack that are too many for YAML, a row each, as `export -f csv` writes them.

YAML of a hundred thousand indicators takes longer to read than the logs that are swept; a table does not. The file may
stand beside indicators.yaml, whose lists it continues. Sources are ids of campaign.yaml, as in YAML.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import msgspec

from clew.campaign.indicators import CONTEXT, IndicatorError, checked
from clew.campaign.model import CONFIDENCES, KINDS, USES, Indicator, Kind, Use
from clew.campaign.reading import PackReading
from clew.campaign.refang import refang
from clew.detection.document import Mark
from clew.package.digest import from_labelled
from clew.suggest import did_you_mean

TABLE = "indicators.csv"
COLUMNS = (
    *("kind", "value", "about", "confidence", "use", "since", "until", "platform", "data"),
    *("versions", "range", "hashes", "sources", "not", "conflict"),
)
LARGEST = 256 << 20
Word = TypeVar("Word", bound=str)
_NEEDED = ("kind", "value", "about", "confidence", "sources")
_ACTS = ("=", "+", "-", "@", "\t", "\r")


def written(text: str) -> str:
    """A cell as it is written: one that a spreadsheet would run gets an apostrophe."""
    return f"'{text}" if text.startswith(_ACTS) else text


def told(cell: str) -> str:
    """What a cell says."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(_ACTS) else text


def read_rows(path: Path, reading: PackReading) -> dict[Kind, tuple[Indicator, ...]]:
    """The indicators of a pack's table by kind; none where it has no table. What is wrong with it is noted."""
    found: dict[Kind, list[Indicator]] = {kind: [] for kind in KINDS}
    try:
        if not path.exists():
            return {}
        if path.stat().st_size > LARGEST:
            reading.faults.add(
                Mark(), f"the file is larger than {LARGEST >> 20} MB", "split it into two packs"
            )
            return {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            for one in _read(csv.reader(file), reading):
                found[one.kind].append(one)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reading.faults.add(Mark(), f"cannot be read: {error}", "write it with clew campaigns export -f csv")
    return {kind: tuple(many) for kind, many in found.items()}


def _read(rows: Iterable[list[str]], reading: PackReading) -> Iterator[Indicator]:
    """Rows under a header; each fault has the line of its row."""
    numbered = enumerate(rows, 1)
    header = next((row for _, row in numbered), [])
    if wrong := [name for name in header if name not in COLUMNS]:
        mend = did_you_mean(wrong[0], COLUMNS, f"its columns are {', '.join(COLUMNS)}")
        reading.faults.add(Mark(1, 1), f"the table has no column '{wrong[0]}'", mend)
        return
    if missing := [name for name in _NEEDED if name not in header]:
        reading.faults.add(
            Mark(1, 1), f"the column '{missing[0]}' is missing", f"needed are {', '.join(_NEEDED)}"
        )
        return
    table = _Table(header, reading)
    for line, row in numbered:
        try:
            if row:
                yield table.indicator(row)
        except IndicatorError as fault:
            reading.faults.add(Mark(line, 1), str(fault), fault.mend)


class _Table:
    """Makes indicators of rows. What rows say beside value and description is mostly the same, and is read once."""

    def __init__(self, header: list[str], reading: PackReading) -> None:
        self._header, self._reading = header, reading
        self._value, self._about = header.index("value"), header.index("about")
        self._beside = itemgetter(*(n for n, name in enumerate(header) if name not in ("value", "about")))
        self._alike: dict[tuple[str, ...], Indicator] = {}

    def indicator(self, row: list[str]) -> Indicator:
        """The indicator of a row. Raises IndicatorError."""
        row += [""] * (len(self._header) - len(row))
        beside = self._beside(row)
        like = self._alike.get(beside)
        if like is None:
            cells = dict(zip(self._header, map(told, row), strict=False))
            like = self._alike[beside] = _like(cells, self._reading)
        value, about = told(row[self._value]), told(row[self._about])
        if refang(value) != value:
            raise IndicatorError(f"'{value}' is defanged", f"write it as it is: {refang(value)}")
        return msgspec.structs.replace(like, value=checked(like.kind, value), about=_said("about", about))


def _like(cells: dict[str, str], reading: PackReading) -> Indicator:
    """An indicator with all that a row says of it, but without value and description. Raises IndicatorError."""
    get = cells.get
    kind, confidence = _word(cells, "kind", tuple(KINDS)), _word(cells, "confidence", CONFIDENCES)
    usual: Use = "context" if kind in CONTEXT else "hit" if confidence == "high" else "lead"
    found = Indicator(
        kind=kind,
        value="",
        about="",
        confidence=confidence,
        use=_word(cells, "use", USES) if get("use") else usual,
        sources=_sources(_said("sources", get("sources", "")), reading),
        since=_time(get("since", "")),
        until=_time(get("until", "")),
        no=get("not", ""),
        conflict=get("conflict", ""),
        platform=get("platform", ""),
        data=get("data", ""),
    )
    return _package(cells, found) if kind == "packages" else found


def _package(cells: dict[str, str], found: Indicator) -> Indicator:
    versions, hashes = tuple(cells.get("versions", "").split()), cells.get("hashes", "").split()
    if not versions and not cells.get("range"):
        raise IndicatorError(
            "a package needs its bad versions", "in 'versions', with blanks between; * for any"
        )
    known = tuple(from_labelled(hashes))
    if len(known) != len(hashes):
        raise IndicatorError(f"'{' '.join(hashes)}' are no hashes", "write sha256:<hex>, with blanks between")
    return msgspec.structs.replace(found, versions=versions, range=cells.get("range", ""), hashes=known)


def _said(key: str, cell: str) -> str:
    if not cell:
        raise IndicatorError(f"the cell of '{key}' is empty", "a row is an indicator, and says this of it")
    return cell


def _word(cells: dict[str, str], key: str, known: tuple[Word, ...]) -> Word:
    said = cells.get(key, "")
    for word in known:
        if word == said:
            return word
    raise IndicatorError(f"'{key}' cannot be '{said}'", did_you_mean(said, known, ", ".join(known)))


def _sources(cell: str, reading: PackReading) -> tuple[str, ...]:
    names = tuple(one.strip() for one in cell.split(";"))
    for name in names:
        if not reading.knows(name):
            raise IndicatorError(f"no source is called '{name}'", "declare it in campaign.yaml")
    return names


def _time(cell: str) -> str:
    if cell:
        try:
            datetime.fromisoformat(cell.removesuffix("Z"))
        except ValueError:
            raise IndicatorError(f"'{cell}' is no time", "write 2026-03-31T00:21Z, or a date") from None
    return cell
