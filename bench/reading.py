"""A whole hunt against the rate at which DuckDB alone reads the same file (DESIGN: at least half of it).

The peer reads the 30 Sysmon columns as VARCHAR with typed columns and counts each; both use the same threads.
Best of three, in the same run; beside wall time stands CPU time, which a busy machine changes less. A hunt has a fixed
cost: of several sizes, as --events 100000 1000000, the rate of what the last has more than the first is shown as well.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

import clew
from clew.settings import read_settings

HERE = Path(__file__).parent
COLUMNS = (
    *("EventID", "Channel", "SourceName", "Hostname", "UtcTime", "TimeCreated", "EventTime", "RecordNumber"),
    *("ProcessGuid", "ProcessId", "Image", "CommandLine", "CurrentDirectory", "OriginalFileName", "Company"),
    *("Product", "Description", "FileVersion", "User", "Hashes"),
    *("ParentProcessGuid", "ParentProcessId", "ParentImage", "ParentCommandLine"),
    *(
        "TargetFilename",
        "DestinationIp",
        "DestinationHostname",
        "DestinationPort",
        "QueryName",
        "QueryResults",
    ),
)


def sample(events: int) -> Path:
    path = HERE.parent / "out" / f"bench-{events}.jsonl"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        command = [sys.executable, str(HERE / "sample"), "--events", str(events), "--dialect", "nxlog"]
        subprocess.run([*command, "--output", str(path)], check=True)
    return path


def duckdb_alone(path: Path, threads: int) -> None:
    columns = "{" + ", ".join(f"'{c}': 'VARCHAR'" for c in COLUMNS) + "}"
    counts = ", ".join(f'count("{c}")' for c in COLUMNS)
    with duckdb.connect(config={"threads": threads}) as database:
        source = f"read_json('{path}', format = 'newline_delimited', columns = {columns})"
        database.execute(f"SELECT {counts} FROM {source}").fetchall()


def hunt(path: Path, threads: int) -> None:
    clew.hunt([path], settings=read_settings({"threads": threads}))


def best(work: Callable[[Path, int], None], path: Path, threads: int) -> tuple[float, float]:
    """Seconds of wall time and of CPU time."""
    walls, cpus = [], []
    for _ in range(3):
        wall, cpu = time.perf_counter(), sum(os.times()[:2])
        work(path, threads)
        walls.append(time.perf_counter() - wall)
        cpus.append(sum(os.times()[:2]) - cpu)
    return min(walls), min(cpus)


def compare(path: Path, events: int, threads: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Seconds that DuckDB and the hunt take, printed."""
    alone, hunted = best(duckdb_alone, path, threads), best(hunt, path, threads)
    print(f"{events:,} records, {path.stat().st_size / 1e6:.0f} MB, {threads} threads")
    tell(events, alone, hunted)
    return alone, hunted


def tell(events: int, alone: tuple[float, float], hunted: tuple[float, float]) -> None:
    for who, (wall, cpu) in (("DuckDB alone reads 30 columns", alone), ("clew hunt, all detections", hunted)):
        print(f"{who:32}{events / wall:12,.0f} records/s   {wall:6.2f} s, {cpu:6.2f} s of CPU")
    ratios = [mine / other for mine, other in zip(alone, hunted, strict=True)]
    print(
        f"ratio                           {ratios[0]:12.2f}   (goal: at least 0.50)   of CPU {ratios[1]:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[300_000])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    sizes = sorted(options.events)
    found = [compare(sample(events), events, options.threads) for events in sizes]
    if len(sizes) > 1:
        more = [
            (last[0] - first[0], last[1] - first[1]) for first, last in zip(found[0], found[-1], strict=True)
        ]
        print(f"{sizes[-1] - sizes[0]:,} records more")
        tell(sizes[-1] - sizes[0], *more)


if __name__ == "__main__":
    main()
