"""The site's inventory, and what is said of a wrong one."""

from pathlib import Path

import pytest

from clew.entity.inventory import ALWAYS, Inventory, read_inventory
from clew.errors import SettingsError
from clew.settings import read_settings


def read(folder: Path, text: str, table: str = '[hosts]\ninventory = "hosts.csv"\n') -> Inventory:
    (folder / "clew.toml").write_text(table)
    (folder / "hosts.csv").write_text(text)
    return read_inventory(read_settings({}, {"HOME": str(folder)}, folder, folder / "none").files)


def faults(folder: Path, text: str, **more: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(folder, text, **more)
    return [f"{f.path}:{f.line} {f.message}" for f in caught.value.faults]


def hosts(inventory: Inventory, address: str) -> list[tuple[str, int, int]]:
    return [(entry.host, entry.since, entry.until) for entry in inventory.of(address)]


def test_addresses_and_networks_the_smallest_last(tmp_path: Path) -> None:
    text = "\ufeffip,host,from,to\n10.1.2.3,WS1.Corp.Example.,,\n# a comment\n\n10.1.0.0/16, gate,1970-01-01T00:00:01,1970-01-02\n"
    inventory = read(tmp_path, text)
    assert hosts(inventory, "10.1.2.3") == [
        ("gate", 1_000_000, 86_400_000_000),
        ("ws1.corp.example", *ALWAYS),
    ]
    assert hosts(inventory, "10.2.0.1") == hosts(inventory, "none") == []
    assert inventory.hosts == {"ws1.corp.example", "gate"}


def test_columns_may_be_left_out_and_times_have_zones(tmp_path: Path) -> None:
    assert hosts(read(tmp_path, "host,ip\nws1,2001:db8::1\n"), "2001:db8::1") == [("ws1", *ALWAYS)]
    text = "ip,host,from\n10.0.0.1,a,1970-01-01T02:00:00+02:00\n"
    assert hosts(read(tmp_path, text), "10.0.0.1") == [("a", 0, ALWAYS[1])]


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = "ip,host,from,to\n10.1.2.300,a,,\n10.1.2.3,,,\n10.1.2.3,a,today,\n10.1.2.3,a,2026-02-01,2026-01-01\n10.1.2.0/16,a\n"
    found = faults(tmp_path, text)
    assert [line.partition(" ")[0] for line in found] == [f"hosts.csv:{line}" for line in range(2, 7)]
    assert "no host is named" in found[1] and "'today' is no time" in found[2]


def test_two_hosts_with_one_address_at_once(tmp_path: Path) -> None:
    text = "ip,host,from,to\n10.0.0.1,a,2026-01-01,2026-03-01\n10.0.0.1,b,2026-03-01,\n"
    assert [host for host, *_ in hosts(read(tmp_path, text), "10.0.0.1")] == ["a", "b"]
    [fault] = faults(tmp_path, text + "10.0.0.1,c,2026-04-01,\n")
    assert fault == "hosts.csv:4 10.0.0.1/32 belongs to b at that time, by line 3"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[hosts]\ninventory = "none.csv"\n', "none.csv:0 cannot be read"),
        ("[hosts]\ninventory = 7\n", "clew.toml:2 'inventory' is the path"),
        ('[hosts]\ninventry = "hosts.csv"\n', "clew.toml:2 'hosts' has no key 'inventry'"),
        ('hosts = "hosts.csv"\n', "clew.toml:1 'hosts' is no table"),
    ],
)
def test_what_is_wrong_with_the_settings(table: str, said: str, tmp_path: Path) -> None:
    [fault] = faults(tmp_path, "ip,host\n", table=table)
    assert fault.startswith(said)


@pytest.mark.parametrize("header", ["", "address,host", "ip,host,until", "ip"])
def test_a_header_that_is_none(header: str, tmp_path: Path) -> None:
    [fault] = faults(tmp_path, f"{header}\n10.0.0.1,a\n")
    assert fault.startswith("hosts.csv:1 ")
