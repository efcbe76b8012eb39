"""What goes into the sandbox and what comes out: plain data, handed to the keeper and back as JSON."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a package may use up. Times in seconds, sizes in bytes."""

    seconds: float = 30.0
    """Wall time of a phase; all phases together get three times as much."""
    linger: float = 2.0
    """How long processes that a phase left behind may go on."""
    cpu: int = 30
    """Processor time of each process."""
    processes: int = 256
    memory: int = 2 << 30
    """Of all processes together; a single one may not have more data than this either."""
    file: int = 64 << 20
    disk: int = 256 << 20
    files: int = 65_536
    """Files that may stand on the sandbox's disk."""
    output: int = 48 << 20
    """Everything that a phase makes us write: traces, logs, what it prints."""
    contacts: int = 2_000
    """Contacts that the sinkhole writes down."""


class Bind(msgspec.Struct, frozen=True):
    """A file or folder of this machine that is seen, never written, inside: below /etc or /opt."""

    source: str
    target: str


class Copy(msgspec.Struct, frozen=True):
    """A folder of this machine whose files are copied inside, to be written and deleted there."""

    source: str
    target: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command inside. `name` is the phase's."""

    name: str
    command: list[str]
    directory: str
    environment: dict[str, str]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One stay in the sandbox. Paths are inside, but those of `results` and of the sources.

    `log` is the folder inside where the hooks write; each step gets a fresh one. `laid` are folders below /opt that
    are seen a second time, in the place of others. `watched` are the folders whose tree is compared before and after.
    `hidden` are paths of this machine that must not exist inside; `masked` are folders below /usr that are empty there.
    """

    results: str
    hostname: str
    user: str
    home: str
    log: str
    nameserver: str
    binds: list[Bind]
    copies: list[Copy]
    laid: list[tuple[str, str]]
    files: dict[str, str]
    watched: list[str]
    hidden: list[str]
    masked: list[str]
    steps: list[Step]
    limits: Limits
    trust: str
    """Where the certificates stand inside that make the sinkhole's TLS believed."""


class Contact(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What reached the sinkhole. `raw` is base64 of the first bytes as they came; text fields are hostile."""

    time: float
    kind: str  # dns, connect, tls, http, data
    transport: str
    address: str
    port: int
    source_port: int = 0
    name: str = ""
    type: str = ""
    method: str = ""
    path: str = ""
    user_agent: str = ""
    raw: str = ""
    cut: bool = False


class Entry(msgspec.Struct, frozen=True):
    """A file of a tree: what is in it (sha256; a link's target), its permissions, its size in bytes."""

    content: str
    mode: int
    size: int


class Ended(msgspec.Struct, kw_only=True):
    """How a step went. `trace` and `log` are files in the results folder; trees hold what changed alone."""

    name: str
    started: float
    seconds: float
    code: int | None
    trace: str
    log: str
    printed: str
    reached: list[str]
    """Limits that it reached: time, output, memory, files, linger."""
    lost: list[str]
    """What could not be seen, in words."""
    deleted: list[str]
    changed: dict[str, Entry]
    added: dict[str, Entry]
    contacts: list[Contact]
    unheard: int
    """Contacts beyond the limit."""


class Outcome(msgspec.Struct, kw_only=True):
    """What a stay in the sandbox gave."""

    steps: list[Ended] = []
    error: str = ""
    """Why there was no stay."""
