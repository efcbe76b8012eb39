"""The command that confines: strace around bubblewrap around the step.

strace stands outside and follows every child, so it is the witness whose word the package cannot forge. The network
namespace and an outer user namespace are the keeper's own already; bubblewrap adds the rest.
"""

from __future__ import annotations

from pathlib import Path

from clew.vetting.sandbox.plan import Limits, Plan, Step
from clew.vetting.sandbox.stage import Stage

#: The user's number inside, as the first user of a Debian machine has it.
USER = 1000

#: The system calls that are written down.
TRACED = (
    "execve,execveat,exit_group,fork,vfork,clone,chdir,fchdir,"
    "open,openat,openat2,creat,unlink,unlinkat,rmdir,rename,renameat,renameat2,truncate,"
    "chmod,fchmod,fchmodat,link,linkat,symlink,symlinkat,"
    "socket,connect,sendto,sendmsg,sendmmsg,memfd_create,ptrace"
)
_TEXT = 2_048
"""Longest text of a call that is written down, in bytes."""


def trace(programs: dict[str, str], output: Path) -> list[str]:
    """strace's part of the command. ``?`` lets an architecture lack a call (strace(1))."""
    calls = ",".join(f"?{name}" for name in TRACED.split(","))
    return [
        programs["strace"],
        *(
            "-f",
            "-y",
            "--seccomp-bpf",
            "--decode-pids=pidns",
            "--absolute-timestamps=format:unix,precision:us",
        ),
        *("-s", str(_TEXT), "-e", f"trace={calls}", "-e", "signal=none", "-o", str(output)),
    ]


def limit(programs: dict[str, str], limits: Limits, processes: int) -> list[str]:
    """prlimit's part; `processes` that the user has already on old kernels come on top."""
    return [
        programs["prlimit"],
        f"--nproc={limits.processes + processes}",
        f"--cpu={limits.cpu}",
        f"--fsize={limits.file}",
        f"--data={limits.memory}",
        "--nofile=4096",
        "--core=0",
        "--memlock=8388608",
        "--",
    ]


def confine(bwrap: str, plan: Plan, stage: Stage, step: Step, pipes: tuple[int, int]) -> list[str]:
    """bubblewrap's part, with the step's own command at its end. It reads the filter from the first pipe and tells
    of the command in the second."""
    return [
        bwrap,
        *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *(
            "--uid",
            str(USER),
            "--gid",
            str(USER),
            "--hostname",
            plan.hostname,
            "--new-session",
            "--cap-drop",
            "ALL",
        ),
        *_folders(plan, stage),
        *("--chdir", step.directory, "--clearenv", *_environment(step)),
        *("--seccomp", str(pipes[0]), "--json-status-fd", str(pipes[1]), "--", *step.command),
    ]


def _folders(plan: Plan, stage: Stage) -> list[str]:
    found = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if Path("/", name).is_symlink():
            found += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path("/", name).is_dir():
            found += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in plan.masked:
        found += ["--tmpfs", path, "--remount-ro", path]
    found += ["--proc", "/proc", "--dev", "/dev", "--dir", "/run", "--dir", "/var/log"]
    found += ["--ro-bind", str(stage.inside("etc")), "/etc", "--ro-bind", str(stage.inside("opt")), "/opt"]
    for source, target in plan.laid:
        found += ["--ro-bind", str(stage.inside(source)), target]
    found += ["--bind", str(stage.inside("home")), "/home", "--bind", str(stage.inside("tmp")), "/tmp"]
    found += ["--symlink", "/tmp", "/var/tmp", "--bind", str(stage.inside("shm")), "/dev/shm"]
    found += ["--bind", str(stage.log), plan.log]
    return [*found, "--remount-ro", "/dev", "--remount-ro", "/"]


def _environment(step: Step) -> list[str]:
    return [part for name, value in step.environment.items() for part in ("--setenv", name, value)]
