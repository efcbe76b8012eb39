"""A sweep of logs with very many indicators against the same hunt without them (issue: within twice its time).

The indicators are hashes, domains, addresses and URLs, none of which stands in the logs. A row a format: the records
of bench/sample as JSON lines, as Windows' XML, that XML in syslog, and as Parquet; EVTX where files are named. Best of
two, in the same run. Both sides load their campaign: the sweep a pack with a table of all these indicators, the hunt
the shipped one. Beside wall time stands CPU time, which a busy machine changes less.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from clew.campaign.indicators import KEYS
from clew.campaign.load import find_pack, load_campaigns
from clew.campaign.model import Kind
from clew.campaign.sweep.run import sweep
from clew.runner.hunt import hunt
from clew.settings import read_settings

HERE = Path(__file__).parent


def sample(events: int, dialect: str) -> Path:
    path = HERE.parent / "out" / f"bench-{events}-{dialect}.{'xml' if dialect == 'xml' else 'jsonl'}"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        command = [sys.executable, str(HERE / "sample"), "--events", str(events), "--dialect", dialect]
        subprocess.run([*command, "--output", str(path)], check=True)
    return path


def logs(events: int) -> Iterator[Path]:
    lines, xml = sample(events, "nxlog"), sample(events, "xml")
    yield lines
    yield xml
    syslog = xml.with_suffix(".syslog")
    if not syslog.exists():
        with xml.open() as written, syslog.open("w") as out:
            out.writelines(
                f"Mar 31 09:00:00 ws1 sysmon: {line}" for line in written if line.startswith("<Event ")
            )
    yield syslog
    parquet = lines.with_suffix(".parquet")
    if not parquet.exists():
        rows = [msgspec.json.decode(line) for line in lines.open("rb")]
        names = sorted({name for row in rows for name in row})
        columns = {name: [str(row[name]) if name in row else None for row in rows] for name in names}
        pq.write_table(pa.table(columns), parquet)
    yield parquet


def many(number: int, folder: Path) -> Path:
    """The pack of axios with a table of so many indicators of its own making in place of its own."""
    kinds: dict[Kind, list[str]] = {"hashes": [], "domains": [], "addresses": [], "urls": []}
    for n in range(number):
        digits = hashlib.sha256(str(n).encode()).hexdigest()
        match n % 10:
            case 0:
                kinds["urls"].append(f"http://u{digits[:12]}.example/{digits[:6]}/a.bin")
            case 1:
                kinds["addresses"].append(f"{1 + n % 200}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")
            case 2 | 3:
                kinds["domains"].append(f"d{digits[:12]}.example")
            case _:
                kinds["hashes"].append(digits)
    pack = folder / "many-2026"
    shutil.copytree(find_pack("axios-2026"), pack)
    head = pack / "campaign.yaml"
    head.write_text(head.read_text().replace("name: axios-2026", "name: many-2026"))
    (pack / "indicators.yaml").write_text("".join(f"{key}: []\n" for key in KEYS))
    rows = [f"{kind},{value},made,high,KR\n" for kind, values in kinds.items() for value in values]
    (pack / "indicators.csv").write_text("kind,value,about,confidence,sources\n" + "".join(rows))
    return pack


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall time and of CPU time."""
    walls, cpus = [], []
    for _ in range(2):
        wall, cpu = time.perf_counter(), sum(os.times()[:2])
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(sum(os.times()[:2]) - cpu)
    return min(walls), min(cpus)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--indicators", type=int, default=100_000)
    parser.add_argument("logs", nargs="*", type=Path, help="logs to sweep as well, such as EVTX")
    asked = parser.parse_args()
    settings = read_settings({})
    with tempfile.TemporaryDirectory() as folder:
        few, pack = find_pack("axios-2026"), many(asked.indicators, Path(folder))
        loaded = best(lambda: load_campaigns([pack]))
        print(f"{asked.indicators:,} indicators (limit 2.00), loaded in {loaded[0]:.2f} s, which is counted")
        for log in (*logs(asked.events), *asked.logs):

            def hunted(log: Path = log) -> object:
                return hunt([log], list(load_campaigns([few])[0].detections), settings)

            def swept(log: Path = log) -> object:
                return sweep(load_campaigns([pack])[0], [log], settings)

            plain, whole = best(hunted), best(swept)
            told = f"hunt {plain[0]:6.2f} s, sweep {whole[0]:6.2f} s, {whole[0] / plain[0]:.2f} times"
            print(f"{log.name:32}{told}; of CPU {whole[1] / plain[1]:.2f} times")


if __name__ == "__main__":
    main()
