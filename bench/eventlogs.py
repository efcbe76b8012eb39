"""A whole hunt over Windows event logs against the bare `evtx` library (DESIGN: at least 60 % of its rate).

The peer makes JSON of every record, on one thread, and drops it. The records are those of the recordings that
CLEW_RECORDINGS names (all EVTX, in their zip archives and beside them); where there are none, they are written
here. Their full chunks are laid out, again and again, as logs of 20 MiB, Windows' size for the Security log; each
time round the records have other numbers and happened another year, so that each of them is a new one. (A log that
is in use has full chunks but for its last one; single attack samples, of one chunk with 20 records, measure little
but the opening of files.)

Shown are the rates by wall time and by CPU time: of one small log of 1 MiB, where what a hunt costs before its first
record (detections, plans) counts most; of half of the logs, of all, and of each log more, which is the rate in the
long run. Of the hunt, reading (bytes to the lines that are normalised) is shown by itself. Runs take turns and the
best of each counts. A quick look: --megabytes 40 --rounds 1.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

from evtx import PyEvtxParser

import clew
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.read import read_file
from clew.record import Batch, Pretest
from clew.runner.hunt import choose
from clew.select.selection import components, facts
from clew.settings import read_settings

HERE = Path(__file__).parent
HEADER, CHUNK = 4096, 65536
LOG = 320  # chunks
FULL = 48 << 10  # bytes of a chunk that is worth its place


def recorded(folder: Path) -> Iterator[bytes]:
    """Every EVTX file in the recordings' archives, and beside them."""
    for path in sorted(folder.rglob("*.evtx")):
        yield path.read_bytes()
    for archive in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if name.endswith(".evtx"):
                    yield opened.read(name)


def written() -> Iterator[bytes]:
    """A log of what a host with Sysmon writes: mostly image loads and accesses."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    import evtx_file
    import sysmon

    kinds = [7] * 10 + [10] * 5 + [12, 13, 13, 1, 3, 11, 22]
    who = {"ProcessGuid": sysmon.guid(2), "ProcessId": 200, "Image": sysmon.PROGRAM}
    data = {
        "TargetFilename": r"C:\Users\kim\a.dat",
        "CommandLine": "tool.exe --x",
        "Hashes": "SHA256=" + "AB" * 32,
    }
    events = (sysmon.evtx(kinds[n % len(kinds)], n / 100, n + 1, **who, **data) for n in range(3000))
    yield evtx_file.log(events, per_chunk=30)


def chunks_of(log: bytes) -> Iterator[bytes]:
    """The chunks that are full of records which stand one behind the other."""
    for at in range(HEADER, len(log), CHUNK):
        chunk = log[at : at + CHUNK]
        if chunk.startswith(b"ElfChnk") and len(chunk) == CHUNK and _free(chunk) > FULL:
            *_, (number, _, end) = [(0, 0, 0), *_records(chunk)]
            if end == _free(chunk) and number == struct.unpack_from("<Q", chunk, 32)[0]:
                yield chunk


def _free(chunk: bytes) -> int:
    """Where a chunk's free space begins."""
    return int(struct.unpack_from("<I", chunk, 48)[0])


def _records(chunk: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, begin and end of each record of a chunk."""
    at = 512
    while chunk.startswith(b"**\0\0", at) and at < _free(chunk):
        size, number = struct.unpack_from("<IQ", chunk, at + 4)
        yield number, at, at + size
        at += size


def renewed(chunk: bytes, first: int, year: int) -> bytes:
    """The chunk with records numbered from `first`, which happened that many years later.

    Times are values of type FILETIME, and text such as 2019-05-12 10:00:00.
    """
    data = bytearray(_DATE.sub(lambda date: date[1] + f"{year:02}".encode("utf-16-le") + date[2], chunk))
    numbers = []
    for number, at, end in _records(chunk):
        numbers.append(new := first + len(numbers))
        struct.pack_into("<Q", data, at + 8, new)
        for place, kind in _values(chunk, at + 24, end):
            (value,) = struct.unpack_from("<Q", chunk, place)
            if kind == _UINT64 and value == number:
                struct.pack_into("<Q", data, place, new)
            elif kind == _FILETIME and value:
                struct.pack_into("<Q", data, place, value + year * _YEAR)
    struct.pack_into("<QQQQ", data, 8, numbers[0], numbers[-1], numbers[0], numbers[-1])
    struct.pack_into("<I", data, 52, zlib.crc32(data[512 : _free(chunk)]))
    struct.pack_into("<I", data, 124, zlib.crc32(data[128:512], zlib.crc32(data[:120])))
    return bytes(data)


_DATE = re.compile(rb"(2\x000\x00)\d\x00\d\x00((?:-\x00\d\x00\d\x00){2}[ T]\x00)")
_UINT64, _FILETIME, _YEAR = 0x0A, 0x11, 366 * 86400 * 10**7


def _values(chunk: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each value of 8 bytes of a record stands, and its type."""
    if not chunk.startswith(b"\x0f\1\1\0\x0c\1", at):
        return
    at += 14
    if struct.unpack_from("<I", chunk, at - 4)[0] == at:  # its template is first used here, and follows
        at += 24 + struct.unpack_from("<I", chunk, at + 20)[0]
    (count,) = struct.unpack_from("<I", chunk, at)
    place = at + 4 + 4 * count
    for size, kind in struct.iter_unpack("<HBx", chunk[at + 4 : place]):
        if size == 8 and place + 8 <= end:
            yield place, kind
        place += size


def joined(chunks: list[bytes]) -> bytes:
    """Chunks as one log."""
    header = bytearray(HEADER)
    struct.pack_into(
        "<8sQQQIHHHH", header, 0, b"ElfFile", 0, len(chunks) - 1, 1, 128, 1, 3, HEADER, len(chunks)
    )
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header) + b"".join(chunks)


