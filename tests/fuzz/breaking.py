"""Reads broken input for as long as it is told to: scripts/fuzz [SECONDS [READER...]].

Every reader of READERS, and `archive`, gets its seeds with bytes changed, cut, doubled and mixed with those of
others, and plain noise. What is read must never raise, take long, give a position twice or leave a file behind.
The input that breaks a rule is kept, and its path printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec

from clew.read import READERS, read_file
from clew.read.gather import gathered
from clew.read.source import Reader, Source
from clew.record import Batch, Item, Reject
from fuzz.seeds import seeds
from fuzz.sifting import agree, stirred

SLOW = 20.0  # seconds for one small input
_TOKENS = [
    b"\0",
    b"\xff",
    b"\n",
    b"\r\n",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\t",
    b"#",
    b"<",
    b"-",
    b"0",
]


def names() -> list[str]:
    """What can be fuzzed."""
    return [*(reader.NAME for reader in READERS), "archive"]


def mutant(chance: random.Random, samples: list[bytes], others: list[bytes]) -> bytes:
    """A sample that something was done to, or noise."""
    if chance.random() < 0.03:
        return chance.randbytes(chance.randrange(300))
    data = bytearray(chance.choice(samples))
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        at, size = chance.randrange(len(data) + 1), chance.choice([1, 1, 2, 4, 16, 200])
        match chance.randrange(7):
            case 0:
                data[at : at + size] = chance.randbytes(size)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = chance.choice(_TOKENS) * chance.choice([1, 1, 2, 50, 3000])
            case 3:
                data[at:at] = data[at : at + size] * chance.choice([1, 2, 50])
            case 4:
                del data[at:]
            case 5:
                other = chance.choice(others)
                data[at:at] = other[chance.randrange(len(other)) :][: size * 8]
            case 6 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


def check(data: bytes, folder: Path, reader: Reader | None = None) -> None:
    """Read it as a hunt does, and by the reader alone whether it claims it or not. Raises AssertionError and others."""
    path, spill = folder / "input", folder / "spill"
    spill.mkdir(exist_ok=True)
    path.write_bytes(data)
    begin = time.monotonic()
    _judge(gathered(read_file(path, spill), spill))
    if reader:
        with path.open("rb") as stream:
            _judge(reader.read(Source("input", data[:65536], stream, path), spill, 1000))
        with path.open("rb") as stream:
            _judge(reader.read(Source("input", data[:65536], stream), spill))
    if reader and reader.NAME == "evtx":
        agree(data, spill)
    assert time.monotonic() - begin < SLOW, "it takes too long"
    assert not list(spill.iterdir()), "a file stays behind"


def _judge(items: Iterator[Item]) -> None:
    last: dict[str, int] = {}
    told: set[tuple[str, int]] = set()
    for item in items:
        if isinstance(item, Batch):
            lines = item.lines.read_bytes().split(b"\n")
            for row, line in enumerate(lines):
                if not line.strip():
                    continue
                span, position = item.place(row)
                assert position > 0
                if span.reader not in ("evtx",):  # numbers of records in a broken log are what stands there
                    assert position > last.get(span.source, 0), (
                        f"position {position} after {last[span.source]}"
                    )
                    assert (span.source, position) not in told, (
                        f"position {position} is a record and a reject"
                    )
                    last[span.source] = position
                if span.reader not in ("jsonlines", "evtx"):  # of theirs the scan tells what is no JSON
                    assert line.lstrip().startswith(b"{"), f"position {position} is no object"
                    msgspec.json.decode(line, type=msgspec.Raw)
            item.done()
        elif isinstance(item, Reject):
            assert item.position >= 0
            assert item.count > 0
            assert item.reason
            if item.position:
                told.add((item.path, item.position))


def fuzz(name: str, until: float, seed: int, rounds: int = sys.maxsize) -> tuple[int, bytes, str]:
    """Inputs tried, and the one that broke a rule with the rule, or empty."""
    chance, every = random.Random(f"{name} {seed}"), seeds()
    others = [sample for samples in every.values() for sample in samples]
    reader = next((reader for reader in READERS if name == reader.NAME), None)
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until and done < rounds:
            data = mutant(chance, every.get(name) or others, others)
            if name == "evtx" and chance.random() < 0.8:
                data = stirred(chance, chance.choice(every[name]))
            try:
                check(data, Path(folder), reader)
            except Exception as error:  # whatever it is: that is the finding
                return done, data, f"{type(error).__name__}: {error}"
            done += 1
    return done, b"", ""


def main() -> int:
    """Fuzz each reader for its share of the time."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("seconds", nargs="?", type=float, default=60.0, help="in all; default: 60")
    parser.add_argument("reader", nargs="*", help=f"default: all of {', '.join(names())}")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    chosen = arguments.reader or names()
    if unknown := set(chosen) - set(names()):
        parser.error(f"no such reader: {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    broken = False
    for name in chosen:
        until = time.monotonic() + arguments.seconds / len(chosen)
        done, data, rule = fuzz(name, until, arguments.seed)
        print(f"{name}: {done:,} inputs, seed {arguments.seed}: {rule or 'sound'}", flush=True)
        if rule:
            broken = True
            kept = Path(tempfile.gettempdir()) / f"clew-fuzz-{name}-{arguments.seed}"
            kept.write_bytes(data)
            print(f"  kept as {kept}", flush=True)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
