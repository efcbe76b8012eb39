"""`clew sources`: what is in these logs, and what can be looked for with it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from clew.cli.exit import Exit
from clew.cli.extent import WHOLE, Part
from clew.cli.progress import Bar
from clew.errors import UsageError
from clew.report import summary
from clew.settings import read_settings

if TYPE_CHECKING:
    from clew.record import Tally
    from clew.report.inventory import Inventory


def sources(
    *paths: Annotated[Path, Parameter(help="Log files, and folders of log files; - is standard input.")],
    detections: Annotated[tuple[Path, ...], Parameter(negative=())] = (),
    with_shipped: Annotated[bool, Parameter(negative=())] = False,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: Annotated[Literal["table", "json"], Parameter(name=["--format", "-f"])] = "table",
    part: Part = WHOLE,
) -> int:
    """Take stock of logs: which log sources are there, and which stages can be looked for with them.

    Also: records that no mapping claims, clocks that disagree, sources of a host that have no time in common,
    and what could not be read and why.

    Parameters
    ----------
    detections
        A detection file, or a folder of them, to use instead of the shipped ones. May be repeated.
    with_shipped
        Use the shipped detections beside those of --detections.
    memory_limit
        Memory that DuckDB may use, as 2GB; 500MB by default.
    threads
        Threads that DuckDB may use; all cores by default.
    format
        A table for people, or JSON.
    """
    if not paths:
        raise UsageError("nothing to take stock of: name at least one log file or folder")
    from clew.runner import hunt
    from clew.runner.sources.run import take_stock

    flags = {"detections": detections or None, "memory_limit": memory_limit, "threads": threads}
    settings = read_settings(flags)
    chosen, extent = hunt.choose(settings, with_shipped), part.extent()
    talk = Console(stderr=True, soft_wrap=True, highlight=False)
    with Bar(hunt.size(paths), talk) as bar:
        inventory, tally = take_stock(paths, chosen, settings, bar, extent)
    return _print(inventory, tally, format, talk)


def _print(inventory: Inventory, tally: Tally, format: str, talk: Console) -> Exit:
    from clew.cli.console import output, print_json
    from clew.report.sources import closing, write

    if format == "json":
        print_json(inventory)
    else:
        write(inventory, output())
    for line in (*closing(inventory), *summary.noted(tally)):
        talk.print(Text(line))
    if inventory.interrupted:
        return Exit.INTERRUPTED
    return Exit.OK if tally.complete else Exit.INCOMPLETE
