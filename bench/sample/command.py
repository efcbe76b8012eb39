"""The command line: python bench/sample --events N --seed S --output FILE."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from sample.day import TooFewError, record
from sample.dialects import EVERY

EVENTS, SEED = 50_000, 20260331


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="sample",
        description="Write a day of Sysmon records of eight Windows hosts, with one incident in it, one record a line.",
    )
    parser.add_argument("--events", type=int, default=EVENTS, help=f"number of records (default {EVENTS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"same seed, same bytes (default {SEED})")
    parser.add_argument(
        "--days", type=int, default=1, help="working days, the incident is on the last (default 1)"
    )
    parser.add_argument(
        "--dialect",
        choices=sorted(EVERY),
        help="write all hosts in this dialect (default: each host has its own)",
    )
    parser.add_argument(
        "--output",
        default="-",
        metavar="PATH",
        help="a file, an existing folder for one file a dialect, or - for standard output (default)",
    )
    return parser.parse_args(given)


class _Sink:
    """Where lines go: one stream for all, or one file a dialect; each with its dialect's opening and closing."""

    def __init__(self, path: str, stack: ExitStack, dialect: str | None):
        self.folder = Path(path) if path != "-" and Path(path).is_dir() else None
        self.stack = stack
        self.streams: dict[str, TextIO] = {}
        self.single: TextIO | None = None
        if self.folder is None:
            self.single = self._open(1 if path == "-" else Path(path), dialect)

    def stream(self, dialect: str) -> TextIO:
        if self.single is not None:
            return self.single
        if dialect not in self.streams:
            assert self.folder is not None
            self.streams[dialect] = self._open(self.folder / f"{dialect}{EVERY[dialect].suffix}", dialect)
        return self.streams[dialect]

    def _open(self, path: Path | int, dialect: str | None) -> TextIO:
        """A path, or 1 for standard output: the same bytes on every system."""
        stream = open(path, "w", encoding="utf-8", newline="\n", closefd=path != 1)  # noqa: SIM115
        self.stack.enter_context(stream)
        if dialect:
            stream.write(EVERY[dialect].opening)
            self.stack.callback(stream.write, EVERY[dialect].closing)
        return stream


def main(given: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 where the arguments ask for what cannot be."""
    arguments = _arguments(given)
    try:
        with ExitStack() as stack:
            sink = _Sink(arguments.output, stack, arguments.dialect)
            for line in record(arguments.events, arguments.seed, arguments.days, arguments.dialect):
                stream = sink.stream(line.dialect)
                stream.write(line.text)
                stream.write("\n")
    except TooFewError as error:
        print(f"sample: {error}; ask for more with --events", file=sys.stderr)
        return 2
    return 0
