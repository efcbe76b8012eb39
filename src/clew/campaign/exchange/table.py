"""Indicators as CSV, there and back; and as a block list."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, get_args

from clew.campaign.exchange.drawn import Drawn
from clew.campaign.model import CONFIDENCES, Campaign, Confidence, Indicator, Kind
from clew.campaign.page import shown
from clew.campaign.refang import refang
from clew.campaign.rows import COLUMNS, told, written
from clew.package.digest import kind_of

#: What others call the columns of value and kind.
_VALUES = ("value", "indicator", "ioc", "observable", "indicator_value")
_KINDS = ("kind", "type", "indicator_type", "ioc_type")
_NAMES: dict[str, Kind] = {
    **{kind: kind for kind in get_args(Kind)},
    **dict.fromkeys(("domain", "hostname", "fqdn", "domain-name"), "domains"),
    **dict.fromkeys(
        ("ip", "ipv4", "ipv6", "ip-dst", "ip-src", "address", "cidr", "ipv4-addr", "ipv6-addr"), "addresses"
    ),
    **dict.fromkeys(("url", "uri"), "urls"),
    **dict.fromkeys(("hash", "md5", "sha1", "sha256", "sha512", "sha-1", "sha-256", "file hash"), "hashes"),
    **dict.fromkeys(("file", "filename", "filepath", "file path", "path"), "files"),
    **dict.fromkeys(("email", "e-mail", "email-src", "email-addr"), "emails"),
    **dict.fromkeys(("package", "purl"), "packages"),
    **dict.fromkeys(("user-agent", "user agent"), "user_agents"),
    **dict.fromkeys(("registry", "regkey"), "registry"),
}


def to_csv(campaign: Campaign) -> str:
    """All indicators, one a row. A cell that a spreadsheet would run has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in campaign.all_indicators():
        writer.writerow(written(_cell(name, one)) for name in COLUMNS)
    return out.getvalue()


def _cell(name: str, one: Indicator) -> str:
    """What stands in a column: several versions and hashes with blanks, several sources with semicolons."""
    if name == "value":
        return plain_value(one)
    cell = getattr(one, {"not": "no"}.get(name, name))
    return ("; " if name == "sources" else " ").join(cell) if isinstance(cell, tuple) else str(cell)


def plain_value(one: Indicator) -> str:
    """The value as packs write it: a hash without its kind, an address without its length."""
    return shown(one) if one.kind in ("hashes", "addresses") else one.value


def to_blocklist(campaign: Campaign) -> str:
    """The domains and addresses that may be blocked, one a line; leads are left out, as no one may block on them."""
    lines = [f"# {campaign.name}: {campaign.title}; facts of {campaign.updated}"]
    for kind in ("domains", "addresses"):
        lines += [f"# {kind}", *(shown(one) for one in campaign.indicators[kind] if one.use == "hit")]
    return "\n".join(lines) + "\n"


def from_csv(text: str) -> Drawn:
    """The indicators of a table with a header: a column of values, and perhaps one of kinds, which else are guessed.

    Raises ValueError where no column holds values.
    """
    drawn = Drawn()
    reader = csv.DictReader(io.StringIO(text))
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    value_column = next((names[name] for name in _VALUES if name in names), None)
    if value_column is None:
        raise ValueError(f"no column of its header holds values: one is called {', '.join(_VALUES)}")
    kind_column = next((names[name] for name in _KINDS if name in names), None)
    for row in reader:
        cells = {key: told(row.get(column) or "") for key, column in names.items()}
        value, said = told(row.get(value_column) or ""), told(row.get(kind_column or "") or "").lower()
        kind = _NAMES.get(said) or guess(value)
        if not value or kind is None:
            drawn.said.append(
                f"line {reader.line_num}: '{value}' is of no kind that is known ({said or 'no kind'})"
            )
        else:
            _take(drawn, kind, value, cells)
    return drawn


def _take(drawn: Drawn, kind: Kind, value: str, cells: dict[str, str]) -> None:
    level: Confidence = next((one for one in CONFIDENCES if one == cells.get("confidence")), "medium")
    more: dict[str, Any] = {
        key: cells.get(key, "")
        for key in ("use", "since", "until", "platform", "data", "range", "not", "conflict")
    }
    more["versions"] = cells.get("versions", "").split()
    for digest in cells.get("hashes", "").split() if kind == "packages" else ():
        more[digest.partition(":")[0]] = digest.partition(":")[2]
    for name in filter(None, (one.strip() for one in cells.get("sources", "").split(";"))):
        id = re.sub(r"[^A-Za-z0-9_-]", "-", name.partition(" (")[0])
        drawn.sources.setdefault(id, {"title": name.partition(" (")[0], "kind": "secondary"})
        more.setdefault("sources", []).append(id + name[len(name.partition(" (")[0]) :])
    drawn.add(
        kind,
        value,
        cells.get("about", "") or cells.get("description", "") or cells.get("comment", ""),
        level,
        **more,
    )


def guess(value: str) -> Kind | None:
    """The kind of a value by its looks."""
    return next((kind for kind, fits in _GUESSES() if fits(refang(value))), None)


def _GUESSES() -> Iterator[tuple[Kind, Any]]:  # noqa: N802
    yield "packages", re.compile(r"pkg:.+").fullmatch
    yield "urls", re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE).fullmatch
    yield "emails", re.compile(r"[^\s@/]+@[^\s@/]+\.[^\s@/]+").fullmatch
    yield "hashes", kind_of
    yield (
        "addresses",
        re.compile(r"(\d{1,3}\.){3}\d{1,3}(/\d+)?|[0-9a-f]*:[0-9a-f:]+(/\d+)?", re.IGNORECASE).fullmatch,
    )
    yield "registry", re.compile(r"(HK|HKEY_)[A-Z_]+\\.+", re.IGNORECASE).fullmatch
    yield "files", re.compile(r"([A-Za-z]:\\|%[A-Za-z]+%|/).+").fullmatch
    yield "domains", re.compile(r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]+", re.IGNORECASE).fullmatch
