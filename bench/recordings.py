"""Every recording, by format: how its records end, and whether each one that was rejected is rightly so.

A reject is explained where the file itself is at fault (it is cut, or no log at all) or is written in a format that
Clew says it does not read; those are listed in EXPLAINED with their reason. Anything else fails the bench.
Recordings are found by CLEW_RECORDINGS; arguments choose some of its folders.
"""

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import msgspec

from clew.database import Limits, connect
from clew.normalise.scan import Normaliser
from clew.pipeline import normalise
from clew.read import read_file
from clew.read.files import walk
from clew.read.gather import gathered
from clew.record import Batch, Item, Opened, Reject, Tally
from sets import root

#: Part of the path, part of the reason, and why that is true.
EXPLAINED = (
    ("SOURCE.txt", "no format", "a note on where the recording comes from"),
    ("LICENSE", "no format", "a licence"),
    (".md", "no format", "a text about the recordings"),
    (".yaml", "no format", "a test case of an upstream project"),
    (".yml", "no format", "a rule or a description, no log"),
    (".golden", "no format", "what an upstream test expects"),
    (".sql", "no format", "a dump of a database"),
    ("metadata.json", "not a JSON object", "a description of the recording, pretty-printed"),
    ("metadata.json", "no format", "a description of the recording, pretty-printed"),
    ("falco-eventgen-2025-11.jsonl", "not a JSON object", "Falco's own summary between its alerts"),
    ("audit-rhel7.log", "no audit record", "an unknown record with msg=?, which has neither time nor serial"),
    ("audit-rhel7.log.golden", "not a JSON object", "what upstream expects of that record: null"),
    ("codeintegrity-event-templates.txt", "no format", "a list of templates, no log"),
    ("dockerd-debug.log", "no format", "the Docker daemon's log: no reader yet"),
    ("plaso/santa2.log", "no format", "Santa's log: no reader yet"),
    ("dpkg.log", "no format", "dpkg's log: no reader yet"),
    ("history.log", "no format", "apt's log: no reader yet"),
    ("has_unknown_field/http.log", "29 fields, and not the 30", "made so, to test readers"),
    ("truncated/conn.log", "the last line is cut", "cut by its makers, to test readers"),
    ("truncated/conn_top.log", "no format", "cut by its makers to rows without a header"),
    ("truncated/conn_json.log", "the last line is cut", "cut by its makers, to test readers"),
    ("http.log.corrupt.gz", "the stream is cut", "cut by its makers, to test readers"),
    (
        ".tar.gz",
        "Not a gzipped file (b'\\n')",
        "a line end stands behind the packed stream; all of it was read",
    ),
)


class Count(msgspec.Struct):
    """What came of one format in one recording."""

    tally: Tally
    files: set[str]
    size: int = 0
    seconds: float = 0.0


class Recording:
    """Reads one recording, with the batches of each reader apart."""

    def __init__(self, folder: Path, spill: Path, database: duckdb.DuckDBPyConnection) -> None:
        self._folder, self._spill = folder, spill
        self._normaliser = Normaliser(database)
        self.counts: dict[str, Count] = {}
        self.rejects: list[Reject] = []

    def read(self) -> None:
        """Readers first, which say what belongs to whom; then each one's batches together."""
        found: dict[str, list[Batch]] = {}
        source = reader = ""
        for item in self._items():
            match item:
                case Batch():
                    reader = item.spans[0].reader
                    found.setdefault(reader, []).append(item)
                    self._count(reader).files.add(source)
                case Opened():
                    source, reader = item.path, ""
                case Reject():
                    self._reject(item, reader or "none")
        for reader, batches in found.items():
            self._normalise(self._count(reader), batches)

    def _items(self) -> Iterator[Item]:
        for file in walk([self._folder]):
            start = time.perf_counter()
            for item in read_file(file, self._spill):
                if isinstance(item, Batch):
                    self._count(item.spans[0].reader).seconds += time.perf_counter() - start
                yield item
                start = time.perf_counter()

    def _count(self, reader: str) -> Count:
        return self.counts.setdefault(reader, Count(Tally(keep=1_000_000), set()))

    def _reject(self, reject: Reject, reader: str) -> None:
        count = self._count(reader)
        count.files.add(reject.path)
        count.tally.reject(reject)

    def _normalise(self, count: Count, batches: Iterable[Batch]) -> None:
        start = time.perf_counter()
        for item in gathered(batches, self._spill):
            if isinstance(item, Batch):
                count.size += item.lines.stat().st_size
                for _ in normalise(self._normaliser, item, self._spill, count.tally):
                    pass
            elif not isinstance(item, Opened):
                count.tally.account(item)
        count.seconds += time.perf_counter() - start


def explanation(reject: Reject) -> str:
    """Why a reject is true, or an empty text."""
    return next(
        (why for path, reason, why in EXPLAINED if path in reject.path and reason in reject.reason), ""
    )


def main() -> None:
    home = root()
    folders = [home / name for name in sys.argv[1:]] or sorted(p for p in home.iterdir() if p.is_dir())
    print(
        f"{'recording':<24} {'format':<10} {'files':>6} {'records':>9} {'event':>8} {'dupl.':>7} {'irrel.':>8} "
        f"{'n.parsed':>9} {'rejected':>8} {'unread':>6} {'unexplained':>11} {'MB/s':>7}"
    )
    unexplained = sum(report(folder) for folder in folders)
    sys.exit(f"{unexplained:,} rejects are not explained" if unexplained else 0)


def report(folder: Path) -> int:
    """Print a line for each format of a recording, and its rejects; how many of them are not explained."""
    with tempfile.TemporaryDirectory() as spill, connect(Limits(spill=Path(spill))) as database:
        recording = Recording(folder, Path(spill), database)
        recording.read()
    total = 0
    for reader, count in sorted(recording.counts.items()):
        strange = [reject for reject in count.tally.rejects if not explanation(reject)]
        total += len(strange)
        ends = count.tally.records
        rate = f"{count.size / 1e6 / count.seconds:7.1f}" if count.size else f"{'-':>7}"
        print(
            f"{folder.name:<24} {reader:<10} {len(count.files):>6,} {count.tally.total:>9,} {ends['event']:>8,} "
            f"{ends['duplicate']:>7,} {ends['irrelevant']:>8,} {ends['not_parsed']:>9,} {ends['rejected']:>8,} "
            f"{count.tally.unread:>6,} {len(strange):>11,} {rate}"
        )
        for reject in strange[:20]:
            print(f"    {reject.path}:{reject.position}: {reject.reason}")
        if len(strange) > 20:
            print(f"    ... and {len(strange) - 20:,} more")
    return total


if __name__ == "__main__":
    main()
