"""Very many indicators: which of them stand in the logs at all, so that only those become conditions of a hunt.

A condition of a hundred thousand values costs more than all else. But domains, addresses, hashes, URLs and packages
stand in logs as words, or with words of their own, so one pass over the words tells which can match; a hunt is asked
about these alone. What is not a word (a range, a path, a user agent) is left to the hunt as it is. Where the words come
from, `words` tells.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from clew.campaign.model import Campaign, Indicator, Kind
from clew.campaign.sweep.words import of_log
from clew.package.model import from_purl

#: Fewer indicators than this are compiled as they are.
MANY = 200
_ADDRESS = re.compile(r"[0-9a-f:.]+")
#: In command lines an address may stand behind letters: `-h192.0.2.1`.
_FOUR = re.compile(r"\d+\.\d+\.\d+\.\d+")
#: Signs of words that names and addresses do not begin or end with.
_ENDS = ".-_"
#: What a word consists of, in small letters.
_PLAIN = re.compile(r"[a-z0-9_.-]+")
#: Words that were looked up already are not looked up again, up to so many.
_REMEMBERED = 2_000_000


def sifted(campaign: Campaign, logs: Sequence[Path]) -> Campaign:
    """The campaign with only those words that stand in the logs; as it is where it has few."""
    if sum(len(campaign.indicators.get(kind, ())) for kind in _WORDS) < MANY:
        return campaign
    return Sieve(campaign).through(_of_logs(logs))


def _of_logs(logs: Sequence[Path]) -> Iterator[set[bytes]]:
    for log in logs:
        with suppress(OSError):  # whoever reads the log says why it cannot be read
            yield from of_log(log)


class Sieve:
    """The words of a campaign's indicators."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._words = {kind: [_words_of(one) for one in campaign.indicators.get(kind, ())] for kind in _WORDS}
        self._wanted = frozenset(word for many in self._words.values() for words in many for word in words)
        self._six = any(":" in word for word in self._wanted)

    def through(self, pieces: Iterable[set[bytes]]) -> Campaign:
        """The campaign with what has no word of its own, and with what has one among the words of the pieces."""
        found: set[str] = set()
        seen: set[bytes] = set()
        for words in pieces:
            fresh = words - seen
            if len(seen) < _REMEMBERED:
                seen |= fresh
            found |= _known(fresh, self._wanted, self._six)
        return self._kept(found)

    def _kept(self, found: set[str]) -> Campaign:
        indicators = self._campaign.indicators
        sifted = {
            kind: tuple(
                one
                for one, words in zip(indicators.get(kind, ()), many, strict=True)
                if not words or not found.isdisjoint(words)
            )
            for kind, many in self._words.items()
        }
        return msgspec.structs.replace(self._campaign, indicators={**indicators, **sifted})


def _words_of(one: Indicator) -> tuple[str, ...]:
    """The words of which one stands in every log that the indicator is in; none where no word tells."""
    words = _WORDS[one.kind](one) if one.kind in _WORDS else ()
    return words if all(map(_PLAIN.fullmatch, words)) or one.kind == "addresses" else ()


def _domain(one: Indicator) -> tuple[str, ...]:
    return (one.value,)


def _hash(one: Indicator) -> tuple[str, ...]:
    return (one.value.partition(":")[2],)


def _address(one: Indicator) -> tuple[str, ...]:
    address, _, length = one.value.partition("/")
    return (address,) if length in ("32", "128") else ()


def _url(one: Indicator) -> tuple[str, ...]:
    """Its host, which logs name apart or in the URL."""
    try:
        host = urlsplit(one.value).hostname or ""
    except ValueError:
        return ()
    return (host.strip("."),)


def _package(one: Indicator) -> tuple[str, ...]:
    """Its name in paths and command lines, and its archives in URLs."""
    name = from_purl(one.value).name.rpartition("/")[2].lower()
    archives = (f"{name}-{version}.tgz".lower() for version in one.versions if version != "*")
    return (name.strip("._-"), *archives)


_WORDS: Mapping[Kind, Callable[[Indicator], tuple[str, ...]]] = {
    "domains": _domain,
    "addresses": _address,
    "hashes": _hash,
    "urls": _url,
    "packages": _package,
}


def _known(words: Iterable[bytes], wanted: frozenset[str], six: bool) -> set[str]:
    """Of the words, and of the names that they end with, those that are wanted; `six`: IPv6 addresses as well."""
    texts = set(b" ".join(words).decode("ascii").lower().split())
    parted = {text for text in texts if not text.isalnum()}
    found = set(wanted & texts).union(*(wanted & names for names in _names(parted)))
    if six:
        addresses = (text for text in parted if text.count(":") > 1 and _ADDRESS.fullmatch(text))
        found |= wanted.intersection(map(_spelled, addresses))
    return found


def _names(words: set[str]) -> Iterator[set[str]]:
    """What words name: a name and those that it lies below, what colons part, and an address behind letters."""
    yield set(_FOUR.findall(" ".join(word for word in words if word.count(".") > 2)))
    names = {part for word in words for part in word.split(":")}
    while names:
        names = {name.strip(_ENDS) for name in names}
        yield names
        names = {name.partition(".")[2] for name in names if "." in name}


def _spelled(word: str) -> str:
    """An IPv6 address in its one spelling, an IPv4-mapped one as IPv4; else empty text."""
    try:
        found = ipaddress.IPv6Address(word.strip(_ENDS))
    except ValueError:
        return ""
    return str(found.ipv4_mapped or found)
