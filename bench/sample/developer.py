r"""What developers do: editor, terminals, git, npm, pip, builds.

The same helper makes each kind of child everywhere, so that which program starts which command interpreter
stays the same all day; `tools` shows them all once in the morning.
"""

from __future__ import annotations

from sample.machine import Process
from sample.office import temp_folder
from sample.scene import Scene

PROJECTS = ("webshop", "stock-api", "reports")
NPM = "C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js"
_PACKAGES = ("react", "vite", "lodash", "zod", "express", "pino", "vitest", "eslint", "dayjs", "esbuild")


def project(scene: Scene) -> str:
    return f"D:\\src\\{scene.rng.choice(PROJECTS)}\\"


def shell_in_editor(scene: Scene) -> Process:
    """The terminal of Visual Studio Code."""
    script = scene.host.programs["code"].path.replace("Code.exe", "resources\\app\\out\\shellIntegration.ps1")
    shell = scene.start(
        "powershell",
        f"-noexit -command \"try {{ . '{script}' }} catch {{}}\"",
        "code",
        directory=project(scene),
        console=True,
    )
    _policy_test(scene, shell)
    return shell


def shell_in_terminal(scene: Scene) -> Process:
    """PowerShell in Windows Terminal, whose real start program is called wt.exe."""
    alias = scene.start("wt")
    terminal = scene.start("terminal", parent=alias)
    scene.stop(alias)
    console = scene.start("openconsole", "--headless --width 120 --height 30 --signal 0x7c4", terminal)
    shell = scene.start("powershell", parent=terminal, directory=project(scene))
    shell.companions += [console, terminal]
    _policy_test(scene, shell)
    return shell


def _policy_test(scene: Scene, shell: Process) -> None:
    """PowerShell tests at its start whether scripts may run: it writes one and deletes it."""
    path = f"{temp_folder(scene)}\\__PSScriptPolicyTest_{scene.rng.getrandbits(40):010x}.ps1"
    scene.write(shell, path)
    scene.delete(shell, path)


def shell_command(scene: Scene, parent: Process, command: str, directory: str) -> Process:
    """Node's way to run a line: through the command interpreter."""
    return scene.start(
        "cmd",
        parent=parent,
        command=f"C:\\Windows\\system32\\cmd.exe /d /s /c {command}",
        directory=directory,
        console=True,
    )


def git(scene: Scene, shell: Process) -> None:
    process = scene.start(
        "git", scene.rng.choice(("pull --ff-only", "fetch --all", "push origin main")), shell
    )
    remote = scene.start("githttps", "origin https://github.com/contoso/webshop.git", process)
    scene.visit(remote, "github.com")
    scene.pause(0.5, 3)
    hook = scene.start("sh", ".git/hooks/post-merge", process)
    scene.write(process, f"{shell.directory}.git\\FETCH_HEAD", f"{shell.directory}.git\\ORIG_HEAD")
    scene.stop(hook, remote, process)


def npm_install(scene: Scene, shell: Process) -> None:
    """npm fetches packages and runs the install script of one: node, cmd, node."""
    npm = scene.start(
        "node", parent=shell, command=f'"{_node(scene)}" "{NPM}" install', directory=shell.directory
    )
    scene.visit(npm, "registry.npmjs.org")
    for name in scene.rng.sample(_PACKAGES, 5):
        folder = f"{shell.directory}node_modules\\{name}"
        scene.write(npm, f"{folder}\\package.json", f"{folder}\\index.js")
    folder = f"{shell.directory}node_modules\\esbuild"
    line = shell_command(scene, npm, "node install.js", folder + "\\")
    script = scene.start("node", parent=line, command="node  install.js", directory=folder + "\\")
    scene.write(script, f"{folder}\\esbuild.exe")
    scene.pause(0.3, 1.5)
    scene.stop(script, line, npm)


def npm_run(scene: Scene, shell: Process) -> None:
    npm = scene.start(
        "node", parent=shell, command=f'"{_node(scene)}" "{NPM}" run build', directory=shell.directory
    )
    line = shell_command(scene, npm, "vite build", shell.directory)
    build = scene.start("node", parent=line, command='node  "node_modules\\vite\\bin\\vite.js" build')
    for number in range(scene.rng.randrange(2, 6)):
        scene.write(build, f"{shell.directory}dist\\assets\\index-{number}{scene.rng.getrandbits(28):07x}.js")
    scene.pause(2, 12)
    scene.stop(build, line, npm)


