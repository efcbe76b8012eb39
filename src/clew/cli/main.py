"""The command `clew`: parses the command line, and turns every error into a message and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, UnusedCliTokensError
from rich.console import Console
from rich.text import Text

from clew import __version__
from clew.cli import attack, campaigns, detections, vet
from clew.cli.exit import Exit
from clew.cli.hunt import hunt
from clew.cli.record import record
from clew.cli.report import report
from clew.cli.show import show
from clew.cli.sources import sources
from clew.cli.terminal import discard_output, outlive_readers
from clew.cli.tune import tune
from clew.errors import ClewError, UsageError
from clew.interrupt import interrupts
from clew.report.text import plain

app = App(
    name="clew",
    version=__version__,
    help="Follow the thread of an attack: MITRE ATT&CK detection strategies, run over real telemetry.",
    help_on_error=False,
    result_action="return_value",
)
app.command(hunt)
app.command(record)
app.command(show)
app.command(report)
app.command(sources)
app.command(tune)
app.command(attack.app)
app.command(detections.app)
app.command(campaigns.app)
app.command(vet.app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    outlive_readers()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line: its exit code."""
    try:
        if "" in arguments:  # as a path it would be the current folder
            raise UsageError("an argument is empty: is a variable of the shell not set?")
        # cyclopts takes a bare - for an option; as a path it is the same thing.
        words = ["./-" if word == "-" else word for word in arguments]
        with interrupts():
            code = app(words, exit_on_error=False, print_error=False)
            sys.stdout.flush()
    except UnusedCliTokensError as error:
        surplus = " ".join(error.unused_tokens or ())
        return _fail(f"more arguments than are asked for: {surplus}; see --help", Exit.USAGE)
    except CycloptsError as error:
        return _fail(str(error), Exit.USAGE)
    except ClewError as error:
        return _fail(str(error), error.exit_code)
    except OSError as error:  # a full disk, most likely: what could be foreseen has a better message
        discard_output()
        return _fail(f"{error.filename or 'the output'}: {error.strerror}", Exit.INCOMPLETE)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return code if isinstance(code, int) else Exit.OK


def _fail(message: str, code: int) -> int:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for line in message.splitlines():
        console.print(Text("clew: ", style="bold red") + Text(plain(line)))
    return code


if __name__ == "__main__":
    main()
