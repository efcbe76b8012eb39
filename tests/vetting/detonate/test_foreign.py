"""A package that is run as on another system: its programs stand in and are seen, and what fails there is no fault."""

from pathlib import Path

from clew.vetting.detonate import detonate
from clew.vetting.sandbox.plan import Limits
from vetting import machine
from vetting.detonate import packages

_WINDOWS = """\
const { execSync, spawnSync } = require('child_process');
execSync('echo one > one.txt && node two.js');
spawnSync('C:\\\\Windows\\\\System32\\\\reg.exe', ['add', 'HKCU']);
spawnSync('nowhere.exe', ['/x']);
execSync('uname -s > name.txt && gcc -o made.o made.c && del one.txt');
console.log(process.env.OS, process.env.npm_config_user_agent);
throw new Error('the binary is not there');
"""


def test_programs_of_windows_stand_in(tmp_path: Path) -> None:
    machine.sandbox("npm")
    files = {"setup.js": _WINDOWS, "two.js": "require('fs').writeFileSync('two.txt', '2');\n"}
    subject = packages.npm(tmp_path / "shims", files, scripts={"install": "node setup.js"})
    told = detonate(subject, platform="win32", workplace=tmp_path)
    run = [call.arguments for call in told.calls if call.call == "execute"]
    assert ["C:\\Windows\\System32\\reg.exe", "add", "HKCU"] in run
    assert ["nowhere.exe", "/x"] in run
    added = {Path(call.path or "").name for call in told.calls if call.call == "find_added"}
    assert added == {"two.txt", "name.txt", "made.o"}
    assert told.notes == ["as on win32, install ended with 1: Error: the binary is not there"]
    assert told.incomplete == []


def test_an_install_script_that_is_ended_was_not_seen_to_its_end(tmp_path: Path) -> None:
    """As on another system it may wait for what is not there: that is told, and is no lack."""
    machine.sandbox("npm")
    subject = packages.npm(tmp_path / "busy", {}, scripts={"install": "while :; do :; done"})
    said = "install: ended by us after the longest time"
    told = detonate(subject, Limits(seconds=1), workplace=tmp_path)
    assert (told.incomplete, told.notes) == ([said], [])
    told = detonate(subject, Limits(seconds=1), platform="darwin", workplace=tmp_path)
    assert (told.incomplete, told.notes) == ([], [f"as on darwin, {said}"])
