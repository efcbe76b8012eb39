"""Sysmon records for tests, in each dialect that Clew reads."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
HOST = "ws1.corp.example"
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
PROVIDER = "Microsoft-Windows-Sysmon"


def guid(number: int) -> str:
    return f"{{4f2c7a10-0000-6a00-0000-{number:012x}}}"


def stamp(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def flat(code: int, seconds: float, record: int, **data: Any) -> dict[str, Any]:
    """The flat dialect of NXLog and OTRF."""
    return {
        "EventTime": "2026-03-31 05:00:00",
        "Hostname": data.pop("host", HOST),
        "EventID": code,
        "SourceName": PROVIDER,
        "RecordNumber": record,
        "ProcessID": 2928,
        "Channel": CHANNEL,
        "UtcTime": stamp(seconds),
        **data,
    }


def evtx(code: int, seconds: float, record: int, **data: Any) -> dict[str, Any]:
    """The JSON of the evtx library: GUIDs without braces, numbers as numbers."""
    host = data.pop("host", HOST)
    bare = {k: v.strip("{}").upper() if k.endswith("Guid") else v for k, v in data.items()}
    return {
        "Event": {
            "System": {
                "Provider": {
                    "#attributes": {"Name": PROVIDER, "Guid": "5770385F-C22A-43E0-BF4C-06F5698FFBD9"}
                },
                "EventID": code,
                "TimeCreated": {"#attributes": {"SystemTime": "2026-03-31T09:00:09.123456Z"}},
                "EventRecordID": record,
                "Channel": CHANNEL,
                "Computer": host,
            },
            "EventData": {"UtcTime": stamp(seconds), **bare},
        }
    }


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


INSTALLER = r"C:\Users\kim\Downloads\setup.exe"
PROGRAM = r"C:\ProgramData\Tool\tool.exe"
CMD = r"C:\Windows\System32\cmd.exe"


def incident(dialect: Any = flat, host: str = HOST) -> list[dict[str, Any]]:
    """An installer writes a program that runs, starts cmd and calls out: high in the thin AN0862."""
    tool = {"ProcessGuid": guid(2), "ProcessId": 200, "Image": PROGRAM}
    return [
        dialect(1, 0, 1, host=host, ProcessGuid=guid(1), ProcessId=100, Image=INSTALLER, CommandLine=INSTALLER,
                OriginalFileName="setup.exe", ParentProcessGuid=guid(9), ParentImage=r"C:\Windows\explorer.exe"),
        dialect(11, 3, 2, host=host, ProcessGuid=guid(1), ProcessId=100, Image=INSTALLER, TargetFilename=PROGRAM),
        dialect(1, 5, 3, host=host, **tool, CommandLine=f'"{PROGRAM}" --first', OriginalFileName="tool.exe",
                Hashes="SHA256=" + "AB" * 32, ParentProcessGuid=guid(1), ParentImage=INSTALLER),
        dialect(1, 7, 4, host=host, ProcessGuid=guid(3), ProcessId=300, Image=CMD, CommandLine="cmd.exe /c whoami",
                OriginalFileName="Cmd.Exe", ParentProcessGuid=guid(2), ParentImage=PROGRAM),
        dialect(3, 9, 5, host=host, **tool, Protocol="tcp", Initiated="true", SourceIp="10.1.2.3", SourcePort=50000,
                DestinationIp="203.0.113.9", DestinationHostname="-", DestinationPort=443),
    ]  # fmt: skip
