"""Two spellings of one log source are one, two log sources stay two."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from clew.attack.index import attack_index
from clew.attack.spelling import ALIASES, channel_items, channel_parts, element_key, name_key, platform_key

DOCS = Path(__file__).resolve().parents[2] / "docs" / "attack.md"


def names() -> set[str]:
    return {source.name for s in attack_index().strategies() for a in s.analytics for source in a.log_sources}


@pytest.mark.parametrize(
    ("odd", "usual"),
    [
        ("NSM:FLow", "NSM:Flow"),
        ("NSM:firewall", "NSM:Firewall"),
        ("containerd:Events", "containerd:events"),
        ("linuxsyslog", "linux:syslog"),
        ("linus:syslog", "linux:syslog"),
        ("esxis:vmkernel", "esxi:vmkernel"),
        ("networkconfig ", "networkconfig"),
        ("CloudTrail:PutObject", "AWS:CloudTrail"),
        ("WinEventLog:CodeIntegrity", "WinEventLog:Microsoft-Windows-CodeIntegrity/Operational"),
    ],
)
def test_an_odd_spelling_is_the_usual_one(odd: str, usual: str) -> None:
    assert {odd, usual} <= names(), "both are spellings of ATT&CK"
    assert name_key(odd) == name_key(usual)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NSM:Flow", "NSM:Connections"),
        ("auditd:SYSCALL", "auditd:EXECVE"),
        ("kubernetes:audit", "kubernetes:apiserver"),
        ("azure:vpcflow", "gcp:vpcflow"),
        ("WinEventLog:Sysmon", "linux:Sysmon"),
        ("esxi:vpxa", "esxi:vpxd"),
    ],
)
def test_two_sources_stay_two(one: str, other: str) -> None:
    assert {one, other} <= names()
    assert name_key(one) != name_key(other)


def test_names_that_differ_only_in_punctuation_and_case_are_one() -> None:
    """A new release with a new misspelling fails here, and then wants a line in ALIASES."""
    bare = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in names()}
    twins = [(a, b) for a, b in combinations(sorted(names()), 2) if bare[a] == bare[b]]
    assert len(twins) == 5
    assert all(name_key(a) == name_key(b) for a, b in twins)


def test_no_alias_is_stale() -> None:
    folded = {name.strip().casefold() for name in names()}
    assert set(ALIASES) <= folded
    assert set(ALIASES.values()) <= folded
    assert not set(ALIASES) & set(ALIASES.values()), "an alias leads to the usual spelling in one step"


def test_the_documentation_lists_every_alias() -> None:
    rows = re.findall(r"^\| (`.*`) \| `(.*)` \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {odd.casefold(): usual.casefold() for odds, usual in rows for odd in re.findall("`(.*?)`", odds)}
    assert listed == ALIASES


@pytest.mark.parametrize(
    ("channel", "items"),
    [
        ("EventCode=1", ("EventCode=1",)),
        ("EventCode=13, 14", ("EventCode=13", "EventCode=14")),
        ("EventCode=4778, EventCode=4779", ("EventCode=4778", "EventCode=4779")),
        ("EventCode=5005 (WLAN), EventCode=302 (Bluetooth)", ("EventCode=5005", "EventCode=302")),
        ("open,openat,read", ("open", "openat", "read")),
        ("openssl|tar|dd", ("openssl", "tar", "dd")),
        (
            "StopLogging, DeleteTrail, or DisableSecurityService",
            ("StopLogging", "DeleteTrail", "DisableSecurityService"),
        ),
        ("connect/sendto", ("connect/sendto",)),
        ("verb=create, resource=cronjobs, group=batch", ("verb=create, resource=cronjobs, group=batch",)),
        ("write | PATH=/home/*/x", ("write | PATH=/home/*/x",)),
        ("unusual process, spawned  from image", ("unusual process, spawned from image",)),
        ("HTTP ", ("HTTP",)),
        ("None", ("None",)),
        ("", ("None",)),
        (",", (",",)),
    ],
)
def test_a_channel_is_its_items(channel: str, items: tuple[str, ...]) -> None:
    assert channel_items(channel) == items


def test_channel_parts_ignore_case_and_order() -> None:
    assert channel_parts("EventCode=14, 13") == channel_parts("eventcode=13,14")
    assert channel_parts("EventCode=13") < channel_parts("EventCode=13, 14")
    assert not channel_parts("EventCode=1") & channel_parts("EventCode=13, 14")


def test_every_event_code_of_the_data_is_parsed() -> None:
    channels = {c.channel for s in attack_index().strategies() for a in s.analytics for c in a.log_sources}
    coded = [channel for channel in channels if channel.startswith("EventCode=")]
    assert len(coded) > 80
    for channel in coded:
        assert [item.removeprefix("EventCode=") for item in channel_items(channel)] == re.findall(
            r"\d+", channel
        )


def test_element_and_platform_keys() -> None:
    assert element_key("IP Address") == element_key("IPAddress") == element_key("ip_address")
    assert element_key("TimeWindow") != element_key("TimeWindows")
    assert (
        platform_key("Network Devices") == platform_key("network_devices") == platform_key("network-devices")
    )
