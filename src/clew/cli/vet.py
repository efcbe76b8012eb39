"""`clew vet`: may this package in?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from clew.cli.console import output as console
from clew.cli.exit import Exit
from clew.errors import UsageError

if TYPE_CHECKING:
    from clew.vetting.subject import Ecosystem
    from clew.vetting.vet import Options
    from clew.vetting.vetted import Vetted

app = App(name="vet", version_flags=[], help="Vetting: may this package in?")

Format = Literal["table", "json", "sarif", "html"]
FailOn = Literal["review", "block", "never"]


@Parameter(name="*", group="What to look at")
@dataclass(frozen=True)
class Look:
    """How a package is vetted.

    Parameters
    ----------
    packument
        What the registry says of the package: npm's packument or PyPI's JSON, as a file.
    osv
        OSV records of known malicious packages: a file or a folder.
    allow
        A file of what you have looked at and allow.
    """

    packument: Path | None = None
    osv: Path | None = None
    allow: Path | None = None

    def options(self) -> Options:
        """The same for the vetting."""
        from clew.vetting.vet import Options

        return Options(packument=self.packument, osv=self.osv, allow=self.allow)


@Parameter(name="*", group="What comes of it")
@dataclass(frozen=True)
class Outcome:
    """How the result is told.

    Parameters
    ----------
    format
        A table, JSON, SARIF 2.1.0 or an HTML page.
    output
        Write there instead of to standard output.
    fail_on
        The verdict from which on the exit code is 1.
    """

    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "table"
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None
    fail_on: FailOn = "block"

    def tell(self, vetted: Sequence[Vetted]) -> Exit:
        """Write the result: the exit code that it stands for."""
        from clew.vetting import rendering

        if self.format == "table" and self.output is None:
            rendering.write_table(vetted, console())
        else:
            self._write(rendering.render(vetted, self.format))
        reached = {"never": (), "review": ("review", "block"), "block": ("block",)}[self.fail_on]
        if any(one.verdict.decision in reached for one in vetted):
            return Exit.FOUND
        return Exit.INCOMPLETE if any(one.incomplete for one in vetted) else Exit.OK

    def _write(self, made: bytes) -> None:
        if self.output is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(made)
            return
        try:
            self.output.write_bytes(made)
        except OSError as error:
            raise UsageError(f"{self.output}: cannot be written: {error.strerror}") from error


_LOOK, _OUTCOME = Look(), Outcome()


@app.command
def npm(target: str, /, *, look: Look = _LOOK, outcome: Outcome = _OUTCOME) -> int:
    """Vet an npm package.

    Exits with 1 when the verdict reaches --fail-on, with 4 when something could not be looked at.

    Parameters
    ----------
    target
        A tarball, a folder, or NAME@VERSION, which npm fetches with scripts off.
    """
    return _one("npm", target, look, outcome)


@app.command
def pypi(target: str, /, *, look: Look = _LOOK, outcome: Outcome = _OUTCOME) -> int:
    """Vet a Python package.

    Exits with 1 when the verdict reaches --fail-on, with 4 when something could not be looked at.

    Parameters
    ----------
    target
        A wheel, an sdist, a folder, or NAME@VERSION, which pip downloads; nothing of it is run outside the sandbox.
    """
    return _one("pypi", target, look, outcome)


def _one(ecosystem: Ecosystem, target: str, look: Look, outcome: Outcome) -> int:
    from clew.vetting.vet import vet

    return outcome.tell([vet(ecosystem, target, look.options())])
