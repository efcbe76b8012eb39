"""The answers to npm's question for a person: a line each with its reason, then the block for package.json."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from clew.report.text import plain, short
from clew.vetting.permission import Permission, block

_STYLES = {"allow": "bold green", "deny": "bold white on red", "pending": "bold yellow"}


def write(answers: Sequence[Permission], lost: Sequence[str], console: Console) -> None:
    """Print the answers, what could not be looked at, and the block."""
    for one in answers:
        head = Text(f" {one.answer} ", style=_STYLES[one.answer])
        console.print(
            head
            + Text(f" {plain(f'{one.name} {one.version}')}  ", style="bold")
            + Text(short(one.because, 200))
        )
    for what in lost:
        console.print(Text(f"not looked at: {plain(what)}", style="bold red"))
    if not answers:
        console.print(Text("no package with an install script"))
    made = msgspec.json.format(msgspec.json.encode({"allowScripts": block(answers)})).decode()
    console.print(Text("\n" + "\n".join(plain(line) for line in made.split("\n"))))
