"""JSON: one object, `{"schema": "clew.vet/1", "packages": [...]}`. docs/vetting.md names every field.

Fields may be added within a version; what is there keeps its name and meaning.
"""

from __future__ import annotations

from typing import Any

import msgspec

from clew import __version__
from clew.vetting.fact import Fact
from clew.vetting.vetted import Result, Vetted

SCHEMA = "clew.vet/1"


def document(result: Result) -> dict[str, Any]:
    """The whole result as plain values."""
    return {
        "schema": SCHEMA,
        "clew": __version__,
        "packages": [package(one) for one in result.vetted],
        "quiet": result.quiet,
        "incomplete": list(result.lost),
    }


def package(one: Vetted) -> dict[str, Any]:
    """One package of it."""
    return {
        "target": one.target,
        "locked": msgspec.to_builtins(one.locked),
        **msgspec.to_builtins(one.package),
        "verdict": one.verdict.decision,
        "because": [fact.rule for fact in one.verdict.because],
        "facts": [{**fact_of(fact), "sha256": _hash(fact, one)} for fact in one.facts],
        "allowed": [
            {"fact": fact_of(held.fact), "because": held.because, "until": held.until} for held in one.held
        ],
        "signals": msgspec.to_builtins(one.signals),
        "stages": msgspec.to_builtins(one.stages),
        "layers": msgspec.to_builtins(one.layers),
        "incomplete": list(one.incomplete),
        "warnings": list(one.warnings),
    }


def fact_of(fact: Fact) -> dict[str, Any]:
    """A fact; of its place only what is known."""
    value: dict[str, Any] = msgspec.to_builtins(fact)
    return value


def _hash(fact: Fact, one: Vetted) -> str:
    """What an allowance of this fact must name."""
    return fact.place.layer or one.files.get(fact.place.file or "") or one.package.sha256
