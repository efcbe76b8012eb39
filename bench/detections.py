"""What more detections cost: the same hunt with 1, 10, 100 and 500 of them (DESIGN: ten to 500 less than three times).

    python bench/detections.py [--events N] [--counts 1,10,100,500] [--threads N]

The detections are made from eight templates with names, paths, domains and registry keys of their own, as those of a
detection engineer differ from one another. One in twenty asks for something that the sample has, so it has candidates;
the others test their texts and find nothing, as most detections do on most days. Beside the hunt stands what it takes
to read the detections. CPU seconds, best of two.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import clew
from clew.detection.load import read_detections
from clew.detection.site import read_site
from clew.settings import read_settings

sys.path.insert(0, str(Path(__file__).parent))
from reading import sample

CHAIN = """analytic: AN{number:04}
strategy: DET{number:04}
technique: T1059.001
platform: windows
title: bench {number}
status: test
chain:
  scope: host.id
  within: 30m
  stages:
    start:
      on: {opening}
      where: {where}
      bind: {{thing: {thing}}}
    then:
      on: {on}
      where: {also}
      link: {link}
  findings: {{high: then}}
  per: [$thing]
"""
IN_TREE = "process.entity_id in tree of $thing"
WORDS = (
    "sync",
    "agent",
    "helper",
    "cache",
    "token",
    "vault",
    "relay",
    "pivot",
    "drop",
    "beacon",
    "cloud",
    "media",
)
#: What the sample has.
KNOWN = {
    "name": ("powershell.exe", "cmd.exe", "git.exe"),
    "domain": ("officeapps.live.com", "github.com"),
    "path": ("\\\\AppData\\\\Local\\\\", "\\\\Temp\\\\"),
    "argument": ("-NoProfile", "/c "),
    "key": ("\\\\CurrentVersion\\\\Run",),
}


class Maker:
    """Makes detections that differ from one another."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def word(self) -> str:
        return "".join(self.random.sample(WORDS, 2)) + f"{self.random.randrange(10_000):04}"

    def text(self, kind: str) -> str:
        """One of a kind; once in twenty times one that the sample has."""
        if self.random.random() < 0.05:
            return self.random.choice(KNOWN[kind])
        word = self.word()
        return {
            "name": f"{word}.exe",
            "domain": f"{word}.example.net",
            "path": f"\\\\Roaming\\\\{word}\\\\",
            "argument": f"--{word}",
            "key": f"\\\\Software\\\\{word}\\\\",
        }[kind]

    def list_of(self, kind: str) -> str:
        texts = (self.text(kind) for _ in range(self.random.randint(1, 4)))
        return "[" + ", ".join(f'"{text}"' for text in texts) + "]"

    def opening(self) -> tuple[str, str, str]:
        """Component, selection, what it binds."""
        kind = self.random.randrange(4)
        if kind == 0:
            return (
                "process_creation",
                f"{{process.name: {self.list_of('name')}, process.command_line|contains: {self.list_of('argument')}}}",
                "process.entity_id",
            )
        if kind == 1:
            return (
                "process_creation",
                f"{{process.executable|endswith: {self.list_of('name')}}}",
                "process.entity_id",
            )
        if kind == 2:
            return "file_creation", f"{{file.path|contains: {self.list_of('path')}}}", "process.entity_id"
        return "module_load", f"{{dll.path|contains: {self.list_of('path')}}}", "process.entity_id"

    def second(self) -> tuple[str, str, str]:
        """Component, selection, link."""
        kind = self.random.randrange(4)
        if kind == 0:
            return (
                "network_connection_creation",
                f"{{destination.domain|endswith: {self.list_of('domain')}}}",
                IN_TREE,
            )
        if kind == 1:
            return (
                "windows_registry_key_modification",
                f"{{registry.path|contains: {self.list_of('key')}}}",
                IN_TREE,
            )
        if kind == 2:
            return "process_creation", f"{{process.command_line|re: '(?i){self.word()}\\s+-[a-z]+'}}", IN_TREE
        return "file_creation", f"{{file.path|endswith: {self.list_of('name')}}}", IN_TREE

    def texts(self, count: int) -> Iterator[str]:
        for number in range(1, count + 1):
            opening, where, thing = self.opening()
            on, also, link = self.second()
            yield CHAIN.format(
                number=number, opening=opening, where=where, thing=thing, on=on, also=also, link=link
            )


def written(count: int, folder: Path) -> Path:
    folder.mkdir()
    for number, text in enumerate(Maker(7).texts(count)):
        (folder / f"{number}.yaml").write_text(text)
    return folder


def hunted(path: Path, folder: Path, threads: int) -> tuple[float, float, int, int]:
    """CPU seconds of reading the detections and of the hunt; findings and candidates."""
    began, faults = time.process_time(), []
    detections = read_detections([folder], read_site((), faults), 2_000_000, faults)
    assert not faults, faults[:3]
    read = time.process_time()
    hunt = clew.hunt([path], detections, read_settings({"threads": threads}))
    return read - began, time.process_time() - read, len(hunt.findings), hunt.counters.candidates


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--counts", default="1,10,100,500")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    path, spent = sample(options.events), {}
    print(f"{options.events:,} records\ndetections   reading s   hunt s   findings   candidates")
    for count in map(int, options.counts.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            made = written(count, Path(folder) / "detections")
            runs = [hunted(path, made, options.threads) for _ in range(options.runs)]
        read, hunt, findings, candidates = (min(column) for column in zip(*runs, strict=True))
        spent[count] = hunt
        print(f"{count:10,}{read:12.2f}{hunt:9.2f}{findings:11,}{candidates:13,}", flush=True)
    if spent.keys() >= {10, 500}:
        print(f"from 10 to 500: {spent[500] / spent[10]:.2f} times (goal: less than 3)")


if __name__ == "__main__":
    main()
