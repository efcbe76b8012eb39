"""The bulk of a Sysmon log: handles to processes (10), registry (12, 13), libraries (7), and a little of the rest."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate

from sample import records
from sample.machine import DC, Host, Process
from sample.modules import LIBRARY_FIELDS
from sample.network import DOMAIN
from sample.scene import Event

#: Weights by id. 9, 17 and 18 are not written: many configurations leave them out.
_SHARES = (
    (records.ACCESS, 0.635),
    (records.KEY, 0.215),
    (records.VALUE, 0.090),
    (records.LOAD, 0.035),
    (records.WRITE, 0.012),
    (records.CONNECT, 0.006),
    (records.QUERY, 0.003),
    (records.DELETE, 0.004),
)
_CODES = tuple(code for code, _ in _SHARES)
_LIMITS = tuple(accumulate(weight for _, weight in _SHARES))
_MASKS = ("0x1000", "0x1000", "0x1000", "0x1000", "0x1400", "0x1400", "0x3000", "0x40", "0x101000")
_FRAMES = (
    "C:\\Windows\\System32\\KERNELBASE.dll+2c13e",
    "C:\\Windows\\System32\\RPCRT4.dll+76953",
    "C:\\Windows\\System32\\RPCRT4.dll+da036",
    "C:\\Windows\\System32\\RPCRT4.dll+38289",
    "C:\\Windows\\System32\\combase.dll+b56fb",
    "C:\\Windows\\SYSTEM32\\psmserviceexthost.dll+222a3",
    "c:\\windows\\system32\\lsm.dll+f6ba",
    "c:\\windows\\system32\\rpcss.dll+5296",
    "C:\\Windows\\System32\\KERNEL32.DLL+17034",
    "C:\\Windows\\SYSTEM32\\ntdll.dll+52651",
)
_KEYS = (
    "HKLM\\SOFTWARE\\Microsoft\\SecurityManager\\CapAuthz",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\CapabilityAccessManager\\Capabilities",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections",
    "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\Disallowed\\CTLs",
    "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\Disallowed\\Certificates",
    "HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates\\Disallowed\\CRLs",
    "HKLM\\System\\CurrentControlSet\\Services\\Tcpip\\Parameters",
    "HKLM\\System\\CurrentControlSet\\Control\\Hvsi",
    "HKLM\\DRIVERS\\DriverDatabase\\DriverInfFiles",
    "HKCR",
    "HKLM\\SOFTWARE",
    "{hive}\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\FeatureUsage\\AppSwitched",
    "{hive}\\Software\\Microsoft\\Windows\\CurrentVersion\\ContentDeliveryManager\\Subscriptions",
    "{hive}_Classes\\Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppContainer",
)
_VALUES = (
    ("HKU\\S-1-5-20\\Software\\Microsoft\\Windows\\CurrentVersion\\DeliveryOptimization\\Config\\DODownloadMode",
     "DWORD (0x00000001)"),
    ("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Notifications\\Data\\418A073AA3BC1C75", "Binary Data"),
    ("HKLM\\System\\CurrentControlSet\\Services\\W32Time\\Config\\LastKnownGoodTime", "QWORD (0x01dcc0de-0x71c31a5b)"),
    ("{hive}\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\UserAssist\\{{CEBFF5CD-ACE2-4F4F-9178-"
     "9926F41749EA}}\\Count\\HRZR_PGYFRFFVBA", "Binary Data"),
    ("{hive}\\Software\\Microsoft\\Windows\\CurrentVersion\\ActivityDataModel\\ReaderRevisionInfo", "Binary Data"),
    ("HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\{sid}\\\\Device\\HarddiskVolume3\\Windows"
     "\\explorer.exe", "Binary Data"),
)  # fmt: skip
_FILES = (
    "C:\\Windows\\ServiceState\\EventLog\\Data\\lastalive0.dat",
    "C:\\Windows\\Prefetch\\SVCHOST.EXE-{number:08X}.pf",
    "C:\\ProgramData\\Microsoft\\Windows\\WER\\Temp\\WER{number:04X}.tmp",
    "C:\\Windows\\System32\\sru\\SRU{number:05X}.log",
    "C:\\Windows\\SoftwareDistribution\\DataStore\\Logs\\edb{number:05X}.log",
)
#: Who in the background opens others, touches the registry, and loads libraries.
_BUSY = (
    "Schedule",
    "DcomLaunch",
    "RpcSs",
    "UserManager",
    "Winmgmt",
    "lsass",
    "csrss",
    "wmiprvse",
    "explorer",
)


class Background:
    """Records of one host's steady processes; `steady` must be set before `event` is called."""

    def __init__(self, host: Host):
        self.host = host
        self.rng = host.rng
        hive, sid = f"HKU\\{host.user.sid}", host.user.sid
        self._keys = tuple(key.format(hive=hive) for key in _KEYS)
        self._values = tuple((key.format(hive=hive, sid=sid), value) for key, value in _VALUES)
        self._traces = tuple(self._trace() for _ in range(40))
        self.steady: tuple[Process, ...] = ()
        self._busy: tuple[Process, ...] = ()

    def settle(self, changed: set[str]) -> None:
        """Take the processes that stay through the coming minutes; `changed` names the roles that do not."""
        roles = self.host.roles
        self.steady = tuple(process for role, process in roles.items() if role not in changed)
        self._busy = tuple(roles[role] for role in _BUSY if role in roles and role not in changed)

    def event(self, time: int) -> Event:
        random = self.rng.random
        code = _CODES[bisect(_LIMITS, random() * _LIMITS[-1])]
        busy = self._busy
        process = busy[int(random() * len(busy))]
        if code == records.ACCESS:
            return Event(time, code, self._access(time, process))
        if code == records.KEY:
            key = self._keys[int(random() * len(self._keys))]
            kind = "CreateKey" if random() < 0.95 else "DeleteKey"
            return Event(time, code, records.key_event(time, process, kind, key))
        if code == records.VALUE:
            key, details = self._values[int(random() * len(self._values))]
            return Event(time, code, records.value_set(time, process, key, details))
        return Event(time, code, self._rare(code, time, process))

    def _access(self, time: int, source: Process) -> records.Data:
        random = self.rng.random
        target = self.steady[int(random() * len(self.steady))]
        mask = _MASKS[int(random() * len(_MASKS))]
        trace = self._traces[int(random() * len(self._traces))]
        thread = str(4 * int(300 + random() * 2700))
        return records.access(time, source, target, mask, trace, thread)

    def _rare(self, code: int, time: int, process: Process) -> records.Data:
        roles = self.host.roles
        if code == records.LOAD:
            images = LIBRARY_FIELDS["service"]
            return records.image_load(time, process, images[int(self.rng.random() * len(images))])
        if code == records.WRITE:
            path = self.rng.choice(_FILES).format(number=self.rng.getrandbits(16))
            return records.file_write(time, roles["EventLog"], path)
        if code == records.DELETE:
            path = _FILES[2].format(number=self.rng.getrandbits(16))
            hashes = process.program.hashes
            return records.deletion(time, roles["Winmgmt"], path, hashes, program=False)
        if code == records.QUERY:
            return self._own_name(time, roles["Dnscache"])
        return self._name_service(time, roles["Dnscache"])

    def _own_name(self, time: int, process: Process) -> records.Data:
        plan = self.host.plan
        name = self.rng.choice((plan.name, plan.fqdn, f"_ldap._tcp.dc._msdcs.{DOMAIN}", "wpad"))
        if name == "wpad":
            return records.query(time, process, name, "9003", "-")
        address = DC.address if name.startswith("_") else plan.address
        return records.query(time, process, name, "0", f"::ffff:{address};")

    def _name_service(self, time: int, process: Process) -> records.Data:
        plan = self.host.plan
        source = (plan.address, plan.fqdn, str(self.rng.randrange(49152, 65536)))
        return records.connection(time, process, source, (DC.address, DC.fqdn, "53"), protocol="udp")

    def _trace(self) -> str:
        frames = self.rng.choices(_FRAMES, k=self.rng.randrange(3, 9))
        return "|".join(("C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4", *frames))