def npx(scene: Scene, shell: Process) -> None:
    """npx keeps what it fetches in the user's profile and runs it from there."""
    npm = scene.start(
        "node", parent=shell, command=f'"{_node(scene)}" "{NPM.replace("npm-cli", "npx-cli")}" create-report'
    )
    scene.visit(npm, "registry.npmjs.org")
    folder = (
        f"{scene.host.user.home}\\AppData\\Local\\npm-cache\\_npx\\8ff1c36b2ea1\\node_modules\\create-report"
    )
    scene.write(npm, f"{folder}\\package.json", f"{folder}\\cli.js")
    line = shell_command(scene, npm, "create-report", shell.directory)
    tool = scene.start("node", parent=line, command=f'node  "{folder}\\cli.js"', directory=shell.directory)
    inner = shell_command(scene, tool, '"git --version"', shell.directory)
    scene.run("git", "--version", inner)
    scene.write(tool, f"{shell.directory}report.config.json")
    scene.stop(inner, tool, line, npm)


def pip_install(scene: Scene, shell: Process) -> None:
    python = scene.start("python", "-m pip install --upgrade black", shell, loads=16)
    scene.visit(python, "pypi.org", "files.pythonhosted.org")
    site = scene.host.programs["python"].path.replace("python.exe", "")
    scene.write(python, f"{site}Lib\\site-packages\\black\\__init__.py", f"{site}Scripts\\black.exe")
    scene.pause(1, 4)
    scene.stop(python)


def python_tool(scene: Scene, shell: Process) -> None:
    """A program that pip wrote: a starter that hands over to Python."""
    site = scene.host.programs["python"].path.replace("python.exe", "")
    starter = scene.start(scene.host.programs["sh"].at(f"{site}Scripts\\black.exe"), "src", shell)
    python = scene.start("python", f'"{site}Scripts\\black.exe" src', starter, loads=10)
    scene.write(python, f"{shell.directory}src\\main.py")
    scene.stop(python, starter)


def dotnet_build(scene: Scene, shell: Process) -> None:
    build = scene.start("dotnet", "build -c Release", shell, loads=10)
    worker = scene.start("dotnet", "exec MSBuild.dll /nodemode:1 /nodeReuse:true", build, loads=6)
    for name in ("Stock.Api.dll", "Stock.Api.exe", "Stock.Core.dll"):
        scene.write(worker, f"{shell.directory}bin\\Release\\net10.0\\{name}")
    scene.pause(3, 15)
    scene.stop(worker, build)


def editor(scene: Scene) -> None:
    """Visual Studio Code's helpers: a language server, git, and a line for the command interpreter."""
    code = scene.role("code")
    server = scene.start("code", "--type=utility --utility-sub-type=node.mojom.NodeService", code, loads=6)
    scene.visit(code, "update.code.visualstudio.com", "marketplace.visualstudio.com", "default.exp-tas.com")
    line = shell_command(scene, code, '"chcp"', "D:\\src\\")
    scene.stop(line)
    scene.run("git", "status -z -uall", code)
    scene.write(code, f"{scene.host.user.home}\\AppData\\Roaming\\Code\\User\\workspaceStorage\\state.vscdb")
    scene.pause(10, 60)
    scene.stop(server)


def session_in_editor(scene: Scene) -> None:
    shell = shell_in_editor(scene)
    for work in scene.rng.sample((git, npm_install, npm_run, dotnet_build), 2):
        work(scene, shell)
        scene.pause(2, 20)
    scene.stop(shell)


def session_in_terminal(scene: Scene) -> None:
    shell = shell_in_terminal(scene)
    for work in scene.rng.sample((git, npm_run, pip_install, python_tool), 2):
        work(scene, shell)
        scene.pause(2, 20)
    scene.stop(shell)


def tools(scene: Scene) -> None:
    """Every tool once."""
    editor(scene)
    shell = shell_in_editor(scene)
    for work in (git, npm_install, npm_run):
        work(scene, shell)
    scene.stop(shell)


def packages_in_profile(scene: Scene) -> None:
    shell = shell_in_editor(scene)
    npx(scene, shell)
    scene.stop(shell)


def new_python_tool(scene: Scene) -> None:
    shell = shell_in_terminal(scene)
    pip_install(scene, shell)
    python_tool(scene, shell)
    scene.stop(shell)


def _node(scene: Scene) -> str:
    return scene.host.programs["node"].path


#: (weight, activity)
DEVELOPER = ((5, editor), (5, session_in_editor), (4, session_in_terminal))
