"""A sweep over a tree of installed packages against `find | xargs sha256sum` (issue: at least a third of its rate).

The tree is made once: small files with random text, as node_modules has them. Best of two, in the same run.
"""

import argparse
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from clew.campaign.load import find_pack, load_campaigns
from clew.campaign.sweep.run import sweep
from clew.settings import read_settings

HERE = Path(__file__).parent


def tree(files: int) -> Path:
    top = HERE.parent / "out" / f"bench-tree-{files}"
    if top.exists():
        return top
    source = random.Random(7)
    for number in range(files):
        package = top / f"app{number // 20_000}" / "node_modules" / f"package-{number // 20}"
        package.mkdir(parents=True, exist_ok=True)
        size = int(source.lognormvariate(7.5, 1.3))
        (package / f"file-{number % 20}.js").write_bytes(source.randbytes(size // 2).hex().encode())
    return top


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    top = tree(parser.parse_args().files)
    campaign = load_campaigns([find_pack("axios-2026")])[0]
    settings = read_settings({})
    hashing = best(
        lambda: subprocess.run(
            f"find '{top}' -type f -print0 | xargs -0 sha256sum >{HERE.parent}/out/sums",
            shell=True,
            check=True,
        )
    )
    names = best(lambda: sweep(campaign, [top], settings))
    every = best(lambda: sweep(campaign, [top], settings, every_hash=True))
    print(
        f"find | xargs sha256sum {hashing:.1f} s; sweep by names {names:.1f} s, with every hash {every:.1f} s"
    )
    print(
        f"rate against sha256sum: by names {hashing / names:.2f}, with every hash {hashing / every:.2f} (limit 0.33)"
    )


if __name__ == "__main__":
    main()
