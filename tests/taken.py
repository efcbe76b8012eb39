"""Reads sources for tests, and tells what came of every record."""

import io
import sys
from pathlib import Path

import msgspec
import pytest

from clew.read import read_file
from clew.read.files import STDIN
from clew.read.gather import gathered
from clew.read.repair import repair
from clew.record import Batch, Joined, Note, Opened, Reject


class Read(msgspec.Struct):
    """(source, position) -> line, the names of readers, what was rejected and noted, and the sources."""

    lines: dict[tuple[str, int], bytes] = {}
    readers: set[str] = set()
    rejects: list[Reject] = []
    notes: list[Note] = []
    opened: list[str] = []
    batches: int = 0
    joined: int = 0

    @property
    def total(self) -> int:
        """Records that came out, and those that are known to be lost."""
        return len(self.lines) + self.joined + sum(r.count for r in self.rejects if r.position)


def read(*paths: Path, folder: Path) -> Read:
    """Read files as a hunt does; names are relative to the folder. Nothing may stay behind in the spill folder."""
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    result = Read()
    for item in gathered((item for path in paths for item in read_file(path, spill)), spill):
        match item:
            case Batch():
                _take(repair(item, spill)[0] if _odd(item) else item, result, folder)
            case Reject():
                result.rejects.append(
                    msgspec.structs.replace(item, path=item.path.removeprefix(f"{folder}/"))
                )
            case Note():
                result.notes.append(msgspec.structs.replace(item, path=item.path.removeprefix(f"{folder}/")))
            case Joined():
                result.joined += item.count
            case Opened():
                result.opened.append(item.path.removeprefix(f"{folder}/"))
    assert not list(spill.iterdir())
    return result


def piped(data: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read data from standard input, as a hunt does."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    return read(STDIN, folder=folder)


def _odd(batch: Batch) -> bool:
    return b"\r" in batch.lines.read_bytes()


def _take(batch: Batch, result: Read, folder: Path) -> None:
    result.batches += 1
    for row, line in enumerate(batch.lines.read_bytes().split(b"\n")):
        if line.strip():
            span, position = batch.place(row)
            place = (span.source.removeprefix(f"{folder}/"), position)
            assert place not in result.lines
            result.lines[place] = line
            result.readers.add(span.reader)
    batch.done()


def made(path: Path, data: bytes) -> Path:
    """The file, with the data in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