def lay_out(folder: Path, megabytes: int) -> list[Path]:
    """The chunks as logs, again and again until there are enough of them."""
    recordings = os.environ.get("CLEW_RECORDINGS")
    logs = list(recorded(Path(recordings)) if recordings else ())
    chunks = [chunk for log in logs or written() for chunk in chunks_of(log)]
    print(
        f"{len(chunks)} full chunks of {len(logs)} recorded logs"
        if logs
        else "no recordings: logs written here"
    )
    paths: list[Path] = []
    endless = _endless(chunks)
    while len(paths) * LOG * CHUNK < megabytes << 20:
        paths.append(folder / f"{len(paths):06}.evtx")
        paths[-1].write_bytes(joined(list(islice(endless, LOG))))
    return paths


def _endless(chunks: list[bytes]) -> Iterator[bytes]:
    following = 1
    for year in count():
        for chunk in chunks:
            yield renewed(chunk, following, year % 100)
            following += sum(1 for _ in _records(chunk))


def bare(paths: list[Path]) -> int:
    """All records as JSON; how many there are."""
    found = 0
    for path in paths:
        records = iter(PyEvtxParser(str(path), 1).records_json())
        while True:
            try:
                for _ in records:
                    found += 1
                break
            except RuntimeError:
                continue
    return found


def hunt(paths: list[Path], threads: int) -> Counter[str]:
    tally = clew.hunt(paths, settings=read_settings({"threads": threads})).tally
    return Counter({str(status): number for status, number in tally.records.items()})


def asked() -> Pretest:
    """The pretest of a hunt with the shipped detections."""
    detections = choose(read_settings())
    return pretest(mappings(), components(detections) | facts(detections))


def read(paths: list[Path], folder: Path, test: Pretest) -> int:
    """What a hunt reads of the logs, up to the lines; how many it would normalise."""
    found = 0
    for path in paths:
        for item in read_file(path, folder, test):
            if isinstance(item, Batch):
                found += item.lines.read_bytes().count(b"\n")
                item.done()
    return found


class Taken(NamedTuple):
    """Seconds; of CPU those of all threads."""

    wall: float
    cpu: float


def best(runs: Iterable[Taken]) -> Taken:
    walls, cpus = zip(*runs, strict=True)
    return Taken(min(walls), min(cpus))


def timed(work: Callable[[], object]) -> Taken:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu)


class Compared(NamedTuple):
    """Records, and what each way took for them."""

    records: int
    alone: Taken
    reading: Taken
    hunted: Taken

    def less(self, other: Compared) -> Compared:
        """What the records took that these have more than others."""
        ways = [
            Taken(*(mine - theirs for mine, theirs in zip(way, of_other, strict=True)))
            for way, of_other in zip(self[1:], other[1:], strict=True)
        ]
        return Compared(self.records - other.records, *ways)


def compare(paths: list[Path], threads: int, rounds: int, folder: Path) -> Compared:
    found, ends = bare(paths), hunt(paths, threads)
    print(f"{found:,} records; {', '.join(f'{n:,} {status}' for status, n in ends.items() if n)}")
    test = asked()
    works = (lambda: bare(paths), lambda: read(paths, folder, test), lambda: hunt(paths, threads))
    runs = [[timed(work) for work in works] for _ in range(rounds)]
    return Compared(found, *(best(times) for times in zip(*runs, strict=True)))


def show(name: str, compared: Compared, threads: int) -> None:
    found, alone, reading, hunted = compared
    print(f"{name}: {found:,} records")
    ways = {
        "evtx library alone, one thread": alone,
        "reading alone, one thread": reading,
        f"clew hunt, {threads} threads": hunted,
    }
    for who, taken in ways.items():
        print(
            f"  {who:32}{found / taken.wall:12,.0f} records/s   {taken.wall:6.2f} s, {taken.cpu:6.2f} s of CPU   "
            f"ratio {alone.wall / taken.wall:5.2f}, of CPU {alone.cpu / taken.cpu:5.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="an empty folder for the logs, which stay")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="clew-bench-"))
    try:
        paths = lay_out(folder, options.megabytes)
        small = folder / "small.evtx"
        small.write_bytes(joined(list(chunks_of(paths[0].read_bytes()))[:: LOG // 16]))
        how = (options.threads, options.rounds, folder)
        show("one small log", compare([small], options.threads, 5, folder), options.threads)
        every = compare(paths, *how)
        show("all logs", every, options.threads)
        if len(paths) > 1:
            half = compare(paths[: len(paths) // 2], *how)
            show("half of the logs", half, options.threads)
            show("each log more (goal for the hunt: a ratio of 0.60)", every.less(half), options.threads)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
