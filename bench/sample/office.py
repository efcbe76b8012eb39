"""What people do with their computers: the web, mail, documents, meetings, printing."""

from __future__ import annotations

from sample.machine import Process
from sample.network import INTRANET, SITES
from sample.program import Program
from sample.scene import Scene

_NAMES = ("budget", "minutes", "offer", "forecast", "letter", "plan", "inventory", "contract", "report")


def temp_folder(scene: Scene) -> str:
    r"""The user's %TEMP%. Developers of this site have theirs on the second drive, beside their sources."""
    if scene.host.plan.kind == "developer":
        return "D:\\Temp"
    return f"{scene.host.user.home}\\AppData\\Local\\Temp"


def local(scene: Scene, path: str) -> str:
    return f"{scene.host.user.home}\\AppData\\Local\\{path}"


def morning(scene: Scene) -> None:
    """The user comes in and opens what stays open all day."""
    names = ["chrome", "edge", "outlook", "teams"]
    if scene.host.plan.kind == "developer":
        names = ["chrome", "edge", "outlook", "code"]
    for name in names:
        if name in scene.host.roles:
            scene.stop(scene.role(name))
        scene.host.roles[name] = scene.start(name, loads=9)
        scene.pause(4, 20)
    scene.visit(scene.role("outlook"), "outlook.office365.com")
    scene.visit(scene.role("onedrive"), "oneclient.sfx.ms", "skydrive.wns.windows.com")
    scene.visit(scene.role("edge"), "edge.microsoft.com", "config.edge.skype.com")
    scene.visit(scene.role("chrome"), "clients2.google.com", "safebrowsing.googleapis.com")


def browse(scene: Scene) -> None:
    name = scene.rng.choice(("chrome", "chrome", "edge"))
    browser = scene.role(name)
    renderer = scene.start(
        name, "--type=renderer --field-trial-handle=2104,i,1379 --lang=en-US", browser, integrity="Low"
    )
    vendor = "Google\\Chrome" if name == "chrome" else "Microsoft\\Edge"
    profile = local(scene, f"{vendor}\\User Data\\Default")
    for site in scene.rng.sample(SITES, scene.rng.randrange(2, 6)):
        scene.visit(browser, site)
        scene.write(browser, f"{profile}\\Cache\\Cache_Data\\f_{scene.rng.getrandbits(24):06x}")
        scene.pause(2, 25)
    if scene.rng.random() < 0.15:
        _download(scene, browser)
    scene.delete(browser, f"{profile}\\Cache\\Cache_Data\\f_{scene.rng.getrandbits(24):06x}")
    scene.stop(renderer)


def _download(scene: Scene, browser: Process) -> None:
    name = f"{scene.rng.choice(_NAMES)}-{scene.rng.randrange(100, 999)}.pdf"
    folder = f"{scene.host.user.home}\\Downloads"
    scene.write(browser, f"{folder}\\{name}.crdownload", f"{folder}\\{name}")


def document(scene: Scene) -> None:
    program, extension = scene.rng.choice((("word", "docx"), ("excel", "xlsx")))
    home = scene.host.user.home
    path = f"{home}\\Documents\\{scene.rng.choice(_NAMES)}-{scene.rng.randrange(1, 99)}.{extension}"
    office = scene.start(program, f'/n "{path}" /o ""', loads=12)
    hive = scene.hive(scene.host.user)
    scene.set_value(office, f"{hive}\\SOFTWARE\\Microsoft\\Office\\16.0\\Common\\LastStart", "Binary Data")
    scene.make_key(office, f"{hive}\\SOFTWARE\\Microsoft\\Office\\16.0\\Word\\Reading Locations")
    scene.visit(office, "roaming.officeapps.live.com")
    scene.pause(10, 60)
    scene.write(office, f"{home}\\Documents\\~${path.rpartition(chr(92))[2]}", path)
    if scene.rng.random() < 0.35:
        _print(scene, office)
    scene.delete(office, f"{home}\\Documents\\~${path.rpartition(chr(92))[2]}")
    scene.stop(office)


def _print(scene: Scene, office: Process) -> None:
    driver = scene.start("splwow64", "8192", office)
    spooler = scene.role("spoolsv")
    job = f"C:\\Windows\\System32\\spool\\PRINTERS\\{scene.rng.randrange(1, 9999):05d}"
    scene.write(spooler, f"{job}.SPL", f"{job}.SHD")
    isolation = scene.start(
        "printisolation", "-Embedding", "DcomLaunch", account=scene.host.accounts["local"]
    )
    scene.pause(3, 10)
    scene.delete(spooler, f"{job}.SPL")
    scene.delete(spooler, f"{job}.SHD")
    scene.stop(driver, isolation)


def mail(scene: Scene) -> None:
    outlook = scene.role("outlook")
    scene.visit(outlook, "outlook.office365.com")
    name = f"{scene.rng.choice(_NAMES)} ({scene.rng.randrange(1, 20)}).docx"
    path = local(scene, f"Microsoft\\Windows\\INetCache\\Content.Outlook\\7KQ2M1XD\\{name}")
    scene.write(outlook, path)
    if scene.rng.random() < 0.4:
        word = scene.start("word", f'/n "{path}" /o ""', outlook, loads=10)
        scene.pause(10, 50)
        scene.stop(word)


def meeting(scene: Scene) -> None:
    """Teams asks the registry by way of the command interpreter, as Electron programs do."""
    teams = scene.role("teams")
    renderer = scene.start("teams", "--type=renderer --no-sandbox --lang=en-US", teams, loads=8)
    scene.visit(teams, "teams.microsoft.com", "trouter.teams.microsoft.com", "config.teams.microsoft.com")
    key = "HKCU\\Software\\Microsoft\\Office\\16.0\\Common\\Identity"
    shell = scene.start(
        "cmd",
        parent=teams,
        command=f'C:\\Windows\\system32\\cmd.exe /d /s /c "C:\\Windows\\system32\\reg.exe QUERY {key} /s"',
        console=True,
    )
    scene.run("reg", f"QUERY {key} /s", shell, 0.1)
    scene.stop(shell)
    scene.write(teams, f"{scene.host.user.home}\\AppData\\Roaming\\Microsoft\\Teams\\logs.txt")
    scene.pause(20, 120)
    scene.stop(renderer)


def small_tool(scene: Scene) -> None:
    tool = scene.start("notepad", f"{scene.host.user.home}\\Desktop\\notes.txt")
    screen = scene.start("smartscreen", "-Embedding", "DcomLaunch", account=scene.host.user)
    scene.visit(screen, "nav.smartscreen.microsoft.com")
    scene.pause(5, 60)
    scene.stop(tool, screen)


def ledger(scene: Scene) -> None:
    """An old in-house program, unsigned, with unsigned libraries."""
    program: Program = scene.host.programs["ledger"]
    process = scene.start(program, "", loads=30)
    scene.visit(process, "ledger.contoso.example", port=8443)
    scene.write(process, f"{temp_folder(scene)}\\lg{scene.rng.getrandbits(20):05x}.tmp")
    scene.pause(10, 90)
    scene.stop(process)


def intranet(scene: Scene) -> None:
    browser = scene.role("edge")
    for name in scene.rng.sample(INTRANET, 2):
        scene.resolve_internal(browser, name, "10.20.2.30")
    scene.ask_domain(scene.role("lsass"), 88)


#: (weight, activity)
OFFICE = (
    (12, browse),
    (7, document),
    (6, mail),
    (3, small_tool),
    (3, ledger),
    (3, intranet),
)
MEETINGS = (*OFFICE, (4, meeting))
