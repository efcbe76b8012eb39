"""Names and addresses. Vendors' services have their real names, all else is reserved for documentation.

Every address is of RFC 5737: 192.0.2.0/24 and 198.51.100.0/24 for the services, 203.0.113.0/24 for the
attacker alone. The network itself is 10.20.0.0/16.
"""

from __future__ import annotations

from dataclasses import dataclass

DOMAIN = "corp.example.com"
C2_NAME, C2_ADDRESS, C2_PORT = "sfrclak.example", "203.0.113.73", 8000


@dataclass(frozen=True, slots=True)
class Service:
    """A host outside: its name, its address, the canonical name of its DNS answer, its reverse name ("-": none)."""

    name: str
    address: str
    canonical: str
    reverse: str

    @property
    def answer(self) -> str:
        """Sysmon's QueryResults: canonical names as type 5, addresses mapped to IPv6."""
        alias = f"type:  5 {self.canonical};" if self.canonical else ""
        return f"{alias}::ffff:{self.address};"


SITES = (
    *(f"www.site{number:02d}.example.org" for number in range(1, 31)),
    *(
        f"{name}.example.com"
        for name in ("news", "weather", "travel", "maps", "wiki", "shop", "bank", "forum")
    ),
    *(
        f"{name}.example.net"
        for name in ("cdn1", "cdn2", "fonts", "static", "ads", "metrics", "img", "video")
    ),
)
INTRANET = ("intranet", "timesheet", "helpdesk", "git", "packages")
_VENDORS = [
    "download.windowsupdate.com",
    "ctldl.windowsupdate.com",
    "slscr.update.microsoft.com",
    "fe3cr.delivery.mp.microsoft.com",
    "au.download.windowsupdate.com",
    "settings-win.data.microsoft.com",
    "v10.events.data.microsoft.com",
    "self.events.data.microsoft.com",
    "watson.events.data.microsoft.com",
    "wdcp.microsoft.com",
    "definitionupdates.microsoft.com",
    "nav.smartscreen.microsoft.com",
    "login.microsoftonline.com",
    "outlook.office365.com",
    "officecdn.microsoft.com",
    "mrodevicemgr.officeapps.live.com",
    "roaming.officeapps.live.com",
    "config.teams.microsoft.com",
    "teams.microsoft.com",
    "statics.teams.cdn.office.net",
    "trouter.teams.microsoft.com",
    "oneclient.sfx.ms",
    "skydrive.wns.windows.com",
    "contoso-my.sharepoint.com",
    "msedge.api.cdp.microsoft.com",
    "msedge.b.tlu.dl.delivery.mp.microsoft.com",
    "edge.microsoft.com",
    "config.edge.skype.com",
    "update.googleapis.com",
    "edgedl.me.gvt1.com",
    "clients2.google.com",
    "optimizationguide-pa.googleapis.com",
    "safebrowsing.googleapis.com",
    "update.code.visualstudio.com",
    "marketplace.visualstudio.com",
    "vscode.download.prss.microsoft.com",
    "default.exp-tas.com",
    "api.github.com",
    "github.com",
    "objects.githubusercontent.com",
    "registry.npmjs.org",
    "pypi.org",
    "files.pythonhosted.org",
    "api.nuget.org",
    "dev.azure.com",
    "community.chocolatey.org",
    "www.7-zip.org",
    "agent.contoso.example",
    "updates.contoso.example",
    "ledger.contoso.example",
    "ocsp.digicert.com",
    "arc.msn.com",
    "licensing.mp.microsoft.com",
    "time.windows.com",
]


def _services() -> dict[str, Service]:
    found = {}
    for number, name in enumerate((*_VENDORS, *SITES)):
        network, host = divmod(number, 250)
        address = f"{('192.0.2', '198.51.100')[network]}.{host + 2}"
        canonical = f"edge{number:02d}.cdn.example.net" if number % 3 else ""
        reverse = f"a{host + 2}.deploy.example.net" if number % 8 == 0 else "-"
        found[name] = Service(name, address, canonical, reverse)
    return found


#: All services but the attacker's, by name.
SERVICES: dict[str, Service] = _services()
C2 = Service(C2_NAME, C2_ADDRESS, "", "-")
