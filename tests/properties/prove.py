"""Many random cases: ``prove.py [COUNT [FIRST SEED]] [--processes N]``. Ends at the first seed that breaks a law.

The oracle sees every case, the other laws one case in four each; ``--all`` puts every law to every case.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from clew.chain import chain
from clew.chain.layout import Layout
from clew.detection.model import Plan
from properties.generate import LOGS
from properties.laws import LAWS, broken, rotating

CHUNK = 100 * LOGS


def once(layout_of: Callable[[Plan], Layout]) -> Callable[[Plan], Layout]:
    """Work a plan out once for all engines of the cases that share it."""
    last: list[tuple[Plan, Layout]] = []

    def remembered(plan: Plan) -> Layout:
        if not last or last[0][0] is not plan:
            last[:] = [(plan, layout_of(plan))]
        return last[0][1]

    return remembered


def begin() -> None:
    chain.layout_of = once(chain.layout_of)


def chunk(task: tuple[int, int, bool]) -> tuple[int, str | None]:
    first, end, every = task
    for seed in range(first, end):
        try:
            failure = broken(seed, LAWS if every else rotating(seed))
        except Exception as error:  # an engine that raises is as wrong as one that finds the wrong thing
            failure = f"seed {seed}: {type(error).__name__}: {error}"
        if failure is not None:
            return seed - first + 1, failure
    return end - first, None


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1_000_000)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true", help="put every law to every case")
    return parser.parse_args()


def main() -> int:
    said = asked()
    end = said.first + said.count
    tasks = [(seed, min(seed + CHUNK, end), said.all) for seed in range(said.first, end, CHUNK)]
    done, began = 0, time.monotonic()
    with Pool(said.processes, begin) as pool:
        for ran, failure in pool.imap_unordered(chunk, tasks):
            done += ran
            if failure is not None:
                print(f"\n{failure}\n\nagain: scripts/prove 1 {failure.split(':')[0].split()[1]} --all")
                return 1
            if done % (CHUNK * 20) < CHUNK or done == said.count:
                rate = done / (time.monotonic() - began)
                print(f"{done:,} of {said.count:,} cases, {rate:,.0f} a second, nothing broken", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
