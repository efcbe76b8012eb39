"""What is wrong in a `where`, gathered with the place of each problem."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong in a `where`: where it stands, what it is, how to mend it.

    `path` leads from the `where` mapping to the place: keys of mappings, indexes of lists. Its last part is
    the key or item that is wrong: `("approved", "destination.domain|expand")`; () is the `where` itself.
    """

    path: tuple[str | int, ...]
    message: str
    mend: str = ""


class WhereError(ValueError):
    """A `where` cannot be used; `problems` holds everything that is wrong with it, never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class Problems:
    """The problems found so far, as seen from one place."""

    def __init__(self, found: list[Problem], path: tuple[str | int, ...] = ()) -> None:
        self.found = found
        self.path = path

    def at(self, step: str | int) -> Problems:
        """The same list, seen from one step further down."""
        return Problems(self.found, (*self.path, step))

    def add(self, message: str, mend: str = "") -> None:
        """Something is wrong here."""
        self.found.append(Problem(self.path, message, mend))
