r"""Programs that come to a host in an ordinary week: bought, downloaded, built, brought by package managers.

Where `updates` keeps to what a well-made program does, these do what real ones do and what looks bad: Electron
programs whose maker signs the .exe alone, installers that unpack unsigned plug-ins into Temp, Squirrel's folder for
each version, launchers that pip writes, programs that a linker made a second ago, a browser that Playwright brings.
"""

from __future__ import annotations

from sample.machine import Process
from sample.network import Service
from sample.office import local
from sample.program import MICROSOFT, Program, file_hashes, unsigned, vendor, windows
from sample.scene import Scene

_PF = "C:\\Program Files\\"
_RUN = "Software\\Microsoft\\Windows\\CurrentVersion\\Run\\"
_DRVINST = windows(r"System32\drvinst.exe", "DrvInst.EXE", "Driver Installation Module", "service")
#: What Chromium's build brings beside the program; electron-builder leaves them unsigned, others sign them.
_ELECTRON = ("ffmpeg.dll", "libEGL.dll", "libGLESv2.dll", "vk_swiftshader.dll")


def site(name: str) -> Service:
    """A host outside, at an address of RFC 5737 that its name decides."""
    number = int(file_hashes(name)[5:9], 16)
    return Service(name, f"198.51.100.{number % 200 + 50}", "", "-")


def temp(scene: Scene) -> str:
    return local(scene, "Temp")


def _call(scene: Scene, process: Process, *names: str) -> None:
    for name in names:
        scene.connect(process, scene.resolve(process, site(name)))


def _setup(path: str, company: str, version: str, *, signed: bool = True) -> Program:
    name = path.rpartition("\\")[2]
    made = vendor(path, name, f"{name} Setup", version, company=company, loads="window")
    return made if signed else unsigned(path, "window")


def _download(scene: Scene, host: str, name: str) -> str:
    """A browser fetches a setup; where it ends is outside the places of programs."""
    chrome = scene.role("chrome")
    _call(scene, chrome, host)
    path = f"{scene.host.user.home}\\Downloads\\{name}"
    scene.write(chrome, f"{path}.crdownload", path)
    scene.pause(5, 30)
    return path


def _plugins(scene: Scene, setup: Process) -> None:
    """NSIS unpacks its plug-ins, which nobody signs, and loads them."""
    folder = f"{temp(scene)}\\ns{scene.rng.getrandbits(20):05X}.tmp"
    for name in ("System.dll", "nsDialogs.dll", "StdUtils.dll"):
        scene.write(setup, f"{folder}\\{name}")
        scene.load(setup, unsigned(f"{folder}\\{name}", ""))


def _electron(scene: Scene, process: Process, *, signed: bool) -> None:
    program = process.program
    folder = program.path.rpartition("\\")[0]
    for name in _ELECTRON:
        beside = vendor(
            f"{folder}\\{name}",
            name,
            name,
            program.version,
            company=program.signer,
            signer=program.signer,
            loads="",
        )
        scene.load(process, beside if signed else unsigned(beside.path, ""))


def _starts_at_logon(scene: Scene, process: Process, name: str) -> None:
    scene.set_value(
        process, f"{scene.hive(scene.host.user)}\\{_RUN}{name}", f'"{process.program.path}" --hidden'
    )


# -- programs of people


def notes(scene: Scene, turn: int) -> None:
    """An Electron program by electron-builder: its .exe is signed, what stands beside it is not; NSIS sets it up."""
    version = f"3.{1 + turn}.0"
    folder = local(scene, "Programs\\fabrikam-notes\\")
    program = vendor(
        f"{folder}Fabrikam Notes.exe", "Fabrikam Notes.exe", "Fabrikam Notes", version, company="Fabrikam, Inc.",
        loads="browser",
    )  # fmt: skip
    name = f"Fabrikam Notes Setup {version}.exe"
    if turn:
        old = scene.role("notes")
        _call(scene, old, "releases.fabrikam.example")
        path = f"{local(scene, 'fabrikam-notes-updater')}\\pending\\{name}"
        scene.write(old, path)
        setup = scene.start(_setup(path, "Fabrikam, Inc.", version), "--updated /S --force-run", old)
        scene.stop(old)
    else:
        path = _download(scene, "www.fabrikam.example", name)
        setup = scene.start(_setup(path, "Fabrikam, Inc.", version), "", "chrome")
    _plugins(scene, setup)
    scene.write(setup, program.path, *(f"{folder}{one}" for one in _ELECTRON), f"{folder}resources\\app.asar")
    scene.pause(2, 8)
    fresh = scene.host.roles["notes"] = scene.start(program, "", setup, loads=9)
    scene.stop(setup)
    _electron(scene, fresh, signed=False)
    _starts_at_logon(scene, fresh, "com.fabrikam.notes")
    _call(scene, fresh, "api.fabrikam.example", f"o{turn}.ingest.sentry.example")


