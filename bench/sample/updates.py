r"""Programs that replace themselves, or are installed: write, run, call home, as the real ones do.

Each is one scene of less than five minutes. `turn` counts the updates of a program: it makes the versions.
None of them ends as the incident does: what a fresh program starts and calls is what its predecessor at the same
path started and called before, or it starts no command interpreter.
"""

from __future__ import annotations

from sample.machine import Process
from sample.office import local, temp_folder
from sample.program import MICROSOFT, Program, unsigned, vendor
from sample.programs import CONTOSO, GOOGLE
from sample.scene import Scene

_PF, _PF86 = "C:\\Program Files\\", "C:\\Program Files (x86)\\"


def _replace(scene: Scene, role: str, program: Program, arguments: str, parent: str = "explorer") -> Process:
    """End what fills the role and start the new program in its place."""
    scene.stop(scene.role(role))
    scene.host.programs[role] = program
    scene.host.roles[role] = scene.start(program, arguments, parent, loads=9)
    return scene.role(role)


def _setup(path: str, description: str, version: str, company: str = MICROSOFT) -> Program:
    return vendor(path, path.rpartition("\\")[2], description, version, company=company, loads="window")


def chrome(scene: Scene, turn: int) -> None:
    version = f"146.0.7680.{153 + 71 * turn}"
    updater = scene.start("googleupdater", "--wake --system", "Schedule")
    scene.visit(updater, "update.googleapis.com", "edgedl.me.gvt1.com")
    scene.pause(5, 20)
    folder = f"{_PF}Google\\chrome_Unpacker_BeginUnzipping{scene.rng.randrange(1000, 9999)}_{turn}"
    path = f"{folder}\\{version}_chrome_installer.exe"
    scene.write(updater, path)
    installer = _setup(path, "Google Chrome Installer", version, GOOGLE)
    unpack = scene.start(installer, "--verbose-logging --system-level", updater)
    _chrome_setup(scene, unpack, folder, version)
    scene.stop(unpack, updater)
    scene.pause(10, 60)
    _replace(scene, "chrome", scene.host.programs["chrome"].renewed(version), "")
    scene.visit(scene.role("chrome"), "clients2.google.com", "optimizationguide-pa.googleapis.com")


def _chrome_setup(scene: Scene, unpack: Process, folder: str, version: str) -> None:
    path = f"{folder}\\CR_{scene.rng.getrandbits(20):05X}.tmp\\setup.exe"
    scene.write(unpack, path)
    program = _setup(path, "Google Chrome Installer", version, GOOGLE)
    setup = scene.start(program, "--install-archive=CHROME.PACKED.7Z", unpack)
    application = f"{_PF}Google\\Chrome\\Application\\"
    for name in ("chrome.dll", "chrome_elf.dll", "elevation_service.exe"):
        scene.write(setup, f"{application}{version}\\{name}")
    scene.write(setup, f"{application}new_chrome.exe")
    scene.set_value(setup, "HKLM\\SOFTWARE\\Google\\Update\\Clients\\{8A69D345}\\pv", version)
    scene.stop(setup)


def google_updater(scene: Scene, turn: int) -> None:
    """The updater updates itself: the new one runs from a new folder and calls home from there."""
    version = f"146.0.{7680 + 29 * turn}.0"
    old = scene.host.programs["googleupdater"]
    new = old.renewed(version, f"{_PF86}Google\\GoogleUpdater\\{version}\\updater.exe")
    current = scene.start(old, "--wake --system", "Schedule")
    scene.visit(current, "update.googleapis.com")
    scene.write(current, new.path)
    scene.host.programs["googleupdater"] = new
    fresh = scene.start(new, "--update --system", current)
    scene.visit(fresh, "update.googleapis.com")
    scene.pause(2, 9)
    scene.stop(fresh, current)


def edge(scene: Scene, turn: int) -> None:
    version = f"146.0.3856.{78 + 16 * turn}"
    update = scene.start("edgeupdate", "/ua /installsource scheduler", "Schedule")
    scene.visit(update, "msedge.api.cdp.microsoft.com", "msedge.b.tlu.dl.delivery.mp.microsoft.com")
    folder = f"{_PF86}Microsoft\\EdgeUpdate\\Install\\{{{scene.rng.getrandbits(32):08X}-4B1E-4B55-9E3F-0C9F2D3B7A10}}"
    installer = f"{folder}\\MicrosoftEdge_X64_{version}.exe"
    scene.write(update, installer)
    unpack = scene.start(_setup(installer, "Microsoft Edge Installer", version), "--msedge", update)
    program = f"{folder}\\EDGEMITMP_{scene.rng.getrandbits(20):05X}.tmp\\setup.exe"
    scene.write(unpack, program)
    setup = scene.start(_setup(program, "Microsoft Edge Installer", version), "--msedge", unpack)
    scene.visit(setup, "self.events.data.microsoft.com")
    application = f"{_PF86}Microsoft\\Edge\\Application\\"
    scene.write(setup, f"{application}{version}\\msedge.dll", f"{application}new_msedge.exe")
    scene.pause(5, 25)
    scene.stop(setup, unpack, update)
    _replace(scene, "edge", scene.host.programs["edge"].renewed(version), "--restore-last-session")
    scene.visit(scene.role("edge"), "edge.microsoft.com")


