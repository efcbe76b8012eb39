"""The corpus in the sandbox: what each dropper hides is in the trace or in a layer; honest twins go no forbidden way.

Those that take long by their nature (a fork bomb, a flood) are tried with the limits in tests/vetting/sandbox.
"""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from clew.vetting.detonate import detonate
from clew.vetting.subject import Subject
from clew.vetting.trace import Detonation
from vetting import machine
from vetting.corpus import ENTRIES, Entry, unpacked

#: One for each way that matters here: every witness, every ecosystem and form, every simulated system.
DROPPERS = ("bare-environment", "windows-only", "name-thief", "layered-sdist", "no-site-child", "start-file")
TWINS = ("prebuilt-binary", "reads-version")


def told(name: str, folder: Path) -> Detonation:
    entry = ENTRIES[name]
    machine.sandbox(entry.ecosystem)
    return detonate(_subject(entry, unpacked(name, folder)), platform=entry.platform, workplace=folder)


def _subject(entry: Entry, top: Path) -> Subject:
    found = {
        str(path.relative_to(top)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in top.rglob("*")
        if path.is_file()
    }
    manifest = json.loads((top / "package.json").read_text()) if entry.ecosystem == "npm" else {}
    archive = Path(f"{entry.name}.whl") if entry.form == "wheel" else None
    return Subject(
        ecosystem=entry.ecosystem,
        name=entry.name,
        version="1.0.0",
        folder=top,
        sha256="0" * 64,
        files=found,
        manifest=manifest,
        archive=archive,
    )


def _evidence(detonation: Detonation) -> str:
    calls = [json.dumps(msgspec.to_builtins(call)) for call in detonation.calls]
    return "\n".join([*calls, *(layer.text for layer in detonation.layers)])


@pytest.mark.parametrize("name", DROPPERS)
def test_what_a_dropper_hides_is_seen(name: str, tmp_path: Path) -> None:
    detonation = told(name, tmp_path)
    evidence = _evidence(detonation)
    assert [text for text in ENTRIES[name].evidence if text not in evidence] == []
    calls = {call.call for call in detonation.calls}
    assert ("bypass" in calls) == ("instrumentation-bypass" in ENTRIES[name].behaviours)
    assert "exfiltrate" in calls or "decoy-exfiltration" not in ENTRIES[name].behaviours


@pytest.mark.parametrize("name", TWINS)
def test_an_honest_twin_is_told_without_suspicion(name: str, tmp_path: Path) -> None:
    detonation = told(name, tmp_path)
    assert not {"bypass", "exfiltrate", "reach_limit", "read"} & {call.call for call in detonation.calls}
    assert detonation.incomplete == []