def chat(scene: Scene, turn: int) -> None:
    """Slack: Squirrel gives each version its own folder, so by its path every version is a new program."""
    version = f"4.{45 + turn}.64"
    home = local(scene, "slack")
    company = "Slack Technologies, LLC"
    update = vendor(f"{home}\\Update.exe", "Update.exe", "Slack", "3.0.5.0", company=company, loads="dotnet")
    program = vendor(
        f"{home}\\app-{version}\\slack.exe", "slack.exe", "Slack", version, company=company, loads="browser"
    )
    if turn:
        squirrel = scene.start(update, "--update https://slack.com/desktop/update", "slack")
        scene.stop(scene.role("slack"))
    else:
        setup = scene.start(
            _setup(_download(scene, "slack.com", "SlackSetup.exe"), company, version), "", "chrome"
        )
        scene.write(setup, local(scene, "SquirrelTemp\\Update.exe"))
        squirrel = scene.start(update.at(local(scene, "SquirrelTemp\\Update.exe")), "--install .", setup)
        scene.write(squirrel, update.path)
        scene.stop(setup)
    _call(scene, squirrel, "slack.com", "downloads.slack-edge.com")
    scene.write(squirrel, program.path, *(f"{home}\\app-{version}\\{one}" for one in _ELECTRON))
    hook = scene.start(program, f"--squirrel-{'updated' if turn else 'install'} {version}", squirrel)
    scene.run(update, f"--createShortcut slack.exe -l {scene.host.plan.name}", hook)
    scene.stop(hook)
    fresh = scene.host.roles["slack"] = scene.start(program, "--squirrel-firstrun", squirrel, loads=9)
    _electron(scene, fresh, signed=True)
    _starts_at_logon(scene, fresh, "com.squirrel.slack.slack")
    _call(scene, fresh, "slack.com", "edgeapi.slack.com", "wss-primary.slack.com")
    scene.stop(squirrel)


def meetings(scene: Scene, _turn: int) -> None:
    """Zoom for one user: everything is signed, and it calls many hosts."""
    company = "Zoom Video Communications, Inc."
    setup = scene.start(
        _setup(_download(scene, "zoom.us", "ZoomInstallerFull.exe"), company, "6.4.1"), "", "chrome"
    )
    folder = f"{scene.host.user.home}\\AppData\\Roaming\\Zoom\\"
    installer = _setup(f"{folder}ZoomDownload\\Installer.exe", company, "6.4.1")
    scene.write(setup, installer.path)
    inner = scene.start(installer, "/addfwexception /bin_home", setup)
    program = vendor(
        f"{folder}bin\\Zoom.exe", "Zoom.exe", "Zoom Meetings", "6.4.1", company=company, loads="browser"
    )
    scene.write(inner, program.path, f"{folder}bin\\zVideoApp.dll", f"{folder}bin\\zWebService.dll")
    fresh = scene.start(program, "", inner, loads=9)
    library = vendor(
        f"{folder}bin\\zVideoApp.dll", "zVideoApp.dll", "Zoom", "6.4.1", company=company, loads=""
    )
    scene.load(fresh, library)
    _call(scene, fresh, "zoom.us", "us04web.zoom.us", "log.zoom.us")
    scene.stop(inner, setup)


