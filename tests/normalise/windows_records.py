"""Records of the smaller Windows logs, one or more of each id, with the fields of their templates."""

from normalise.windows_dialects import Log, Record

_TOOL, _LIBRARY = r"C:\ProgramData\Tool\tool.exe", r"%SystemRoot%\System32\wbem\cimwin32.dll"
_ACTIVITY = "8e521e2b-7c26-0001-417f-9c8e267cdb01"
_PACKAGE = r"C:\Users\kim\Downloads\tool-1.2.msi"
_PROVIDER = "Service Control Manager"
_JOB = "{FF819706-9FF9-490B-ADE5-B069232C5D23}"


def _service(name: str, path: str, kind: str, start: str, account: str) -> Record:
    data = {
        "ServiceName": name,
        "ImagePath": path,
        "ServiceType": kind,
        "StartType": start,
        "AccountName": account,
    }
    message = (
        f"A service was installed in the system.\r\n\r\nService Name:  {name}\r\nService File Name:  {path}\r\n"
        f"Service Type:  {kind}\r\nService Start Type:  {start}\r\nService Account:  {account}"
    )
    return Record(7045, data, message=message, qualifiers=16384)


SYSTEM = Log(
    _PROVIDER,
    "System",
    (
        _service(
            "Tool",
            r"C:\ProgramData\Tool\service.exe -k run",
            "user mode service",
            "auto start",
            "LocalSystem",
        ),
        _service("OldDriver", r"system32\DRIVERS\old.sys", "kernel mode driver", "demand start", ""),
        _service(
            "shell",
            r"%COMSPEC% /Q /c echo a > %TEMP%\a.bat & %TEMP%\a.bat",
            "user mode service",
            "demand start",
            "LocalSystem",
        ),
    ),
)


def _transaction(code: int, word: str) -> Record:
    rest = ["(NULL)", "(NULL)", "(NULL)", "(NULL)", ""]
    message = f"{word} a Windows Installer transaction: {_PACKAGE}. Client Process Id: 2128."
    return Record(code, [_PACKAGE, "2128", *rest], message=message, qualifiers=0)


def _product(status: str) -> Record:
    return Record(
        1033,
        ["Tool 64-bit", "1.2.0", "1033", status, "Example Software Ltd", "(NULL)", ""],
        message="Windows Installer installed the product. Product Name: Tool 64-bit. Product Version: 1.2.0. "
        "Product Language: 1033. Manufacturer: Example Software Ltd. Installation success or error status: "
        f"{status}.",
        qualifiers=0,
    )


def _completed(code: int, text: str) -> Record:
    rest = ["(NULL)", "(NULL)", "(NULL)", "(NULL)", "(NULL)", ""]
    return Record(code, [text, *rest], message=text, qualifiers=0)


MSIINSTALLER = Log(
    "MsiInstaller",
    "Application",
    (
        _transaction(1040, "Beginning"),
        _product("0"),
        _product("1603"),
        _completed(11707, "Product: Tool 64-bit -- Installation completed successfully."),
        _completed(11724, "Product: Tool 64-bit -- Removal completed successfully."),
        _transaction(1042, "Ending"),
    ),
)


def _transfer(code: int, url: str, **data: str) -> Record:
    head = {"transferId": _JOB, "name": "Update", "Id": _JOB, "url": url, "peer": ""}
    tail = {"fileLength": "162791", "bytesTotal": "162791", "bytesTransferred": "162791"}
    return Record(code, {**head, **tail, **data})


