"""Sweeps of a host that lives: what is mounted below, what vanishes, and what lies about there."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from campaign import disk
from campaign.packs import campaign
from clew.campaign.model import Campaign
from clew.campaign.sweep import logs, mounts
from clew.campaign.sweep.report import lines
from clew.campaign.sweep.run import sweep
from clew.campaign.sweep.watch import Watch
from clew.settings import read_settings

FILES = "[{value: '**/bad/evil.bin', about: x, confidence: high, sources: [A]}]"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    domains = "[{value: evil.test, about: x, confidence: high, sources: [A]}]"
    return campaign(tmp_path_factory.mktemp("pack"), files=FILES, domains=domains)


def table(monkeypatch: pytest.MonkeyPatch, folder: Path, *places: tuple[Path, str]) -> None:
    """What the kernel says is mounted: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html."""
    written = [(str(place).replace(" ", "\\040"), kind) for place, kind in places]
    lines = [
        f"{n} 1 0:{n} / {place} rw,nosuid shared:{n} - {kind} x rw\n"
        for n, (place, kind) in enumerate(written)
    ]
    monkeypatch.setattr(mounts, "TABLE", disk.put(folder / "mountinfo", "".join(lines) + "broken\n"))


def test_what_the_kernel_makes_up_is_passed_over_and_other_disks_are_not(
    acme: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    for name in (
        "proc/1/bad/evil.bin",
        "sys/fs/bad/evil.bin",
        "my disk/bad/evil.bin",
        "process/bad/evil.bin",
    ):
        disk.put(top / name)
    places = [
        (top / "proc", "proc"),
        (top / "sys", "sysfs"),
        (top / "sys/fs", "tmpfs"),
        (top / "my disk", "nfs4"),
    ]
    table(monkeypatch, tmp_path, *places)
    whole = sweep(acme, [top], read_settings({}))
    found = {one.path for place in whole.places for one in place.evidence}
    assert found == {str(top / "my disk/bad/evil.bin"), str(top / "process/bad/evil.bin")}
    (note,) = whole.notes
    assert note.startswith(f"{top}/proc, {top}/sys: passed over")
    alone = sweep(acme, [top], read_settings({}), one_file_system=True)
    assert {one.path for place in alone.places for one in place.evidence} == {
        str(top / "process/bad/evil.bin")
    }
    assert [gap.what for gap in alone.not_looked if "nfs4" in gap.why] == [f"files below {top}/my disk"]
    table(monkeypatch, tmp_path, (top / "proc", "proc"))
    named = sweep(acme, [top / "proc"], read_settings({}))
    assert named.verdict == "hit", "what is named itself is looked into"


def test_a_log_that_vanishes_before_it_is_read_is_told(
    acme: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = json.dumps({"@timestamp": "2026-01-01T00:00:00Z", "x": 1}) + "\n"
    gone, stays = disk.put(tmp_path / "a.json", line), disk.put(tmp_path / "b.json", line)
    sifted = logs.sifted

    def vanish(campaign: Campaign, found: list[Path]) -> Campaign:
        gone.unlink()
        return sifted(campaign, found)

    monkeypatch.setattr(logs, "sifted", vanish)
    result = sweep(acme, [tmp_path], read_settings({}))
    assert result.verdict == "could_not_look"
    told = {place.path: (place.looked, [one.reason for one in place.unread]) for place in result.places}
    assert told[str(gone)] == (0, ["it vanished before it was read"])
    assert told[str(stays)] == (1, [])


def test_a_log_of_plain_text_that_was_rotated_and_packed(acme: Campaign, tmp_path: Path) -> None:
    text = "2026-01-01 status installed evil.test:all\n"
    disk.put(tmp_path / "dpkg.log.2.gz", gzip.compress(text.encode()))
    disk.put(tmp_path / "cut.log.gz", gzip.compress(text.encode() * 50)[:-9])
    result = sweep(acme, [tmp_path], read_settings({}))
    places = {Path(place.path).name: place for place in result.places if place.sort == "text"}
    assert [one.position for one in places["dpkg.log.2.gz"].evidence] == [1]
    assert places["cut.log.gz"].unread and result.verdict == "could_not_look"


def test_a_table_that_is_no_log_is_none_unless_it_is_named_itself(acme: Campaign, tmp_path: Path) -> None:
    table = disk.put(tmp_path / "names.tsv", 'name\tsummary\na\t"quoted" badly\n')
    log = disk.put(tmp_path / "events.csv", "EventID,TimeCreated\n1,2026-01-01T00:00:00Z\n")
    result = sweep(acme, [tmp_path], read_settings({}))
    assert [place.path for place in result.places if place.sort == "log"] == [str(log)]
    named = sweep(acme, [table], read_settings({}))
    assert [place.path for place in named.places if place.sort == "log"] == [str(table)]


def test_an_interrupted_sweep_tells_what_it_found_and_calls_nothing_clean(
    acme: Campaign, tmp_path: Path
) -> None:
    disk.put(tmp_path / "a.json", json.dumps({"@timestamp": "2026-01-01T00:00:00Z"}) + "\n")
    disk.put(tmp_path / "b/bad/evil.bin")

    class Stopped(Watch):
        def looking(self, folder: str, files: int) -> None:
            if folder.endswith(self.at):
                raise KeyboardInterrupt

        def __init__(self, at: str) -> None:
            self.at = at

    early = sweep(acme, [tmp_path], read_settings({}), watch=Stopped(tmp_path.name))
    assert (early.verdict, early.interrupted) == ("could_not_look", True)
    late = sweep(acme, [tmp_path], read_settings({}), watch=Stopped("bad"))
    told = {place.path: [one.reason for one in place.unread] for place in late.places}
    assert told[str(tmp_path / "a.json")] == ["interrupted before it was read"]
    assert (late.verdict, late.interrupted) == ("could_not_look", True)
    hit = sweep(acme, [tmp_path / "b", tmp_path], read_settings({}), watch=Stopped(tmp_path.name))
    assert (hit.verdict, hit.interrupted) == ("hit", True)


def test_archives_that_nobody_looks_into_are_said_in_the_first_line(acme: Campaign, tmp_path: Path) -> None:
    for number in range(7):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w") as packed:
            packed.writestr("bad/evil.bin", "inert")
    result = sweep(acme, [tmp_path], read_settings({}))
    (gap,) = [gap for gap in result.not_looked if "archives" in gap.what]
    assert f"{tmp_path}/0.zip, " in gap.what and "and 2 more" in gap.what
    assert f"{len(result.not_looked)} kinds of evidence not looked for" in next(lines(result))


def test_a_journal_is_not_passed_over_in_silence(acme: Campaign, tmp_path: Path) -> None:
    (tmp_path / "system.journal").write_bytes(b"LPKSHHRH" + bytes(64))
    result = sweep(acme, [tmp_path], read_settings({}))
    [gap] = [gap for gap in result.not_looked if "journals" in gap.what]
    assert f"{tmp_path}/system.journal" in gap.what and "journalctl" in gap.why
