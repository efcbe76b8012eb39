"""What servers do: build jobs, logons and name service for the network, administration by script."""

from __future__ import annotations

from sample import records
from sample.machine import NETWORK, Process
from sample.scene import Event, Scene

_WORK = "C:\\agent\\_work\\"


def build_job(scene: Scene) -> None:
    """An agent takes a job: sources, packages, tests, an archive."""
    agent = scene.role("agent")
    scene.visit(agent, "dev.azure.com")
    folder = f"{_WORK}{scene.rng.randrange(1, 6)}\\s\\"
    line = _line(scene, agent, "git fetch --depth=1 origin main", folder)
    git = scene.start("git", "fetch --depth=1 origin main", line)
    remote = scene.start("githttps", "origin https://github.com/contoso/webshop.git", git)
    scene.visit(remote, "github.com")
    scene.stop(remote, git, line)
    _packages(scene, agent, folder)
    _archive(scene, agent, folder)


def _packages(scene: Scene, agent: Process, folder: str) -> None:
    line = _line(scene, agent, "npm ci", folder)
    npm = scene.start("node", parent=line, command="node  npm-cli.js ci", directory=folder)
    scene.visit(npm, "registry.npmjs.org")
    for number in range(scene.rng.randrange(3, 9)):
        scene.write(npm, f"{folder}node_modules\\pkg{number:02d}\\index.js")
    script = scene.start("cmd", parent=npm, command="C:\\Windows\\system32\\cmd.exe /d /s /c node install.js")
    node = scene.start("node", parent=script, command="node  install.js", directory=folder)
    scene.pause(0.5, 4)
    scene.stop(node, script, npm, line)


def _archive(scene: Scene, agent: Process, folder: str) -> None:
    line = _line(scene, agent, "dotnet publish -c Release", folder)
    build = scene.start("dotnet", "publish -c Release", line, loads=10)
    scene.visit(build, "api.nuget.org")
    scene.write(build, f"{folder}out\\Stock.Api.dll", f"{folder}out\\Stock.Api.exe")
    scene.pause(3, 20)
    scene.stop(build, line)
    archive = scene.start("sevenzip", f'a "{_WORK}a\\drop.zip" "{folder}out\\*"', agent)
    scene.write(archive, f"{_WORK}a\\drop.zip")
    scene.stop(archive)


def _line(scene: Scene, agent: Process, command: str, folder: str) -> Process:
    return scene.start(
        "cmd",
        parent=agent,
        command=f'"C:\\Windows\\system32\\cmd.exe" /D /E:ON /V:OFF /S /C "{command}"',
        directory=folder,
        console=True,
    )


def backup(scene: Scene) -> None:
    copy = scene.start("robocopy", "C:\\agent\\_work\\a \\\\DC-01\\drop$ /MIR /R:2", "Schedule")
    scene.ask_domain(scene.role("system"), 445)
    scene.pause(3, 20)
    scene.stop(copy)


def clients(scene: Scene) -> None:
    """Workstations ask for names, tickets and files."""
    for _ in range(scene.rng.randrange(4, 12)):
        client = scene.rng.choice(NETWORK[:7])
        role, port, protocol = scene.rng.choice(
            (("dns", "53", "udp"), ("dns", "53", "udp"), ("lsass", "88", "tcp"), ("lsass", "389", "tcp"),
             ("system", "445", "tcp"))
        )  # fmt: skip
        source = (client.address, client.fqdn, str(scene.rng.randrange(49152, 65536)))
        own = (scene.host.plan.address, scene.host.plan.fqdn, port)
        data = records.connection(
            scene.time, scene.role(role), source, own, protocol=protocol, initiated=False
        )
        scene.events.append(Event(scene.time, records.CONNECT, data))
        scene.pause(0.2, 6)


def replication(scene: Scene) -> None:
    service = scene.role("dfsrs")
    scene.ask_domain(service, 389)
    scene.set_value(
        service,
        "HKLM\\System\\CurrentControlSet\\Services\\DFSR\\Parameters\\Replication Groups\\LastChangeTime",
        "Binary Data",
    )
    scene.write(service, "C:\\System Volume Information\\DFSR\\database\\dfsr.db")


def admin_script(scene: Scene) -> None:
    """A scheduled script of the administrators, in the place where they keep them; it was written long ago."""
    shell = scene.start(
        "powershell",
        "-NoProfile -NonInteractive -File C:\\Scripts\\Get-StaleAccounts.ps1",
        "Schedule",
        directory="C:\\Scripts\\",
        console=True,
    )
    scene.ask_domain(shell, 389)
    scene.run("net", 'group "Domain Computers" /domain', shell)
    line = scene.start("cmd", parent=shell, command="C:\\Windows\\system32\\cmd.exe /c whoami /groups")
    scene.run("whoami", "/groups", line)
    scene.write(shell, "C:\\Scripts\\out\\stale-accounts.csv")
    scene.stop(line, shell)


#: (weight, activity)
BUILD_SERVER = ((8, build_job), (2, backup))
DOMAIN_CONTROLLER = ((12, clients), (3, replication), (3, admin_script))
