"""Whether a text is a table, told by its first rows: what its delimiter is, and what its columns are called.

The test: each field of the first row could be a name (it begins with a letter, has no `=`, bracket or time of day
in it, and few words), and four of five rows in the first 64 KiB have as many fields, or all have one more. So the
lines of a log, pairs of keys and values, and prose are no table.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from itertools import islice

import msgspec

from clew.read.repair import BYTE_ORDER_MARK, is_utf8

_ROWS = 50  # are looked at
_NAME = re.compile(r"[@_#]?[^\W\d_][^=<>{}\[\]\"\n]{0,99}")
_WORD = re.compile(r"[@_#]?[^\W\d_][\w.@#/-]{0,99}")
_CLOCK = re.compile(r"\d:\d\d")

#: What Windows PowerShell and Excel write before a header.
PREAMBLE = re.compile(rb"#TYPE .*|sep=.")


class Layout(msgspec.Struct, frozen=True):
    """How a table is written; its rows have `more` fields than its header has."""

    delimiter: str = ","
    more: int = 0


def layout_of(head: bytes) -> Layout | None:
    """The layout of a text that begins so; None where it is no table."""
    text = text_of(head.removeprefix(BYTE_ORDER_MARK))
    lines = text.split("\n")
    if len(lines) > 2:
        lines.pop()  # it may not be whole
    lines = [line.rstrip("\r") for line in lines]
    lines = [f"{line}\n" for line in lines if line.strip() and not PREAMBLE.fullmatch(line.encode())]
    for delimiter in ",;\t|":
        rows = _rows(lines, delimiter)
        if rows and _are_names(rows[0], alone=len(rows) == 1):
            more = _more(rows)
            if more is not None:
                return Layout(delimiter, more)
    return None


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """The first rows, up to one that breaks the rules of quotes."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(islice(csv.reader(lines, delimiter=delimiter, strict=True), _ROWS))
    return rows


def _are_names(fields: list[str], alone: bool) -> bool:
    """Whether fields could be names of columns; where they stand alone, only words are."""
    names = [field.strip() for field in fields]
    named = [name for name in names if name]
    if len(named) < 2 or len(names) > 2 * len(named):
        return False
    if len(names) < 4 and any(field[:1] == " " for field in fields):
        return False  # a sentence, with a comma
    pattern = _WORD if alone else _NAME
    return all(pattern.fullmatch(n) and not _CLOCK.search(n) and n.count(" ") < 6 for n in named)


def _more(rows: list[list[str]]) -> int | None:
    """How many fields the rows have beyond their header's; None where they have nothing to do with it."""
    header, *others = rows
    if not others:
        return 0
    more, count = Counter(len(row) - len(header) for row in others).most_common(1)[0]
    return more if more in (0, 1) and count >= (0.8 if more == 0 else 1) * len(others) else None


def unique(names: list[str], width: int) -> tuple[list[str], list[str]]:
    """A name for each column, each but once, and what was done for that."""
    result: dict[str, int] = {}
    changes = []
    for number, name in enumerate([*names, *[""] * (width - len(names))], 1):
        chosen = given = name.strip()
        count = 1
        while not chosen or chosen in result:
            count += 1
            chosen = f"{given}_{count}" if given else f"column_{number}" + "_" * (count - 2)
        if chosen != given:
            changes.append(
                f"column {number} is called {chosen}: its name {'stands twice' if given else 'is empty'}"
            )
        result[chosen] = number
    return list(result), changes


def text_of(data: bytes) -> str:
    """UTF-8, or else Latin-1."""
    return data.decode("utf-8" if is_utf8(data) else "latin-1")
