"""The site's inventory: which host has which address, as the site says it in a CSV file.

`[hosts] inventory = "hosts.csv"` in clew.toml names a file with a header and a line for each address::

    ip,host,from,to
    10.1.2.3,ws1.corp.example,,
    10.1.2.4,ws2,2026-03-01T00:00:00,2026-04-01
    10.9.0.0/16,vpn-gateway,,

`from` and `to` may be left out or empty; times are ISO 8601, UTC unless they say otherwise. A line counts from
`from` on and before `to`; of several for one address the smallest network counts.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import msgspec

from clew.errors import Fault, SettingsError
from clew.settings.file import TomlFile

Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

#: A line of the inventory that has no `from` or no `to` counts from or to these, in microseconds.
ALWAYS = (-(1 << 62), 1 << 62)
_COLUMNS = ("ip", "host", "from", "to")
_HEADER = "the first line is: ip,host,from,to"


class Entry(msgspec.Struct, frozen=True):
    """A network (an address is a small one) belongs to a host from `since` on and before `until`."""

    network: Network
    host: str
    since: int = ALWAYS[0]
    until: int = ALWAYS[1]
    line: int = 0


class Inventory:
    """All that the site says; look-ups are by address."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.hosts = frozenset(entry.host for entry in entries)
        self._entries: dict[Network, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault(entry.network, []).append(entry)
        self._sizes = sorted({(network.version, network.prefixlen) for network in self._entries})

    def of(self, address: str) -> Iterator[Entry]:
        """What is said of an address, whatever the time; the smallest networks come last."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return
        for version, bits in self._sizes:
            if version == found.version:
                network = ipaddress.ip_network((found, bits), strict=False)
                yield from self._entries.get(network, ())


#: Of a site that says nothing.
NOTHING = Inventory()


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read_inventory(files: Iterable[TomlFile]) -> Inventory:
    """The inventory that the settings name; of several files the last that names one counts.

    Raises:
        SettingsError: with everything that is wrong with the table `[hosts]` and with the inventory.
    """
    faults: list[Fault] = []
    named = [path for file in files if (path := _path(file, faults))]
    entries = list(_entries(*named[-1], faults)) if named else []
    entries.sort(key=lambda e: (e.network.version, e.network, e.since, e.line))
    faults += _contradictions(entries, str(named[-1][1]) if named else "")
    if faults:
        raise SettingsError(faults)
    return Inventory(entries)


def _path(file: TomlFile, faults: list[Fault]) -> tuple[Path, str] | None:
    """Where the inventory lies, and what it is called in messages."""
    table = file.values.get("hosts")
    if table is None:
        return None
    if not isinstance(table, dict):
        faults.append(file.fault(("hosts",), "'hosts' is no table", 'write: [hosts] inventory = "hosts.csv"'))
        return None
    for key in table.keys() - {"inventory"}:
        faults.append(file.fault(("hosts", key), f"'hosts' has no key '{key}'", "it has: inventory"))
    path = table.get("inventory")
    if path is None:
        return None
    if not isinstance(path, str) or not path or "\0" in path:
        faults.append(file.fault(("hosts", "inventory"), "'inventory' is the path of a CSV file", "a text"))
        return None
    return file.folder / Path(path).expanduser(), path


def _entries(path: Path, shown: str, faults: list[Fault]) -> Iterator[Entry]:
    """The lines of the file that are right."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = [column.strip().lower() for column in next(rows, [])]
            if message := _header_fault(header):
                faults.append(Fault(shown, 1, 0, message, _HEADER))
                return
            for row in rows:
                if any(cell.strip() for cell in row) and not row[0].startswith("#"):
                    yield from _entry(
                        dict(zip(header, map(str.strip, row), strict=False)), rows.line_num, shown, faults
                    )
    except OSError as error:
        faults.append(
            Fault(shown, 0, 0, f"cannot be read: {error.strerror}", "'inventory' in [hosts] names it")
        )
    except UnicodeDecodeError:
        faults.append(Fault(shown, 0, 0, "not UTF-8 text", "save the file as UTF-8"))
    except csv.Error as error:
        faults.append(Fault(shown, rows.line_num, 0, f"not CSV: {error}", _HEADER))


def _header_fault(header: Sequence[str]) -> str:
    unknown = [column for column in header if column not in _COLUMNS]
    if unknown:
        return f"no column is called '{unknown[0]}'"
    missing = [column for column in _COLUMNS[:2] if column not in header]
    return f"the column '{missing[0]}' is missing" if missing else ""


def _entry(row: Mapping[str, str], line: int, shown: str, faults: list[Fault]) -> Iterator[Entry]:
    """The entry of one line, or its first fault."""
    try:
        host = row.get("host", "").lower().rstrip(".")
        if not host:
            raise _CellError("no host is named", "write its name: ws1.corp.example")
        since, until = _time(row.get("from", ""), ALWAYS[0]), _time(row.get("to", ""), ALWAYS[1])
        if since >= until:
            raise _CellError("'from' is not before 'to'", "the line counts from 'from' on and before 'to'")
        yield Entry(_network(row.get("ip", "")), host, since, until, line)
    except _CellError as error:
        message, mend = error.args
        faults.append(Fault(shown, line, 0, message, mend))


class _CellError(ValueError):
    """A cell is wrong: the message, and the mend."""


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise _CellError(
            f"'{text}' is no address: {error}", "write 10.1.2.3, 10.9.0.0/16 or 2001:db8::/64"
        ) from None
    address = network.network_address
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped and network.prefixlen >= 96:
        return ipaddress.ip_network((address.ipv4_mapped, network.prefixlen - 96))
    return network


def _time(text: str, missing: int) -> int:
    if not text:
        return missing
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _CellError(f"'{text}' is no time", "write 2026-03-31 or 2026-03-31T09:00:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since_1970 = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since_1970.days * 86_400 + since_1970.seconds) * 1_000_000 + since_1970.microseconds


def _contradictions(entries: Sequence[Entry], shown: str) -> Iterator[Fault]:
    """Lines, in order of network and time, that give one network to two hosts at once."""
    last: Entry | None = None
    for entry in entries:
        if last is None or last.network != entry.network:
            last = entry
        elif entry.since < last.until and entry.host != last.host:
            message = f"{entry.network} belongs to {last.host} at that time, by line {last.line}"
            yield Fault(shown, entry.line, 0, message, "give one of the lines a 'from' or a 'to'")
        elif entry.until > last.until:
            last = entry
