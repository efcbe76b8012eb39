"""What several forms say in words."""

from __future__ import annotations

from collections.abc import Sequence

from clew.vetting.fact import Fact
from clew.vetting.verdict import DECISIONS
from clew.vetting.vetted import Vetted


def place(fact: Fact) -> str:
    """Where a fact was seen: `lib/a.js:12`, `layer 51ab...:3`, `call 17 of the trace`; empty where it has no place."""
    at = fact.place
    line = f":{at.line}" if at.line else ""
    if at.layer:
        return f"layer {at.layer[:12]}{line}"
    if at.file:
        return f"{at.file}{line}"
    return f"call {at.sequence} of the trace" if at.sequence is not None else ""


def counted(vetted: Sequence[Vetted]) -> str:
    """`axios 1.14.1: block`, or of several packages `1 block, 2 review, 30 allow`."""
    if len(vetted) == 1:
        one = vetted[0]
        return f"{one.package.name} {one.package.version}: {one.verdict.decision}"
    counts = {name: sum(one.verdict.decision == name for one in vetted) for name in reversed(DECISIONS)}
    return ", ".join(f"{count} {name}" for name, count in counts.items())
