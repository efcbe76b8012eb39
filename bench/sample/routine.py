"""What Windows does by itself all day: tasks, brokers, indexing, policy, antivirus, checks for updates."""

from __future__ import annotations

from sample.machine import DC
from sample.scene import Scene, prefetch

_APP = ("App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0", "CortanaUI.AppXy7vb4pc2dr3kc93kfc509b1d0arkfb2x")


def background_task(scene: Scene) -> None:
    name = scene.rng.choice(_APP)
    task = scene.start(
        "backgroundtask",
        f"-ServerName:{name}",
        "DcomLaunch",
        account=scene.host.user,
        integrity="AppContainer",
        loads=8,
    )
    broker = scene.start(
        "runtimebroker",
        parent="DcomLaunch",
        account=scene.host.user,
        command="C:\\Windows\\System32\\RuntimeBroker.exe -Embedding",
    )
    hive = f"\\REGISTRY\\A\\{{{scene.rng.getrandbits(32):08x}-fdda-862a-cf1a-705d48e448cb}}\\LocalState"
    for value in ("", "\\Health", "\\Subscriptions", "\\TaskState"):
        scene.make_key(task, hive + value)
    scene.set_value(task, hive + "\\LastRun", "Binary Data")
    if scene.rng.random() < 0.5:
        scene.visit(task, "arc.msn.com")
    scene.pause(2, 12)
    scene.stop(task)
    scene.pause(1, 20)
    scene.stop(broker)


def com_surrogate(scene: Scene) -> None:
    command = "C:\\Windows\\system32\\DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}"
    surrogate = scene.start("dllhost", parent="DcomLaunch", account=scene.host.user, command=command)
    scene.pause(3, 8)
    scene.stop(surrogate)


def indexing(scene: Scene) -> None:
    protocol = scene.start("searchprotocol", "Global\\UsGthrFltPipeMssGthrPipe1_", "searchindexer")
    filtering = scene.start("searchfilter", "0 796 800 808 8192 804 780", "searchindexer")
    scene.pause(5, 40)
    scene.stop(protocol, filtering)


def scheduled_task(scene: Scene) -> None:
    task = scene.start("taskhostw", parent="Schedule", command="taskhostw.exe", account=scene.host.user)
    scene.set_value(
        scene.role("Schedule"),
        "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks"
        f"\\{{{scene.rng.getrandbits(32):08X}-0000-4A3B-8C5D-E41B20973A66}}\\DynamicInfo",
        "Binary Data",
    )
    scene.pause(1, 15)
    scene.stop(task)


def telemetry(scene: Scene) -> None:
    runner = scene.start("compattel", "-m:appraiser.dll -f:DoScheduledTelemetryRun", "Schedule")
    for _ in range(scene.rng.randrange(2, 6)):
        scene.make_key(runner, "HKLM\\DRIVERS\\DriverDatabase\\DriverPackages")
    scene.visit(runner, "v10.events.data.microsoft.com")
    scene.pause(2, 9)
    scene.stop(runner)


def policy(scene: Scene) -> None:
    update = scene.start("gpupdate", parent="Schedule", command="gpupdate.exe /target:computer", console=True)
    service = scene.role("gpsvc")
    scene.resolve_internal(service, DC.name, DC.address)
    scene.ask_domain(service, 389)
    scene.ask_domain(scene.role("system"), 445)
    scene.write(
        service,
        "C:\\Windows\\System32\\GroupPolicy\\DataStore\\0\\sysvol\\corp.example.com\\Policies\\gpt.ini",
    )
    scene.pause(1, 4)
    scene.stop(update)


def antivirus(scene: Scene) -> None:
    engine = scene.role("msmpeng")
    scanner = scene.start("mpcmdrun", "SignaturesUpdateService -ScheduleJob -UnmanagedUpdate", engine)
    scene.visit(scanner, "definitionupdates.microsoft.com")
    scene.write(
        engine,
        "C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\Backup\\mpavbase.vdm",
        "C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\Backup\\mpavdlta.vdm",
    )
    scene.visit(engine, "wdcp.microsoft.com")
    scene.pause(1, 6)
    scene.stop(scanner)


def edge_check(scene: Scene) -> None:
    update = scene.start("edgeupdate", "/ua /installsource scheduler", "Schedule")
    scene.visit(update, "msedge.api.cdp.microsoft.com")
    scene.set_value(
        update, "HKLM\\SOFTWARE\\Wow6432Node\\Microsoft\\EdgeUpdate\\LastChecked", "DWORD (0x67ea2b10)"
    )
    scene.pause(1, 5)
    scene.stop(update)


def chrome_check(scene: Scene) -> None:
    update = scene.start("googleupdater", "--wake --system", "Schedule")
    scene.visit(update, "update.googleapis.com")
    scene.pause(1, 4)
    scene.stop(update)


def onedrive_check(scene: Scene) -> None:
    updater = scene.start("onedriveupdater", "/reporting", "Schedule", account=scene.host.user)
    scene.visit(updater, "oneclient.sfx.ms")
    scene.pause(1, 3)
    scene.stop(updater)


def problem_report(scene: Scene) -> None:
    reporter = scene.start("wermgr", "-upload", "Schedule")
    folder = (
        f"C:\\ProgramData\\Microsoft\\Windows\\WER\\ReportQueue\\NonCritical_{scene.rng.getrandbits(48):012x}"
    )
    scene.write(reporter, f"{folder}\\Report.wer", f"{folder}\\WERInternalMetadata.xml")
    scene.visit(reporter, "watson.events.data.microsoft.com")
    scene.delete(reporter, f"{folder}\\Report.wer")
    scene.stop(reporter)


def update_check(scene: Scene) -> None:
    client = scene.start("usoclient", "StartScan", "Schedule")
    worker = scene.start("mousocore", "-Embedding", "DcomLaunch")
    scene.visit(worker, "slscr.update.microsoft.com", "fe3cr.delivery.mp.microsoft.com")
    scene.stop(client)
    scene.pause(5, 30)
    scene.stop(worker)


def device_agent(scene: Scene) -> None:
    """A management agent that asks its vendor, who is on no list, and uses the command interpreter."""
    agent = scene.role("contosoagent")
    scene.visit(agent, "agent.contoso.example")
    shell = scene.start(
        "cmd", parent=agent, command="C:\\Windows\\system32\\cmd.exe /c ipconfig /all", console=True
    )
    scene.run("ipconfig", "/all", shell)
    scene.stop(shell)
    scene.write(agent, "C:\\ProgramData\\Contoso\\Agent\\state\\inventory.json")


def app_start(scene: Scene) -> None:
    """SysMain notes what ran."""
    programs = ("cmd", "chrome", "edge", "notepad", "backgroundtask", "svchost", "taskhostw")
    for name in scene.rng.sample(programs, 3):
        scene.write(scene.role("SysMain"), prefetch(scene.host.programs[name].path))


#: (weight, activity): what each host does in any case.
ROUTINE = (
    (10, background_task),
    (6, com_surrogate),
    (5, indexing),
    (7, scheduled_task),
    (2, telemetry),
    (2, policy),
    (2, antivirus),
    (2, edge_check),
    (2, onedrive_check),
    (1, problem_report),
    (1, update_check),
    (3, device_agent),
    (4, app_start),
)
_NO_USER = {background_task, com_surrogate, edge_check, onedrive_check, app_start}
SERVER_ROUTINE = tuple(entry for entry in ROUTINE if entry[1] not in _NO_USER)