BITS = Log(
    "Microsoft-Windows-Bits-Client",
    "Microsoft-Windows-Bits-Client/Operational",
    (
        Record(
            3,
            {
                "jobTitle": "Update",
                "jobId": _JOB,
                "jobOwner": r"CORP\kim",
                "processPath": _TOOL,
                "processId": "3000",
            },
        ),
        Record(3, {"string": "Update", "string2": r"CORP\kim", "string3": _TOOL}),
        Record(
            16403,
            {
                "User": r"CORP\kim",
                "jobTitle": "Update",
                "jobId": _JOB,
                "jobOwner": r"CORP\kim",
                "fileCount": "1",
                "RemoteName": "https://cdn.example.net/tool.exe",
                "LocalName": r"C:\ProgramData\Tool\next.exe",
                "processId": "3000",
                "ClientProcessStartKey": "844424930134415",
            },
        ),
        _transfer(59, "https://user@cdn.example.net:8443/tool.exe?a=b@c"),
        _transfer(59, "http://203.0.113.9/tool.exe"),
        _transfer(59, r"C:\Windows\System32\cmd.exe"),
        _transfer(60, r"\\files\share\tool.exe", hr="0"),
        _transfer(60, "https://cdn.example.net/tool.exe", hr="2149122457"),
    ),
)
_CONTEXT = r"""        Severity = Informational
        Host Name = ConsoleHost
        Host Application = powershell.exe -NoProfile
        Command Name = Invoke-WebRequest
        Command Type = Cmdlet
        Script Name = C:\Users\kim\first.ps1
        Sequence Number = 16
        User = CORP\kim
        Shell ID = Microsoft.PowerShell


"""
_CALL = 'CommandInvocation(Invoke-WebRequest): "Invoke-WebRequest"\nParameterBinding(Invoke-WebRequest): name="Uri"; value="a"'
_BLOCK = {"MessageNumber": "1", "MessageTotal": "1", "ScriptBlockId": "27f08bda-c330-419f-b83b-eb5c0f699930"}

POWERSHELL = Log(
    "Microsoft-Windows-PowerShell",
    "Microsoft-Windows-PowerShell/Operational",
    (
        Record(4103, {"ContextInfo": _CONTEXT, "UserData": "", "Payload": _CALL}, activity=_ACTIVITY),
        Record(
            4104,
            {**_BLOCK, "ScriptBlockText": "iwr a |\n  iex", "Path": r"C:\Users\kim\first.ps1"},
            activity=_ACTIVITY,
        ),
        Record(
            4104,
            {**_BLOCK, "MessageNumber": "2", "MessageTotal": "3", "ScriptBlockText": "prompt", "Path": ""},
        ),
    ),
)
_CAUSE = (
    "Binding EventFilter: \ninstance of __EventFilter\n{\n\tCreatorSID = {1, 5};\n"
    '\tEventNamespace = "root\\\\cimv2";\n\tName = "Updater";\n'
    '\tQuery = "SELECT * FROM __InstanceModificationEvent WHERE Name = \\"a\\"";\n\tQueryLanguage = "WQL";\n};\n'
    'Perm. Consumer: \ninstance of CommandLineEventConsumer\n{\n\tCommandLineTemplate = "C:\\\\Tool\\\\a.exe \\"b\\"";\n'
    '\tName = "Updater";\n};\n'
)

