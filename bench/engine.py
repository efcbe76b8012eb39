"""The chain engine alone, on one core: candidates a second, and what open bindings cost.

    python bench/engine.py [--full] [--candidates N]

Prints the rate with 0, 1,000 and 100,000 (with --full also 1,000,000) live bindings besides those that the
stream itself opens, each as a ratio to the rate with none; the bytes of a binding, split into the engine's own
structure and the event that is kept for evidence; the size and the time of a snapshot.

The plan has the shape of AN0862: written file -> first run -> what its process tree does, four levels. Of the
stream, a third are writes; one in a hundred of these is run. The rest are process creations, module loads,
registry writes and connections, of which 3 % belong to the tree of such a program. Targets: 200,000
candidates/s; within 20 % up to 100,000 bindings; 400 bytes a binding.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator

from clew.chain.engine import Engine
from clew.chain.order import in_order
from clew.detection.condition import Test
from clew.detection.glob import Glob
from clew.detection.matcher import Boolean, Text
from clew.detection.model import Alternative, Detection, Disjunct, LevelRule, New, Plan, Stage, Term, Trait
from clew.event import Event
from clew.select.candidate import Candidate, Fit, ProcessStart

MINUTE = 60_000_000
START = 1_700_000_000_000_000
HOSTS = 20


def tree(variable: str, field: str = "process.entity_id") -> tuple[tuple[Term, ...], ...]:
    return ((Term(field, "tree", variable),),)


def equal(*pairs: tuple[str, str]) -> tuple[tuple[Term, ...], ...]:
    return tuple((Term(field, "=", variable),) for field, variable in pairs)


def stage(
    name: str, index: int, depth: int, *alternatives: Alternative, traits: tuple[Trait, ...] = ()
) -> Stage:
    return Stage(name, index, depth, alternatives, traits)


def an0862() -> Detection:
    """AN0862's shape, as DESIGN.md section 3 shows it."""
    installer = Text((Glob(("msiexec.exe",)), Glob(("setup.exe",))))
    by_installer = Trait("by_installer", Test("process.name", installer), ("process.name",))
    renamed = Trait("renamed", Test("clew.process.renamed", Boolean(True)), ("clew.process.renamed",))
    script = equal(
        ("process.executable", "binary"), ("clew.process.script", "binary"), ("process.hash.sha256", "hash")
    )
    day = 86_400_000_000
    stages = (
        stage(
            "write", 0, 1,
            Alternative(component="file_creation", bind={"binary": "file.path", "hash": "file.hash.sha256"}),
            traits=(by_installer,),
        ),
        stage(
            "first_run", 1, 2,
            Alternative(component="process_creation", link=script, parent=0, bind={"program": "process.entity_id"}),
            Alternative(component="module_load", link=equal(("dll.path", "binary")), parent=0,
                        bind={"program": "process.entity_id"}),
            traits=(renamed,),
        ),
        stage(
            "script_child", 2, 3,
            Alternative(component="process_creation", link=tree("program", "process.parent.entity_id"), parent=1,
                        new=New(("host.id", "process.name"), 30 * day)),
        ),
        stage("bad_image", 3, 3, Alternative(component="module_load", link=tree("program"), parent=1)),
        stage(
            "persist", 4, 3,
            Alternative(component="windows_registry_key_modification", link=tree("program"), parent=1),
        ),
        stage(
            "egress", 5, 3,
            Alternative(component="network_connection_creation", link=tree("program"), parent=1,
                        new=New(("host.id", "process.executable", "destination.address"), 30 * day)),
        ),
    )  # fmt: skip
    levels = (
        LevelRule("critical", (Disjunct(frozenset({0, 1, 5}), traits=frozenset({(1, 0)})),
                               Disjunct(frozenset({0, 1, 2, 3, 5})), Disjunct(frozenset({0, 1, 3, 4, 5})))),
        LevelRule("high", (Disjunct(frozenset({0, 1, 3, 5})), Disjunct(frozenset({0, 1, 2, 3})))),
        LevelRule("medium", (Disjunct(frozenset({0, 1, 3})), Disjunct(frozenset({0, 1, 4})),
                             Disjunct(frozenset({0, 1, 2, 5})))),
        LevelRule("low", (Disjunct(frozenset({0, 1, 5}), traits=frozenset({(0, 0)})),)),
    )  # fmt: skip
    plan = Plan(scope="host.id", within=90 * MINUTE, stages=stages, levels=levels, per=("binary",))
    return Detection(
        analytic="AN0862", strategy="DET0309", technique="T1195.002", platform="windows",
        title="bench", status="test", plan=plan,
    )  # fmt: skip


