"""A whole hunt over Windows event logs against the bare `evtx` library (DESIGN: at least 60 % of its rate).

The peer makes JSON of every record, on one thread, and drops it. The records are those of the recordings that
CLEW_RECORDINGS names (all EVTX in their zip archives); where there are none, they are written here. Their chunks
are laid out, again and again, as logs of 20 MiB, Windows' size for the Security log, since single attack samples
of 50 records measure little but the opening of files. Repeated records end as duplicates.

Runs take turns and the best of each counts. What a hunt costs before its first record (detections, plans) is
measured on a log of one chunk and shown by itself; the ratio is given with it and without.
"""

import argparse
import os
import shutil
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

from evtx import PyEvtxParser

import clew
from clew.settings import read_settings

HERE = Path(__file__).parent
HEADER, CHUNK = 4096, 65536
LOG = 320  # chunks


def recorded(folder: Path) -> Iterator[bytes]:
    """Every EVTX file in the recordings' archives."""
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
    """The chunks that hold records."""
    for at in range(HEADER, len(log), CHUNK):
        if (chunk := log[at : at + CHUNK]).startswith(b"ElfChnk") and len(chunk) == CHUNK:
            yield chunk


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
    print(f"{len(logs)} recorded logs" if logs else "no recordings: logs written here")
    chunks = [chunk for log in logs or written() for chunk in chunks_of(log)]
    paths: list[Path] = []
    endless = cycle(chunks)
    while len(paths) * LOG * CHUNK < megabytes << 20:
        paths.append(folder / f"{len(paths):06}.evtx")
        paths[-1].write_bytes(joined(list(islice(endless, LOG))))
    return paths


def bare(paths: list[Path]) -> int:
    """All records as JSON; how many there are."""
    count = 0
    for path in paths:
        records = iter(PyEvtxParser(str(path), 1).records_json())
        while True:
            try:
                for _ in records:
                    count += 1
                break
            except RuntimeError:
                continue
    return count


def hunt(paths: list[Path], threads: int) -> Counter[str]:
    tally = clew.hunt(paths, settings=read_settings({"threads": threads})).tally
    return Counter({str(status): count for status, count in tally.records.items()})


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="clew-bench-"))
    try:
        paths = lay_out(folder, options.megabytes)
        count, ends = bare(paths), hunt(paths, options.threads)
        print(f"{count:,} records; {', '.join(f'{n:,} {status}' for status, n in ends.items() if n)}")
        least = folder / "least.evtx"
        least.write_bytes(joined(list(chunks_of(paths[0].read_bytes()))[:1]))
        start = min(timed(lambda: hunt([least], options.threads)) for _ in range(5))
        taken = [(timed(lambda: bare(paths)), timed(lambda: hunt(paths, options.threads))) for _ in range(4)]
    finally:
        shutil.rmtree(folder)
    alone, hunted = (min(times) for times in zip(*taken, strict=True))
    print(f"evtx library alone, one thread  {count / alone:12,.0f} records/s")
    print(f"clew hunt, {options.threads} threads           {count / hunted:12,.0f} records/s")
    print(f"before the first record         {start:12.2f} s")
    print(f"ratio                           {alone / hunted:12.2f}   (goal: at least 0.60)")
    print(f"ratio without the start         {alone / (hunted - start):12.2f}")


if __name__ == "__main__":
    main()
