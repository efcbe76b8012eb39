"""The cheap test that most records fail: by its text alone, can a record be of a kind that somebody wants?

A wanted record names its code under a key that some dialect has for it, as `"EventID": 11`. So a record in whose
text no such pair stands anywhere is not wanted, whatever else it is. Only where JSON escapes a letter or a digit
(`"\\u0045ventID"`) can the pair be there unseen: such a record passes.
"""

from __future__ import annotations

from collections.abc import Iterable

from clew.normalise.dialect import DIALECTS
from clew.normalise.mapping import Mapping
from clew.record import Pretest

#: A letter, a digit or a # in disguise. Exporters escape control characters, quotes, & < = > only.
_DISGUISED = r"\u00", r"(?:23|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])"


def pretest(shipped: Iterable[Mapping], components: frozenset[str]) -> Pretest:
    """The test for records that become events of these data components."""
    codes = sorted({code for mapping in shipped for code in mapping.codes(components)})
    keys = dict.fromkeys(key for dialect in DIALECTS for key in dialect.codes)
    rest = rf'\s*:\s*"?(?:{"|".join(codes)})[^0-9]'
    return Pretest([*((f'{key}"', rest) for key in keys if codes), _DISGUISED], codes)
