"""Who and where the package believes to be: names like those of a developer's machine, new for each run.

Sandboxes with fixed names are told by them (ossf/package-analysis#252). The trace must not change from run to run,
though, so `plain` puts fixed names into what is reported.
"""

from __future__ import annotations

import secrets

import msgspec

from clew.vetting.sandbox.decoy import Decoys

_USERS = [
    "alex",
    "dana",
    "erik",
    "ines",
    "jan",
    "kim",
    "lena",
    "marco",
    "nina",
    "olga",
    "pavel",
    "rosa",
    "tom",
]
_MACHINES = ["build", "ci", "dev", "runner", "ws", "node"]
_PROJECTS = ["api", "backend", "dashboard", "frontend", "gateway", "portal", "service", "shop", "web"]

USER, PROJECT, HOST = "user", "project", "host"


class Disguise(msgspec.Struct, frozen=True):
    """The names of one run. `mark` hides Clew's own folders inside."""

    user: str
    hostname: str
    project: str
    nameserver: str
    mark: str

    @property
    def home(self) -> str:
        """The home directory inside."""
        return f"/home/{self.user}"

    @property
    def workspace(self) -> str:
        """The folder of the project that the package is installed into."""
        return f"{self.home}/src/{self.project}"

    @property
    def hooks(self) -> str:
        """Where the hooks stand inside."""
        return f"/opt/{self.mark}"

    @property
    def log(self) -> str:
        """Where the hooks write."""
        return f"/var/log/{self.mark}"

    def plain(self, text: str, decoys: Decoys) -> str:
        """The text with fixed names in place of this run's."""
        for mine, plain in (
            (self.workspace, f"/home/{USER}/{PROJECT}"),
            (self.home, f"/home/{USER}"),
            (self.hostname, HOST),
            *((value, f"<{name}>") for name, value in decoys.values.items()),
        ):
            if mine in text:
                text = text.replace(mine, plain)
        return text


def disguise() -> Disguise:
    """New names."""
    return Disguise(
        user=secrets.choice(_USERS) + secrets.token_hex(1),
        hostname=f"{secrets.choice(_MACHINES)}-{secrets.token_hex(3)}",
        project=f"{secrets.choice(_PROJECTS)}-{secrets.token_hex(2)}",
        nameserver=f"10.{secrets.randbelow(200) + 10}.{secrets.randbelow(250)}.2",
        mark=secrets.token_hex(6),
    )
