"""The machine that the package finds itself on: a developer's, with a project, secrets and a network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec

from clew.errors import SandboxError
from clew.vetting.sandbox.decoy import Decoys, decoys
from clew.vetting.sandbox.disguise import Disguise, disguise
from clew.vetting.sandbox.plan import Bind, Copy, Limits, Plan, Step

TRUST = "/etc/ssl/certs/ca-certificates.crt"
_TOOLS = "/usr/local/bin:/usr/bin:/bin"
_TRUSTING = (
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "AWS_CA_BUNDLE",
)
_SOURCES = ("/usr/src", "/usr/local/src")
#: Homes of system accounts that are no homes (/etc/passwd of Debian).
_NO_HOMES = ("/", "/bin", "/sbin", "/dev", "/usr/sbin", "/usr/bin", "/usr/games", "/nonexistent")
#: Things of the machine's own /etc that programs need and that tell nothing of it.
_SHARED = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ssl/openssl.cnf",
    "/etc/mime.types",
    "/etc/protocols",
)


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run: the phases, the package's folder inside, and the sha256 of all text that is no layer.

    `notes` say in words what is otherwise than where the package is really installed.
    """

    steps: list[Step]
    package: str
    published: frozenset[str]
    notes: list[str] = []


class Place(msgspec.Struct, kw_only=True):
    """One run's machine: who it is said to be, and what is bound and copied in."""

    disguise: Disguise
    decoys: Decoys
    path: list[str]
    binds: list[Bind]
    copies: list[Copy]
    files: dict[str, str]
    laid: list[tuple[str, str]] = []
    """Folders inside that are seen a second time, over something else."""
    variables: dict[str, str] = {}
    """What every process inside has in its environment beside the usual."""

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """The variables of a process inside."""
        mine = {
            "PATH": ":".join([*self.path, _TOOLS]),
            "HOME": self.disguise.home,
            "USER": self.disguise.user,
            "LOGNAME": self.disguise.user,
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "TMPDIR": "/tmp",
            **dict.fromkeys(_TRUSTING, TRUST),
            **self.decoys.environment,
            **self.variables,
        }
        return mine | more

    def plan(self, steps: list[Step], limits: Limits, results: Path) -> Plan:
        """All of it, for the sandbox."""
        home = self.disguise.home
        mine = [str(results), *(copy.source for copy in self.copies)]
        if (own := str(Path.home())) not in _NO_HOMES:
            mine.append(own)
        return Plan(
            results=str(results),
            hostname=self.disguise.hostname,
            user=self.disguise.user,
            home=home,
            log=self.disguise.log,
            nameserver=self.disguise.nameserver,
            binds=self.binds,
            copies=self.copies,
            laid=self.laid,
            files=self.files,
            watched=["/home", "/tmp"],
            hidden=[path for path in mine if not path.startswith("/usr/")],
            masked=_masked(mine),
            steps=steps,
            limits=limits,
            trust=TRUST,
        )


def _masked(mine: list[str]) -> list[str]:
    """What people keep below /usr though it is no program: sources, and whatever of this run's should stand there."""
    found = [path for path in _SOURCES if Path(path).is_dir()]
    for path in mine:
        if (
            path.startswith("/usr/")
            and Path(path).is_dir()
            and not path.startswith(tuple(f"{top}/" for top in found))
        ):
            found.append(path)
    return list(dict.fromkeys(found))


def place() -> Place:
    """A new machine, without any interpreter of its own."""
    names = disguise()
    secrets = decoys(names.user)
    files = {f"{names.home}/{path}": text for path, text in secrets.files.items()}
    return Place(
        disguise=names,
        decoys=secrets,
        path=[],
        binds=[Bind(path, path) for path in _SHARED if Path(path).exists()],
        copies=[],
        files=files | _etc(names),
    )


def _etc(names: Disguise) -> dict[str, str]:
    user, home = names.user, names.home
    return {
        "/etc/passwd": f"root:x:0:0:root:/root:/bin/bash\n{user}:x:1000:1000:,,,:{home}:/bin/bash\n",
        "/etc/group": f"root:x:0:\n{user}:x:1000:\n",
        "/etc/hosts": f"127.0.0.1\tlocalhost\n127.0.1.1\t{names.hostname}\n::1\tlocalhost ip6-localhost\n",
        "/etc/hostname": f"{names.hostname}\n",
        "/etc/resolv.conf": f"nameserver {names.nameserver}\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        "/etc/machine-id": f"{os.urandom(16).hex()}\n",
        "/etc/os-release": _system(),
    }


def _system() -> str:
    release = Path("/usr/lib/os-release")
    return release.read_text() if release.is_file() else 'ID=debian\nNAME="Debian GNU/Linux"\n'


def node(place: Place) -> str:
    """Path inside of node, bound in where it is not below /usr."""
    found = shutil.which("node")
    if found is None:
        raise SandboxError(
            "an npm package is run by node, which is not in PATH; on Debian: apt-get install nodejs npm"
        )
    real = Path(found).resolve()
    if real.is_relative_to("/usr"):
        return str(real)
    return str(_bring(place, real.parent.parent, "/opt/node") / "bin" / real.name)


def _bring(place: Place, prefix: Path, target: str) -> Path:
    place.binds.append(Bind(str(prefix), target))
    return Path(target)
