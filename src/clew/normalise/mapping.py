"""Mappings: one SQL file a log source, which turns records of the one shape into events.

A file opens with a comment that is YAML, its *head*: the ATT&CK log source it provides, the provider that it
claims, which code is which data component on which channel, which data it reads, and what it cannot fill, and
why. What follows is one SELECT over `record`, which has the one shape (see `dialect`), with `origin` as its
first column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec
import yaml


class Channel(msgspec.Struct, frozen=True):
    """One kind of record: its code, ATT&CK's name of the channel, the data component that it provides.

    With `action` only records with that `event.action`; the others of the code are another channel's. `text` stands
    in the text of each of its records, where that is known. `tells` names the facts that such records tell beside:
    `addresses` of hosts, `names` of addresses, `containers` of processes (see `clew.entity`), and `forks` (see
    `clew.select.fork`).

    `source` is ATT&CK's log source where it is not the mapping's: of a code that only such channels have its own, else
    one more name for the same events.
    """

    code: int | str
    channel: str
    component: str
    action: str = ""
    tells: str = ""
    text: str = ""
    source: str = ""

    def is_wanted(self, components: frozenset[str] | None, scopes: Iterable[str] = ()) -> bool:
        """Whether its records become events of these components or tell these facts; None stands for all.

        `scopes` are the columns in which events of its mapping are alone: what is asked for `within` them is wanted.
        """
        if components is None or self.component in components or self.tells in components:
            return True
        return any(within(self.component, scope) in components for scope in scopes)


def within(component: str, scope: str) -> str:
    """How to ask for events of a data component that have this column, and for no other log's."""
    return f"{component} within {scope}"


class Mapping(msgspec.Struct, frozen=True):
    """A log source's way into the schema.

    `reads` are the record's own data that it uses (names must differ by more than case; `spelt` has the second
    spelling of those that do not), `select` is the SQL, `cannot` says which columns it leaves empty.
    `os` is that of the hosts that write it, '' where the record does not tell.

    `log` is the log's name where all its records are of this provider: some exporters name only that. Of a record's
    header the mapping may read `time` (when it was written, in UTC where an exporter's clock is local and tells its
    zone), `activity` (the correlation's ActivityID), `writer` (the process that wrote it), `sid`
    (whose security id stands in it) and, of exporters that resolve that, `account`. With `user_data` the data may
    stand in UserData; with `unnamed` they have no names, and are param1, param2 ...

    `scopes` are columns that no other log's events have: chains that live in them are made of these records alone.

    With `several` a record may hold several events, at least one: the SELECT gives their `ordinal`, from 1.

    Where many programs write such records, `log_source` is a plain name, and `producers` has ATT&CK's log source of
    those that it knows, by the `event.provider` that the SELECT gives, in small letters.
    """

    log_source: str
    provider: str
    specification: str
    channels: tuple[Channel, ...]
    reads: tuple[str, ...]
    os: str = ""
    select: str = ""
    spelt: dict[str, str] = {}
    cannot: dict[str, str] = {}
    log: str = ""
    header: tuple[str, ...] = ()
    user_data: bool = False
    unnamed: bool = False
    producers: dict[str, str] = {}
    several: bool = False
    scopes: tuple[str, ...] = ()

    @property
    def log_sources(self) -> frozenset[str]:
        """Every log source that its events may have."""
        return frozenset({self.log_source, *self.producers.values(), *self.by_code.values()})

    @property
    def by_code(self) -> dict[str, str]:
        """The log sources of codes that have one of their own."""
        own = {channel.code for channel in self.channels if not channel.source}
        return {str(c.code): c.source for c in self.channels if c.source and c.code not in own}

    def wants(self, channel: Channel, components: frozenset[str] | None) -> bool:
        """Whether one of its channels is asked for."""
        return channel.is_wanted(components, self.scopes)

    def codes(self, components: frozenset[str] | None) -> tuple[str, ...]:
        """Codes of the records that become events of these components or tell these facts, None for all."""
        return tuple(dict.fromkeys(str(c.code) for c in self.channels if self.wants(c, components)))

    def texts(self, code: str, components: frozenset[str]) -> frozenset[str]:
        """One of these stands in each wanted record of a code; none where that cannot be told."""
        texts = [c.text for c in self.channels if str(c.code) == code and self.wants(c, components)]
        return frozenset(texts) if all(texts) else frozenset()


_HEAD = re.compile(r"\A/\*\n(.*?)\*/\n(.*)\Z", re.DOTALL)
FILES = (
    *("sysmon.sql", "codeintegrity.sql", "security.sql", "system.sql", "msiinstaller.sql", "bits.sql"),
    *("powershell.sql", "wmi.sql", "taskscheduler.sql", "defender.sql"),
    *("zeek.sql", "suricata.sql", "ecs.sql", "ocsf.sql"),
    *("kubernetes.sql", "kubernetes_events.sql", "docker.sql", "docker_inspect.sql", "docker_daemon.sql"),
    *("docker_api.sql", "containerd.sql", "containerd_events.sql", "crio.sql"),
    *("falco.sql", "tetragon.sql", "tracee.sql", "auditd.sql", "vetting.sql"),
)


@cache
def mappings() -> tuple[Mapping, ...]:
    """All mappings that Clew ships."""
    return tuple(_read(name) for name in FILES)


def _read(name: str) -> Mapping:
    text = files("clew.normalise").joinpath(name).read_text("utf-8")
    match = _HEAD.match(text)
    assert match, f"{name} must open with its head, a YAML comment"
    head = msgspec.convert(yaml.load(match[1], Loader=yaml.CSafeLoader), Mapping)
    return msgspec.structs.replace(head, select=match[2].strip().rstrip(";"))
