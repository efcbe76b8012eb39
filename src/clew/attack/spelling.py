"""When two spellings of a log source mean the same one: ATT&CK's own spelling is not uniform."""

from __future__ import annotations

import re
from types import MappingProxyType

#: Names of ATT&CK 18.1 beside the usual one for the same log, both case-folded. What differs only in case
#: (`NSM:FLow`, `containerd:Events`) or in outer blanks (`networkconfig `) needs no entry. A name stands here
#: only where both name one log: `NSM:Connections` and `NSM:Flow` are two words with different contents.
ALIASES = MappingProxyType(
    {
        "linuxsyslog": "linux:syslog",
        "linus:syslog": "linux:syslog",
        "esxis:vmkernel": "esxi:vmkernel",
        # the daemon that writes down VMkernel observations is vobd; its log is vobd.log
        "esxi:vob": "esxi:vobd",
        "vpxd.log": "esxi:vpxd",
        "esxilogs:authlog": "esxi:auth",
        "macos:fsevents": "fs:fsevents",
        # an event of CloudTrail in the place of its channel; 18.1 mended CloudTrail:RunInstances this way
        "cloudtrail:getcalleridentity": "aws:cloudtrail",
        "cloudtrail:getobject": "aws:cloudtrail",
        "cloudtrail:putobject": "aws:cloudtrail",
        "cloudtrail:signin": "aws:cloudtrail",
        # AN0587, beside AWS:CloudWatch and AWS:CloudTrail
        "vpcflowlogs:all": "aws:vpcflowlogs",
        "okta:systemlog": "saas:okta",
        "saas-app:auth": "saas:auth",
        "m365defender:devicenetworkevents": "m365:defender",
        "netfilter/iptables": "iptables:log",
        "wineventlog:codeintegrity": "wineventlog:microsoft-windows-codeintegrity/operational",
        "wineventlog:windows defender": "wineventlog:microsoft-windows-windows defender/operational",
    }
)

_LIST_SEPARATOR = re.compile(r"\s*[,|]\s*")
_REMARK = re.compile(r"\s*\([^()]*\)$")


def name_key(name: str) -> str:
    """The one key of a log source's name, whatever its spelling: `linuxsyslog` gives `linux:syslog`."""
    folded = name.strip().casefold()
    return ALIASES.get(folded, folded)


def channel_items(channel: str) -> tuple[str, ...]:
    """What a channel names, one by one, as it is spelt.

    `EventCode=13, 14` names `EventCode=13` and `EventCode=14`; `open, write` names `open` and `write`. What
    is no list of single words is one item: prose, `verb=create, resource=cronjobs` (one thing described by
    two properties), `connect/sendto` (a slash also stands inside of names). An empty channel is `None`,
    ATT&CK's word for one that it does not know.
    """
    text = " ".join(channel.split()) or "None"
    return _list_items(text) or (text,)


def channel_parts(channel: str) -> frozenset[str]:
    """The items of a channel, case-folded, so that two channels can be compared."""
    return frozenset(item.casefold() for item in channel_items(channel))


def element_key(name: str) -> str:
    """The one key of a mutable element's name: `IP Address`, `IPAddress` and `ip_address` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def platform_key(name: str) -> str:
    """The one key of a platform's name: `Network Devices` and `network_devices` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _list_items(text: str) -> tuple[str, ...] | None:
    """The items of `a, b, or c` or `key=a, b`; None where the text is no list of single words."""
    items = [_REMARK.sub("", item.removeprefix("or ")) for item in _LIST_SEPARATOR.split(text)]
    if any(not item or " " in item for item in items):
        return None
    keys = {item.partition("=")[0] for item in items if "=" in item}
    if not keys:
        return tuple(items)
    if len(keys) > 1 or "=" not in items[0]:
        return None
    (key,) = keys
    return tuple(item if "=" in item else f"{key}={item}" for item in items)