def onedrive(scene: Scene, turn: int) -> None:
    version = f"26.{45 + turn:03d}.0308.0001"
    folder = local(scene, "Microsoft\\OneDrive\\")
    updater = scene.start("onedriveupdater", "/reporting", "Schedule", account=scene.host.user)
    scene.visit(updater, "oneclient.sfx.ms")
    setup = _setup(f"{folder}StandaloneUpdater\\OneDriveSetup.exe", "Microsoft OneDrive Setup", version)
    scene.write(updater, setup.path)
    outer = scene.start(setup, "/update /restart /updateSource:ODU /peruser", updater)
    inner = scene.start(setup, "/update /restart /updateSource:ODU /peruser /childprocess", outer)
    scene.visit(inner, "oneclient.sfx.ms")
    configuration = _setup(
        f"{folder}{version}\\FileSyncConfig.exe", "Microsoft OneDriveFile Co-Authoring", version
    )
    new = scene.host.programs["onedrive"].renewed(version)
    scene.write(inner, configuration.path, f"{folder}{version}\\FileSyncShell64.dll", new.path)
    helper = scene.start(configuration, "", inner)
    scene.stop(helper)
    scene.set_value(
        inner,
        f"{scene.hive(scene.host.user)}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\OneDrive",
        f'"{new.path}" /background',
    )
    scene.stop(inner, outer, updater)
    fresh = _replace(scene, "onedrive", new, "/background")
    scene.visit(fresh, "oneclient.sfx.ms", "contoso-my.sharepoint.com")


def teams(scene: Scene, turn: int) -> None:
    """Squirrel: Update.exe writes the new version over the old one and starts it.

    Teams then does what it did in the morning: it asks the registry by cmd.exe and calls the same hosts.
    """
    version = f"1.8.00.{5001 + 330 * turn}"
    update = scene.start("teamsupdate", "--update=https://statics.teams.cdn.office.net", "teams")
    scene.visit(update, "statics.teams.cdn.office.net")
    new = scene.host.programs["teams"].renewed(version)
    scene.pause(10, 40)
    scene.write(update, local(scene, "Microsoft\\Teams\\current\\ffmpeg.dll"), new.path)
    fresh = _replace(scene, "teams", new, "--system-initiated", "explorer")
    scene.visit(fresh, "teams.microsoft.com", "trouter.teams.microsoft.com")
    key = "HKCU\\Software\\Microsoft\\Office\\16.0\\Common\\Identity"
    line = scene.start(
        "cmd",
        parent=fresh,
        command=f'C:\\Windows\\system32\\cmd.exe /d /s /c "C:\\Windows\\system32\\reg.exe QUERY {key} /s"',
    )
    scene.run("reg", f"QUERY {key} /s", line, 0.1)
    scene.stop(line, update)


def code(scene: Scene, turn: int) -> None:
    """Visual Studio Code fetches its setup, which replaces Code.exe and starts it; the work then goes on."""
    version = f"1.113.{turn}"
    old = scene.role("code")
    scene.visit(old, "update.code.visualstudio.com", "vscode.download.prss.microsoft.com")
    folder = f"{temp_folder(scene)}\\vscode-stable-user-x64"
    path = f"{folder}\\CodeSetup-stable-{scene.rng.getrandbits(40):010x}.exe"
    program = _setup(path, "Visual Studio Code Setup", version)
    scene.write(old, program.path)
    setup = scene.start(program, "/verysilent /update=update.flag /nocloseapplications", old)
    stage = f"{temp_folder(scene)}\\is-{scene.rng.getrandbits(24):06X}.tmp\\{program.name.replace('.exe', '.tmp')}"
    scene.write(setup, stage)
    inner = scene.start(_setup(stage, "Setup/Uninstall", "51.1052.0.0"), "/SL5", setup)
    target = local(scene, "Programs\\Microsoft VS Code\\")
    scene.write(inner, f"{target}ffmpeg.dll", f"{target}resources\\app\\out\\main.js", f"{target}Code.exe")
    scene.pause(3, 12)
    scene.stop(inner, setup)
    fresh = _replace(scene, "code", scene.host.programs["code"].renewed(version), "")
    scene.visit(fresh, "update.code.visualstudio.com", "default.exp-tas.com")


def office(scene: Scene, turn: int) -> None:
    version = f"16.0.{19727 + turn}.20210"
    scheduler = scene.start("clicktorun", "/service", "services", account=scene.host.accounts["system"])
    scene.visit(scheduler, "officecdn.microsoft.com")
    old = scene.host.programs["clicktorun"]
    folder = old.path.rpartition("\\")[0]
    new = old.renewed(version, f"{folder}\\Updates\\{version}\\OfficeClickToRun.exe")
    scene.write(scheduler, new.path, f"{folder}\\Updates\\{version}\\C2RUI.en-us.dll")
    fresh = scene.start(new, "/update", scheduler)
    scene.visit(fresh, "mrodevicemgr.officeapps.live.com", "officecdn.microsoft.com")
    scene.pause(10, 60)
    scene.write(fresh, f"{_PF}Microsoft Office\\Updates\\Download\\PackageFiles\\root\\Office16\\mso.dll")
    scene.stop(fresh, scheduler)


