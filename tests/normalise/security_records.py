"""Records of the Security log with the fields of their templates: numbers as Windows writes them."""

from normalise.windows_dialects import SID, Log, Record

_SUBJECT = {
    "SubjectUserSid": SID,
    "SubjectUserName": "kim",
    "SubjectDomainName": "CORP",
    "SubjectLogonId": "0x3039",
}
_TOOL, _SHELL = r"C:\ProgramData\Tool\tool.exe", r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
_LSA = r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Control\Lsa"
_TASK = (
    '<?xml version="1.0" encoding="UTF-16"?>\n<Task version="1.2"><Actions Context="Author"><Exec>'
    r"<Command>C:\ProgramData\Tool\tool.exe</Command><Arguments>--quiet &amp; hidden</Arguments>"
    "</Exec></Actions></Task>"
)


def _created(target: dict[str, str], label: str = "S-1-16-8192", elevation: str = "%%1938") -> Record:
    nobody = {
        "TargetUserSid": "S-1-0-0",
        "TargetUserName": "-",
        "TargetDomainName": "-",
        "TargetLogonId": "0x0",
    }
    data = {
        **_SUBJECT,
        "NewProcessId": "0x1b58",
        "NewProcessName": _SHELL,
        "TokenElevationType": elevation,
        "ProcessId": "0xbb8",
        "CommandLine": r"powershell -File C:\Users\kim\first.ps1",
        **nobody,
        **target,
        "ParentProcessName": _TOOL,
        "MandatoryLabel": label,
    }
    return Record(4688, data, writer=4)


def _access(kind: str, name: str, mask: str) -> Record:
    data = {
        **_SUBJECT,
        "ObjectServer": "Security",
        "ObjectType": kind,
        "ObjectName": name,
        "HandleId": "0x1a4",
        "AccessList": "%%4416\n\t\t\t\t",
        "AccessMask": mask,
        "ProcessId": "0xbb8",
        "ProcessName": _TOOL,
        "ResourceAttributes": "-",
    }
    return Record(4663, data, writer=4)


def _value(operation: str, kind: str, old: str, new: str) -> Record:
    data = {
        **_SUBJECT,
        "ObjectName": _LSA,
        "ObjectValueName": "RunAsPPL",
        "HandleId": "0x1a8",
        "OperationType": operation,
        "OldValueType": kind,
        "OldValue": old,
        "NewValueType": kind,
        "NewValue": new,
        "ProcessId": "0xbb8",
        "ProcessName": _TOOL,
    }
    return Record(4657, data, writer=4)


def _connection(direction: str, source: str, destination: str, protocol: str) -> Record:
    data = {
        "ProcessID": "3000",
        "Application": r"\device\harddiskvolume3\programdata\tool\tool.exe",
        "Direction": direction,
        "SourceAddress": source,
        "SourcePort": "50000",
        "DestAddress": destination,
        "DestPort": "443",
        "Protocol": protocol,
        "FilterRTID": "70158",
        "LayerName": "%%14611",
        "LayerRTID": "48",
        "RemoteUserID": "S-1-0-0",
        "RemoteMachineID": "S-1-0-0",
    }
    return Record(5156, data, writer=4)


SECURITY = Log(
    "Microsoft-Windows-Security-Auditing",
    "Security",
    (
        _created({}),
        _created(
            {
                "TargetUserSid": "S-1-5-21-1-2-3-500",
                "TargetUserName": "Administrator",
                "TargetDomainName": "WS1",
                "TargetLogonId": "0x777",
            },
            "S-1-16-12288",
            "%%1937",
        ),
        Record(
            4689, {**_SUBJECT, "Status": "0xc000013a", "ProcessId": "0x1b58", "ProcessName": _SHELL}, writer=4
        ),
        _connection("%%14593", "10.1.2.3", "203.0.113.9", "6"),
        _connection("%%14592", "10.1.2.9", "10.1.2.3", "17"),
        Record(
            4697,
            {
                **_SUBJECT,
                "ServiceName": "Tool",
                "ServiceFileName": r'"C:\Program Files\Tool\service.exe" -k run',
                "ServiceType": "0x10",
                "ServiceStartType": "2",
                "ServiceAccount": "LocalSystem",
                "ClientProcessStartKey": "844424930134415",
                "ClientProcessId": "3000",
                "ParentProcessId": "2000",
            },
        ),
        Record(
            4697,
            {
                **_SUBJECT,
                "ServiceName": "OldDriver",
                "ServiceFileName": r"\SystemRoot\System32\drivers\old.sys",
                "ServiceType": "0x1",
                "ServiceStartType": "3",
                "ServiceAccount": "",
            },
        ),
        Record(
            4698, {**_SUBJECT, "TaskName": r"\Tool\Updater", "TaskContent": _TASK, "ClientProcessId": "3000"}
        ),
        _value("%%1904", "%%1876", "-", "1"),
        _value("%%1905", "%%1873", "a", "b c"),
        _value("%%1906", "%%1883", "0x10", "-"),
        _access("File", r"C:\Users\kim\secret.docx", "0x1"),
        _access("File", r"C:\Users\kim\secret.docx", "0x6"),
        _access("File", r"C:\Users\kim\secret.docx", "0x100"),
        _access("File", r"C:\Users\kim\secret.docx", "0x10002"),
        _access("Key", _LSA, "0x1"),
        _access("Key", _LSA, "0x2"),
        _access("Key", _LSA, "0x10000"),
        _access("Process", r"\Device\HarddiskVolume3\Windows\System32\lsass.exe", "0x10"),
        _access("SAM_DOMAIN", "DC=corp,DC=example", "0x2d"),
    ),
)