class Log:
    """Makes rows: a fleet on which programs are written, sometimes run, and do things."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.written: list[tuple[str, str]] = []
        self.trees: list[tuple[str, str]] = []
        self.rows: list = []

    def event(self, component: str, at: int, host: str, keys: dict[str, str], **more: str | bool) -> Event:
        self.number += 1
        process = keys["process.entity_id"]
        fields: dict = {
            **keys,
            "event.code": "11",
            "event.provider": "Microsoft-Windows-Sysmon",
            "host.name": host,
            "user.name": f"{host.upper()}\\operator",
            "process.pid": 4_000 + self.number % 4_000,
            "process.name": "setup.exe" if self.number % 50 == 0 else "explorer.exe",
            "process.executable": "C:\\Windows\\explorer.exe",
            **{name.replace("__", "."): value for name, value in more.items()},
        }
        keys = {**keys, "host.id": host, "process.entity_id": process}
        identity = f"{self.number:032x}"
        return Event(
            identity,
            component,
            at,
            fields,
            keys,
            host,
            self.number,
            "evtx",
            "C:/logs/sysmon.evtx",
            self.number,
        )

    def add(self, stage: int, alternative: int, event: Event, new: bool = False) -> None:
        self.rows.append(Candidate(0, stage, (Fit(alternative, event.time if new else None),), event))

    def write(self, at: int, host: str) -> None:
        path = f"c:\\users\\operator\\appdata\\local\\vendor\\{self.number:06}\\update.exe"
        keys = {
            "file.path": path,
            "process.entity_id": self.process(),
            "file.hash.sha256": f"{self.number:064x}",
        }
        self.add(0, 0, self.event("file_creation", at, host, keys))
        self.written.append((host, path))

    def process(self) -> str:
        return f"5e0d2c61-{self.random.randrange(3_000):04x}-67aa-0600-000000001800"

    def run(self, at: int, host: str, path: str) -> None:
        process = f"5e0d2c61-ffff-67aa-0600-{self.number:012x}"
        parent = self.process()
        self.rows.append(
            ProcessStart(
                at, host, process, parent, "update.exe", path, "explorer.exe", "", f"{self.number:032x}"
            )
        )
        keys = {"process.entity_id": process, "process.executable": path, "process.parent.entity_id": parent}
        self.add(1, 0, self.event("process_creation", at, host, keys))
        self.trees.append((host, process))

    def other(self, at: int, host: str) -> None:
        process = self.process()
        if self.trees and self.random.random() < 0.03:
            host, process = self.random.choice(self.trees)
        kind = self.random.random()
        keys = {"process.entity_id": process}
        if kind < 0.25:
            keys |= {
                "process.executable": "c:\\windows\\system32\\cmd.exe",
                "process.parent.entity_id": process,
            }
            keys["process.entity_id"] = f"5e0d2c61-eeee-67aa-0600-{self.number:012x}"
            event = self.event("process_creation", at, host, keys)
            self.rows.append(
                ProcessStart(at, host, keys["process.entity_id"], process, "cmd.exe", event=event.id)
            )
            self.add(1, 0, event)
            self.add(2, 0, event, new=True)
        elif kind < 0.55:
            event = self.event(
                "module_load",
                at,
                host,
                keys | {"dll.path": f"c:\\windows\\system32\\{self.number % 400}.dll"},
            )
            self.add(1, 1, event)
            self.add(3, 0, event)
        elif kind < 0.65:
            self.add(4, 0, self.event("windows_registry_key_modification", at, host, keys))
        else:
            keys |= {"destination.address": f"10.0.{self.random.randrange(200)}.7"}
            self.add(5, 0, self.event("network_connection_creation", at, host, keys), new=True)

    def stream(self, candidates: int, span: int) -> list:
        while len(self.rows) < candidates:
            at = START + span * len(self.rows) // candidates
            host = f"host-{self.random.randrange(HOSTS)}"
            if self.random.random() < 0.6:
                self.other(at, host)
            elif self.written and self.random.random() < 0.01:
                self.run(at, *self.random.choice(self.written))
            else:
                self.write(at, host)
        return self.rows


def bindings(count: int) -> list:
    log = Log(1)
    for _ in range(count):
        log.write(START - MINUTE, f"host-{log.number % HOSTS}")
    return log.rows


def rate(detection: Detection, live: int, rows: list) -> tuple[float, Engine]:
    engine = Engine([detection])
    for row in in_order(bindings(live), [detection]):
        engine.feed(row)
    gc.collect()
    gc.freeze()
    began = time.process_time()
    for row in rows:
        engine.feed(row)
    spent = time.process_time() - began
    gc.unfreeze()
    return len(rows) / spent, engine


def bytes_of_a_binding(detection: Detection, count: int = 50_000) -> tuple[float, float, float]:
    """Bytes of a live write: in all, of its packed event, and as the engine estimates it."""
    engine = Engine([detection])
    rows = iter(in_order(bindings(1_000), [detection]))  # shapes, hosts and the first growth of every table
    for row in rows:
        engine.feed(row)
    before_nodes, before_size = engine.nodes, engine.size
    tracemalloc.start()
    for row in fresh(count):
        engine.feed(row)
    del row
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    added = engine.nodes - before_nodes
    packed = (
        sum(sys.getsizeof(node.entry.packed) for node in engine.chains[0].expiry.openings()) / engine.nodes
    )
    return taken / added, packed, (engine.size - before_size) / added


def fresh(count: int) -> Iterator[Candidate]:
    """Writes that exist only until the engine has taken them, in order."""
    log = Log(3)
    log.number = 1_000_000
    for _ in range(count):
        log.write(START - MINUTE, "host-0")
        yield log.rows.pop()
        log.written.clear()


def loops() -> float:
    """Millions of turns a second of an empty loop with one addition: what this core is worth."""
    began, total = time.process_time(), 0
    for number in range(3_000_000):
        total += number
    return 3 / (time.process_time() - began)


def show_rates(detection: Detection, options: argparse.Namespace) -> None:
    rows = in_order(Log(2).stream(options.candidates, 60 * MINUTE), [detection])
    none = 0.0
    for live in (0, 1_000, 100_000, *((1_000_000,) if options.full else ())):
        speeds = [(rate(detection, live, rows)[0], loops()) for _ in range(3)]
        best, turns = max(speeds)
        none = none or best
        print(
            f"{live:>9,} live bindings: {best:>8,.0f} rows/s, {best / none:4.0%} of the rate with none; "
            f"a row costs {turns * 1e6 / best:,.0f} loop turns, so {20e6 / (turns * 1e6 / best):>8,.0f} rows/s "
            "on a core that makes 20 million turns a second"
        )


def show_snapshot(detection: Detection, live: int) -> None:
    engine = Engine([detection])
    for row in in_order(bindings(live), [detection]):
        engine.feed(row)
    began = time.process_time()
    data = engine.snapshot()
    made = time.process_time() - began
    other = Engine([detection])
    began = time.process_time()
    other.restore(data)
    print(
        f"snapshot of {live:,} bindings: {len(data) / 1e6:.1f} MB, {len(data) / live:.0f} bytes each, "
        f"{made:.2f} s to make, {time.process_time() - began:.2f} s to restore"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="also with 1,000,000 bindings")
    parser.add_argument("--candidates", type=int, default=100_000)
    options = parser.parse_args()
    detection = an0862()
    show_rates(detection, options)
    taken, packed, estimated = bytes_of_a_binding(detection)
    print(
        f"a live write, with two bound variables: {taken:.0f} bytes, of these {packed:.0f} for its event; "
        f"{(taken - packed) / 2:.0f} bytes a bound variable without evidence (budget 400); "
        f"the engine's estimate: {estimated:.0f}"
    )
    show_snapshot(detection, 100_000)


if __name__ == "__main__":
    main()
