"""Many cases on all cores: ``prove.py COUNT [FIRST SEED]``. Ends at the first seed that breaks a law."""

from __future__ import annotations

import os
import sys
import time
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from properties.laws import broken

CHUNK = 250


def chunk(first_and_end: tuple[int, int]) -> tuple[int, str | None]:
    first, end = first_and_end
    for seed in range(first, end):
        try:
            failure = broken(seed)
        except Exception as error:  # an engine that raises is as wrong as one that finds the wrong thing
            failure = f"seed {seed}: {type(error).__name__}: {error}"
        if failure is not None:
            return seed - first + 1, failure
    return end - first, None


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    chunks = [(seed, min(seed + CHUNK, first + count)) for seed in range(first, first + count, CHUNK)]
    done, began = 0, time.monotonic()
    with Pool(os.cpu_count()) as pool:
        for ran, failure in pool.imap_unordered(chunk, chunks):
            done += ran
            if failure is not None:
                print(f"\n{failure}\n\nagain: scripts/prove 1 {failure.split(':')[0].split()[1]}")
                return 1
            if done % (CHUNK * 40) < CHUNK or done == count:
                rate = done / (time.monotonic() - began)
                print(f"{done:,} of {count:,} cases, {rate:,.0f} a second, nothing broken", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
