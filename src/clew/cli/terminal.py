"""A console that leaves it to the command what a closed pipe (`| head`) means."""

from __future__ import annotations

import os

from rich.console import Console


class Terminal(Console):
    """rich's console would end the program with 1, which to us says that a finding was reached."""

    def on_broken_pipe(self) -> None:
        """Let the error through. Raises BrokenPipeError."""
        raise BrokenPipeError


def discard_output() -> None:
    """Throw away what is still buffered for standard output: at its end Python would fail on it once more.

    See https://docs.python.org/3/library/signal.html#note-on-sigpipe.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
