"""Hosts, accounts and processes, with identifiers made as Sysmon makes them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random

from sample.network import DOMAIN
from sample.program import Program
from sample.programs import PROGRAMS

SECOND = 1_000_000
PIDS_HELD = 1_000


def sysmon_guid(machine: str, second: int, key: int) -> str:
    """A GUID as Sysmon builds it: machine, second, and eight bytes, least significant first.

    For a process the eight bytes are Windows' process start key (boot number << 48 | sequence number), for a
    logon they are the logon id.
    """
    tail = key.to_bytes(8, "little").hex()
    return f"{{{machine}-{second & 0xFFFF:04x}-{second >> 16:04x}-{tail[:4]}-{tail[4:]}}}"


@dataclass(frozen=True, slots=True)
class Account:
    """Who a process runs as, in one logon session."""

    name: str
    sid: str
    home: str
    logon_id: int
    logon_guid: str
    session: str
    integrity: str


class Process:
    """A process. `started` is the time of its start, `created` of its creation record, in microseconds.

    `companions` end with it: the console host of a console program.
    """

    __slots__ = (
        "account", "command", "companions", "created", "directory", "guid", "integrity", "parent", "pid", "program",
        "started",
    )  # fmt: skip

    def __init__(
        self,
        program: Program,
        command: str,
        account: Account,
        parent: Process | None,
        guid: str,
        pid: str,
        started: int,
        directory: str,
        integrity: str,
    ):
        self.program = program
        self.command = command
        self.account = account
        self.parent = parent
        self.guid = guid
        self.pid = pid
        self.started = started
        self.created = started
        self.directory = directory
        self.integrity = integrity
        self.companions: list[Process] = []


@dataclass(frozen=True, slots=True)
class HostPlan:
    """What is settled about a host before the day: `weight` is its share of all records."""

    name: str
    kind: str
    address: str
    user: str
    dialect: str
    weight: float

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{DOMAIN}"


#: The network. `kind` decides which activities a host has.
NETWORK: tuple[HostPlan, ...] = (
    HostPlan("WS-101", "office", "10.20.1.101", "amber", "otrf", 0.11),
    HostPlan("WS-102", "office", "10.20.1.102", "basil", "otrf", 0.11),
    HostPlan("WS-103", "office", "10.20.1.103", "cedar", "nxlog", 0.11),
    HostPlan("WS-104", "office", "10.20.1.104", "dahlia", "nxlog", 0.11),
    HostPlan("WS-105", "developer", "10.20.1.105", "elder", "otrf", 0.17),
    HostPlan("WS-106", "developer", "10.20.1.106", "fern", "otrf", 0.15),
    HostPlan("BLD-01", "build", "10.20.2.11", "svc-build", "nxlog", 0.13),
    HostPlan("DC-01", "domain", "10.20.2.10", "adm-ops", "evtx", 0.11),
)
DC = next(plan for plan in NETWORK if plan.kind == "domain")
BUILD = next(plan for plan in NETWORK if plan.kind == "build")


@dataclass
class Host:
    """A machine in the course of the recording. `roles` names the processes that stay: "explorer", "chrome"."""

    plan: HostPlan
    rng: Random
    boot: int
    machine: str
    accounts: dict[str, Account]
    user: Account
    programs: dict[str, Program]
    roles: dict[str, Process] = field(default_factory=dict)
    pids: set[str] = field(default_factory=set)
    freed: deque[str] = field(default_factory=deque)
    sequence: int = 40

    def make_process(
        self,
        program: Program,
        command: str,
        account: Account,
        parent: Process | None,
        started: int,
        directory: str = "",
        integrity: str = "",
    ) -> Process:
        """A new process with an unused pid and the next sequence number."""
        self.sequence += 1
        guid = sysmon_guid(self.machine, started // SECOND, self.boot << 48 | self.sequence)
        return Process(
            program,
            command,
            account,
            parent,
            guid,
            self._unused_pid(),
            started,
            directory or ("C:\\Windows\\system32\\" if account.session == "0" else f"{account.home}\\"),
            integrity or account.integrity,
        )

    def forget(self, process: Process) -> None:
        """Its pid may be used again, though not at once: scenes that are played one by one overlap in time."""
        self.freed.append(process.pid)
        if len(self.freed) > PIDS_HELD:
            self.pids.discard(self.freed.popleft())

    def _unused_pid(self) -> str:
        while True:
            pid = str(4 * self.rng.randrange(250, 4000))
            if pid not in self.pids:
                self.pids.add(pid)
                return pid


def make_host(plan: HostPlan, seed: int, begin: int) -> Host:
    """A host that was booted some hours or days before `begin`."""
    rng = Random(f"{seed}:{plan.name}")
    machine = f"{rng.getrandbits(32):08x}"
    booted = begin // SECOND - rng.randrange(3 * 3600, 5 * 86400)
    domain_sid = f"S-1-5-21-{rng.getrandbits(31)}-{rng.getrandbits(31)}-{rng.getrandbits(31)}"
    accounts = _accounts(plan, rng, machine, booted, domain_sid)
    user = accounts["user"]
    programs = {
        name: program.at(program.path.replace("{home}", user.home)) for name, program in PROGRAMS.items()
    }
    return Host(plan, rng, rng.randrange(3, 60), machine, accounts, user, programs)


def _accounts(plan: HostPlan, rng: Random, machine: str, booted: int, domain_sid: str) -> dict[str, Account]:
    def account(name: str, sid: str, home: str, logon: int, session: str, integrity: str) -> Account:
        return Account(name, sid, home, logon, sysmon_guid(machine, booted, logon), session, integrity)

    profile = "C:\\Windows\\ServiceProfiles\\"
    system_home = "C:\\Windows\\system32\\config\\systemprofile"
    logon = rng.randrange(0x30000, 0xFFFFF)
    session, integrity = ("0", "High") if plan.kind == "build" else ("1", "Medium")
    user_sid = f"{domain_sid}-{1100 + rng.randrange(400)}"
    return {
        "system": account("NT AUTHORITY\\SYSTEM", "S-1-5-18", system_home, 0x3E7, "0", "System"),
        "local": account(
            "NT AUTHORITY\\LOCAL SERVICE", "S-1-5-19", profile + "LocalService", 0x3E5, "0", "System"
        ),
        "network": account(
            "NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20", profile + "NetworkService", 0x3E4, "0", "System"
        ),
        "user": account(f"CORP\\{plan.user}", user_sid, f"C:\\Users\\{plan.user}", logon, session, integrity),
    }
