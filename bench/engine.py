"""The chain engine alone, on one core: candidates a second, and what open bindings cost.

    python bench/engine.py [--full] [--rows N]

Measured is `Engine.feed` with rows as select hands them over and `order.delayed` orders them: making the objects
is select's cost and not in it, ordering is shown by itself. Time spent on facts of lineage, a tenth of the rows,
is in it, but only candidates count. Every line has its target and the ratio to it.

* Candidates/s with 0, 1,000 and 100,000 (with --full also 1,000,000) live writes besides those that the stream
  itself opens, and their ratio to the rate with none. In these nothing expires, so that what is live stays so.
* The same where for every chain that is opened one goes: the second half of a stream of two windows.
* Bytes of a live write with its two bound variables, split into its evidence and all else.
* Size and time of a snapshot.

The plan has the shape of AN0862: written file -> first run -> what its process tree does, four levels. Of the
stream, a third are writes; one in a hundred of these is run. The rest are process creations, module loads,
registry writes and connections, of which 3 % belong to the tree of such a program. Every event has texts of its
own, as those have that come out of a table, and shows its path with capitals that the key has not.

What other programs take of a core shows in the time. A loop of additions beside each run tells what the core
was worth then: in its turns the cost of a row can be compared between machines and hours.
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
from clew.chain.garbage import seldom_collected
from clew.chain.limits import Limits
from clew.chain.order import delayed, in_order
from clew.detection.condition import Test
from clew.detection.glob import Glob
from clew.detection.matcher import Boolean, Text
from clew.detection.model import Alternative, Detection, Disjunct, LevelRule, New, Plan, Stage, Term, Trait
from clew.event import Event
from clew.select.candidate import Candidate, Fit, ProcessStart

MINUTE = 60_000_000
START = 1_700_000_000_000_000
HOSTS = 20
#: Targets: candidates a second, and bytes a binding. A snapshot's is a second.
SPEED = 200_000
BYTES = 400


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


def own(text: str) -> str:
    """An equal text that is no other's."""
    return "".join([text[:1], text[1:]])