def reader(scene: Scene, turn: int) -> None:
    """Adobe's updater hands a patch to Windows Installer; the new reader asks Adobe's services."""
    company = "Adobe Inc."
    version = f"26.001.2{turn}"
    arm = vendor(
        "C:\\Program Files (x86)\\Common Files\\Adobe\\ARM\\1.0\\AdobeARM.exe", "AdobeARM.exe", "Adobe Reader and "
        "Acrobat Manager", "1.824.460", company=company, loads="net",
    )  # fmt: skip
    updater = scene.start(arm, "/ArmUpdate", "Schedule", account=scene.host.user)
    _call(scene, updater, "armmf.adobe.com", "ardownload3.adobe.com")
    scene.write(updater, f"C:\\ProgramData\\Adobe\\ARM\\S\\{turn}\\AcroRdrDCx64Upd.msp")
    service = scene.start("msiexec", "/V", "services")
    folder = f"{_PF}Adobe\\Acrobat DC\\Acrobat\\"
    program = vendor(
        f"{folder}Acrobat.exe", "Acrobat.exe", "Adobe Acrobat", version, company=company, loads="window"
    )
    scene.write(service, program.path, f"{folder}AcroCEF\\AcroCEF.exe", f"{folder}AcroPDF.dll")
    scene.stop(service, updater)
    scene.pause(60, 300)
    opened = scene.start(program, f'"{scene.host.user.home}\\Downloads\\report.pdf"', loads=9)
    _call(scene, opened, "acroipm2.adobe.com", "p13n.adobe.io")
    scene.pause(20, 90)
    scene.stop(opened)


def java(scene: Scene, turn: int) -> None:
    """Java's updater: the setup in Temp is signed, and the updater removes it."""
    company = "Oracle America, Inc."
    check = vendor(
        "C:\\Program Files (x86)\\Common Files\\Java\\Java Update\\jucheck.exe", "jucheck.exe", "Java Update "
        "Checker", "2.8.451.10", company=company, loads="net",
    )  # fmt: skip
    updater = scene.start(check, "-auto", "Schedule", account=scene.host.user)
    _call(scene, updater, "javadl-esd-secure.oracle.com")
    path = f"{temp(scene)}\\jre-8u{451 + 10 * turn}-windows-au.exe"
    scene.write(updater, path)
    setup = scene.start(_setup(path, company, f"8.0.{451 + 10 * turn}"), "/s", updater)
    _call(scene, setup, "javadl.oracle.com", "rps-svcs.oracle.com")
    service = scene.start("msiexec", "/V", "services")
    folder = f"{_PF}Java\\jre1.8.0_{451 + 10 * turn}\\bin\\"
    scene.write(service, f"{folder}java.exe", f"{folder}jvm.dll", f"{folder}javaw.exe")
    scene.stop(service, setup)
    scene.delete(updater, path, program=True)
    scene.stop(updater)


# -- drivers


def windows_driver(scene: Scene, turn: int) -> None:
    r"""Windows Update brings a driver: it goes into the driver store and is loaded from System32."""
    service = scene.role("wuauserv")
    scene.visit(service, "download.windowsupdate.com")
    install = scene.start(
        _DRVINST, f'"4" "0" "C:\\Windows\\Temp\\{{{scene.rng.getrandbits(32):08x}}}\\net.inf"', service
    )
    path = f"C:\\Windows\\System32\\DriverStore\\FileRepository\\netwtw10.inf_amd64_{turn:016x}\\netwtw10.sys"
    scene.write(install, path)
    scene.set_value(
        scene.role("services"), "HKLM\\System\\CurrentControlSet\\Services\\Netwtw10\\ImagePath",
        path.replace("C:\\Windows", "\\SystemRoot"),
    )  # fmt: skip
    scene.load_driver(_driver(path, "Microsoft Windows Hardware Compatibility Publisher"))
    scene.stop(install)


