"""Two logs of one host that both record process creations: Sysmon's, and the Security log by another clock."""

from datetime import timedelta
from typing import Any

import sysmon


def created(
    seconds: float, record: int, pid: int, image: str, parent: int, host: str = sysmon.HOST, by: str = ""
) -> Any:
    """Id 4688 of the Security log, as the evtx library writes it."""
    time = (sysmon.START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    system = {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
        "EventID": 4688,
        "TimeCreated": {"#attributes": {"SystemTime": time}},
        "EventRecordID": record,
        "Channel": "Security",
        "Computer": host,
    }
    return {
        "Event": {
            "System": system,
            "EventData": {
                "NewProcessId": hex(pid),
                "NewProcessName": image,
                "ProcessId": hex(parent),
                "ParentProcessName": by,
            },
        }
    }


def twice(behind: float, host: str = sysmon.HOST, jitter: float = 0, dialect: Any = sysmon.flat) -> list[Any]:
    """The incident by Sysmon, and six process creations by Sysmon and by a Security log that is behind it."""
    ours = sysmon.incident(dialect, host=host)
    for record in ours:
        data = record.get("Event", {}).get("EventData", record)
        if "ParentImage" in data:
            data["ParentProcessId"] = 100 if data["ParentImage"] == sysmon.INSTALLER else 200
    twins = [
        created(0 - behind, 1, 100, sysmon.INSTALLER, 200, host, r"C:\Windows\explorer.exe"),
        created(5 - behind, 2, 200, sysmon.PROGRAM, 100, host, sysmon.INSTALLER),
        created(7 - behind + jitter, 3, 300, sysmon.CMD, 200, host, sysmon.PROGRAM),
    ]
    for n in range(3):
        image = rf"C:\Windows\System32\tool{n}.exe"
        ours.append(
            dialect(1, 20 + n, 20 + n, host=host, ProcessGuid=sysmon.guid(20 + n), ProcessId=2000 + n, Image=image,
                    ParentProcessGuid=sysmon.guid(8), ParentProcessId=8, ParentImage=r"C:\Windows\explorer.exe")
        )  # fmt: skip
        twins.append(created(20 + n - behind + n * jitter, 20 + n, 2000 + n, image, 8, host))
    return [*ours, *twins]
