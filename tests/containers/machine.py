"""A real container engine for tests, and the audit records of its host's kernel; both only as root, on Linux.

The engine has folders and a socket of its own and touches no network. The kernel's records come by the multicast group
that any reader may join (audit(7) READLOG), filtered by a login uid that the engine's processes alone have; the rules
are taken away again. Where the machine has no engine or its kernel no audit, that is said.
"""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

#: Nobody logs in as this one.
LOGIN = 424242
CALLS = "execve,execveat,clone,clone3,fork,vfork,exit_group,connect,setns,unshare,mount"
_TYPES = {
    1300: "SYSCALL",
    1302: "PATH",
    1306: "SOCKADDR",
    1307: "CWD",
    1309: "EXECVE",
    1320: "EOE",
    1327: "PROCTITLE",
}
_NETLINK_AUDIT, _READLOG = 9, 1


def lacking(reason: str) -> None:
    """Skip, or fail where an engine has to be here."""
    if os.environ.get("CLEW_ENGINE_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something, and fail where it does not come."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.05)


class Machine:
    """The engine: `docker` runs a command of its client."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "d.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = [
            "dockerd",
            f"--data-root={self.folder}/data",
            f"--exec-root={self.folder}/exec",
            f"-Hunix://{self.socket}",
        ]
        arguments += [
            f"-p{self.folder}/d.pid",
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none",
            "--storage-driver=vfs",
        ]
        with (self.folder / "dockerd.log").open("ab") as log:
            self._process = subprocess.Popen(arguments, stdout=log, stderr=log, preexec_fn=_log_in)  # noqa: PLW1509
        try:
            until(self._up)
        except AssertionError:
            self.stop()
            lacking(f"no engine starts here: {(self.folder / 'dockerd.log').read_text()[-400:]}")

    def _up(self) -> bool:
        assert self._process and self._process.poll() is None, "dockerd has ended"
        return self.socket.exists() and self.try_docker("info").returncode == 0

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(30)
        self._process = None
        subprocess.run(["umount", str(self.folder / "exec/netns/default")], capture_output=True, check=False)

    def try_docker(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["docker", "-H", f"unix://{self.socket}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def docker(self, *arguments: str) -> str:
        done = self.try_docker(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def import_image(self, name: str) -> None:
        """An image of one static program under many names."""
        root = self.folder / "root"
        (root / "bin").mkdir(parents=True)
        shutil.copy("/bin/busybox", root / "bin" / "busybox")
        for applet in ("sh", "id", "sleep", "ls", "nc", "chroot"):
            (root / "bin" / applet).symlink_to("busybox")
        subprocess.run(["tar", "-C", str(root), "-cf", str(self.folder / "root.tar"), "."], check=True)
        self.docker("import", str(self.folder / "root.tar"), name)


def _log_in() -> None:
    """Give what is started a login uid, where the kernel lets us: it is then known by that in the audit records."""
    with contextlib.suppress(OSError):
        Path("/proc/self/loginuid").write_text(str(LOGIN))


@contextlib.contextmanager
def engine(folder: Path) -> Iterator[Machine]:
    """An engine with the image tiny:1."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        lacking("a container engine needs root on Linux")
    for program in ("dockerd", "docker"):
        if not shutil.which(program):
            lacking(f"{program} is not here; on Debian: apt-get install docker.io")
    if not Path("/bin/busybox").exists():
        lacking("/bin/busybox is not here; on Debian: apt-get install busybox-static")
    machine = Machine(folder)
    machine.start()
    try:
        machine.import_image("tiny:1")
        yield machine
    finally:
        machine.stop()


class AuditLog:
    """Writes the kernel's records of the engine's processes into a file; `lacks` says why there are none."""

    def __init__(self, file: Path) -> None:
        self.file, self.lacks = file, ""
        self._socket: socket.socket | None = None
        self._enabled = False

    def __enter__(self) -> "AuditLog":
        try:
            self._listen()
        except (OSError, subprocess.SubprocessError) as error:
            self.lacks = f"the kernel's audit records cannot be had here: {error}"
            self._undo()
        return self

    def _listen(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_AUDIT)
        self._socket.bind((0, _READLOG))
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self._socket.settimeout(0.2)
        self._enabled = "enabled 1" in _auditctl("-s")
        if not self._enabled:
            _auditctl("-e", "1")
        with contextlib.suppress(subprocess.SubprocessError):
            _auditctl("-d", *_RULE)  # of a run that was killed
        _auditctl("-a", *_RULE)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self) -> None:
        assert self._socket
        with self.file.open("w") as file:
            while not self._ended.is_set():
                with contextlib.suppress(TimeoutError):
                    data = self._socket.recv(1 << 16)
                    length, kind = struct.unpack_from("=IH", data)
                    text = data[16 : max(length, 16) + 16].rstrip(b"\0\n").decode("utf-8", "replace")
                    file.write(f"type={_TYPES.get(kind, f'UNKNOWN[{kind}]')} msg={text}\n")
                    file.flush()

    def __exit__(self, *_: object) -> None:
        if not self.lacks:
            time.sleep(0.3)  # what is on its way
            self._ended.set()
            self._thread.join()
            self._undo()

    def _undo(self) -> None:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            _auditctl("-d", *_RULE)
        if not self._enabled:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                _auditctl("-e", "0")
        if self._socket:
            self._socket.close()


_RULE = ("always,exit", "-F", "arch=b64", "-F", f"auid={LOGIN}", "-S", CALLS)


def _auditctl(*arguments: str) -> str:
    return subprocess.run(["auditctl", *arguments], capture_output=True, text=True, check=True).stdout


class Recording:
    """`clew record` of a machine, as a user runs it."""

    def __init__(self, machine: Machine, file: Path) -> None:
        self.file, self._said = file, file.with_suffix(".err")
        command = [
            sys.executable,
            "-m",
            "clew.cli.main",
            "record",
            f"docker://{machine.socket}",
            "-o",
            str(file),
        ]
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(command, stderr=said)
        until(lambda: "Recording" in self.said)

    @property
    def said(self) -> str:
        return self._said.read_text()

    def wrote(self, text: str) -> bool:
        return text in self.file.read_text()

    def end(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)
