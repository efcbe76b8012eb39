"""Links (R2): `FIELD = $var`, `FIELD in tree of $var`, `FIELD under $var`, joined by `and`.

A list of lines means any of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from clew.detection.block import Faults, texts
from clew.detection.document import Mark, Node
from clew.detection.model import Operator, Term

VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_TERM = re.compile(
    r"(?P<field>[^\s$=]+?)\s*(?P<operator>=|\bin\s+tree\s+of\b|\bunder\b)\s*\$(?P<variable>\w+)"
)
#: Lines of one link; two links that are joined multiply.
MAX_LINES = 32
_FORMS = "write FIELD = $var, FIELD in tree of $var or FIELD under $var, joined by 'and'"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a link: all of its terms must hold."""

    mark: Mark
    terms: tuple[Term, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The variables that the line uses."""
        return frozenset(term.variable for term in self.terms)


def read_link(node: Node, faults: Faults) -> tuple[Line, ...]:
    """The lines of a `link`; what cannot be read is left out and noted."""
    lines: list[Line] = []
    for written, mark in texts(node, faults, "'link'"):
        if len(lines) == MAX_LINES:
            faults.add(mark, f"a link has at most {MAX_LINES} lines", "make two stages of it")
            break
        terms = [_term(part.strip(), mark, faults) for part in re.split(r"\s+and\s+", written)]
        good = tuple(term for term in terms if term is not None)
        if len(good) == len(terms):
            lines.append(Line(mark, good))
    return tuple(lines)


def _term(written: str, mark: Mark, faults: Faults) -> Term | None:
    found = _TERM.fullmatch(written)
    if found is None:
        faults.add(mark, f"'{written}' is no link", _FORMS)
        return None
    return Term(found["field"], _operator(found["operator"]), found["variable"])


def _operator(written: str) -> Operator:
    if written == "=":
        return "="
    return "under" if written == "under" else "tree"


def joined(outer: tuple[Line, ...], inner: tuple[Line, ...]) -> tuple[Line, ...]:
    """Both links must hold: each line of the one with each line of the other; no lines ask for nothing."""
    if not outer or not inner:
        return outer or inner
    return tuple(Line(b.mark, a.terms + b.terms) for a in outer for b in inner)