def device_agent(scene: Scene, turn: int) -> None:
    """The management agent, by a vendor on no list: a fresh program that starts cmd.exe as the old one did.

    Its call to a certificate service is new, its command interpreter is not.
    """
    version = f"5.2.{2 + turn}"
    agent = scene.role("contosoagent")
    scene.visit(agent, "updates.contoso.example")
    path = f"C:\\ProgramData\\Contoso\\Agent\\cache\\setup-{version}.exe"
    scene.write(agent, path)
    setup = scene.start(_setup(path, "Contoso Device Agent Setup", version, CONTOSO), "/quiet", agent)
    new = scene.host.programs["contosoagent"].renewed(version)
    scene.write(setup, new.path)
    scene.stop(setup)
    fresh = _replace(scene, "contosoagent", new, "--service", "services")
    scene.visit(fresh, "ocsp.digicert.com", port=80)
    scene.visit(fresh, "agent.contoso.example")
    line = scene.start(
        "cmd", parent=fresh, command="C:\\Windows\\system32\\cmd.exe /c ipconfig /all", console=True
    )
    scene.run("ipconfig", "/all", line)
    scene.stop(line)


def defender(scene: Scene, turn: int) -> None:
    version = f"4.18.26030.{5 + turn}"
    service = scene.role("wuauserv")
    scene.visit(service, "au.download.windowsupdate.com")
    path = "C:\\Windows\\SoftwareDistribution\\Download\\Install\\UpdatePlatform.amd64fre.exe"
    scene.write(service, path)
    update = scene.start(_setup(path, "Microsoft antimalware platform update", version), "", service)
    folder = f"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\{version}-0\\"
    for role in ("mpcmdrun", "msmpeng"):
        program = scene.host.programs[role]
        scene.host.programs[role] = program.renewed(version, folder + program.name)
        scene.write(update, folder + program.name)
    scene.write(update, f"{folder}MpClient.dll", f"{folder}MpSvc.dll")
    scene.stop(update)
    engine = _replace(scene, "msmpeng", scene.host.programs["msmpeng"], "", "services")
    scene.visit(engine, "wdcp.microsoft.com")


def windows(scene: Scene, _turn: int) -> None:
    """Windows Update: everything happens under C:\\Windows, outside the places that a detection watches."""
    service = scene.role("wuauserv")
    scene.visit(service, "fe3cr.delivery.mp.microsoft.com", "download.windowsupdate.com")
    installer = scene.start("trustedinstaller", "", "services")
    worker = scene.start("tiworker", "-Embedding", "DcomLaunch")
    for _ in range(scene.rng.randrange(25, 40)):
        name = f"amd64_microsoft-windows-{scene.rng.choice(('ntoskrnl', 'shell32', 'tcpip', 'win32k'))}"
        scene.write(worker, f"C:\\Windows\\WinSxS\\{name}_{scene.rng.getrandbits(64):016x}\\{name}.dll")
        scene.make_key(
            worker,
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages"
            f"\\Package_for_KB50{scene.rng.randrange(10000, 99999)}",
        )
    scene.pause(20, 60)
    scene.stop(worker, installer)


def chocolatey(scene: Scene, turn: int) -> None:
    """A package manager on the build server: its fresh setup starts a command interpreter, but calls nobody."""
    choco = scene.start("choco", "upgrade 7zip -y --no-progress", "Schedule", account=scene.host.user)
    scene.visit(choco, "community.chocolatey.org", "www.7-zip.org")
    path = local(scene, f"Temp\\chocolatey\\7zip\\26.{turn:02d}\\7z26{turn:02d}-x64.exe")
    scene.write(choco, "C:\\ProgramData\\chocolatey\\lib\\7zip\\tools\\chocolateyInstall.ps1", path)
    setup = scene.start(unsigned(path, "window"), "/S", choco)
    scene.write(setup, f"{_PF}7-Zip\\7z.exe", f"{_PF}7-Zip\\7z.dll", f"{_PF}7-Zip\\7zFM.exe")
    line = scene.start("cmd", parent=setup, command="C:\\Windows\\system32\\cmd.exe /c assoc .7z=7-Zip.7z")
    scene.stop(line, setup, choco)


def inventory(scene: Scene, _turn: int) -> None:
    """Policy brings a script of the administrators and runs it: it calls a server, it starts nothing."""
    path = "C:\\ProgramData\\Contoso\\Scripts\\inventory.ps1"
    scene.write(scene.role("gpsvc"), path)
    shell = scene.start(
        "powershell", f"-NoProfile -ExecutionPolicy RemoteSigned -File {path}", "Schedule", console=True
    )
    scene.ask_domain(shell, 445)
    scene.write(shell, "C:\\ProgramData\\Contoso\\Scripts\\inventory.csv")
    scene.stop(shell)
