"""The keeper: a process of its own that makes the namespaces, holds the sinkhole, and runs the steps one by one.

It starts with the caller's rights and gives them up: root becomes nobody, then both it and a plain user go into new
user, mount, pid, network, ipc and uts namespaces, where it is the first process. When it ends, whatever the package
started ends with it. It reads a `Plan` from its standard input and writes an `Outcome` to its standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from clew.errors import SandboxError
from clew.vetting.sandbox import bubble, kernel, seccomp, selftest
from clew.vetting.sandbox.authority import Authority
from clew.vetting.sandbox.harvest import Harvest
from clew.vetting.sandbox.network import raise_network
from clew.vetting.sandbox.plan import Ended, Outcome, Plan, Step
from clew.vetting.sandbox.programs import require
from clew.vetting.sandbox.sinkhole import Sinkhole
from clew.vetting.sandbox.stage import Stage
from clew.vetting.sandbox.tree import snapshot
from clew.vetting.sandbox.watch import watch

NOBODY = 65_534
_ALL = (
    kernel.NEW_USER
    | kernel.NEW_MOUNTS
    | kernel.NEW_PIDS
    | kernel.NEW_NETWORK
    | kernel.NEW_IPC
    | kernel.NEW_UTS
)
_TEST_SECONDS = 10.0


def main() -> None:
    """Runs the plan given on standard input, below the folder named by the first argument."""
    kernel.die_with_parent()
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    try:
        outcome = _keep(plan, Path(sys.argv[1]))
    except SandboxError as error:
        outcome = Outcome(error=str(error))
    except OSError as error:
        outcome = Outcome(error=f"the sandbox could not be made: {error}; {_ADVICE}")
    if outcome is not None:
        sys.stdout.buffer.write(msgspec.json.encode(outcome))
        sys.stdout.flush()
        os._exit(0)


_ADVICE = (
    "user namespaces must be allowed (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, "
    "kernel.apparmor_restrict_unprivileged_userns=0), and a container must not forbid unshare and mount"
)


def _keep(plan: Plan, root: Path) -> Outcome | None:
    """The outcome, in the first process of the new namespaces; nothing in its parent."""
    programs = require()
    stage = Stage(root, plan)
    authority = _enter(stage, plan)
    child = os.fork()  # only children are in a new pid namespace
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
    kernel.die_with_parent()
    kernel.mount("proc", "/proc", "proc")
    six = raise_network(programs)
    sinkhole = Sinkhole(authority, six=six, contacts=plan.limits.contacts)
    return _Stay(plan, stage, programs, sinkhole).outcome()


def _enter(stage: Stage, plan: Plan) -> Authority:
    """Builds the stage, gives up root where it is held, and enters the new namespaces."""
    root = os.geteuid() == 0
    if root:
        kernel.unshare(kernel.NEW_MOUNTS)
        kernel.mount("none", "/", None, kernel.RECURSIVE | kernel.PRIVATE)
    else:
        _part()
    stage.build()
    authority = Authority(stage.kept)
    authority.context("localhost")  # what it imports when it is first used may be out of reach later
    trust = stage.inside(plan.trust)
    trust.parent.mkdir(parents=True, exist_ok=True)
    trust.write_text(authority.certificate)
    if root:
        stage.give(NOBODY)
        _step_down()
        _part()
    kernel.gain_no_privileges()
    return authority


def _part() -> None:
    """Leaves the caller's namespaces; in the new ones this user is root, over nothing else."""
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(_ALL)
    kernel.map_to_root(user, group)


