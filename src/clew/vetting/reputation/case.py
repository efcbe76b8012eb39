"""One package's case: the release that is vetted, what was published before it, and how a question is answered."""

from __future__ import annotations

import time
from functools import cached_property

from clew.vetting.fact import Signal, Weight
from clew.vetting.reputation.metadata import Metadata, Release
from clew.vetting.subject import Subject


class Case:
    """What the questions are asked of. Without metadata everything that they need is missing."""

    def __init__(self, metadata: Metadata | None, subject: Subject, now: float | None = None) -> None:
        self.metadata, self.subject = metadata, subject
        self.now = time.time() if now is None else now

    @cached_property
    def release(self) -> Release | None:
        """The release that is vetted."""
        return self.metadata.release(self.subject.version) if self.metadata else None

    @cached_property
    def before(self) -> list[Release]:
        """What was published before it."""
        return self.metadata.before(self.subject.version) if self.metadata else []

    @cached_property
    def previous(self) -> Release | None:
        """The latest of these on its branch."""
        return self.metadata.previous(self.subject.version) if self.metadata else None

    @cached_property
    def published(self) -> float | None:
        """When it was published; of a version that was removed its time may still stand there."""
        if self.release and self.release.published is not None:
            return self.release.published
        return self.metadata.removed.get(self.subject.version) if self.metadata else None

    @cached_property
    def dependencies(self) -> dict[str, str] | None:
        """What it depends on, by its own manifest, which is what gets installed; else by the registry's word."""
        declared = self.subject.manifest.get("dependencies")
        if isinstance(declared, dict):
            return {str(name): str(wanted) for name, wanted in declared.items()}
        if self.subject.ecosystem == "npm" and self.subject.manifest:
            return {}
        return self.release.dependencies if self.release else None

    @cached_property
    def added(self) -> list[str] | None:
        """Dependencies that the release before did not have; None where nobody tells."""
        if self.dependencies is None or self.previous is None or self.previous.dependencies is None:
            return None
        return [name for name in self.dependencies if name not in self.previous.dependencies]


def hit(name: str, value: str, source: str, weight: Weight = "note", technique: str = "") -> Signal:
    """It is so."""
    return Signal(name=name, state="hit", value=value, source=source, weight=weight, technique=technique)


def clear(name: str, value: str, source: str) -> Signal:
    """It is not so."""
    return Signal(name=name, state="clear", value=value, source=source)


def unknown(name: str, source: str, lack: str = "not in the document") -> Signal:
    """Nobody tells."""
    return Signal(name=name, state="unknown", value=lack, source=source)
