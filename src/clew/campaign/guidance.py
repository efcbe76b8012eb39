"""guidance.yaml: remediation, mitigation, notes, history, related intelligence."""

from __future__ import annotations

from collections.abc import Iterator

from clew.campaign.model import PHASES, TRIGGERS, Guidance, Phase, Step, Trigger
from clew.campaign.reading import PackReading
from clew.detection.block import Block
from clew.suggest import did_you_mean, one_of

KEYS = ("remediation", "mitigation", "notes", "history", "related")
_STEP_KEYS = ("id", "phase", "text", "commands", "verify", "when", "sources")


def read_guidance(top: Block, reading: PackReading) -> Guidance:
    """All sections; one that is missing is a fault, an empty one is an empty list."""
    steps = {key: tuple(_steps(top, key, reading)) for key in ("remediation", "mitigation")}
    seen: set[str] = set()
    for step in (*steps["remediation"], *steps["mitigation"]):
        if step.id in seen:
            reading.faults.add(top.mark, f"two steps are called '{step.id}'", "give each its own id")
        seen.add(step.id)
    return Guidance(
        remediation=steps["remediation"],
        mitigation=steps["mitigation"],
        notes=reading.claims(top, "notes"),
        history=reading.claims(top, "history"),
        related=reading.claims(top, "related"),
    )


def _steps(top: Block, key: str, reading: PackReading) -> Iterator[Step]:
    for one in reading.blocks(top, key, _STEP_KEYS, f"a step of '{key}'"):
        phase: Phase | None = reading.choice(one, "phase", PHASES, f"its phase: {one_of(PHASES)}")
        yield Step(
            id=one.text("id", "a short name: C1") or "",
            phase=phase or "contain",
            text=one.text("text", "say what to do") or "",
            commands=tuple(text for text, _ in reading.words(one, "commands")),
            verify=one.text("verify", "say how one sees that it is done") or "",
            when=tuple(_triggers(one, reading)) or ("any",),
            sources=reading.named_sources(one),
        )


def _triggers(one: Block, reading: PackReading) -> Iterator[Trigger]:
    for word, mark in reading.words(one, "when"):
        known = next((trigger for trigger in TRIGGERS if trigger == word), None)
        if known is None:
            mend = did_you_mean(word, TRIGGERS, one_of(TRIGGERS))
            reading.faults.add(mark, f"nothing is found that is called '{word}'", mend)
        else:
            yield known
