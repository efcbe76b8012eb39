"""The whole way, over the corpus: every dropper is blocked with what it hid in the evidence, every twin is allowed.

Each takes a second or two in the sandbox: some stand for all here, and `bench/verdicts.py corpus` tries every one.
"""

from pathlib import Path

import pytest

from clew.vetting.examine import How
from clew.vetting.vet import Options, vet
from clew.vetting.vetted import Vetted
from vetting.corpus import ENTRIES, Entry, build
from vetting.machine import sandbox


def vetted(entry: Entry, folder: Path) -> Vetted:
    sandbox(entry.ecosystem)
    archive = build(entry.name, folder)
    return vet(entry.ecosystem, str(archive), Options(how=How(cache=False)))


@pytest.mark.parametrize(
    "name",
    ["plain-dropper", "gyp-commands", "names-it-inside", "shell-darwin", "second-stage", "windows-sdist"],
)
def test_a_dropper_is_blocked_and_what_it_hid_is_in_the_evidence(tmp_path: Path, name: str) -> None:
    entry = ENTRIES[name]
    found = vetted(entry, tmp_path)
    assert found.verdict.decision == "block", [fact.rule for fact in found.facts]
    said = "\n".join(fact.evidence for fact in found.facts) + "\n".join(layer.text for layer in found.layers)
    assert [text for text in entry.evidence if text not in said] == []


@pytest.mark.parametrize("name", ["windows-shims", "prebuilt-binary", "ordinary-sdist"])
def test_an_honest_twin_is_allowed(tmp_path: Path, name: str) -> None:
    found = vetted(ENTRIES[name], tmp_path)
    assert [(fact.rule, fact.evidence) for fact in found.facts if fact.weight != "note"] == []
    assert found.incomplete == ()
