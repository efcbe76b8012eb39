"""Text with wildcards, parsed: `*` and `?` are gaps between literals, never characters of a raw string.

Literals stay reachable (`Glob.parts`), so that the needles of many selections can go into one automaton.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec


class Gap(msgspec.Struct, frozen=True, tag=True):
    """A place of any characters: at least `least` of them, and any number more where `more`."""

    least: int
    more: bool


STAR = Gap(0, True)
QUESTION = Gap(1, False)

Part: TypeAlias = "str | Gap"
#: What a glob amounts to: its one literal stands whole, at the start, at the end, somewhere; `any` has none.
Shape: TypeAlias = Literal["whole", "start", "end", "within", "any", "mixed"]


class Glob(msgspec.Struct, frozen=True, tag=True):
    """Literals and gaps in turn: neither two literals nor two gaps stand side by side. Made by `glob`."""

    parts: tuple[Part, ...]

    def shape(self) -> tuple[Shape, str]:
        """The simplest test that does, with its literal; `mixed` needs the parts."""
        match self.parts:
            case ():
                return "whole", ""
            case (str() as text,):
                return "whole", text
            case (Gap(0, True),):
                return "any", ""
            case (str() as text, Gap(0, True)):
                return "start", text
            case (Gap(0, True), str() as text):
                return "end", text
            case (Gap(0, True), str() as text, Gap(0, True)):
                return "within", text
        return "mixed", ""

    def folded(self) -> Glob:
        """The same with its literals in lower case, for comparison with folded text."""
        return Glob(tuple(fold(part) if isinstance(part, str) else part for part in self.parts))


def glob(parts: Iterable[Part]) -> Glob:
    """Join literals that stand side by side, and gaps as well: `?*?` is one gap of at least two."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif isinstance(part, Gap) and isinstance(last, Gap):
            joined[-1] = Gap(last.least + part.least, last.more or part.more)
        elif part != "":
            joined.append(part)
    return Glob(tuple(joined))


def parse_glob(text: str) -> Glob:
    r"""`*` any characters, `?` one character, all else literal, the backslash too (`C:\Users\*\x`)."""
    gaps = {"*": STAR, "?": QUESTION}
    return glob(gaps.get(character, character) for character in text)


def among_words(word: Glob) -> tuple[Glob, ...]:
    """A text that stands alone, first, last or in the midst of words with a blank between each two."""
    before, behind = (STAR, " "), (" ", STAR)
    return tuple(glob((*a, *word.parts, *b)) for a in ((), before) for b in ((), behind))


def fold(text: str) -> str:
    """Lower case exactly as DuckDB's `lower()`, which maps character by character.

    `str.lower` differs from it in two characters: a final sigma, and I with dot above, which becomes two.
    """
    if text.isascii():
        return text.lower()
    return text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def escaped(text: str) -> str:
    """A literal as regular expression, read alike by RE2 and Python."""
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def pattern(glob: Glob, character: str = ".") -> str:
    """The glob as unanchored regular expression for RE2 and Python; a gap consists of `character`."""

    def of(part: Part) -> str:
        if isinstance(part, str):
            return escaped(part)
        return character * part.least + (f"{character}*" if part.more else "")

    return "".join(of(part) for part in glob.parts)


def linear(glob: Glob, character: str = ".") -> str:
    """The same for Python alone, which backtracks: its time does not explode with the stars.

    Between two stars the leftmost occurrence is as good as any other, so each is taken as an atomic group.
    """
    chunks = [""]
    for part in glob.parts:
        chunks[-1] += escaped(part) if isinstance(part, str) else character * part.least
        if isinstance(part, Gap) and part.more:
            chunks.append("")
    first, *later = chunks
    middle = "".join(f"(?>{character}*?{chunk})" for chunk in later[:-1])
    return first + middle + "".join(f"{character}*{chunk}" for chunk in later[-1:])


def linear_regex(glob: Glob) -> re.Pattern[str]:
    """The glob as Python regular expression whose `match` is that of a whole text."""
    return re.compile(linear(glob) + r"\Z", re.DOTALL)
