"""Cases kept as text, so that a counterexample stays what it was when the generator changes.

``kept.py SEED WHY`` adds the case of a seed to tests/chain/counterexamples.jsonl, one case a line.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec

from clew.detection.exception import Exemption
from clew.detection.model import Detection
from clew.select.candidate import Candidate, ProcessEnd, ProcessStart
from properties.generate import Case, case

FILE = Path(__file__).resolve().parents[1] / "chain" / "counterexamples.jsonl"


class Kept(msgspec.Struct, frozen=True):
    """A case: its rows by kind, for the order in which they arrive says nothing. `why` is what went wrong."""

    seed: int
    why: str
    detection: Detection
    exemptions: tuple[Exemption, ...]
    candidates: tuple[Candidate, ...]
    starts: tuple[ProcessStart, ...]
    ends: tuple[ProcessEnd, ...]

    @property
    def case(self) -> Case:
        return Case(self.detection, [*self.candidates, *self.starts, *self.ends], self.exemptions)


def keep(seed: int, why: str, one: Case) -> Kept:
    """What is written of a case."""

    def rows(kind: type) -> tuple:
        return tuple(row for row in one.rows if isinstance(row, kind))

    return Kept(
        seed, why, one.detection, one.exemptions, rows(Candidate), rows(ProcessStart), rows(ProcessEnd)
    )


def kept() -> list[Kept]:
    """All cases of the file."""
    return [msgspec.json.decode(line, type=Kept) for line in FILE.read_bytes().splitlines()]


if __name__ == "__main__":
    with FILE.open("ab") as file:
        made = keep(int(sys.argv[1]), sys.argv[2], case(int(sys.argv[1])))
        file.write(msgspec.json.encode(made) + b"\n")
