"""AN0862 read off literally and slowly, to know what the sample holds apart from the engine.

It takes the stages at their widest: an interpreter's script is any path in its command line, hardly any host is
approved, and the lists hold what the design's and the shipped detection's hold together. `thin` is the level by
the narrow detection (high = egress and script_child), `full` by the whole one.
"""

from collections import defaultdict
from fnmatch import fnmatch
from typing import NamedTuple

from plain_sysmon import Record

MINUTE = 60_000_000
WINDOW, SKEW = 90 * MINUTE, 2_000_000
PATHS = (
    *("c:\\program files\\*", "c:\\program files (x86)\\*", "c:\\programdata\\*", "c:\\users\\public\\*"),
    *("c:\\users\\*\\appdata\\local\\*", "c:\\users\\*\\appdata\\roaming\\*"),
)
EXTENSIONS = frozenset(
    (
        "exe",
        "dll",
        "sys",
        "com",
        "scr",
        "bat",
        "cmd",
        "ps1",
        "js",
        "jse",
        "mjs",
        "cjs",
        "vbs",
        "vbe",
        "wsf",
        "hta",
    )
) | {"py", "jar"}
HOSTS = ("cmd.exe", "powershell.exe", "pwsh.exe", "wscript.exe", "cscript.exe", "mshta.exe")
INSTALLERS = (
    "msiexec.exe",
    "*setup*.exe",
    "*install*.exe",
    "*update*.exe",
    "node.exe",
    "python.exe",
    "choco.exe",
)
APPROVED = ("windowsupdate.com", "update.microsoft.com")


class Finding(NamedTuple):
    host: str
    binary: str
    traits: frozenset[str]

    @property
    def thin(self) -> str:
        """The level of the narrow detection."""
        if {"egress", "renamed_host"} <= self.traits:
            return "critical"
        if {"egress", "script_child"} <= self.traits:
            return "high"
        return "low" if {"egress", "by_installer"} <= self.traits else ""

    @property
    def full(self) -> str:
        """critical or high of the whole detection, or nothing."""
        has = self.traits.__contains__
        if has("egress") and (
            has("renamed_host") or (has("bad_image") and (has("script_child") or has("persist")))
        ):
            return "critical"
        if has("egress") and (has("bad_image") or (has("persist") and has("script_child"))):
            return "high"
        return "high" if has("bad_image") and has("script_child") else ""


def name(path: str) -> str:
    return path.rpartition("\\")[2].lower()


def findings(records: list[Record]) -> list[Finding]:
    by_host = defaultdict(list)
    for found in records:
        by_host[found.host].append(found)
    return [finding for host, own in by_host.items() for finding in _Host(host, own).findings()]


class _Host:
    def __init__(self, host: str, records: list[Record]):
        self.host = host
        self.records = sorted(records, key=lambda found: found.time)
        self.creations = [found for found in self.records if found.code == 1]
        self.parents = {
            found.data["ProcessGuid"]: found.data["ParentProcessGuid"] for found in self.creations
        }
        self.names = {found.data["ProcessGuid"]: name(found.data["Image"]) for found in self.records
                      if "ProcessGuid" in found.data}  # fmt: skip
        self.began: dict[tuple[str, ...], int] = {}
        for found in self.records:
            for key in (self._script_key(found), self._egress_key(found)):
                if key:
                    self.began.setdefault(key, found.time)

    def findings(self) -> list[Finding]:
        traits = defaultdict(set)
        for write in (found for found in self.records if found.code == 11 and _is_program(found.data)):
            for run in self.creations:
                if self._runs(write, run):
                    binary = write.data["TargetFilename"].lower()
                    traits[binary] |= self._chain(write, run)
        return [Finding(self.host, binary, frozenset(found)) for binary, found in traits.items()]

    @staticmethod
    def _runs(write: Record, run: Record) -> bool:
        binary = write.data["TargetFilename"].lower()
        named = binary in (run.data["Image"].lower(), run.data["CommandLine"].lower()) or (
            binary in run.data["CommandLine"].lower()
            and name(run.data["Image"]) in (*HOSTS, "node.exe", "python.exe", "wt.exe")
        )
        return named and write.time - SKEW <= run.time <= write.time + WINDOW

    def _chain(self, write: Record, run: Record) -> set[str]:
        traits = {"first_run"}
        if any(
            fnmatch(step, pattern) for step in self._line(write.data["ProcessGuid"]) for pattern in INSTALLERS
        ):
            traits.add("by_installer")
        original, image = run.data["OriginalFileName"].lower(), name(run.data["Image"])
        if original in HOSTS and original != image:
            traits.add("renamed_host")
        program = run.data["ProcessGuid"]
        for found in self.records:
            if run.time - SKEW <= found.time <= write.time + WINDOW:
                traits |= self._further(found, program, write.time)
        return traits

    def _further(self, found: Record, program: str, since: int) -> set[str]:
        data = found.data
        actor = data.get("ParentProcessGuid" if found.code == 1 else "ProcessGuid", "")
        if program not in self._ancestors(actor):
            return set()
        script, egress = self._script_key(found), self._egress_key(found)
        traits = set()
        if script and self.began[script] >= since - SKEW:
            traits.add("script_child")
        if egress and self.began[egress] >= since - SKEW:
            traits.add("egress")
        if found.code == 7 and data["SignatureStatus"] != "Valid" and data["ImageLoaded"] != data["Image"]:
            traits.add("bad_image")
        if found.code == 13 and "\\currentversion\\run\\" in data["TargetObject"].lower():
            traits.add("persist")
        return traits

    def _script_key(self, found: Record) -> tuple[str, ...]:
        if found.code == 1 and name(found.data["Image"]) in HOSTS:
            return ("script", found.data["ParentImage"].lower(), name(found.data["Image"]))
        return ()

    def _egress_key(self, found: Record) -> tuple[str, ...]:
        data = found.data
        if found.code == 22:
            address = data["QueryName"].lower()
        elif found.code == 3 and data["Initiated"] == "true":
            address = (
                data["DestinationHostname"] if data["DestinationHostname"] != "-" else data["DestinationIp"]
            )
        else:
            return ()
        own = "." not in address or address.lower() == self.host.lower()
        if own or any(address == domain or address.endswith("." + domain) for domain in APPROVED):
            return ()
        return ("egress", data["Image"].lower(), address.lower())

    def _ancestors(self, guid: str) -> list[str]:
        found = [guid]
        while found[-1] in self.parents and len(found) < 64:
            found.append(self.parents[found[-1]])
        return found

    def _line(self, guid: str) -> list[str]:
        return [self.names.get(step, "") for step in self._ancestors(guid)]


def _is_program(data: dict[str, str]) -> bool:
    path = data["TargetFilename"].lower()
    return path.rpartition(".")[2] in EXTENSIONS and any(fnmatch(path, pattern) for pattern in PATHS)