def graphics_driver(scene: Scene, turn: int) -> None:
    """NVIDIA's package: programs under Program Files, a service that starts them, a driver from the store."""
    company = "NVIDIA Corporation"
    version = f"32.0.15.{6603 + turn}"
    package = _setup(_download(scene, "us.download.nvidia.com", "566.03-desktop-win10.exe"), company, version)
    unpack = scene.start(package, "", "chrome")
    setup_path = f"C:\\NVIDIA\\DisplayDriver\\{version}\\setup.exe"
    scene.write(unpack, setup_path)
    setup = scene.start(_setup(setup_path, company, version), "", unpack)
    folder = f"{_PF}NVIDIA Corporation\\NvContainer\\"
    program = vendor(
        f"{folder}nvcontainer.exe",
        "nvcontainer.exe",
        "NVIDIA Container",
        version,
        company=company,
        loads="net",
    )
    scene.write(
        setup, program.path, f"{folder}plugins\\NvTelemetry.dll", f"{_PF}NVIDIA Corporation\\NvHelper.sys"
    )
    install = scene.start(
        _DRVINST, '"8" "4" "C:\\Windows\\System32\\DriverStore\\nv_dispi.inf"', "DcomLaunch"
    )
    store = (
        f"C:\\Windows\\System32\\DriverStore\\FileRepository\\nv_dispi.inf_amd64_{turn:016x}\\nvlddmkm.sys"
    )
    scene.write(install, store)
    scene.load_driver(_driver(store, "Microsoft Windows Hardware Compatibility Publisher"))
    scene.load_driver(_driver(f"{_PF}NVIDIA Corporation\\NvHelper.sys", company))
    scene.set_value(
        scene.role("services"), "HKLM\\System\\CurrentControlSet\\Services\\NvContainerLocalSystem\\ImagePath",
        f'"{program.path}" -s NvContainerLocalSystem',
    )  # fmt: skip
    container = scene.start(program, "-s NvContainerLocalSystem", "services")
    scene.load(
        container,
        vendor(
            f"{folder}plugins\\NvTelemetry.dll",
            "NvTelemetry.dll",
            "Telemetry",
            version,
            company=company,
            loads="",
        ),
    )
    _call(scene, container, "events.gfe.nvidia.com")
    scene.stop(install, setup, unpack)


def hardware_monitor(scene: Scene, _turn: int) -> None:
    """A program that brings its own driver for the while that it runs, by way of a service."""
    company = "CPUID S.A.R.L.U."
    program = vendor(
        f"{_PF}CPUID\\CPU-Z\\cpuz.exe", "cpuz.exe", "CPU-Z", "2.15", company=company, loads="window"
    )
    monitor = scene.start(program, integrity="High")
    path = f"{temp(scene)}\\cpuz159\\cpuz159_x64.sys"
    scene.write(monitor, path)
    scene.set_value(
        scene.role("services"),
        "HKLM\\System\\CurrentControlSet\\Services\\cpuz159\\ImagePath",
        f"\\??\\{path}",
    )
    scene.load_driver(_driver(path, company))
    _call(scene, monitor, "download.cpuid.com")
    scene.pause(30, 90)
    scene.delete(monitor, path, program=True)
    scene.stop(monitor)


def printer(scene: Scene, _turn: int) -> None:
    """A printer's setup unpacks itself into Temp, asks the command interpreter, and registers the device."""
    company = "HP Inc."
    package = _setup(_download(scene, "ftp.hp.com", "upd-pcl6-x64-7.3.0.exe"), company, "7.3.0")
    unpack = scene.start(package, "", "chrome")
    path = f"{temp(scene)}\\7zS{scene.rng.getrandbits(32):08X}\\Install.exe"
    scene.write(unpack, path)
    setup = scene.start(_setup(path, company, "7.3.0"), "/q", unpack)
    line = scene.start(
        "cmd", parent=setup, command="C:\\Windows\\system32\\cmd.exe /c pnputil /add-driver hpcu.inf"
    )
    scene.stop(line)
    install = scene.start(_DRVINST, '"4" "0" "hpcu255u.inf"', "DcomLaunch")
    scene.write(
        install, "C:\\Windows\\System32\\DriverStore\\FileRepository\\hpcu255u.inf_amd64\\hpcui255.dll"
    )
    scene.stop(install, setup, unpack)


def _driver(path: str, signer: str) -> Program:
    return vendor(path, path.rpartition("\\")[2], "Driver", "1.0", signer=signer, loads="")


# -- programs of developers and administrators


