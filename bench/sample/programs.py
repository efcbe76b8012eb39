r"""The programs of the network, by a short name. Original file names are those of the real programs.

Note three names that differ from the file's: Visual Studio Code is Electron, `wermgr.exe` is `WerMgr` and the
programs of Git have no version resource: a changed name alone proves nothing.
"""

from __future__ import annotations

from sample.program import Program, unsigned, vendor, windows

GOOGLE = "Google LLC"
NODE = "OpenJS Foundation"
CONTOSO = "Contoso Ltd."
_PF, _PF86 = "C:\\Program Files\\", "C:\\Program Files (x86)\\"
_LOCAL = "{home}\\AppData\\Local\\"
_OFFICE = _PF + "Microsoft Office\\root\\Office16\\"
_OFFICE_VERSION = "16.0.19725.20126"
_DEFENDER = "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.26020.6-0\\"
_TERMINAL = _PF + "WindowsApps\\Microsoft.WindowsTerminal_1.23.13503.0_x64__8wekyb3d8bbwe\\"
_GIT = _PF + "Git\\"

SYSTEM_PROGRAMS: dict[str, Program] = {
    "smss": windows(r"System32\smss.exe", "smss.exe", "Windows Session Manager", "service"),
    "csrss": windows(r"System32\csrss.exe", "CSRSS.Exe", "Client Server Runtime Process", "service"),
    "wininit": windows(r"System32\wininit.exe", "WinInit.exe", "Windows Start-Up Application", "service"),
    "winlogon": windows(r"System32\winlogon.exe", "WINLOGON.EXE", "Windows Logon Application", "service"),
    "services": windows(r"System32\services.exe", "services.exe", "Services and Controller app", "service"),
    "lsass": windows(r"System32\lsass.exe", "lsass.exe", "Local Security Authority Process", "service"),
    "svchost": windows(
        r"System32\svchost.exe", "svchost.exe", "Host Process for Windows Services", "service"
    ),
    "dwm": windows(r"System32\dwm.exe", "dwm.exe", "Desktop Window Manager", "window"),
    "fontdrvhost": windows(r"System32\fontdrvhost.exe", "fontdrvhost.exe", "Usermode Font Driver Host"),
    "spoolsv": windows(r"System32\spoolsv.exe", "spoolsv.exe", "Spooler SubSystem App", "service"),
    "splwow64": windows(r"splwow64.exe", "splwow64.exe", "Print driver host for applications", "window"),
    "printisolation": windows(
        r"System32\PrintIsolationHost.exe", "PrintIsolationHost.exe", "PrintIsolationHost", "service"
    ),
    "searchindexer": windows(
        r"System32\SearchIndexer.exe", "SearchIndexer.exe", "Microsoft Windows Search Indexer", "service"
    ),
    "searchprotocol": windows(
        r"System32\SearchProtocolHost.exe", "SearchProtocolHost.exe", "Microsoft Windows Search Protocol Host"
    ),
    "searchfilter": windows(
        r"System32\SearchFilterHost.exe", "SearchFilterHost.exe", "Microsoft Windows Search Filter Host"
    ),
    "explorer": windows(r"explorer.exe", "EXPLORER.EXE", "Windows Explorer", "window"),
    "userinit": windows(r"System32\userinit.exe", "USERINIT.EXE", "Userinit Logon Application", "window"),
    "sihost": windows(r"System32\sihost.exe", "sihost.exe", "Shell Infrastructure Host", "window"),
    "taskhostw": windows(r"System32\taskhostw.exe", "taskhostw.exe", "Host Process for Windows Tasks"),
    "ctfmon": windows(r"System32\ctfmon.exe", "CTFMON.EXE", "CTF Loader", "window"),
    "runtimebroker": windows(r"System32\RuntimeBroker.exe", "RuntimeBroker.exe", "Runtime Broker", "window"),
    "backgroundtask": windows(
        r"System32\backgroundTaskHost.exe", "backgroundTaskHost.exe", "Background Task Host", "net"
    ),
    "dllhost": windows(r"System32\dllhost.exe", "dllhost.exe", "COM Surrogate", "window"),
    "conhost": windows(r"System32\conhost.exe", "CONHOST.EXE", "Console Window Host", "window"),
    "smartscreen": windows(
        r"System32\smartscreen.exe", "smartscreen.exe", "Windows Defender SmartScreen", "net"
    ),
    "wmiprvse": windows(r"System32\wbem\WmiPrvSE.exe", "Wmiprvse.exe", "WMI Provider Host", "service"),
    "wermgr": windows(r"System32\wermgr.exe", "WerMgr", "Windows Problem Reporting", "net"),
    "compattel": windows(
        r"System32\CompatTelRunner.exe", "CompatTelRunner.exe", "Microsoft Compatibility Telemetry", "net"
    ),
    "sppsvc": windows(
        r"System32\sppsvc.exe", "sppsvc.exe", "Microsoft Software Protection Platform Service", "service"
    ),
    "securityhealth": windows(
        r"System32\SecurityHealthSystray.exe",
        "SecurityHealthSystray.exe",
        "Windows Security notification icon",
        "window",
    ),
    "trustedinstaller": windows(
        r"servicing\TrustedInstaller.exe", "TrustedInstaller.exe", "Windows Modules Installer", "service"
    ),
    "tiworker": windows(
        r"WinSxS\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.19041.5794_none_7e2b6f1a7c9d3f10"
        r"\TiWorker.exe",
        "TiWorker.exe",
        "Windows Modules Installer Worker",
        "service",
    ),
    "mousocore": windows(
        r"System32\MoUsoCoreWorker.exe", "MoUsoCoreWorker.exe", "MoUSO Core Worker Process", "net"
    ),
    "usoclient": windows(r"System32\UsoClient.exe", "UsoClient", "UsoClient"),
    "msiexec": windows(r"System32\msiexec.exe", "msiexec.exe", "Windows® installer", "service"),
    "gpupdate": windows(
        r"System32\gpupdate.exe", "GPUpdate.exe", "Microsoft® Group Policy Update Utility", "net"
    ),
    "cmd": windows(r"System32\cmd.exe", "Cmd.Exe", "Windows Command Processor"),
    "powershell": windows(
        r"System32\WindowsPowerShell\v1.0\powershell.exe", "PowerShell.EXE", "Windows PowerShell", "dotnet"
    ),
    "cscript": windows(
        r"System32\cscript.exe", "cscript.exe", "Microsoft ® Console Based Script Host", "script"
    ),
    "rundll32": windows(
        r"System32\rundll32.exe", "RUNDLL32.EXE", "Windows host process (Rundll32)", "window"
    ),
    "reg": windows(r"System32\reg.exe", "reg.exe", "Registry Console Tool"),
    "where": windows(r"System32\where.exe", "where.exe", "Where - Lists location of files"),
    "curl": windows(r"System32\curl.exe", "curl.exe", "The curl executable", "net"),
    "ipconfig": windows(r"System32\ipconfig.exe", "ipconfig.exe", "IP Configuration Utility", "net"),
    "whoami": windows(r"System32\whoami.exe", "whoami.exe", "whoami - displays logged on user information"),
    "tasklist": windows(r"System32\tasklist.exe", "tasklist.exe", "Lists the current running tasks"),
    "net": windows(r"System32\net.exe", "net.exe", "Net Command", "net"),
    "schtasks": windows(r"System32\schtasks.exe", "schtasks.exe", "Task Scheduler Configuration Tool"),
    "robocopy": windows(r"System32\Robocopy.exe", "robocopy.exe", "Microsoft Robocopy", "net"),
    "notepad": windows(r"System32\notepad.exe", "NOTEPAD.EXE", "Notepad", "window"),
    "dns": windows(r"System32\dns.exe", "dns.exe", "Domain Name System (DNS) Server", "service"),
    "dfsrs": windows(r"System32\dfsrs.exe", "dfsrs.exe", "Distributed File System Replication", "service"),
}

