"""Recordings that nobody here wrote: what must fire, and what must not."""

from pathlib import Path

import pytest

import clew
from clew.finding import Finding
from clew.normalise.extent import EVERYTHING, Extent
from clew.runner.sources.run import take_stock
from clew.settings import Settings, read_settings
from recordings import unpacked

LSASS = "otrf-security-datasets/compound/LSASS_campaign_02/metasploit_procdump_lsass_memory_dump.zip"
SPLUNK = (
    "splunk-attack-data/T1053.005_nxlog_attack_data.tar.gz",
    "splunk-attack-data/history/T1136.001__atomic_red_team__attack_data.tar.gz",
    "splunk-attack-data/history/T1112__account_lockout__attack_data.tar.gz",
)


def findings_in(
    archive: str, folder: Path, extent: Extent = EVERYTHING, settings: Settings | None = None
) -> dict[str, Finding]:
    """The findings by the written program's file name; every record is accounted for."""
    result = clew.hunt([unpacked(archive, folder)], settings=settings, extent=extent)
    assert result.tally.complete, result.tally.rejects
    lines = sum(file.read_bytes().count(b"\n") for file in folder.rglob("*") if file.is_file())
    assert result.tally.total == lines
    return {str(finding.per["binary"]).rpartition("\\")[2]: finding for finding in result.findings}


def clock(finding: Finding) -> dict[str, str]:
    """The minute and second of each stage's first event."""
    return {stage.name: stage.events[0].time[14:19] for stage in finding.stages}


def test_lsass_campaign_02_fires_with_its_real_chain(tmp_path: Path) -> None:
    # The other logs' times are 19 hours behind Sysmon's there, as `clew sources` says: by them nothing runs first.
    # Sysmon alone has no other clock.
    found = findings_in(LSASS, tmp_path, Extent(sources=("Sysmon",)))
    payload = found.pop("winx64_payload.exe")
    assert payload.level == "high"
    assert clock(payload) == {
        "write": "34:49",
        "first_run": "34:53",
        "unsigned_program": "34:54",
        "script_child": "34:59",
        "egress": "38:10",  # the latest: that the program is not signed is known at the end only
    }
    ran = payload.stages[1].events[0].fields["process.entity_id"]
    made_by = [ancestor.name for ancestor in payload.lineage if ancestor.of == ran]
    assert made_by == ["winx64_payload.exe", "happy_image.jpeg.exe", "explorer.exe"]
    assert all(finding.level in ("low", "medium") for finding in found.values())


def test_lsass_campaign_02_fires_by_the_clocks_that_sources_proposes(tmp_path: Path) -> None:
    home, logs = tmp_path / "home", tmp_path / "logs"
    assert [finding.level for finding in findings_in(LSASS, logs).values()] == ["medium"]
    stock, _ = take_stock([logs], [], read_settings(), lambda file, done: None)
    assert stock.corrections == (
        "[clock]",
        '"WinEventLog:Security" = "+19h"',
        '"WinEventLog:PowerShell" = "+19h"',
    )
    home.mkdir()
    (home / "clew.toml").write_text("\n".join(stock.corrections))
    found = findings_in(LSASS, logs, settings=read_settings(folder=home))
    payload = found.pop("winx64_payload.exe")
    assert payload.level == "high"
    assert clock(payload) == {
        "write": "34:49",
        "first_run": "34:53",
        "unsigned_program": "34:54",
        "script_child": "34:59",
        "egress": "38:10",
    }
    assert all(finding.level in ("low", "medium") for finding in found.values())


@pytest.mark.parametrize("archive", SPLUNK)
def test_the_false_splunkd_fires_and_the_forwarders_app_does_not(archive: str, tmp_path: Path) -> None:
    found = findings_in(archive, tmp_path)
    agent = found.pop("splunkd.exe")
    assert agent.per["binary"] == r"C:\Users\Public\splunkd.exe"
    assert agent.level == "high"
    egress = next(stage for stage in agent.stages if stage.name == "egress")
    assert egress.events[0].fields["destination.ip"] == "10.0.1.12"
    assert all(finding.level in ("low", "medium") for finding in found.values())


FLASH = "AutomatedTestingTools/Malware/DE_timestomp_and_dll_sideloading_and_RunPersist.evtx"


def test_a_false_flash_update_reaches_high_without_network_telemetry(tmp_path: Path) -> None:
    home = unpacked("evtx-attack-samples/evtx-attack-samples-dev.zip", tmp_path)
    [log] = [path for path in home.rglob("*.evtx") if path.as_posix().endswith(FLASH)]
    found = {str(one.per["binary"]).rpartition("\\")[2]: one for one in clew.hunt([log]).findings}
    program = found.pop("NvSmart.exe")
    assert program.level == "high"
    needed = [stage.name for stage in program.stages if not stage.also]
    assert needed == ["write", "first_run", "signed_program", "side_load", "script_child", "persist"]
    assert all(finding.level in ("low", "medium") for finding in found.values())