def git_desktop(scene: Scene, turn: int) -> None:
    """GitHub Desktop: Squirrel, a signed program, and in its folder a whole Git that nobody signed."""
    version = f"3.{5 + turn}.0"
    home = local(scene, "GitHubDesktop")
    company = "GitHub, Inc."
    update = vendor(
        f"{home}\\Update.exe", "Update.exe", "GitHub Desktop", "2.0.1", company=company, loads="dotnet"
    )
    folder = f"{home}\\app-{version}\\"
    program = vendor(
        f"{folder}GitHubDesktop.exe",
        "electron.exe",
        "GitHub Desktop",
        version,
        company=company,
        loads="browser",
    )
    if turn:
        squirrel = scene.start(update, "--update https://central.github.com/api/deployments", "githubdesktop")
        scene.stop(scene.role("githubdesktop"))
    else:
        path = _download(scene, "central.github.com", "GitHubDesktopSetup-x64.exe")
        setup = scene.start(_setup(path, company, version), "", "chrome")
        scene.write(setup, local(scene, "SquirrelTemp\\Update.exe"))
        squirrel = scene.start(update.at(local(scene, "SquirrelTemp\\Update.exe")), "--install .", setup)
        scene.write(squirrel, update.path)
        scene.stop(setup)
    _call(scene, squirrel, "central.github.com", "desktop.githubusercontent.com")
    git = unsigned(f"{folder}resources\\app\\git\\mingw64\\bin\\git.exe")
    remote = unsigned(f"{folder}resources\\app\\git\\mingw64\\bin\\git-remote-https.exe", "net")
    curl = unsigned(f"{folder}resources\\app\\git\\mingw64\\bin\\libcurl-4.dll", "")
    scene.write(
        squirrel, program.path, *(f"{folder}{one}" for one in _ELECTRON), git.path, remote.path, curl.path
    )
    fresh = scene.host.roles["githubdesktop"] = scene.start(program, "--squirrel-firstrun", squirrel, loads=9)
    scene.stop(squirrel)
    _electron(scene, fresh, signed=True)
    _call(scene, fresh, "api.github.com", "avatars.githubusercontent.com")
    line = scene.start(
        "cmd", parent=fresh, command='C:\\Windows\\system32\\cmd.exe /d /s /c "where code"', console=True
    )
    scene.stop(line)
    fetch = scene.start(git, "fetch --progress --prune origin", fresh)
    helper = scene.start(remote, "origin https://github.com/contoso/webshop.git", fetch)
    scene.load(helper, curl)
    _call(scene, helper, "github.com")
    scene.stop(helper, fetch)


def compiled(scene: Scene, turn: int) -> None:
    r"""`go run`: the linker writes a program into Temp, which runs at once, uses a shell and calls a service."""
    shell = scene.start("powershell", parent="explorer", directory="D:\\src\\stock-api\\", console=True)
    go = scene.start(_tool(f"{_PF}Go\\bin\\go.exe", "go.exe", "Google LLC"), "run ./cmd/stock", shell)
    folder = f"{temp(scene)}\\go-build{scene.rng.getrandbits(32)}\\b001"
    linker = unsigned(f"{_PF}Go\\pkg\\tool\\windows_amd64\\link.exe")
    link = scene.start(linker, f"-o {folder}\\exe\\stock.exe", go)
    scene.write(link, f"{folder}\\exe\\stock.exe")
    scene.stop(link)
    program = scene.start(unsigned(f"{folder}\\exe\\stock.exe", "net", f"stock {turn}"), "", go)
    line = scene.start("cmd", parent=program, command="cmd /c git rev-parse HEAD")
    scene.stop(line)
    _call(scene, program, "api.stock.example", "api.weather.example")
    scene.pause(10, 60)
    scene.stop(program, go, shell)
    scene.delete(go, f"{folder}\\exe\\stock.exe", program=True)


def notebook(scene: Scene, _turn: int) -> None:
    """pip brings JupyterLab: a launcher that nobody signed hands over to Python, which opens a terminal and fetches."""
    site_packages = scene.host.programs["python"].path.replace("python.exe", "")
    shell = scene.start("powershell", directory="D:\\src\\reports\\", console=True)
    pip = scene.start("python", "-m pip install jupyterlab pandas", shell, loads=16)
    scene.visit(pip, "pypi.org", "files.pythonhosted.org")
    launcher = unsigned(f"{site_packages}Scripts\\jupyter-lab.exe")
    scene.write(pip, launcher.path, f"{site_packages}Lib\\site-packages\\jupyterlab\\labapp.py")
    scene.stop(pip)
    scene.pause(20, 90)
    lab = scene.start(launcher, "", shell)
    server = scene.start("python", f'"{launcher.path}"', lab, loads=16)
    kernel = scene.start("python", "-m ipykernel_launcher -f kernel.json", server, loads=16)
    extension = unsigned(f"{site_packages}Lib\\site-packages\\pandas\\_libs\\lib.cp312-win_amd64.pyd", "")
    scene.load(kernel, extension)
    _call(scene, kernel, "data.statistics.example", "files.research.example")
    terminal = scene.start("powershell", parent=server, console=True)
    scene.stop(terminal, kernel, server, lab, shell)


