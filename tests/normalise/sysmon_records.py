"""A record of each id of Sysmon 15 (schema 4.90): EventData with all fields, in the manifest's order, as text."""

from sample.records import Data

KIM, SYSTEM = r"CORP\kim", r"NT AUTHORITY\SYSTEM"
TOOL, CMD = r"C:\ProgramData\Tool\tool.exe", r"C:\Windows\System32\cmd.exe"
HASHES = "SHA1=0A1B2C3D4E5F60718293A4B5C6D7E8F901234567,MD5=00112233445566778899AABBCCDDEEFF,SHA256=" + (
    "AB" * 32 + ",IMPHASH=FEDCBA98765432100123456789ABCDEF"
)
DATA_HASHES = HASHES.rpartition("=")[0] + "=" + "0" * 32  # what is no program has no imports
ZONE = "[ZoneTransfer]  ZoneId=3  ReferrerUrl=https://example.org/downloads  HostUrl=https://cdn.example.net/tool.exe  "
FILTER = r'"\\\\.\\ROOT\\subscription:__EventFilter.Name=\"Updater\""'
CONSUMER = r'"\\\\.\\ROOT\\subscription:CommandLineEventConsumer.Name=\"Updater\""'


def guid(number: int) -> str:
    return f"{{4f2c7a10-0000-6a00-0000-{number:012x}}}"


def utc(second: int) -> str:
    return f"2026-03-31 09:00:{second:02d}.250"


def _who(second: int, *, account: bool = False) -> Data:
    """The fields with which most ids begin. In deletions and the like the account stands before the image."""
    head = {"RuleName": "-", "UtcTime": utc(second), "ProcessGuid": guid(2), "ProcessId": "200"}
    return {**head, **({"User": KIM} if account else {}), "Image": TOOL}


def _typed(second: int, kind: str) -> Data:
    """The same with an EventType, which stands before the time."""
    head = _who(second)
    return {"RuleName": head.pop("RuleName"), "EventType": kind, **head}


def _registry(second: int, kind: str, **data: str) -> Data:
    return {**_typed(second, kind), **data, "User": KIM}


_RESOURCE = {
    "FileVersion": "10.0.19041.1 (WinBuild.160101.0800)",
    "Description": "Windows Command Processor",
    "Product": "Microsoft® Windows® Operating System",
    "Company": "Microsoft Corporation",
    "OriginalFileName": "Cmd.Exe",
}
_RUN = r"HKU\S-1-5-21-1-2-3-1001\Software\Microsoft\Windows\CurrentVersion\Run"
_SHORT = r"HKLM\System\CurrentControlSet\Services\Tool"
_LAYERS = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers"

