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
        mine = (m for m in mappings if (m.provider if m.provider in _OF_ONE else "") == dialect.only)
        found |= dict.fromkeys(_pairs(dialect, {code for m in mine for code in m.codes(components)}))
    providers = {
        who: mapping.codes(components) for mapping in mappings for who in (mapping.provider, mapping.log)
    }
    return Pretest([*found, _DISGUISED], providers)


def _pairs(dialect: Dialect, codes: set[str]) -> Iterator[tuple[str, str]]:
    """What a record of one of these codes has in its text, in this dialect."""
    if codes:
        texts = sorted({code.partition("/")[0] for code in codes} if dialect.parted else codes)
        rest = rf'"\s*:\s*{_LIST if dialect.parted else ""}"?(?:{"|".join(texts)})\W'
        yield from ((_rare(key), rest) for key in dialect.codes)
    for key in (dialect.marks[code] for code in sorted(codes & set(dialect.marks))):
        yield spelt(key, dialect.dots)[-1], r'"\s*:'


def _rare(key: str) -> str:
    """The end of a key, from a character that is rare in text: a search leaps to the first one of a literal."""
    return re.sub(r"^[a-z]+(?=[^a-z])", "", key)
