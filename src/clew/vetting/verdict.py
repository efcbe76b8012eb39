"""Facts -> verdict: by rules, not by a sum. Ten weak signs do not make a strong one.

One fact that weighs `block` blocks. Some facts that weigh `review` each mean more together: COMBINATIONS says which.
Else one that weighs `review` asks for a person's look, and the rest is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from clew.vetting.fact import Fact

Decision = Literal["allow", "review", "block"]
DECISIONS: tuple[Decision, ...] = ("allow", "review", "block")

#: Facts that are told first; the strongest are what people read.
SHOWN = 3

_WEIGHTS = {"block": 2, "review": 1, "note": 0}
#: Whose word is the surest: what is known, what was seen to happen, what was decoded, what was read.
_SUREST = (
    *("advisory.*", "identity.*", "behaviour.decoy-exfiltration", "behaviour.self-erasure"),
    *("behaviour.second-stage-fetch", "behaviour.masquerading-version", "behaviour.instrumentation-bypass"),
    *("behaviour.*", "reputation.takeover*", "layer.*", "reputation.*", "verdict.*", "static.*", "*"),
)


class Combination(msgspec.Struct, frozen=True):
    """Facts that block together; each pattern must match the rule of another fact that weighs at least `review`."""

    rule: str
    title: str
    patterns: tuple[str, ...]
    technique: str = ""


#: Each is a thing that an honest package may do; no honest package does both.
COMBINATIONS = (
    Combination(
        "verdict.hides-and-acts",
        "hides its code and acts by it",
        ("layer.*", "behaviour.*"),
        "T1027",
    ),
    Combination(
        "verdict.decodes-and-calls",
        "runs code that it made while it ran, and calls out",
        ("behaviour.decode-then-run", "behaviour.install-time-egress"),
        "T1027",
    ),
    Combination(
        "verdict.new-hands-hidden-code",
        "was published by other means than before, and hides its code",
        ("reputation.*", "layer.*"),
        "T1195.002",
    ),
    Combination(
        "verdict.obfuscated-actor",
        "is obfuscated and acts while it is installed",
        ("static.obfuscated", "behaviour.*"),
        "T1027",
    ),
)


class Verdict(msgspec.Struct, frozen=True):
    """The decision, what decided it (the strongest first, at most three), and whether all was looked at."""

    decision: Decision
    because: tuple[Fact, ...]


def judge(facts: Sequence[Fact]) -> Verdict:
    """The verdict over all facts that nobody allowed."""
    facts = [*combined(facts), *facts]
    heaviest = max((_WEIGHTS[fact.weight] for fact in facts), default=0)
    decision = DECISIONS[heaviest]
    return Verdict(
        decision, tuple(ordered(fact for fact in facts if _WEIGHTS[fact.weight] == heaviest))[:SHOWN]
    )


def combined(facts: Sequence[Fact]) -> list[Fact]:
    """What facts mean together."""
    rules = dict.fromkeys(fact.rule for fact in facts if fact.weight != "note")
    made = []
    for one in COMBINATIONS:
        found = [next((rule for rule in rules if fnmatchcase(rule, pattern)), "") for pattern in one.patterns]
        if all(found):
            said = " and ".join(found)
            made.append(
                Fact(
                    rule=one.rule,
                    side="behaviour",
                    weight="block",
                    title=one.title,
                    evidence=said,
                    technique=one.technique,
                )
            )
    return made


def ordered(facts: Iterable[Fact]) -> list[Fact]:
    """The strongest first: by weight, then by whose word is surer; else as they came."""
    return sorted(facts, key=lambda fact: (-_WEIGHTS[fact.weight], _surety(fact.rule)))


def _surety(rule: str) -> int:
    return next(at for at, pattern in enumerate(_SUREST) if fnmatchcase(rule, pattern))
