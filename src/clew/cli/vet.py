"""`clew vet`: may this package in?"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from clew.cli.console import output as console
from clew.cli.console import print_json
from clew.cli.exit import Exit
from clew.errors import UsageError

if TYPE_CHECKING:
    from clew.vetting.subject import Ecosystem
    from clew.vetting.vet import Options
    from clew.vetting.vetted import Result, Vetted

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
        What the registry says of the package: npm's packument or PyPI's JSON, a file or a folder. May be repeated:
        documents of its dependencies, and an earlier one of its own, tell more.
    osv
        OSV records of known malicious packages: a file or a folder.
    allow
        A file of what you have looked at and allow.
    platform
        What the package is told that it runs on: some do harm on one only. It is run as on Linux, and as on every other
        system that its code names; here you say on which instead, more than one by giving it more than once.
    detonate
        Run the package in the sandbox. Without it the report says that nothing was run.
    cache
        Take what reading and running the same archive came to from the user's cache, and keep it there.
    """

    packument: Annotated[tuple[Path, ...], Parameter(negative=(), show_default=False)] = ()
    osv: Path | None = None
    allow: Path | None = None
    platform: Annotated[tuple[Literal["linux", "win32", "darwin", "all"], ...], Parameter(negative=())] = ()
    detonate: Annotated[bool, Parameter(negative="--no-detonate")] = True
    cache: Annotated[bool, Parameter(negative="--no-cache")] = True

    def options(self) -> Options:
        """The same for the vetting."""
        from clew.vetting.examine import How
        from clew.vetting.trace import Platform
        from clew.vetting.vet import Options

        every: tuple[Platform, ...] = ("linux", "win32", "darwin")
        asked = tuple(platform for platform in every if {platform, "all"} & set(self.platform))
        return Options(
            packument=self.packument,
            osv=self.osv,
            allow=self.allow,
            how=How(asked, self.detonate, self.cache),
        )


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
    trace
        Keep what was seen in the sandbox in this file, a call a line; "clew hunt" reads it.
    fail_on
        The verdict from which on the exit code is 1.
    """

    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "table"
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None
    trace: Path | None = None
    fail_on: FailOn = "block"

    def ready(self) -> None:
        """Raises UsageError where the result could not be written: better now than when all is done."""
        for path in (self.output, self.trace):
            if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
                reason = "is a folder" if path.is_dir() else "its folder is not there"
                raise UsageError(f"{path}: cannot be written: {reason}")

    def tell(self, result: Result) -> Exit:
        """Write the result: the exit code that it stands for."""
        from clew.vetting import rendering

        if self.format == "table" and self.output is None:
            rendering.write_table(result, console())
        else:
            self._write(rendering.render(result, self.format))
        if self.trace is not None:
            _save(self.trace, rendering.traces(result))
        reached = {"never": (), "review": ("review", "block"), "block": ("block",)}[self.fail_on]
        if any(one.verdict.decision in reached for one in result.vetted):
            return Exit.FOUND
        return Exit.INCOMPLETE if result.lost else Exit.OK

    def _write(self, made: bytes) -> None:
        if self.output is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(made)
            return
        _save(self.output, made)


def _save(path: Path, made: bytes) -> None:
    try:
        path.write_bytes(made)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


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
    from clew.vetting.vetted import Result

    outcome.ready()
    return outcome.tell(Result((vet(ecosystem, target, look.options()),)))


@app.command
def lock(
    lockfile: Path, /, *, since: str | None = None, look: Look = _LOOK, outcome: Outcome = _OUTCOME
) -> int:
    """Vet what a lockfile names: every package that runs something when it is installed.

    Exits with 1 when a verdict reaches --fail-on, with 4 when something could not be looked at.

    Parameters
    ----------
    lockfile
        package-lock.json, pnpm-lock.yaml, yarn.lock, bun.lock, uv.lock, poetry.lock ...
    since
        Only what the file did not name at this git revision, such as origin/main.
    """
    outcome.ready()
    return outcome.tell(_survey(lockfile, since, look))


def _survey(lockfile: Path, since: str | None, look: Look) -> Result:
    from clew.vetting.lockfile import read_lockfile
    from clew.vetting.several import survey

    return survey(read_lockfile(lockfile, since), look.options(), _progress)


def _progress(one: Vetted) -> None:
    """One line a package, on a terminal only."""
    from clew.report.text import plain

    if sys.stderr.isatty():
        print(plain(f"{one.verdict.decision}: {one.package.name} {one.package.version}"), file=sys.stderr)


@app.command
def diff(
    before: str,
    after: str,
    /,
    *,
    ecosystem: Literal["npm", "pypi"] = "npm",
    look: Look = _LOOK,
    outcome: Outcome = _OUTCOME,
) -> int:
    """Compare two versions: what the newer one does, takes and says that the older one did not.

    Exits with 1 when the verdict on the newer one reaches --fail-on, with 4 when something could not be looked at.

    Parameters
    ----------
    before
        The version that is in use: a file, a folder, or NAME@VERSION.
    after
        The version that is to come.
    ecosystem
        Where both come from.
    """
    from clew.vetting.diff import compare
    from clew.vetting.vet import vet
    from clew.vetting.vetted import Result

    outcome.ready()
    older, newer = (vet(ecosystem, target, look.options()) for target in (before, after))
    return outcome.tell(Result((compare(older, newer),)))


@app.command
def scripts(
    lockfile: Path,
    /,
    *,
    since: str | None = None,
    look: Look = _LOOK,
    format: Annotated[Literal["table", "json"], Parameter(name=["--format", "-f"])] = "table",
) -> int:
    """Answer npm's question which install scripts may run: propose the allowScripts block, with a reason for each.

    The block goes into package.json. Packages that need your look first stay out of it, so npm 12 does not run them.
    Exits with 1 when a script was denied, with 4 when something could not be looked at.

    Parameters
    ----------
    lockfile
        package-lock.json. What package.json beside it has decided already stays as it is.
    since
        Only what the file did not name at this git revision.
    format
        A table and the block, or both as JSON.
    """
    from clew.vetting.permission import block, permissions
    from clew.vetting.rendering.permission import write as write_permissions

    result = _survey(lockfile, since, look)
    answers = permissions(result.vetted, lockfile.parent / "package.json")
    if format == "json":
        print_json(
            {
                "schema": "clew.vet-scripts/1",
                "allowScripts": block(answers),
                "answers": answers,
                "incomplete": result.lost,
            }
        )
    else:
        write_permissions(answers, result.lost, console())
    if any(one.answer == "deny" and not one.decided for one in answers):
        return Exit.FOUND
    return Exit.INCOMPLETE if result.lost else Exit.OK
