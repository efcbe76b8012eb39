"""Facts: what vetting found out, each with its evidence, from whichever side it came."""

from __future__ import annotations

from typing import Literal

import msgspec

#: How much a fact is worth by itself. `block` and `review` decide the verdict, `note` only explains.
Weight = Literal["block", "review", "note"]
Side = Literal["reputation", "advisory", "static", "layer", "behaviour", "diff"]
State = Literal["hit", "clear", "unknown"]


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it was seen: a file of the package, a layer, or a call of the trace."""

    file: str | None = None
    line: int | None = None
    layer: str | None = None
    sequence: int | None = None


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that speaks for or against a package.

    `rule` is stable and dotted (``behaviour.self-erasure``, ``reputation.publisher-changed``); `evidence` quotes what
    was seen, already shortened; `technique` is ATT&CK's id where one fits.
    """

    rule: str
    side: Side
    weight: Weight
    title: str
    evidence: str
    technique: str = ""
    place: Place = Place()


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One question asked of the registry's metadata, and its answer.

    `unknown` means the field that would tell is not there: it never counts as bad. `source` names that field.
    """

    name: str
    state: State
    value: str
    source: str
    weight: Weight = "note"
    technique: str = ""
