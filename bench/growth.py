"""How the cost of a hunt grows with its input, its detections, its hosts and its cores; with plots.

    python bench/growth.py [events] [detections] [hosts] [cores] [--events 30000,100000,300000] [--plots FOLDER]

Each point is a hunt in a process of its own: CPU seconds, wall seconds, peak of memory. The slope is that of the
straight line through the points, both axes logarithmic: 1 is linear, less is better. All but the detections are
hunted with those that ship.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from detections import written
from reading import sample

HERE = Path(__file__).parent
HUNT = "import sys, clew; from clew.cli.main import main; sys.exit(main())"
WIDTH, HEIGHT, MARGIN = 480, 300, 60


class Point(NamedTuple):
    """What one hunt took: seconds of CPU and of wall time, bytes of memory."""

    size: int
    cpu: float
    wall: float
    memory: float


def hunted(size: int, path: Path, *flags: str) -> Point:
    """Hunt in a process of its own."""
    began = os.times()
    with subprocess.Popen(
        [sys.executable, "-c", HUNT, "hunt", str(path), "--format", "jsonl", *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"clew hunt {path} ended with {process.returncode}"
    return Point(
        size, used.ru_utime + used.ru_stime, os.times().elapsed - began.elapsed, used.ru_maxrss * 1024
    )


def by_events(sizes: list[int]) -> Iterator[Point]:
    for size in sizes:
        yield hunted(size, sample(size))


def by_detections(sizes: list[int]) -> Iterator[Point]:
    path = sample(min(sizes))
    for count in (1, 10, 100, 500):
        with tempfile.TemporaryDirectory() as folder:
            yield hunted(count, path, "--detections", str(written(count, Path(folder) / "detections")))


def by_hosts(sizes: list[int]) -> Iterator[Point]:
    """The same records, each said to come from one of so many hosts."""
    path = sample(min(sizes))
    for hosts in (1, 10, 100, 1_000, 10_000):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as out:
            for number, line in enumerate(path.open(encoding="utf-8")):
                host = f"H{number % hosts:05}.corp.example.com"
                out.write(re.sub(r'"Hostname":"[^"]*"', f'"Hostname":"{host}"', line, count=1))
            out.flush()
            yield hunted(hosts, Path(out.name))


def by_cores(sizes: list[int]) -> Iterator[Point]:
    for threads in (1, 2):
        yield hunted(threads, sample(max(sizes)), "--threads", str(threads))


KINDS = {"events": by_events, "detections": by_detections, "hosts": by_hosts, "cores": by_cores}


def slope(points: list[Point]) -> float:
    """Of the straight line through the points by least squares, both axes logarithmic."""
    pairs = [(math.log(point.size), math.log(point.cpu)) for point in points]
    x, y = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    return sum((a - x) * (b - y) for a, b in pairs) / sum((a - x) ** 2 for a, _ in pairs)


def plot(kind: str, points: list[Point]) -> str:
    """CPU seconds by size, as SVG; both axes logarithmic."""
    sizes, costs = [p.size for p in points], [p.cpu for p in points]
    low, high = min(costs) / 1.5, max(costs) * 1.5

    def place(point: Point) -> tuple[float, float]:
        along = math.log(point.size / sizes[0]) / math.log(sizes[-1] / sizes[0])
        up = math.log(point.cpu / low) / math.log(high / low)
        return MARGIN + along * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)

    places = [place(point) for point in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        f'<text x="{x:.1f}" y="{y - 10:.1f}">{point.cpu:.1f} s</text>'
        f'<text x="{x:.1f}" y="{HEIGHT - MARGIN + 20}">{point.size:,}</text>'
        for (x, y), point in zip(places, points, strict=True)
    )
    floor = HEIGHT - MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" text-anchor="middle"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        f'<text x="{WIDTH / 2}" y="24" font-size="14">'
        f"CPU seconds of a hunt by {kind} (slope {slope(points):.2f})</text>"
        f'<path d="M{MARGIN} {MARGIN}V{floor}H{WIDTH - MARGIN}" stroke="gray" fill="none"/>'
        f'<polyline points="{line}" fill="none" stroke="steelblue" stroke-width="2"/>{marks}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", choices=[*KINDS], default=[*KINDS])
    parser.add_argument("--events", default="100000,300000,1000000")
    parser.add_argument("--plots", type=Path)
    options = parser.parse_args()
    sizes = [int(size) for size in options.events.split(",")]
    for kind in options.kinds:
        points = []
        print(f"{kind:>12}   CPU s   wall s   peak MB")
        for point in KINDS[kind](sizes):
            points.append(point)
            print(f"{point.size:12,}{point.cpu:8.2f}{point.wall:9.2f}{point.memory / 1e6:10.0f}", flush=True)
        print(f"       slope {slope(points):6.2f}   (goal: at most 1)")
        if options.plots:
            options.plots.mkdir(parents=True, exist_ok=True)
            (options.plots / f"growth-{kind}.svg").write_text(plot(kind, points), "utf-8")


if __name__ == "__main__":
    main()
