"""`clew tune`: what would other values find?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from clew.cli.console import output, print_json
from clew.cli.detections import From, WithShipped, named, where
from clew.cli.extent import WHOLE, Part
from clew.cli.hunt import close, exit_code
from clew.cli.progress import Bar
from clew.errors import UsageError
from clew.report import tune as report
from clew.report.text import plain
from clew.settings import FILE, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.report.tuning import Change


def tune(
    name: str,
    /,
    *paths: Annotated[Path, Parameter(help="Log files, and folders of log files.")],
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=())] = (),
    write: Annotated[bool, Parameter(negative=())] = False,
    detections: From = (),
    with_shipped: WithShipped = False,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: Annotated[Literal["table", "json"], Parameter(name=["--format", "-f"])] = "table",
    part: Part = WHOLE,
) -> int:
    """Replay a hunt with other values of a detection's elements, and show which findings come and go.

    Without --set it tries every duration and number halved and doubled, and proposes entries for lists out of
    what was seen in the findings' threads. Nothing is written unless --write says so.

    Parameters
    ----------
    name
        AN0862, or AN0862/npm for one variant, or the file of a detection.
    set_
        A change to try: TimeWindow=30m, ApprovedSigners+=Contoso to add to a list, 'Installers-=pip*' to take from
        it, 'ProgramPaths=["C:\\Tools\\\\"]' for a whole list. May be repeated: each is tried alone, then all together.
    write
        Put the changes of --set into ./clew.toml after the replay.
    """
    if not paths:
        raise UsageError("nothing to replay: name at least one log file or folder")
    if Path("-") in paths or Path("./-") in paths:
        raise UsageError("the logs are read more than once: save standard input to a file first")
    if write and not set_:
        raise UsageError("--write writes the changes of --set: choose them first")
    from clew.runner.change import parse_change
    from clew.runner.hunt import choose, size
    from clew.runner.tune import Tuner

    changes = list({change.argument: change for change in map(parse_change, set_)}.values())
    settings = read_settings(
        {"detections": where(name, detections) or None, "memory_limit": memory_limit, "threads": threads}
    )
    chosen = named(name, choose(settings, with_shipped))
    called = chosen[0].name if len({one.name for one in chosen}) == 1 else chosen[0].analytic
    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    with Bar(size(paths), talk) as bar:
        tuner = Tuner(paths, called, chosen, settings, extent=part.extent(), progress=bar.again)
        tuning, result = tuner.try_changes(changes) if changes else tuner.propose()
    if format == "json":
        print_json(tuning)
    else:
        report.write(tuning, output())
    close(result, talk)
    code = exit_code(result, settings.fail_on)
    if write:
        _keep(changes, called, talk)
    return code


def _keep(changes: Sequence[Change], detection: str, talk: Console) -> None:
    from clew.runner.keep import keep

    for line in keep(changes, detection, Path(FILE)):
        talk.print(Text(plain(line)))
