"""The books of a hunt: how every record ended, and what it took; as text, and as a document for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from clew.report.text import plain


class Part(msgspec.Struct):
    """What came from a reader or a file.

    `records` could be read, the reader itself `rejected` others; `bytes` are those of the records that it handed on,
    as text: some readers leave out what no detection can use.
    `seconds` of reading and normalising are shared out by bytes where files went through together.
    """

    name: str
    records: int = 0
    rejected: int = 0
    bytes: int = 0
    seconds: float = 0.0


class Step(msgspec.Struct, frozen=True):
    """One step of the way: how long it took, and how many records a second that is."""

    name: str
    seconds: float
    rate: int


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was counted. Sizes are in bytes.

    `input` is what was read of the files as they are, `text` the records that readers handed on. `spilled` is what was
    written beside memory: records that readers took out of containers, and DuckDB's own files at their largest.
    `known` is what was learned of hosts, addresses and names, and what of that was forgotten or used.
    `files` are those of the most bytes and those that took longest.
    """

    records: dict[str, int]
    components: dict[str, int]
    readers: tuple[Part, ...]
    files: tuple[Part, ...]
    steps: tuple[Step, ...]
    engine: dict[str, int]
    known: dict[str, int]
    input: int
    text: int
    spilled: int
    memory: int


def lines(ledger: Ledger) -> Iterator[str]:
    """The books for a person."""
    yield from _table("Records", ledger.records.items())
    yield from _table("Events", ledger.components.items())
    yield from _parts("Readers", ledger.readers)
    yield from _parts("Files, the largest and the slowest", ledger.files)
    yield "Steps"
    for step in ledger.steps:
        yield f"  {step.name:<28} {step.seconds:>10.3f} s {step.rate:>14,} records/s"
    yield from _table("Engine", ledger.engine.items())
    yield from _table("Hosts, addresses and names", ledger.known.items())
    sizes = {
        "read": ledger.input,
        "as text": ledger.text,
        "spilled": ledger.spilled,
        "peak memory": ledger.memory,
    }
    yield "Sizes"
    for name, size in sizes.items():
        yield f"  {name:<28} {size / 1e6:>10,.1f} MB"


def _table(title: str, rows: Iterable[tuple[str, int]]) -> Iterator[str]:
    shown = [f"  {name:<28} {count:>10,}" for name, count in rows]
    if shown:
        yield title
        yield from shown


def _parts(title: str, parts: Iterable[Part]) -> Iterator[str]:
    yield title
    for part in parts:
        sizes = f"{part.records:>10,} records {part.rejected:>6,} rejected {part.bytes / 1e6:>10,.1f} MB"
        yield f"  {sizes} {part.seconds:>8.3f} s  {plain(part.name)}"
