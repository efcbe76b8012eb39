"""Logs that are plain text (npm's own, a build's, dpkg's): the indicators are searched in their lines.

A mention is a lead and no hit: text may quote what never happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO

from clew.campaign.model import Campaign, Indicator
from clew.campaign.sweep.index import Match
from clew.package.model import from_purl

#: A line is looked at so far.
_LONGEST = 1 << 20


class TextSearch:
    """The indicators of a campaign as one search over lines of text."""

    def __init__(self, campaign: Campaign) -> None:
        known = [one for one in campaign.all_indicators() if one.use != "context"]
        pairs = [(one, pattern) for one in known for pattern in _patterns(one)]
        self._indicators = [one for one, _ in pairs]
        self._search = re.compile("|".join(f"({pattern})" for _, pattern in pairs).encode(), re.IGNORECASE)

    def lines(self, file: IO[bytes]) -> Iterator[tuple[int, Match]]:
        """What the lines mention, each indicator once a line."""
        if not self._indicators:
            return
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST), b""), 1):
            seen: set[int] = set()
            for found in self._search.finditer(line):
                place = (found.lastindex or 1) - 1
                if place not in seen:
                    seen.add(place)
                    said = line.strip()[:300].decode("utf-8", "replace")
                    yield number, Match(self._indicators[place], "lead", f"a log mentions it: {said}")


def _patterns(one: Indicator) -> Iterable[str]:
    """Regular expressions without groups; nothing for what would be found everywhere."""
    value = re.escape(one.value)
    match one.kind:
        case "domains":
            yield rf"(?<![\w-])(?<![\w]\.){value}(?![\w-]|\.\w)" if "." in one.value else r"(?!)"
            yield rf"(?<=\.){value}(?![\w-]|\.\w)"
        case "addresses" if one.value.endswith(("/32", "/128")):
            yield rf"(?<![\w.:]){re.escape(one.value.partition('/')[0])}(?![\w]|\.\d)"
        case "urls" | "post_bodies":
            yield value
        case "hashes":
            yield rf"(?<![0-9a-f]){one.value.partition(':')[2]}(?![0-9a-f])"
        case "packages":
            yield from _package(one)


def _package(one: Indicator) -> Iterator[str]:
    name = from_purl(one.value).name
    last = re.escape(name.rpartition("/")[2])
    versions = [re.escape(version) for version in one.versions if version != "*"]
    which = rf"(?:{'|'.join(versions)})" if versions else r"\d[\w.+-]*?"
    yield rf"/{last}-{which}\.tgz"
    yield rf"(?<![\w@/-]){re.escape(name)}@{which}(?![\w.-])"
