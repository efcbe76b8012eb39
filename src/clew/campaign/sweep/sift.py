"""Very many indicators: which of them stand in the logs at all, so that only those become conditions of a hunt.

A condition of a hundred thousand values costs more than all else. But domains, addresses and hashes stand in text logs
as words, so one pass over the words tells which can match; a hunt is asked about these alone. What is not a word (a
range, a path, a user agent), and a log that is no plain text of a kind known here, is left to the hunt as it is.
"""

from __future__ import annotations

import io
import ipaddress
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from clew.archive import Leaf, leaves
from clew.campaign.model import Campaign, Indicator, Kind
from clew.read import READERS, delimited, documents, jsonlines, zeek

#: Fewer indicators than this are compiled as they are.
MANY = 2_000
_WORDS: tuple[Kind, ...] = ("domains", "addresses", "hashes")
_TEXTS = (jsonlines, documents, zeek, delimited)
_PIECE = 4 << 20
_WORD = re.compile(rb"[A-Za-z0-9_.:-]{4,}")
_ADDRESS = re.compile(r"[0-9a-f:.]+")
#: `\x2e` of Zeek, `\u002e` and `\n` of JSON: an escaped sign parts no word, but may be part of one.
_ESCAPE = re.compile(rb"\\(?:u00([0-7][0-9a-fA-F])|x([0-7][0-9a-fA-F])|.)", re.DOTALL)


def sifted(campaign: Campaign, logs: Sequence[Path]) -> Campaign:
    """The campaign with only those words that stand in the logs; as it is where it has few, or a log is no text."""
    if _few(campaign):
        return campaign
    found: set[str] = set()
    wanted = _wanted(campaign)
    for log in logs:
        for words in _words(log):
            if words is None:
                return campaign
            found.update(_known(words, wanted))
    return _kept(campaign, found)


def mentioned(campaign: Campaign, text: IO[bytes]) -> Campaign:
    """The same for a text, whatever it is."""
    if _few(campaign):
        return campaign
    wanted = _wanted(campaign)
    return _kept(campaign, {word for words in _pieces(text) for word in _known(words, wanted)})


def _few(campaign: Campaign) -> bool:
    return sum(len(campaign.indicators.get(kind, ())) for kind in _WORDS) < MANY


def _kept(campaign: Campaign, found: set[str]) -> Campaign:
    kept = {
        kind: tuple(
            one for one in many if kind not in _WORDS or (word := _word(one)) is None or word in found
        )
        for kind, many in campaign.indicators.items()
    }
    return msgspec.structs.replace(campaign, indicators=kept)


def _wanted(campaign: Campaign) -> frozenset[str]:
    words = (_word(one) for kind in _WORDS for one in campaign.indicators.get(kind, ()))
    return frozenset(word for word in words if word is not None)


def _word(one: Indicator) -> str | None:
    """The word that an indicator is, None where it is none: a network."""
    if one.kind == "domains":
        return one.value
    if one.kind == "hashes":
        return one.value.partition(":")[2]
    address, _, length = one.value.partition("/")
    return address if length in ("32", "128") else None


def _words(log: Path) -> Iterator[set[bytes] | None]:
    """The words of a log, a piece at a time; None where it is no text that can be read so."""
    with log.open("rb") as raw, tempfile.TemporaryDirectory(prefix="clew-") as spill:
        for found in leaves(str(log), io.BufferedReader(raw), Path(spill), log):
            if not isinstance(found, Leaf):
                continue
            if next((reader for reader in READERS if reader.claims(found.head)), None) not in _TEXTS:
                yield None
                return
            yield from _pieces(found.stream)


def _pieces(stream: IO[bytes]) -> Iterator[set[bytes]]:
    rest = b""
    while data := stream.read(_PIECE):
        head, line_end, tail = data.rpartition(b"\n")
        piece = rest + head + line_end
        rest = tail if line_end else rest + data
        if line_end:
            yield _of(piece)
    yield _of(rest)


def _of(piece: bytes) -> set[bytes]:
    """The words of a piece; where there are escapes, as they stand and as they are meant."""
    found = set(_WORD.findall(piece))
    if b"\\" in piece:
        found.update(_WORD.findall(_ESCAPE.sub(_meant, piece)))
    return found


def _meant(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2]
    return bytes([int(digits, 16)]) if digits else b" "


def _known(words: Iterable[bytes], wanted: frozenset[str]) -> Iterator[str]:
    """Of the words, and of the names that they end with, those that are wanted."""
    for raw in words:
        word = raw.decode("ascii").lower()
        for part in {word, *word.split(":")}:
            name = part.strip(".-_")
            while name:
                if name in wanted:
                    yield name
                _, _, name = name.partition(".")
        if word.count(":") > 1 and _ADDRESS.fullmatch(word) and (address := _address(word)) in wanted:
            yield address


def _address(word: str) -> str:
    """An IPv6 address in its one spelling, an IPv4-mapped one as IPv4; else empty text."""
    try:
        found = ipaddress.IPv6Address(word.strip(".-_"))
    except ValueError:
        return ""
    return str(found.ipv4_mapped or found)