def global_tool(scene: Scene, _turn: int) -> None:
    r"""`npm install -g`: starters as .cmd and .ps1 in the profile, and one program that nobody signed."""
    shell = scene.start("powershell", directory="D:\\src\\webshop\\", console=True)
    node = scene.host.programs["node"].path
    npm = scene.start(
        "node", parent=shell, command=f'"{node}" "{_PF}nodejs\\npm-cli.js" install -g typescript esbuild'
    )
    scene.visit(npm, "registry.npmjs.org")
    folder = f"{scene.host.user.home}\\AppData\\Roaming\\npm\\"
    program = unsigned(f"{folder}node_modules\\esbuild\\bin\\esbuild.exe")
    scene.write(
        npm,
        f"{folder}tsc.cmd",
        f"{folder}tsc.ps1",
        f"{folder}node_modules\\typescript\\lib\\tsc.js",
        program.path,
    )
    scene.stop(npm)
    line = scene.start(
        "cmd", parent=shell, command=f'C:\\Windows\\system32\\cmd.exe /c "{folder}tsc.cmd" --watch'
    )
    compiler = scene.start(
        "node", parent=line, command=f'node "{folder}node_modules\\typescript\\lib\\tsc.js" --watch'
    )
    scene.write(compiler, "D:\\src\\webshop\\dist\\main.js")
    bundler = scene.start(program, "--serve=8080", shell)
    scene.pause(5, 30)
    scene.stop(bundler, compiler, line, shell)


def browser_for_tests(scene: Scene, _turn: int) -> None:
    """Playwright brings a Chromium that nobody signed, and drives it through the site's own pages."""
    shell = scene.start("powershell", directory="D:\\src\\webshop\\", console=True)
    node = scene.host.programs["node"].path
    npx = scene.start("node", parent=shell, command=f'"{node}" "{_PF}nodejs\\npx-cli.js" playwright install')
    _call(scene, npx, "cdn.playwright.dev")
    folder = local(scene, "ms-playwright\\chromium-1148\\chrome-win\\")
    program = unsigned(f"{folder}chrome.exe", "browser")
    scene.write(npx, program.path, f"{folder}chrome.dll", *(f"{folder}{one}" for one in _ELECTRON))
    scene.stop(npx)
    runner = scene.start(
        "node", parent=shell, command=f'"{node}" "D:\\src\\webshop\\node_modules\\playwright\\cli.js" test'
    )
    browser = scene.start(program, "--headless --remote-debugging-pipe", runner, loads=9)
    scene.load(browser, unsigned(f"{folder}chrome.dll", ""))
    _call(scene, browser, "shop.example.com", "payments.example.net")
    scene.stop(browser, runner, shell)


def node_release(scene: Scene, turn: int) -> None:
    """Chocolatey and Windows Installer bring a new Node.js, which then does what the old one did."""
    choco = scene.start("choco", "upgrade nodejs -y", "explorer", integrity="High")
    scene.visit(choco, "community.chocolatey.org")
    _call(scene, choco, "nodejs.org")
    scene.write(choco, f"{temp(scene)}\\chocolatey\\nodejs\\22.{15 + turn}.0\\node-v22.{15 + turn}.0-x64.msi")
    service = scene.start("msiexec", "/V", "services")
    new = scene.host.programs["node"].renewed(f"22.{15 + turn}.0")
    scene.write(
        service, new.path, f"{_PF}nodejs\\npm.cmd", f"{_PF}nodejs\\node_modules\\npm\\bin\\npm-cli.js"
    )
    scene.host.programs["node"] = new
    scene.stop(service, choco)
    server = scene.start("node", "server.js", directory="D:\\src\\webshop\\")
    line = scene.start(
        "cmd", parent=server, command='C:\\Windows\\system32\\cmd.exe /d /s /c "git rev-parse HEAD"'
    )
    _call(scene, server, "api.payments.example")
    scene.stop(line, server)


