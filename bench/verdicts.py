"""How often vetting is wrong, and what it costs.

    python bench/verdicts.py corpus [--guarddog PROGRAM]
                                                 every dropper and every honest twin of tests/vetting/corpus
    python bench/verdicts.py popular [FILE]      packages that people use, fetched by npm and pip (bench/popular.txt)

The packages are not kept: `popular` prints a row of docs/vetting.md's table for each, with name, version, digest,
verdict, the strongest fact where it is not allowed, and seconds. Of PyPI the sdists are taken, which run at build time.
Exits with 1 when a verdict of the corpus is wrong, or a popular package is blocked. GuardDog
(https://github.com/DataDog/guarddog) reads packages as they were published; its score runs from 0 to 10.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clew.errors import ClewError
from clew.report.text import short
from clew.vetting.examine import How
from clew.vetting.fetch import fetch, sdist
from clew.vetting.vet import Options, vet
from clew.vetting.vetted import Vetted

HERE = Path(__file__).parent


def corpus(guarddog: str | None) -> bool:
    """Vet the corpus: whether every verdict is right; beside the score of GuardDog, where that is there."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from vetting.corpus import ENTRIES, build

    right = True
    for entry in ENTRIES.values():
        with tempfile.TemporaryDirectory() as folder:
            archive = build(entry.name, Path(folder))
            start = time.perf_counter()
            found = vet(entry.ecosystem, str(archive), Options(how=How(cache=False)))
            took = time.perf_counter() - start
            peer = score(guarddog, entry.ecosystem, archive) if guarddog else ""
        said = "\n".join((*(fact.evidence for fact in found.facts), *(layer.text for layer in found.layers)))
        missing = [text for text in entry.evidence if text not in said]
        good = found.verdict.decision == entry.verdict and not missing
        right = right and good
        right_or_not = "ok   " if good else "WRONG"
        print(
            f"{right_or_not} {entry.name:24} {found.verdict.decision:7} {took:5.1f} s {peer} {missing or ''}",
            flush=True,
        )
    return right


def score(guarddog: str, ecosystem: str, archive: Path) -> str:
    """GuardDog's score of an archive, and how long that took."""
    start = time.perf_counter()
    command = [guarddog, ecosystem, "scan", str(archive), "--output-format", "json"]
    said = json.loads(subprocess.run(command, check=False, capture_output=True).stdout)
    return f"  GuardDog {said['risk_score']['score']:4.1f} {time.perf_counter() - start:5.1f} s"


def popular(names: Path) -> bool:
    """Vet what people use: whether none is blocked."""
    none = True
    print("| package | sha256 | verdict | because | seconds |\n|---|---|---|---|---|")
    for line in names.read_text().splitlines():
        ecosystem, _, target = line.partition(" ")
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            try:
                archive = _archive(ecosystem, target, Path(folder))
                start = time.perf_counter()
                found = vet(
                    "npm" if ecosystem == "npm" else "pypi", str(archive), Options(how=How(cache=False))
                )
            except ClewError as error:
                print(f"| {ecosystem} {target} | | not vetted | {short(error, 100)} | |", flush=True)
                continue
        none = none and found.verdict.decision != "block"
        print(_row(ecosystem, target, found, time.perf_counter() - start), flush=True)
    return none


def _archive(ecosystem: str, target: str, folder: Path) -> Path:
    if ecosystem == "npm":
        return fetch("npm", target, folder)
    name, _, version = target.partition("@")
    return sdist(name, version, folder)


def _row(ecosystem: str, target: str, found: Vetted, seconds: float) -> str:
    facts = [
        f"{fact.rule}: {short(fact.evidence, 120)}".replace("|", "\\|") for fact in found.verdict.because
    ]
    because = facts[0] if found.verdict.decision != "allow" and facts else ""
    digest = found.package.sha256[:16]
    return f"| {ecosystem} {target} | {digest} | {found.verdict.decision} | {because} | {seconds:.1f} |"


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["corpus", "popular"])
    parser.add_argument("file", nargs="?", type=Path, default=HERE / "popular.txt")
    parser.add_argument("--guarddog", help="its program")
    asked = parser.parse_args()
    return 0 if (corpus(asked.guarddog) if asked.what == "corpus" else popular(asked.file)) else 1


if __name__ == "__main__":
    sys.exit(main())