def _step_down() -> None:
    """Root becomes nobody, for good."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    kernel.be_dumpable()
    kernel.die_with_parent()  # forgotten when the user changes


class _Stay:
    """All steps, in one set of namespaces."""

    def __init__(self, plan: Plan, stage: Stage, programs: dict[str, str], sinkhole: Sinkhole) -> None:
        self._plan, self._stage, self._programs, self._sinkhole = plan, stage, programs, sinkhole
        self._roots = {str(stage.inside(path)): path for path in plan.watched}
        self._own = _own_processes()

    def outcome(self) -> Outcome:
        self._prove()
        ended = []
        tree = snapshot(self._roots)
        over = time.monotonic() + 3 * self._plan.limits.seconds
        for at, step in enumerate(self._plan.steps):
            seconds = min(self._plan.limits.seconds, over - time.monotonic())
            if seconds <= 0:
                break
            harvest = Harvest(self._stage, f"{at}-{step.name}", tree, self._roots)
            result = self._run(step, harvest.trace, harvest.printed, seconds)
            result.contacts, result.unheard = self._sinkhole.take()
            done, tree = harvest.gather(result, self._plan.limits)
            ended.append(done)
        return Outcome(steps=ended)

    def _prove(self) -> None:
        test = selftest.test(self._plan, self._programs["bash"])
        trace, printed = self._stage.kept / "self-test.trace", self._stage.kept / "self-test.out"
        self._run(test.step, trace, printed, _TEST_SECONDS)
        patience = time.monotonic() + 2
        while not test.landed(self._sinkhole.contacts) and time.monotonic() < patience:
            time.sleep(0.005)
        faults = test.faults(printed.read_text(errors="replace"), self._sinkhole.contacts)
        if faults:
            raise SandboxError(
                f"the sandbox did not pass its self-test, so nothing was run: {'; '.join(faults)[:1000]}. "
                "Vet on a machine whose kernel and bubblewrap keep these apart"
            )
        self._sinkhole.take()
        self._stage.fresh_log()

    def _run(self, step: Step, trace: Path, printed: Path, seconds: float) -> Ended:
        """Runs one step to its end or its limit, and ends whatever it left behind."""
        status, told = os.pipe()
        os.set_blocking(status, False)
        filter_ = seccomp.descriptor()
        command = [
            *bubble.trace(self._programs, trace),
            *bubble.limit(self._programs, self._plan.limits, self._own),
            *bubble.confine(self._programs["bwrap"], self._plan, self._stage, step, (filter_, told)),
        ]
        started, clock = time.time(), time.monotonic()
        with printed.open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=(filter_, told), env={}
            )
        os.close(filter_)
        os.close(told)
        heard = _Status(status)
        written = [trace, printed, self._stage.log]
        reached = watch(lambda: process.poll() is None, heard.ended, written, self._plan.limits, seconds)
        _end_all()
        process.wait()
        heard.ended()
        os.close(status)
        return Ended(
            name=step.name,
            started=started,
            seconds=time.monotonic() - clock,
            code=heard.code,
            trace="",
            log="",
            printed="",
            reached=reached,
            lost=[],
            deleted=[],
            changed={},
            added={},
            contacts=[],
            unheard=0,
        )


class _Status:
    """What bubblewrap says of the step's own command, as JSON objects in a pipe: its pid, later its exit code."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._text = descriptor, b""
        self.code: int | None = None

    def ended(self) -> bool:
        """True as soon as the command has ended."""
        try:
            self._text += os.read(self._descriptor, 4096)
        except BlockingIOError:
            return self.code is not None
        for line in self._text.splitlines():
            if b'"exit-code"' in line and line.rstrip().endswith(b"}"):
                self.code = int(msgspec.json.decode(line)["exit-code"])
        return self.code is not None


def _end_all() -> None:
    """Kills every process of this namespace but ourselves, and buries them."""
    for _ in range(100):
        try:
            os.kill(-1, 9)
        except ProcessLookupError:
            return
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _own_processes() -> int:
    """Processes that the kernel counts against the user though they are outside: before 5.14 there was one count."""
    release = tuple(int(part) for part in os.uname().release.split(".")[:2] if part.isdigit())
    return 0 if release >= (5, 14) else 2_000
