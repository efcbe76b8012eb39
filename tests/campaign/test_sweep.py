"""Sweeps over what is no log: hit, not hit, or could not look, with the evidence for each."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from campaign import disk
from campaign.packs import campaign, pack
from clew.campaign.load import find_pack, load_campaigns
from clew.campaign.model import Campaign
from clew.campaign.sweep.model import Evidence, Sweep
from clew.campaign.sweep.report import lines
from clew.campaign.sweep.run import sweep
from clew.campaign.sweep.tree import Disk, Entries
from clew.errors import UsageError
from clew.settings import read_settings
from package.samples import SAMPLES


@pytest.fixture(scope="module")
def axios() -> Campaign:
    return load_campaigns([find_pack("axios-2026")])[0]


def run(campaign: Campaign, *paths: Path, every_hash: bool = False) -> Sweep:
    return sweep(campaign, paths, read_settings({}), every_hash=every_hash)


def evidence(result: Sweep, use: str = "hit") -> list[Evidence]:
    return [one for place in result.places for one in place.evidence if one.use == use]


NPM = [s for s in SAMPLES if "axios" in s.text and s.name != "package.json"]


@pytest.mark.parametrize("sample", NPM, ids=lambda sample: sample.case)
def test_each_kind_of_lockfile_and_bill_that_names_a_bad_version(
    sample, axios: Campaign, tmp_path: Path
) -> None:
    clean = disk.put(tmp_path / "clean" / sample.name, sample.text)
    assert run(axios, clean.parent).verdict == "not_hit"
    bad = disk.put(tmp_path / "bad" / sample.name, sample.text.replace("1.14.0", "1.14.1"))
    result = run(axios, bad.parent)
    assert result.verdict == "hit"
    found = evidence(result)
    assert {(one.indicator, one.path) for one in found} == {("axios@1.14.1", str(bad))}
    lines_ = bad.read_text().splitlines()
    assert all("axios" in lines_[one.position - 1] for one in found)


def test_node_modules_after_the_dropper_erased_itself(axios: Campaign, tmp_path: Path) -> None:
    disk.erased(tmp_path / "app")
    result = run(axios, tmp_path)
    assert result.verdict == "hit"
    told = {one.indicator: one.what for one in evidence(result)}
    assert "its manifest says 4.2.0" in told["plain-crypto-js, any version"]
    assert "axios@1.14.1" in told
    assert {"C1", "E2", "R1"} <= {step.id for step in result.steps}


def test_the_mere_folder_is_enough_and_so_is_a_link(axios: Campaign, tmp_path: Path) -> None:
    (tmp_path / "a" / "node_modules" / "plain-crypto-js").mkdir(parents=True)
    (tmp_path / "b" / "node_modules").mkdir(parents=True)
    (tmp_path / "b" / "node_modules" / "plain-crypto-js").symlink_to("/nowhere")
    for folder in ("a", "b"):
        result = run(axios, tmp_path / folder)
        assert result.verdict == "hit", folder
        assert not [one for place in result.places for one in place.unread], "no manifest is needed"
    disk.put(
        tmp_path / "c" / "node_modules" / "axios" / "node_modules" / "plain-crypto-js" / "package.json", "{"
    )
    assert run(axios, tmp_path / "c").verdict == "hit"


def test_caches_and_archives(axios: Campaign, tmp_path: Path) -> None:
    index = '\n1f\t{"key":"make-fetch-happen:request-cache:https://registry.npmjs.org/%s/-/%s-%s.tgz"}\n'
    disk.put(tmp_path / "npm/_cacache/index-v5/ab/cd/ef01", index % ("axios", "axios", "1.14.1"))
    disk.put(tmp_path / f"yarn/v6/npm-plain-crypto-js-4.2.1-{disk.SHA1}-integrity/x")
    disk.put(tmp_path / "berry/.yarn/cache/axios-npm-0.30.4-0123456789-0123456789.zip")
    disk.put(tmp_path / "mirror/axios/-/axios-1.14.1.tgz")
    disk.put(
        tmp_path / "pnpm/node_modules/.pnpm/axios@1.14.1/node_modules/axios/package.json",
        {"version": "1.14.1"},
    )
    for folder in sorted(tmp_path.iterdir()):
        assert run(axios, folder).verdict == "hit", folder.name
    disk.put(tmp_path / "clean/_cacache/index-v5/ab/cd/ef01", index % ("axios", "axios", "1.14.0"))
    disk.put(tmp_path / "clean/axios-1.14.0.tgz")
    assert run(axios, tmp_path / "clean").verdict == "not_hit"


def test_files_of_a_mounted_windows_disk(axios: Campaign, tmp_path: Path) -> None:
    disk.windows(tmp_path / "mnt")
    disk.windows(tmp_path / "evidence" / "host1" / "C")
    for top in ("mnt", "evidence"):
        result = run(axios, tmp_path / top)
        found = {one.indicator for one in evidence(result)}
        assert found == {r"%PROGRAMDATA%\wt.exe", r"%PROGRAMDATA%\system.bat", r"%TEMP%\6202033.ps1"}, top
        assert not evidence(result, "lead")


def test_files_of_linux_and_macos_disks(axios: Campaign, tmp_path: Path) -> None:
    disk.put(tmp_path / "lin/tmp/ld.py")
    disk.put(tmp_path / "mac/Library/Caches/com.apple.act.mond")
    disk.put(tmp_path / "mac/private/var/folders/ab/cd/T/6202033")
    assert {one.indicator for one in evidence(run(axios, tmp_path / "lin"))} == {"/tmp/ld.py"}
    assert {one.path.rpartition("/")[2] for one in evidence(run(axios, tmp_path / "mac"))} == {
        "com.apple.act.mond",
        "6202033",
    }


def test_a_file_of_that_name_elsewhere_is_a_lead_and_no_hit(axios: Campaign, tmp_path: Path) -> None:
    disk.put(tmp_path / "project/tmp/ld.py")
    disk.put(tmp_path / "project/src/ld.py")
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit"
    assert [one.path for one in evidence(result, "lead")] == [str(tmp_path / "project/tmp/ld.py")]


def test_hashes_of_files(tmp_path: Path) -> None:
    content = b"inert text of a made-up campaign\n" * 100_000  # beyond one piece
    digest = hashlib.sha256(content).hexdigest()
    short = hashlib.md5(b"small", usedforsecurity=False).hexdigest()
    values = ", ".join(
        f"{{value: {value}, about: x, confidence: high, sources: [A]}}" for value in (digest, short)
    )
    campaign = load_campaigns([pack(tmp_path, hashes=f"[{values}]")])[0]
    big, small = disk.put(tmp_path / "d/any.bin", content), disk.put(tmp_path / "d/b", b"small")
    by_name = run(campaign, tmp_path / "d")
    assert by_name.verdict == "not_hit"
    assert any("--hash" in gap.why for gap in by_name.not_looked)
    every = run(campaign, tmp_path / "d", every_hash=True)
    assert {one.path for one in evidence(every)} == {str(big), str(small)}
    assert {one.path for one in evidence(run(campaign, big))} == {str(big)}, (
        "a file that is named itself is hashed"
    )


def test_a_registry_export(axios: Campaign, tmp_path: Path) -> None:
    hit = run(axios, disk.reg_export(tmp_path / "run.reg"))
    assert [(one.position, one.trigger) for one in evidence(hit)] == [(5, "host")]
    other = run(axios, disk.reg_export(tmp_path / "other.reg", r"C:\Program Files\Vendor\update.exe"))
    assert other.verdict == "not_hit" and len(evidence(other, "lead")) == 1
    hexed = (
        'Windows Registry Editor Version 5.00\n\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\n'
        '"MicrosoftUpdate"=hex(2):73,00,79,00,73,00,74,00,65,00,6d,00,2e,00,\\\n  62,00,61,00,74,00,00,00\n'
    )  # fmt: skip
    assert run(axios, disk.put(tmp_path / "hex.reg", hexed)).verdict == "hit"
    assert run(axios, disk.put(tmp_path / "no.reg", "[HKCU\\x]\n")).verdict == "could_not_look"


def test_a_hive_cannot_be_looked_into(axios: Campaign, tmp_path: Path) -> None:
    disk.put(tmp_path / "Users/kim/NTUSER.DAT", b"regf")
    result = run(axios, tmp_path)
    assert result.verdict == "could_not_look"
    assert any("reg export" in reject.reason for place in result.places for reject in place.unread)


def test_clean_projects_are_not_hit(axios: Campaign, tmp_path: Path) -> None:
    disk.clean(tmp_path / "app")
    result = run(axios, tmp_path)
    assert result.verdict == "not_hit" and not evidence(result, "lead")
    assert not result.steps


def test_a_range_that_admits_a_bad_version_is_a_lead_where_no_lockfile_settles_it(
    axios: Campaign, tmp_path: Path
) -> None:
    disk.put(tmp_path / "a/package.json", {"dependencies": {"axios": "^1.14.0"}})
    disk.put(tmp_path / "b/package.json", {"dependencies": {"axios": "1.14.1"}})
    disk.put(tmp_path / "c/package.json", {"dependencies": {"axios": "~1.13.0"}})
    disk.put(tmp_path / "d/package.json", {"dependencies": {"plain-crypto-js": "^4.2.1"}})
    assert [one.what for one in evidence(run(axios, tmp_path / "a"), "lead")] == [
        "it names axios ^1.14.0, which admits 1.14.1"
    ]
    assert [run(axios, tmp_path / name).verdict for name in "abcd"] == ["not_hit", "hit", "not_hit", "hit"]


def test_what_cannot_be_read_is_told_with_its_place(axios: Campaign, tmp_path: Path) -> None:
    disk.put(
        tmp_path / "app/package-lock.json", '{"lockfileVersion": 3, "packages": {\n "node_modules/a": {"ver'
    )
    result = run(axios, tmp_path)
    assert result.verdict == "could_not_look"
    [reject] = [reject for place in result.places for reject in place.unread]
    assert reject.position == 2 and "cut" in reject.reason and reject.path.endswith("app/package-lock.json")
    disk.put(
        tmp_path / "app/package-lock.json",
        '{"lockfileVersion": 3, "packages": {\n "node_modules/plain-crypto-js": {"version": "4.2.1"}, "nod',
    )
    assert run(axios, tmp_path).verdict == "hit", "what stands before the cut was read"


def test_a_loop_of_links_ends(axios: Campaign, tmp_path: Path) -> None:
    disk.clean(tmp_path / "app")
    (tmp_path / "app" / "node_modules" / "self").symlink_to(tmp_path / "app")
    (tmp_path / "app" / "up").symlink_to("..")
    assert run(axios, tmp_path).verdict == "not_hit"


def test_files_that_vanish_are_told(axios: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.clean(tmp_path / "app")
    lockfile, folder = tmp_path / "app" / "package-lock.json", tmp_path / "app" / "node_modules" / "axios"
    listed = Disk.entries

    def vanish(self: Disk, parts: tuple[str, ...]) -> Entries:
        found = listed(self, parts)
        if parts == ("app",):
            lockfile.unlink()
        if parts == ("app", "node_modules"):
            (folder / "package.json").unlink()
        return found

    monkeypatch.setattr(Disk, "entries", vanish)
    result = run(axios, tmp_path)
    assert result.verdict == "could_not_look"
    told = {reject.path: reject.reason for place in result.places for reject in place.unread}
    assert told == {
        str(lockfile): "it vanished while it was looked at",
        str(folder / "package.json"): "it is not there: which version this is, nobody can tell",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_closed_folder_is_told(axios: Campaign, tmp_path: Path) -> None:
    disk.clean(tmp_path / "app")
    (tmp_path / "app" / "node_modules").chmod(0)
    assert run(axios, tmp_path).verdict == "could_not_look"


def test_nothing_to_look_into_is_no_clean_bill(axios: Campaign, tmp_path: Path) -> None:
    result = run(axios, tmp_path)
    assert result.verdict == "could_not_look"
    assert "there was nothing to look into" in next(lines(result))


def test_a_path_that_is_not_there(axios: Campaign, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        run(axios, tmp_path / "none")


def test_evidence_in_the_exposure_window_says_so(axios: Campaign, tmp_path: Path) -> None:
    disk.erased(tmp_path / "app")
    folder = tmp_path / "app" / "node_modules" / "plain-crypto-js"
    os.utime(folder, (1774920660, 1774920660))  # 2026-03-31 01:31 UTC
    result = run(axios, tmp_path)
    assert {one.indicator: one.exposed for one in evidence(result)}["plain-crypto-js, any version"]
    assert any("in the exposure window" in line for line in lines(result))


def test_no_name_on_disk_acts_on_the_terminal(axios: Campaign, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m" / "node_modules" / "plain-crypto-js").mkdir(parents=True)
    assert not any("\x1b" in line for line in lines(run(axios, tmp_path)))


def test_a_path_that_is_looked_for_everywhere(tmp_path: Path) -> None:
    """`**/a/b` needs no top of a disk, and asks for whole names of folders."""
    named = "{value: '**/.github/workflows/worm.yml', about: its workflow, confidence: high, sources: [A]}"
    made = campaign(tmp_path / "packs", files=f"[{named}]")
    for place in ("app/.github/workflows/worm.yml", ".github/workflows/other.yml", "xworkflows/worm.yml"):
        disk.put(tmp_path / "code" / place, "inert\n")
    found = run(made, tmp_path / "code")
    assert [one.path for place in found.places for one in place.evidence] == [
        f"{tmp_path}/code/app/.github/workflows/worm.yml"
    ]
    assert found.verdict == "hit"


@pytest.mark.parametrize(
    ("version", "verdict"), [("5.6.1-1", "hit"), ("5.6.0-0.2", "hit"), ("5.6.1+really5.4.5-1", "not_hit")]
)
def test_what_a_system_has_installed(tmp_path: Path, version: str, verdict: str) -> None:
    status = f"Package: liblzma5\nStatus: install ok installed\nVersion: {version}\n"
    disk.put(tmp_path / "disk/var/lib/dpkg/status", status)
    found = run(load_campaigns([find_pack("xz-2024")])[0], tmp_path)
    assert found.verdict == verdict
    assert all(one.trigger == "installed" for one in evidence(found))


def test_a_database_of_rpm_is_said_to_be_none_that_can_be_read(axios: Campaign, tmp_path: Path) -> None:
    disk.put(tmp_path / "disk/var/lib/rpm/rpmdb.sqlite", "inert")
    assert run(load_campaigns([find_pack("xz-2024")])[0], tmp_path).verdict == "could_not_look"
    assert run(axios, tmp_path).verdict == "not_hit", "nobody asks rpm for axios"
