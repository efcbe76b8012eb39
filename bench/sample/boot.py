"""What runs on a host before the recording begins: processes that later records name but none creates."""

from __future__ import annotations

from sample.machine import SECOND, Account, Host, Process
from sample.program import Program, unsigned

#: Services in shared hosts: role, arguments of svchost.exe, account.
_SERVICES = (
    ("DcomLaunch", "-k DcomLaunch -p", "system"),
    ("RpcSs", "-k RPCSS -p", "network"),
    ("EventLog", "-k LocalServiceNetworkRestricted -p -s EventLog", "local"),
    ("Schedule", "-k netsvcs -p -s Schedule", "system"),
    ("UserManager", "-k netsvcs -p -s UserManager", "system"),
    ("Dnscache", "-k NetworkService -p -s Dnscache", "network"),
    ("LanmanWorkstation", "-k NetworkService -p -s LanmanWorkstation", "network"),
    ("CryptSvc", "-k NetworkService -p -s CryptSvc", "network"),
    ("SysMain", "-k LocalSystemNetworkRestricted -p -s SysMain", "system"),
    ("Winmgmt", "-k netsvcs -p -s Winmgmt", "system"),
    ("wuauserv", "-k netsvcs -p -s wuauserv", "system"),
    ("BITS", "-k netsvcs -p -s BITS", "system"),
    ("DiagTrack", "-k utcsvc -p", "system"),
    ("gpsvc", "-k netsvcs -p -s gpsvc", "system"),
    ("Appinfo", "-k netsvcs -p -s Appinfo", "system"),
)
_SESSION = ("sihost", "taskhostw", "ctfmon", "securityhealth", "runtimebroker")


def boot(host: Host, begin: int) -> None:
    """Fill the host's roles with what was started between its boot and `begin` (microseconds)."""
    _Booting(host, begin).all()


class _Booting:
    def __init__(self, host: Host, begin: int):
        self.host = host
        self.time = begin - host.rng.randrange(3 * 3600, 9 * 3600) * SECOND

    def all(self) -> None:
        self._core()
        for role, arguments, account in _SERVICES:
            command = f"C:\\Windows\\system32\\svchost.exe {arguments}"
            self._start(role, "svchost", "services", self.host.accounts[account], command)
        for name in ("spoolsv", "searchindexer", "msmpeng", "contosoagent"):
            self._start(name, name, "services")
        self._start("wmiprvse", "wmiprvse", "DcomLaunch", self.host.accounts["network"])
        self._kind()

    def _core(self) -> None:
        system = unsigned("System", "service")
        self._start("system", system, None, command="System").pid = "4"
        for role, program, parent in (
            ("smss", "smss", "system"),
            ("csrss", "csrss", "smss"),
            ("wininit", "wininit", "smss"),
            ("services", "services", "wininit"),
            ("lsass", "lsass", "wininit"),
            ("winlogon", "winlogon", "smss"),
            ("dwm", "dwm", "winlogon"),
            ("fontdrvhost", "fontdrvhost", "winlogon"),
        ):
            self._start(role, program, parent)

    def _kind(self) -> None:
        kind, user = self.host.plan.kind, self.host.user
        if kind == "build":
            self._start(
                "agent", "agentworker", "services", user, '"C:\\agent\\bin\\Agent.Worker.exe" spawnclient'
            )
            return
        for name in _SESSION:
            self._start(name, name, "UserManager", user)
        self._start("explorer", "explorer", "winlogon", user, "C:\\Windows\\Explorer.EXE")
        if kind == "domain":
            for name in ("dns", "dfsrs"):
                self._start(name, name, "services")
        else:
            self._start("onedrive", "onedrive", "explorer", user, f'"{self._path("onedrive")}" /background')

    def _path(self, name: str) -> str:
        return self.host.programs[name].path

    def _start(
        self,
        role: str,
        program: str | Program,
        parent: str | None,
        account: Account | None = None,
        command: str = "",
    ) -> Process:
        host = self.host
        if isinstance(program, str):
            program = host.programs[program]
        self.time += host.rng.randrange(20_000, 3 * SECOND)
        above = host.roles[parent] if parent else None
        process = host.make_process(
            program, command or program.path, account or host.accounts["system"], above, self.time
        )
        host.roles[role] = process
        return process