_DEFENDER_VERSION = "4.18.26020.6 (WinBuild.160101.0800)"
_MICROSOFT: dict[str, Program] = {
    "msmpeng": vendor(
        _DEFENDER + "MsMpEng.exe",
        "MsMpEng.exe",
        "Antimalware Service Executable",
        _DEFENDER_VERSION,
        signer="Microsoft Windows Publisher",
        loads="net",
    ),
    "mpcmdrun": vendor(
        _DEFENDER + "MpCmdRun.exe",
        "MpCmdRun.exe",
        "Microsoft Malware Protection Command Line Utility",
        _DEFENDER_VERSION,
        signer="Microsoft Windows Publisher",
        loads="net",
    ),
    "edge": vendor(
        _PF86 + "Microsoft\\Edge\\Application\\msedge.exe",
        "msedge.exe",
        "Microsoft Edge",
        "146.0.3856.62",
        loads="browser",
    ),
    "edgeupdate": vendor(
        _PF86 + "Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe",
        "msedgeupdate.dll",
        "Microsoft Edge Update",
        "1.3.215.9",
        loads="net",
    ),
    "onedrive": vendor(
        _LOCAL + "Microsoft\\OneDrive\\OneDrive.exe",
        "OneDrive.exe",
        "Microsoft OneDrive",
        "26.035.0222.0002",
        loads="office",
    ),
    "onedriveupdater": vendor(
        _LOCAL + "Microsoft\\OneDrive\\OneDriveStandaloneUpdater.exe",
        "OneDriveStandaloneUpdater.exe",
        "Standalone Updater",
        "26.035.0222.0002",
        product="Microsoft OneDrive",
        loads="net",
    ),
    "teams": vendor(
        _LOCAL + "Microsoft\\Teams\\current\\Teams.exe",
        "Teams.exe",
        "Microsoft Teams",
        "1.8.00.4362",
        loads="browser",
    ),
    "teamsupdate": vendor(
        _LOCAL + "Microsoft\\Teams\\Update.exe",
        "Update.exe",
        "Microsoft Teams",
        "3.0.5.0",
        loads="dotnet",
    ),
    "word": vendor(_OFFICE + "WINWORD.EXE", "WinWord.exe", "Microsoft Word", _OFFICE_VERSION, loads="office"),
    "excel": vendor(_OFFICE + "EXCEL.EXE", "Excel.exe", "Microsoft Excel", _OFFICE_VERSION, loads="office"),
    "outlook": vendor(
        _OFFICE + "OUTLOOK.EXE", "Outlook.exe", "Microsoft Outlook", _OFFICE_VERSION, loads="office"
    ),
    "clicktorun": vendor(
        _PF + "Common Files\\Microsoft Shared\\ClickToRun\\OfficeClickToRun.exe",
        "OfficeClickToRun.exe",
        "Microsoft Office Click-to-Run (SxS)",
        _OFFICE_VERSION,
        loads="net",
    ),
    "code": vendor(
        _LOCAL + "Programs\\Microsoft VS Code\\Code.exe",
        "electron.exe",
        "Visual Studio Code",
        "1.112.0",
        loads="browser",
    ),
    "terminal": vendor(
        _TERMINAL + "WindowsTerminal.exe",
        "WindowsTerminal.exe",
        "Windows Terminal Host",
        "1.23.2602.3001",
        loads="window",
    ),
    "wt": vendor(_TERMINAL + "wt.exe", "wt.exe", "Windows Terminal", "1.23.2602.3001", loads="window"),
    "openconsole": vendor(
        _TERMINAL + "OpenConsole.exe", "OpenConsole.exe", "OpenConsole.exe", "1.23.2602.3001", loads="window"
    ),
    "dotnet": vendor(
        _PF + "dotnet\\dotnet.exe", ".NET Host", ".NET Host", "10,0,326,7603", product=".NET", loads="net"
    ),
    "agentworker": vendor(
        "C:\\agent\\bin\\Agent.Worker.exe", "Agent.Worker.dll", "Agent.Worker", "4.268.0", loads="dotnet"
    ),
}