def packages(scene: Scene, turn: int) -> None:
    """Chocolatey upgrades what an administrator uses: 7-Zip, unsigned, and Notepad++ and VLC, set up by NSIS."""
    choco = scene.start("choco", "upgrade all -y", "explorer", integrity="High")
    _call(scene, choco, "community.chocolatey.org", "packages.chocolatey.org")
    for name, folder, company in (
        ("7zip", "7-Zip\\7zFM.exe", ""),
        ("notepadplusplus", "Notepad++\\notepad++.exe", "Notepad++"),
        ("vlc", "VideoLAN\\VLC\\vlc.exe", "VideoLAN"),
    ):
        path = f"{temp(scene)}\\chocolatey\\{name}\\{turn + 1}.0\\{name}Install.exe"
        _call(scene, choco, f"{name}.example")
        scene.write(choco, f"C:\\ProgramData\\chocolatey\\lib\\{name}\\tools\\chocolateyInstall.ps1", path)
        setup = scene.start(_setup(path, company, "1.0", signed=bool(company)), "/S", choco)
        if company:
            _plugins(scene, setup)
        scene.write(setup, f"{_PF}{folder}", f"{_PF}{folder.rpartition(chr(92))[0]}\\uninstall.exe")
        line = scene.start(
            "cmd", parent=setup, command="C:\\Windows\\system32\\cmd.exe /c assoc .7z=7-Zip.7z"
        )
        scene.stop(line, setup)
    scene.stop(choco)
    scene.pause(60, 300)
    editor = scene.start(
        vendor(
            f"{_PF}Notepad++\\notepad++.exe",
            "notepad++.exe",
            "Notepad++",
            "8.8",
            company="Notepad++",
            loads="window",
        )
    )
    scene.run(vendor(
        f"{_PF}Notepad++\\updater\\gup.exe", "gup.exe", "WinGup", "5.3", company="Notepad++", loads="net"
    ), "-v8.8", editor)  # fmt: skip
    _call(scene, editor, "notepad-plus-plus.org")
    scene.stop(editor)


def desktop_winget(scene: Scene, turn: int) -> None:
    """winget fetches a signed setup, which installs and starts its program."""
    path = f"{_PF}WindowsApps\\Microsoft.DesktopAppInstaller_1.26.0_x64__8wekyb3d8bbwe\\winget.exe"
    winget = scene.start(
        vendor(path, "winget.exe", "Windows Package Manager", "1.26", loads="net"), "upgrade --all"
    )
    _call(scene, winget, "cdn.winget.microsoft.com")
    setup_path = f"{temp(scene)}\\WinGet\\Microsoft.PowerToys.0.{90 + turn}\\PowerToysUserSetup.exe"
    scene.write(winget, setup_path)
    setup = scene.start(_setup(setup_path, MICROSOFT, f"0.{90 + turn}"), "/quiet", winget)
    folder = local(scene, "PowerToys\\")
    program = vendor(
        f"{folder}PowerToys.exe",
        "PowerToys.exe",
        "PowerToys Runner",
        f"0.{90 + turn}",
        signer=MICROSOFT,
        loads="window",
    )
    scene.write(setup, program.path, f"{folder}modules\\launcher\\Wox.dll")
    fresh = scene.start(program, "", setup)
    _starts_at_logon(scene, fresh, "PowerToys")
    _call(scene, fresh, "api.github.com")
    scene.stop(setup, winget)


def house_program(scene: Scene, turn: int) -> None:
    """The in-house program, never signed, gets its next release by Windows Installer and asks its server as before."""
    service = scene.start("msiexec", "/V", "services")
    folder = "C:\\Program Files (x86)\\Contoso\\Ledger\\"
    scene.write(
        service, *(f"{folder}{name}" for name in ("ledger.exe", "lgcore.dll", "lgprint.dll", "lgdb32.dll"))
    )
    key = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\"
    scene.rename_key(service, f"{key}Ledger {turn}", f"{key}Ledger {turn + 1}")
    scene.stop(service)
    old = scene.host.programs["ledger"]
    scene.host.programs["ledger"] = old.renewed(f"7.{turn}")
    process = scene.start("ledger", "", loads=30)
    scene.visit(process, "ledger.contoso.example", port=8443)
    scene.pause(10, 60)
    scene.stop(process)


def _tool(path: str, name: str, company: str) -> Program:
    return vendor(path, name, name, "1.24", company=company, loads="console")
