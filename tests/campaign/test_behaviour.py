"""The analytics of packs: what a campaign does, without any of its indicators."""

from __future__ import annotations

from pathlib import Path

import pytest

import sysmon
from campaign import disk
from clew.campaign.load import find_pack, load_campaigns, pack_folders, shipped_campaigns
from clew.campaign.sweep.run import sweep
from clew.runner.trial import run_case
from clew.settings import read_settings

OWN = [
    detection
    for campaign in load_campaigns(pack_folders(shipped_campaigns()))
    for detection in campaign.detections
    if detection.path.startswith(campaign.path)
]


@pytest.mark.parametrize("detection", OWN, ids=lambda detection: detection.name)
def test_the_tests_of_a_packs_own_analytic(detection) -> None:
    assert {case.expect for case in detection.tests} >= {"critical", None}
    for case in detection.tests:
        outcome = run_case(detection, case)
        assert outcome.passed, (case.name, outcome)


NODE = r"C:\Program Files\nodejs\node.exe"
CLI = rf'"{NODE}" "C:\Program Files\nodejs\node_modules\npm\bin\npm-cli.js" install'


def install(*children: tuple[str, str]) -> str:
    """An install whose package runs a script, and what that script starts: programs with their command lines."""
    folder = "C:\\app\\node_modules\\colour\\"
    started = [(NODE, CLI, "C:\\app\\"), (NODE, "node x.js", folder)]
    started += [(image, line, folder) for image, line in children]
    records = []
    for n, (image, line, where) in enumerate(started, 1):
        parent = {"ParentProcessGuid": sysmon.guid(min(n - 1, 2))} if n > 1 else {}
        more = {"Image": image, "CommandLine": line, "CurrentDirectory": where, **parent}
        records.append(sysmon.flat(1, n, n, ProcessGuid=sysmon.guid(n), ProcessId=n, **more))
    return sysmon.lines(*records)


SCAN = (r"C:\Users\a\AppData\Local\Temp\trufflehog.exe", "trufflehog filesystem C: --json")
BUN = (r"C:\Users\a\.bun\bin\bun.exe", "bun run.js")


@pytest.mark.parametrize(
    ("name", "children", "verdict"),
    [
        ("shai-hulud-2025", (SCAN,), "hit"),
        ("shai-hulud-2-2025", (BUN, SCAN), "hit"),
        ("shai-hulud-2025", (), "not_hit"),
        ("shai-hulud-2-2025", (BUN,), "not_hit"),
    ],
)
def test_the_chain_alone_makes_a_log_hit(
    name: str, children: tuple[tuple[str, str], ...], verdict: str, tmp_path: Path
) -> None:
    log = disk.put(tmp_path / "x.jsonl", install(*children))
    result = sweep(load_campaigns([find_pack(name)])[0], [log], read_settings({}))
    assert result.verdict == verdict
    if verdict == "hit":
        (one,) = [one for place in result.places for one in place.evidence if one.use == "hit"]
        assert (one.kind, one.trigger) == ("analytic", "behaviour")
        assert [step.id for step in result.steps][:1] == ["C1"]
