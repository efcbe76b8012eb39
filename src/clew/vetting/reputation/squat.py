"""Names that are made to be taken for a well-known one: typed wrongly, or with a word that lends them trust.

The well-known names are data: content/lists/popular says how each list was made; a site may give its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from clew.vetting.subject import Ecosystem

#: Shorter names are one letter from everything.
_SHORTEST = 5
#: Words that are put before or behind a name.
_WORDS = frozenset(
    (
        "js",
        "node",
        "nodejs",
        "npm",
        "py",
        "python",
        "python3",
        "pip",
        "lib",
        "plain",
        "real",
        "true",
        "original",
    ),
).union(
    ("official", "secure", "safe", "fast", "new", "pro", "plus", "beta", "dev", "latest", "fixed", "patched")
)
#: Signs that look like others.
_LOOKS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "3": "e", "4": "a", "7": "t"})


@cache
def popular(ecosystem: Ecosystem) -> frozenset[str]:
    """The names that ship."""
    text = files("clew").joinpath("content", "lists", "popular", f"{ecosystem}.txt").read_text("utf-8")
    return read_names(text)


def read_names(text: str) -> frozenset[str]:
    """One name a line; what stands behind # is a remark."""
    return frozenset(name for line in text.splitlines() if (name := line.partition("#")[0].strip().lower()))


def user_names(path: Path) -> frozenset[str]:
    """A list of the user's own."""
    return read_names(path.read_text("utf-8"))


def imitated(name: str, known: Iterable[str]) -> str | None:
    """The well-known name that this one may be taken for, or None: it is one itself, or is like none."""
    known = frozenset(known)
    bare = name.lower()
    if bare in known or bare.startswith("@"):
        return None
    folded = _folded(bare)
    alike = (one for one in sorted(known) if not one.startswith("@"))
    return next((one for one in alike if _is_like(bare, folded, one)), None)


def _is_like(name: str, folded: str, known: str) -> bool:
    if len(known) < _SHORTEST:
        return False
    other = _folded(known)
    if folded == other or folded.translate(_LOOKS) == other.translate(_LOOKS):
        return True
    if abs(len(name) - len(known)) <= 1 and _is_one_slip(name, known):
        return True
    return any(name in (f"{word}-{known}", f"{known}-{word}", f"{word}{known}") for word in _lent(name))


def _lent(name: str) -> list[str]:
    return [word for word in _WORDS if word in name]


def _folded(name: str) -> str:
    return re.sub(r"[-_.]", "", name)


def _is_one_slip(one: str, other: str) -> bool:
    """Whether they are one letter apart: one more, one less, one other, or two that changed places."""
    if one == other:
        return False
    at = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, others = one[at:], other[at:]
    return (
        rest[1:] == others
        or rest == others[1:]
        or rest[1:] == others[1:]
        or (len(rest) > 1 and rest[1] == others[:1] and rest[:1] == others[1:2] and rest[2:] == others[2:])
    )