def shown(column: str, value: str) -> str:
    """A value as the record has it: a path with the capitals that its key has lost, all else a text of its own."""
    return value.title() if column.endswith((".path", ".executable")) else own(value)


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
        keys = {column: own(value) for column, value in {**keys, "host.id": host}.items()}
        fields: dict = {
            **{column: shown(column, value) for column, value in keys.items()},
            "event.code": "11",
            "event.provider": "Microsoft-Windows-Sysmon",
            "host.name": own(host),
            "user.name": f"{host.upper()}\\operator",
            "process.pid": 4_000 + self.number % 4_000,
            "process.name": "setup.exe" if self.number % 50 == 0 else "explorer.exe",
            "process.executable": "C:\\Windows\\explorer.exe",
            **{name.replace("__", "."): value for name, value in more.items()},
        }
        identity = f"{self.number:032x}"
        return Event(
            identity,
            component,
            at,
            fields,
            keys,
            own(host),
            self.number,
            own("evtx"),
            own("C:/logs/sysmon.evtx"),
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

    def stream(self, rows: int, span: int) -> list:
        while len(self.rows) < rows:
            at = START + span * len(self.rows) // rows
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
    for number in range(count):
        log.write(START - MINUTE + number, f"host-{number % HOSTS}")
    return log.rows


def candidates(rows: list) -> int:
    return sum(isinstance(row, Candidate) for row in rows)


def timed(engine: Engine, rows: list) -> float:
    """Seconds of the core for these rows, with the garbage collector as a hunt has it."""
    gc.collect()
    with seldom_collected():
        began = time.process_time()
        for row in rows:
            engine.feed(row)
        return time.process_time() - began


def filled(detection: Detection, live: int) -> Engine:
    engine = Engine(
        [detection], Limits(state_bytes=2**31)
    )  # a million writes are more than a hunt would hold
    for row in in_order(bindings(live), [detection]):
        engine.feed(row)
    return engine


def loops() -> float:
    """Millions of turns a second of an empty loop with one addition: what this core is worth."""
    began, total = time.process_time(), 0
    for number in range(3_000_000):
        total += number
    return 3 / (time.process_time() - began)


def show(what: str, value: str, reached: float) -> None:
    """A line with the ratio to its target: one and more is reached."""
    print(f"{what:<52} {value:<48} {reached:5.2f} of the target")


def cost(seconds: float, turns: float, rows: int) -> str:
    return f"a row costs {seconds * turns * 1e6 / rows:.0f} turns"


def show_rates(detection: Detection, options: argparse.Namespace) -> None:
    rows = in_order(Log(2).stream(options.rows, 60 * MINUTE), [detection])
    lives = (0, 1_000, 100_000, *((1_000_000,) if options.full else ()))
    best = dict.fromkeys(lives, (float("inf"), 1.0))
    for turn in range(3):  # in turn, so that a busy minute does not meet one of them alone
        for live in lives[: 3 if turn else None]:  # a million take half a minute to make: once is enough
            best[live] = min(best[live], (timed(filled(detection, live), rows), loops()))
    none = best[0][0]
    for live, (spent, turns) in best.items():
        speed = candidates(rows) / spent
        value = f"{speed:,.0f} candidates/s, {cost(spent, turns, len(rows))}"
        show(f"{live:,} live writes, none goes", value, speed / SPEED)
        if live:
            show(f"{live:,} live writes: rate to that with none", f"{none / spent:.0%}", none / spent / 0.8)


def show_steady(detection: Detection, options: argparse.Namespace) -> None:
    rows = in_order(Log(4).stream(2 * options.rows, 180 * MINUTE), [detection])
    half = len(rows) // 2
    best, felled = (float("inf"), 1.0), 0
    for _ in range(3):
        engine = Engine([detection])
        timed(engine, rows[:half])
        opened, nodes = engine.counters.opened, engine.nodes
        best = min(best, (timed(engine, rows[half:]), loops()))
        felled = engine.counters.opened - opened - (engine.nodes - nodes)
    speed = candidates(rows[half:]) / best[0]
    value = f"{speed:,.0f} candidates/s, {cost(*best, len(rows) - half)}"
    show(f"one goes for one that comes ({felled:,} felled)", value, speed / SPEED)


def show_order(detection: Detection, options: argparse.Namespace) -> None:
    rows = Log(2).stream(options.rows, 60 * MINUTE)
    began = time.process_time()
    for _ in delayed(rows, [detection]):
        pass
    spent = time.process_time() - began
    print(f"{'putting rows in order before that':<52} {spent / len(rows) * 1e6:.2f} us a row")


def show_bytes(detection: Detection, count: int = 50_000) -> None:
    """Bytes of a live write: in all, of its packed event, and as the engine estimates it."""
    engine = filled(detection, 1_000)  # shapes, hosts and the first growth of every table
    nodes, size = engine.nodes, engine.size
    tracemalloc.start()
    for row in fresh(count):
        engine.feed(row)
    del row
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    added = engine.nodes - nodes
    evidence = sum(sys.getsizeof(node.entry.packed) for node in engine.chains[0].expiry.openings())
    each, packed = taken / added, evidence / engine.nodes
    value = f"{each / 2:.0f} bytes ({each:.0f} a write)"
    show("a bound variable, its evidence included", value, 2 * BYTES / each)
    value = f"{(each - packed) / 2:.0f} bytes ({packed:.0f} bytes of evidence a write)"
    show("a bound variable without its evidence", value, 2 * BYTES / (each - packed))
    estimate = (engine.size - size) / added
    print(
        f"{'the estimate that the cap goes by':<52} {estimate:.0f} bytes a write, {estimate / each:.2f} of it"
    )


def fresh(count: int) -> Iterator[Candidate]:
    """Writes that exist only until the engine has taken them, in order."""
    log = Log(3)
    log.number = 1_000_000
    for number in range(count):
        log.write(START + number, f"host-{number % HOSTS}")
        yield log.rows.pop()
        log.written.clear()


def show_snapshot(detection: Detection, live: int) -> None:
    engine = filled(detection, live)
    began = time.process_time()
    data = engine.snapshot()
    made = time.process_time() - began
    other = Engine([detection])
    began = time.process_time()
    other.restore(data)
    taken = time.process_time() - began
    what = f"snapshot of {live:,} live writes"
    show(
        f"{what}: to make",
        f"{made:.2f} s, {len(data) / 1e6:.1f} MB, {len(data) / live:.0f} bytes each",
        1 / made,
    )
    show(f"{what}: to take up", f"{taken:.2f} s", 1 / taken)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="also with 1,000,000 live writes")
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    detection = an0862()
    show_rates(detection, options)
    show_steady(detection, options)
    show_order(detection, options)
    show_bytes(detection)
    show_snapshot(detection, 100_000)


if __name__ == "__main__":
    main()
