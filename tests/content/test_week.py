"""A week of ordinary life on three hosts: nothing at high or more, and a reason for each finding below."""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

import clew
from clew.detection.load import load_detections, shipped
from clew.runner.hunt import Hunt
from sample import incident
from sample.week import Entry, week

#: What is found, by the program's name without version, and how often in the week. Each is a program that was brought,
#: ran and called a host for the first time; what makes it medium is said.
EXPECTED = {
    "medium": {
        # an Electron program, of which only the .exe is signed, sets itself to start at logon: installed, updated
        "Fabrikam Notes.exe": 2,
        # signed, and starts cmd.exe to find an editor; Squirrel's folder for each version makes it new each time
        "GitHubDesktop.exe": 2,
        # the same tree, seen from the installer that was unpacked before
        "SquirrelTemp\\Update.exe": 1,
        # GitHub Desktop's own Git, which nobody signed, and which talks to github.com
        "git.exe": 2,
        "git-remote-https.exe": 2,
        # pip's launcher, which nobody signed: Python opens a terminal and fetches data
        "jupyter-lab.exe": 1,
    },
    "low": {
        # signed programs that call hosts of their makers, which are on no list
        "slack.exe": 2,
        "SquirrelTemp\\Update.exe": 1,
        "Installer.exe": 1,  # Zoom's
        "Zoom.exe": 1,
        "notepad++.exe": 1,
        "nvcontainer.exe": 1,
        "Acrobat.exe": 1,
        "jre-8u451-windows-au.exe": 1,
        "PowerToys.exe": 1,
        "PowerToysUserSetup.exe": 1,
        "OneDrive.exe": 1,  # the site's own SharePoint
        "Teams.exe": 1,  # a chat program starts cmd.exe, as it did before, and meets a new host
        # runtimes and what was made with them
        "node.exe": 1,  # a new Node.js, and a service that its server has not called before
        "chrome.exe": 1,  # Playwright's Chromium, which nobody signed, in a test of the site's shop
        "stock.exe": 2,  # `go run`: unsigned, a shell, a call; but a linker wrote it
    },
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("week"))


def written(folder: Path, *more: Entry) -> Path:
    path = folder / "week.jsonl"
    path.write_text("".join(f"{line.text}\n" for line in week(more=more)))
    return path


def hunted(path: Path) -> Hunt:
    result = clew.hunt([path], load_detections([shipped()]))
    assert result.tally.complete and not result.tally.rejects
    return result


def found(result: Hunt) -> dict[str, Counter[str]]:
    levels: dict[str, Counter[str]] = {}
    for finding in result.findings:
        *_, folder, name = str(finding.per["binary"]).split("\\")
        shown = f"{folder}\\{name}" if name == "Update.exe" else name
        levels.setdefault(finding.level, Counter())[shown] += 1
    return levels


def test_nothing_ordinary_reaches_high_and_each_lower_finding_is_explained(log: Path) -> None:
    assert found(hunted(log)) == EXPECTED


def test_an_incident_in_that_week_is_all_that_reaches_high(tmp_path: Path) -> None:
    log = written(tmp_path, (3, "15:30", "PC-202", incident.incident, 0))
    levels = found(hunted(log))
    assert levels.pop("critical") == {
        "wt.exe": 1,
        "6202033.ps1": 1,
    }  # the copy of PowerShell, and what it ran
    assert set(levels) == {"medium", "low"}


def test_the_week_is_what_it_says(log: Path) -> None:
    lines = log.read_text().splitlines()
    assert 30_000 < len(lines) < 90_000
    codes = Counter(json.loads(line)["EventID"] for line in lines)
    assert set(codes) == {1, 3, 5, 6, 7, 10, 11, 12, 13, 14, 22, 23}
    assert len({json.loads(line)["Hostname"] for line in lines}) == 3


def test_the_same_seed_gives_the_same_bytes() -> None:
    def digest(seed: int) -> str:
        return sha256("".join(line.text for line in week(seed)).encode()).hexdigest()

    assert digest(7) == digest(7) != digest(8)
