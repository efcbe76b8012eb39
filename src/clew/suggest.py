"""The "did you mean" of error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean 'X'?` for the known name closest to `name`, or `otherwise` where none is close."""
    names = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    close = difflib.get_close_matches(name.casefold()[:200], names, n=1, cutoff=0.6)
    return f"did you mean '{names[close[0]]}'?" if close else otherwise


def one_of(known: Iterable[str]) -> str:
    """`one of A, B, C`: the mend for a choice among few."""
    return "one of " + ", ".join(known)