#: (id, EventData), ids in order; where an id has several kinds, one of each.
RECORDS: tuple[tuple[int, Data], ...] = (
    (
        1,
        {
            **_who(1),
            **_RESOURCE,
            "ProcessGuid": guid(3),
            "ProcessId": "300",
            "Image": r"C:\ProgramData\Tool\wt.exe",
            "CommandLine": r'"C:\ProgramData\Tool\wt.exe" /c .\first.bat',
            "CurrentDirectory": "C:\\work\\",
            "User": KIM,
            "LogonGuid": guid(0x3039),
            "LogonId": "0x3039",
            "TerminalSessionId": "1",
            "IntegrityLevel": "Medium",
            "Hashes": HASHES,
            "ParentProcessGuid": guid(2),
            "ParentProcessId": "200",
            "ParentImage": TOOL,
            "ParentCommandLine": f'"{TOOL}" --quiet',
            "ParentUser": KIM,
        },
    ),
    (
        2,
        {
            **_who(2),
            "TargetFilename": r"C:\ProgramData\Tool\old.dll",
            "CreationUtcTime": "2019-07-09 12:30:00.000",
            "PreviousCreationUtcTime": utc(2),
            "User": KIM,
        },
    ),
    (
        3,
        {
            **_who(3),
            "User": KIM,
            "Protocol": "tcp",
            "Initiated": "true",
            "SourceIsIpv6": "false",
            "SourceIp": "10.1.2.3",
            "SourceHostname": "ws1.corp.example",
            "SourcePort": "50000",
            "SourcePortName": "-",
            "DestinationIsIpv6": "false",
            "DestinationIp": "203.0.113.9",
            "DestinationHostname": "c2.example.org",
            "DestinationPort": "443",
            "DestinationPortName": "https",
        },
    ),
    (4, {"UtcTime": utc(4), "State": "Started", "Version": "15.15", "SchemaVersion": "4.90"}),
    (5, {**_who(5), "User": KIM}),
    (
        6,
        {
            "RuleName": "-",
            "UtcTime": utc(6),
            "ImageLoaded": r"C:\Windows\System32\drivers\old.sys",
            "Hashes": HASHES,
            "Signed": "true",
            "Signature": "Example Hardware Ltd",
            "SignatureStatus": "Expired",
        },
    ),
    (
        7,
        {
            **_who(7),
            "ImageLoaded": r"C:\ProgramData\Tool\helper.dll",
            **_RESOURCE,
            "OriginalFileName": "HELPER.DLL",
            "Hashes": HASHES,
            "Signed": "false",
            "Signature": "-",
            "SignatureStatus": "Unavailable",
            "User": KIM,
        },
    ),
    (
        7,
        {
            **_who(7),
            "ImageLoaded": TOOL.upper(),
            **_RESOURCE,
            "Hashes": HASHES,
            "Signed": "failed: Invalid hash",
            "Signature": "-",
            "SignatureStatus": "-",
            "User": KIM,
        },
    ),
    (
        8,
        {
            "RuleName": "technique_id=T1055",
            "UtcTime": utc(8),
            "SourceProcessGuid": guid(2),
            "SourceProcessId": "200",
            "SourceImage": TOOL,
            "TargetProcessGuid": guid(4),
            "TargetProcessId": "400",
            "TargetImage": r"C:\Windows\explorer.exe",
            "NewThreadId": "4044",
            "StartAddress": "0x00007FFB9285E540",
            "StartModule": r"C:\Windows\System32\kernel32.dll",
            "StartFunction": "LoadLibraryW",
            "SourceUser": KIM,
            "TargetUser": KIM,
        },
    ),
    (9, {**_who(9), "Device": r"\Device\HarddiskVolume2", "User": SYSTEM}),
    (
        10,
        {
            "RuleName": "-",
            "UtcTime": utc(10),
            "SourceProcessGUID": guid(2),
            "SourceProcessId": "200",
            "SourceThreadId": "204",
            "SourceImage": TOOL,
            "TargetProcessGUID": guid(5),
            "TargetProcessId": "500",
            "TargetImage": r"C:\Windows\System32\lsass.exe",
            "GrantedAccess": "0x1010",
            "CallTrace": r"C:\Windows\SYSTEM32\ntdll.dll+9d4c4|UNKNOWN(00000000100013EA)",
            "SourceUser": KIM,
            "TargetUser": SYSTEM,
        },
    ),
    (
        11,
        {
            **_who(11),
            "TargetFilename": r"C:\Users\kim\New.File.EXE",
            "CreationUtcTime": utc(11),
            "User": KIM,
        },
    ),
    (12, _registry(12, "CreateKey", TargetObject=_SHORT)),
    (12, _registry(12, "DeleteKey", TargetObject=_SHORT)),
    (12, _registry(12, "DeleteValue", TargetObject=_RUN + r"\Tool")),
    (13, _registry(13, "SetValue", TargetObject=_RUN + r"\Tool", Details=f'"{TOOL}" --quiet')),
    (13, _registry(13, "SetValue", TargetObject=_SHORT + r"\Start", Details="DWORD (0x00000002)")),
    (
        13,
        _registry(13, "SetValue", TargetObject=_SHORT + r"\Stamp", Details="QWORD (0x00000000-0x80000001)"),
    ),
    (13, _registry(13, "SetValue", TargetObject=_SHORT + r"\Blob", Details="Binary Data")),
    (13, _registry(13, "SetValue", TargetObject=rf"{_LAYERS}\{TOOL}", Details="~ RUNASADMIN")),
    (14, _registry(14, "RenameKey", TargetObject=_SHORT, NewName=_SHORT + "2")),
    (
        15,
        {
            **_who(15),
            "TargetFilename": r"C:\Users\kim\Downloads\tool.exe:Zone.Identifier",
            "CreationUtcTime": utc(14),
            "Hash": DATA_HASHES,
            "Contents": ZONE,
            "User": KIM,
        },
    ),
    (
        16,
        {
            "UtcTime": utc(16),
            "Configuration": r"C:\Tools\sysmonconfig.xml",
            "ConfigurationFileHash": "SHA256=" + "CD" * 32,
        },
    ),
    (17, {**_typed(17, "CreatePipe"), "PipeName": r"\tool-1234", "Image": TOOL, "User": KIM}),
    (18, {**_typed(18, "ConnectPipe"), "PipeName": "<Anonymous Pipe>", "Image": TOOL, "User": KIM}),
    (
        19,
        {
            "RuleName": "-",
            "EventType": "WmiFilterEvent",
            "UtcTime": utc(19),
            "Operation": "Created",
            "User": KIM,
            "EventNamespace": r' "root\\CimV2"',
            "Name": ' "Updater"',
            "Query": ' "SELECT * FROM __InstanceModificationEvent WITHIN 60"',
        },
    ),
    (
        20,
        {
            "RuleName": "-",
            "EventType": "WmiConsumerEvent",
            "UtcTime": utc(20),
            "Operation": "Created",
            "User": KIM,
            "Name": ' "Updater"',
            "Type": "Command Line",
            "Destination": r' "C:\\ProgramData\\Tool\\tool.exe --quiet"',
        },
    ),
    (
        21,
        {
            "RuleName": "-",
            "EventType": "WmiBindingEvent",
            "UtcTime": utc(21),
            "Operation": "Created",
            "User": KIM,
            "Consumer": f" {CONSUMER}",
            "Filter": f" {FILTER}",
        },
    ),
    (
        22,
        {
            "RuleName": "-",
            "UtcTime": utc(22),
            "ProcessGuid": guid(2),
            "ProcessId": "200",
            "QueryName": "c2.example.org",
            "QueryStatus": "0",
            "QueryResults": "type:  5 edge.example.net;::ffff:203.0.113.9;2001:db8::9;",
            "Image": TOOL,
            "User": KIM,
        },
    ),
    (
        22,
        {
            "RuleName": "-",
            "UtcTime": utc(22),
            "ProcessGuid": guid(2),
            "ProcessId": "200",
            "QueryName": "gone.example.org",
            "QueryStatus": "9003",
            "QueryResults": "-",
            "Image": TOOL,
            "User": KIM,
        },
    ),
    (
        23,
        {
            **_who(23, account=True),
            "TargetFilename": r"C:\Users\kim\New.File.EXE",
            "Hashes": HASHES,
            "IsExecutable": "true",
            "Archived": "true",
        },
    ),
    (
        24,
        {
            **_who(24),
            "Session": "1",
            "ClientInfo": r"user: CORP\kim ip: 10.1.2.9 hostname: LAPTOP",
            "Hashes": DATA_HASHES,
            "Archived": "true",
            "User": KIM,
        },
    ),
    (25, {**_who(25), "Type": "Image is replaced", "User": KIM}),
    (
        26,
        {
            **_who(26, account=True),
            "TargetFilename": r"C:\Users\kim\notes.txt",
            "Hashes": DATA_HASHES,
            "IsExecutable": "false",
        },
    ),
    (27, {**_who(27, account=True), "TargetFilename": r"C:\Users\kim\blocked.exe", "Hashes": HASHES}),
    (
        28,
        {
            **_who(28, account=True),
            "TargetFilename": r"C:\Users\kim\shred.docx",
            "Hashes": DATA_HASHES,
            "IsExecutable": "false",
        },
    ),
    (29, {**_who(29, account=True), "TargetFilename": r"C:\Users\kim\written.exe", "Hashes": HASHES}),
    (255, {"UtcTime": utc(55), "ID": "DriverCommunication", "Description": "Failed to retrieve events"}),
)
