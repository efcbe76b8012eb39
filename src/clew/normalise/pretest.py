"""The cheap test that most records fail: by its text alone, can a record be of a kind that somebody wants?

A wanted record names its code under a key that some dialect has for it, as `"EventID": 11`, or has a key that
only records of its code have. So a record in whose text none of these stands anywhere is not wanted, whatever else
it is. Only where JSON escapes a character of a key or a code (`"\\u0045ventID"`) can it be there unseen: such a
record passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from clew.normalise.dialect import DIALECTS
from clew.normalise.mapping import Mapping
from clew.normalise.shape import Dialect, spelt
from clew.record import Pretest

#: A letter, a digit or one of #.@_ in disguise. Exporters escape control characters, quotes, & < = > only.
_DISGUISED = r"\u00", r"(?:2[3Ee]|3[0-9]|40|[46][1-9A-Fa-f]|5[0-9AaFf]|7[0-9Aa])"

#: The beginning of a list, up to the text that is looked for; or nothing.
_LIST = r"(?:\[[^\]]*)?"

#: Providers that have dialects of their own.
_OF_ONE = frozenset(dialect.only for dialect in DIALECTS if dialect.only)


def pretest(shipped: Iterable[Mapping], components: frozenset[str]) -> Pretest:
    """The test for records that become events of these data components."""
    mappings = tuple(shipped)
    found: dict[tuple[str, str], None] = {}
    for dialect in DIALECTS:
        mine = [m for m in mappings if (m.provider if m.provider in _OF_ONE else "") == dialect.only]
        found |= dict.fromkeys(_pairs(dialect, _wanted(mine, components)))
    providers = {
        who: mapping.codes(components) for mapping in mappings for who in (mapping.provider, mapping.log)
    }
    return Pretest([*_joined(found), _DISGUISED], providers)


def _wanted(mappings: Iterable[Mapping], components: frozenset[str]) -> dict[str, frozenset[str]]:
    """The codes that are wanted, each with texts of which its records have one; none where that cannot be told."""
    found: dict[str, list[frozenset[str]]] = {}
    for mapping in mappings:
        for code in mapping.codes(components):
            found.setdefault(code, []).append(mapping.texts(code, components))
    return {code: frozenset().union(*texts) if all(texts) else frozenset() for code, texts in found.items()}


def _pairs(dialect: Dialect, wanted: dict[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """What a record of one of these codes has in its text, in this dialect."""
    plain = [code for code, texts in wanted.items() if not texts]
    if plain:
        yield from ((_rare(key), _value(dialect, plain)) for key in dialect.codes)
    for code, texts in sorted(wanted.items()):
        for key, text in ((key, text) for key in dialect.codes for text in sorted(texts)):
            rare, value = _rare(key), _value(dialect, [code])
            yield from ((rare, f"{value}.*{text}"), (text, f".*{re.escape(rare)}{value}"))
    for key in (dialect.marks[code] for code in sorted(wanted.keys() & dialect.marks)):
        yield _late(spelt(key, dialect.dots)[-1]), r'"\s*:'


def _value(dialect: Dialect, codes: Iterable[str]) -> str:
    """What follows a key whose value is one of these codes."""
    texts = sorted({code.partition("/")[0] if dialect.parted else code for code in codes})
    return rf'"\s*:\s*{_LIST if dialect.parted else ""}"?(?:{"|".join(texts)})\W'


def _rare(key: str) -> str:
    """The end of a key, from a character that is rare in text: a search leaps to the first one of a literal."""
    return _late(re.sub(r"^[a-z]+(?=[^a-z])", "", key))


def _late(key: str) -> str:
    """The same of a key of which nearly all is needed to know it."""
    return re.sub(r"^[^bgjq]{1,4}(?=[bgjq])", "", key)


def _joined(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same pairs; those with one literal are one, since each is a search more."""
    found: dict[str, list[str]] = {}
    for literal, rest in pairs:
        found.setdefault(literal, []).append(rest)
    for literal, rests in found.items():
        yield literal, f"(?:{'|'.join(rests)})"
