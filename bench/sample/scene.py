"""A scene: one stretch of activity on a host. Each call records what Sysmon would, and moves the scene's time on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sample import records
from sample.machine import DC, SECOND, Account, Host, Process
from sample.modules import LIBRARY_FIELDS, image_fields
from sample.network import DOMAIN, SERVICES, Service
from sample.program import Program, file_hashes
from sample.records import Data

#: How often a process's first records precede its creation record, and how often a creation is not recorded.
EARLY_SHARE, UNRECORDED_SHARE = 0.15, 0.04
_CREATE_TRACE = (
    "C:\\Windows\\SYSTEM32\\ntdll.dll+9e664|C:\\Windows\\System32\\KERNELBASE.dll+8e73|"
    "C:\\Windows\\System32\\KERNELBASE.dll+71a6|C:\\Windows\\System32\\KERNEL32.DLL+1c7e4"
)


class Event(NamedTuple):
    """A record before it is written: time in microseconds, Sysmon's id, EventData."""

    time: int
    code: int
    data: Data


class Scene:
    """`events` are the records so far, not in order. `settled`: nothing is left out and nothing comes early."""

    def __init__(self, host: Host, time: int, *, settled: bool = False):
        self.host = host
        self.rng = host.rng
        self.time = time
        self.settled = settled
        self.events: list[Event] = []

    def pause(self, low: float, high: float | None = None) -> None:
        """Let that many seconds go by."""
        span = low if high is None else low + (high - low) * self.rng.random()
        self.time += int(span * SECOND)

    def _put(self, code: int, data: Data, time: int | None = None) -> None:
        self.events.append(Event(self.time if time is None else time, code, data))

    def role(self, name: str) -> Process:
        return self.host.roles[name]

    # -- processes

    def start(
        self,
        program: str | Program,
        arguments: str = "",
        parent: str | Process = "explorer",
        *,
        command: str = "",
        account: Account | None = None,
        directory: str = "",
        integrity: str = "",
        loads: int = 7,
        console: bool = False,
    ) -> Process:
        """Start a program with `arguments`, or with a whole `command`. An account is the parent's unless given."""
        if isinstance(program, str):
            program = self.host.programs[program]
        if isinstance(parent, str):
            parent = self.host.roles[parent]
        command = command or f'"{program.path}" {arguments}'.rstrip()
        process = self.host.make_process(
            program, command, account or parent.account, parent, self.time, directory, integrity
        )
        self._record_creation(process, parent)
        self._first_loads(process, loads)
        self.pause(0.02, 0.12)
        if console:
            line = "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1"
            process.companions.append(self.start("conhost", parent=process, command=line, loads=4))
        return process

    def _record_creation(self, process: Process, parent: Process) -> None:
        if not self.settled:
            if self.rng.random() < UNRECORDED_SHARE:
                return
            if self.rng.random() < EARLY_SHARE:
                process.created += int(self.rng.uniform(0.01, 1.9) * SECOND)
        self._put(records.CREATE, records.creation(process.created, process), process.created)
        if self.rng.random() < 0.6:
            thread = str(4 * self.rng.randrange(300, 3000))
            data = records.access(self.time, parent, process, "0x1fffff", _CREATE_TRACE, thread)
            self._put(records.ACCESS, data)

    def _first_loads(self, process: Process, count: int) -> None:
        own = image_fields(process.program)
        libraries: Sequence[Data] = LIBRARY_FIELDS[process.program.loads]
        first = self.rng.randrange(len(libraries))
        time = self.time + 2_000
        for number in range(count):
            image = libraries[(first + number) % len(libraries)] if number else own
            self._put(records.LOAD, records.image_load(time, process, image), time)
            time += self.rng.randrange(500, 9_000)

    def stop(self, *processes: Process) -> None:
        """End processes, now or just after their creation record, and each one's companions."""
        for process in processes:
            self.time = max(self.time, process.created + 4_000)
            self._put(records.END, records.termination(self.time, process))
            self.host.forget(process)
            self.pause(0.002, 0.02)
            self.stop(*process.companions)

    def run(
        self, program: str | Program, arguments: str, parent: str | Process, seconds: float = 0.4
    ) -> None:
        """A console program that starts, does nothing that Sysmon sees, and ends."""
        process = self.start(program, arguments, parent, loads=6)
        self.pause(seconds * 0.5, seconds * 1.5)
        self.stop(process)

    def load(self, process: Process, *libraries: Program) -> None:
        """The process loads these libraries, beside those that every process of its kind does."""
        for library in libraries:
            self._put(records.LOAD, records.image_load(self.time, process, image_fields(library)))
            self.pause(0.001, 0.01)

    def load_driver(self, driver: Program) -> None:
        self._put(records.DRIVER, records.driver_load(self.time, image_fields(driver)))
        self.pause(0.01, 0.1)

    # -- files and registry

    def write(self, process: Process, *paths: str) -> None:
        for path in paths:
            self._put(records.WRITE, records.file_write(self.time, process, path))
            self.pause(0.005, 0.08)

    def delete(self, process: Process, path: str, *, program: bool = False) -> None:
        hashes = file_hashes(path)
        self._put(records.DELETE, records.deletion(self.time, process, path, hashes, program=program))
        self.pause(0.003, 0.02)

    def set_value(self, process: Process, key: str, details: str) -> None:
        self._put(records.VALUE, records.value_set(self.time, process, key, details))
        self.pause(0.001, 0.01)

    def make_key(self, process: Process, key: str) -> None:
        self._put(records.KEY, records.key_event(self.time, process, "CreateKey", key))
        self.pause(0.001, 0.01)

    def rename_key(self, process: Process, key: str, name: str) -> None:
        self._put(records.RENAME, records.key_renamed(self.time, process, key, name))
        self.pause(0.001, 0.01)

    def hive(self, account: Account) -> str:
        """The account's HKEY_CURRENT_USER as Sysmon shows it."""
        return f"HKU\\{account.sid}"

    # -- network

    def resolve(self, process: Process, name: str | Service) -> Service:
        service = SERVICES[name] if isinstance(name, str) else name
        self._put(records.QUERY, records.query(self.time, process, service.name, "0", service.answer))
        self.pause(0.01, 0.06)
        return service

    def connect(self, process: Process, service: Service, port: int = 443) -> None:
        self._put(
            records.CONNECT,
            records.connection(self.time, process, self._own_end(), records.end_of(service, port)),
        )
        self.pause(0.01, 0.1)

    def visit(self, process: Process, *names: str, port: int = 443) -> None:
        """Resolve each name and connect to it."""
        for name in names:
            self.connect(process, self.resolve(process, name), port)

    def ask_domain(self, process: Process, port: int, protocol: str = "tcp") -> None:
        """A connection to the domain controller."""
        end = (DC.address, DC.fqdn, str(port))
        data = records.connection(self.time, process, self._own_end(), end, protocol=protocol)
        self._put(records.CONNECT, data)
        self.pause(0.005, 0.03)

    def resolve_internal(self, process: Process, name: str, address: str) -> None:
        data = records.query(self.time, process, f"{name}.{DOMAIN}", "0", f"::ffff:{address};")
        self._put(records.QUERY, data)
        self.pause(0.005, 0.03)

    def _own_end(self) -> tuple[str, str, str]:
        plan = self.host.plan
        return (plan.address, plan.fqdn, str(self.rng.randrange(49152, 65536)))


@lru_cache(1024)
def prefetch(path: str) -> str:
    """Where Windows keeps the prefetch file of a program."""
    name = path.rpartition("\\")[2].upper()
    return f"C:\\Windows\\Prefetch\\{name}-{hashlib.sha256(path.encode()).hexdigest()[:8].upper()}.pf"