WMI = Log(
    "Microsoft-Windows-WMI-Activity",
    "Microsoft-Windows-WMI-Activity/Operational",
    (
        Record(
            5857,
            {
                "ProviderName": "CIM Provider 32",
                "Code": "0x0",
                "HostProcess": "wmiprvse.exe",
                "ProcessID": "4204",
                "ProviderPath": _LIBRARY,
            },
            wrapper="Operation_StartedOperational",
            message="CIM Provider 32 provider started with result code 0x0. HostProcess = wmiprvse.exe; ProcessID = 4204; "
            f"ProviderPath = {_LIBRARY}",
        ),
        *(
            Record(
                5858,
                {
                    "Id": "{00000000-0000-0000-0000-000000000000}",
                    "ClientMachine": machine,
                    "User": r"CORP\kim",
                    "ClientProcessId": "3000",
                    "Component": "Unknown",
                    "Operation": "Start IWbemServices::ExecQuery - ROOT\\CIMV2 : SELECT * FROM Win32_Process",
                    "ResultCode": "0x80041003",
                    "PossibleCause": "Unknown",
                },
                activity=_ACTIVITY,
                wrapper="Operation_ClientFailure",
                message=f"Id = {{00000000-0000-0000-0000-000000000000}}; ClientMachine = {machine}; User = CORP\\kim; "
                "ClientProcessId = 3000; Component = Unknown; Operation = Start IWbemServices::ExecQuery - "
                "ROOT\\CIMV2 : SELECT * FROM Win32_Process; ResultCode = 0x80041003; PossibleCause = Unknown",
            )
            for machine in ("WS1", "WS2")
        ),
        Record(
            5859,
            {
                "NamespaceName": "//./root/subscription",
                "Query": "SELECT * FROM Win32_ProcessStartTrace",
                "User": "S-1-5-32-544",
                "Processid": "1360",
                "Provider": "SCM Event Provider",
                "queryid": "0",
                "PossibleCause": "Permanent",
            },
            wrapper="Operation_EssStarted",
            message="Namespace = //./root/subscription; NotificationQuery = SELECT * FROM Win32_ProcessStartTrace; "
            "OwnerName = S-1-5-32-544; HostProcessID = 1360;  Provider= SCM Event Provider, queryID = 0; "
            "PossibleCause = Permanent",
        ),
        Record(
            5860,
            {
                "NamespaceName": "ROOT\\CIMV2",
                "Query": "SELECT * FROM Win32_ProcessStartTrace",
                "User": r"CORP\kim",
                "Processid": "3000",
                "ClientMachine": "WS1",
                "PossibleCause": "Temporary",
            },
            wrapper="Operation_TemporaryEssStarted",
            message="Namespace = ROOT\\CIMV2; NotificationQuery = SELECT * FROM Win32_ProcessStartTrace; UserName = "
            "CORP\\kim; ClientProcessID = 3000, ClientMachine = WS1; PossibleCause = Temporary",
        ),
        Record(
            5861,
            {
                "Namespace": "//./root/subscription",
                "ESS": "Updater",
                "CONSUMER": 'CommandLineEventConsumer="Updater"',
                "PossibleCause": _CAUSE,
            },
            wrapper="Operation_ESStoConsumerBinding",
            message="Namespace = //./root/subscription; Eventfilter = Updater (refer to its activate eventid:5859); "
            f'Consumer = CommandLineEventConsumer="Updater"; PossibleCause = {_CAUSE}',
        ),
    ),
)
_RUN = {"TaskName": r"\Tool\Updater", "TaskInstanceId": _JOB, "EnginePID": "1532"}

TASKSCHEDULER = Log(
    "Microsoft-Windows-TaskScheduler",
    "Microsoft-Windows-TaskScheduler/Operational",
    (
        Record(106, {"TaskName": r"\Tool\Updater", "UserContext": r"CORP\kim"}),
        Record(140, {"TaskName": r"\Tool\Updater", "UserName": "S-1-5-18"}),
        Record(200, {**_RUN, "ActionName": _TOOL}),
        Record(201, {**_RUN, "ActionName": _TOOL, "ResultCode": "2147942402"}),
        Record(201, {**_RUN, "ActionName": "Language Components Installer", "ResultCode": "0"}),
    ),
)


def _found(code: int, path: str, **data: str) -> Record:
    head = {
        "Product Name": "Microsoft Defender Antivirus",
        "Product Version": "4.18.2011.6",
        "Detection ID": _JOB,
        "Threat ID": "2147705511",
        "Threat Name": "HackTool:Win64/Example!dha",
        "Severity ID": "4",
        "Severity Name": "High",
        "Category ID": "34",
        "Category Name": "Tool",
        "Source Name": "Real-Time Protection",
        "Process Name": r"C:\Windows\explorer.exe",
        "Detection User": r"CORP\kim",
        "Path": path,
        "Action Name": "Not Applicable",
        "Error Code": "0x00000000",
    }
    return Record(code, {**head, **data})


DEFENDER = Log(
    "Microsoft-Windows-Windows Defender",
    "Microsoft-Windows-Windows Defender/Operational",
    (
        _found(1116, r"file:_C:\Users\kim\Downloads\a tool.exe"),
        _found(
            1116,
            r"containerfile:_C:\a\b.zip; file:_C:\a\b.zip->c.exe; webfile:_C:\a\b.zip|https://a/b.zip|pid:1",
            **{"Process Name": "Unknown"},
        ),
        _found(1116, "CmdLine:_C:\\Windows\\System32\\cmd.exe /c a"),
        _found(
            1117,
            r"file:_C:\Users\kim\Downloads\a tool.exe",
            **{"Action Name": "Quarantine", "Error Code": "0x80508023"},
        ),
    ),
)
LOGS = (SYSTEM, MSIINSTALLER, BITS, POWERSHELL, WMI, TASKSCHEDULER, DEFENDER)
