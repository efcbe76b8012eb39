"""All questions, in the order in which they are told: who, what it brings, when, whom it imitates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from clew.vetting.fact import Signal
from clew.vetting.reputation import contents, history, identity, publishing
from clew.vetting.reputation.case import Case
from clew.vetting.reputation.metadata import Metadata
from clew.vetting.subject import Ecosystem, Subject

Question: TypeAlias = Callable[[Case], Signal]

QUESTIONS: dict[Ecosystem, tuple[Question, ...]] = {
    "npm": (
        *(publishing.trusted_publisher_lost, publishing.publisher_changed, publishing.email_changed),
        *(publishing.attestation_lost, publishing.git_head_lost, publishing.signature_lost),
        *(contents.install_script_new, contents.dependency_phantom, contents.dependency_young),
        *(contents.dependency_new, contents.manifest_differs, contents.size_jump),
        *(history.burst, history.long_gap, history.young, history.removed_versions, history.unpublished),
        *(history.owner_changed, history.deprecated, identity.doppelganger),
    ),
    "pypi": (
        *(history.owner_changed, history.yanked, history.sdist_missing, history.upload_gap),
        *(contents.size_jump, history.burst, history.long_gap, history.young, identity.doppelganger),
    ),
}


def signals(
    metadata: Metadata | None,
    subject: Subject,
    *,
    now: float | None = None,
    names: Collection[str] | None = None,
) -> list[Signal]:
    """Each question's answer. `now` is in seconds since 1970, `names` are well-known ones in the place of ours."""
    case = Case(metadata, subject, now)
    return [*(ask(case) for ask in QUESTIONS[subject.ecosystem]), identity.typosquat(case, names)]