_OTHERS: dict[str, Program] = {
    "chrome": vendor(
        _PF + "Google\\Chrome\\Application\\chrome.exe",
        "chrome.exe",
        "Google Chrome",
        "146.0.7680.80",
        company=GOOGLE,
        loads="browser",
    ),
    "googleupdater": vendor(
        _PF86 + "Google\\GoogleUpdater\\146.0.7651.0\\updater.exe",
        "updater.exe",
        "Google Updater",
        "146.0.7651.0",
        company=GOOGLE,
        loads="net",
    ),
    "node": vendor(
        _PF + "nodejs\\node.exe",
        "node.exe",
        "Node.js JavaScript Runtime",
        "22.14.0",
        product="Node.js",
        company="Node.js",
        signer=NODE,
        loads="net",
    ),
    "python": vendor(
        _LOCAL + "Programs\\Python\\Python312\\python.exe",
        "python.exe",
        "Python",
        "3.12.9",
        company="Python Software Foundation",
        loads="python",
    ),
    "git": vendor(
        _GIT + "cmd\\git.exe",
        "git.exe",
        "Git for Windows",
        "2.49.0.1",
        product="Git",
        company="The Git Development Community",
        loads="console",
    ),
    "githttps": unsigned(_GIT + "mingw64\\libexec\\git-core\\git-remote-https.exe", "net"),
    "sh": unsigned(_GIT + "usr\\bin\\sh.exe"),
    "sevenzip": unsigned(_PF + "7-Zip\\7z.exe", "console"),
    "ledger": unsigned(_PF86 + "Contoso\\Ledger\\ledger.exe", "legacy"),
    "contosoagent": vendor(
        _PF + "Contoso\\Agent\\contoso-agent.exe",
        "contoso-agent.exe",
        "Contoso Device Agent",
        "5.2.1",
        company=CONTOSO,
        loads="net",
    ),
    "choco": vendor(
        "C:\\ProgramData\\chocolatey\\choco.exe",
        "choco.exe",
        "chocolatey",
        "2.4.3.0",
        company="Chocolatey Software, Inc.",
        loads="dotnet",
    ),
}

PROGRAMS: dict[str, Program] = SYSTEM_PROGRAMS | _MICROSOFT | _OTHERS
