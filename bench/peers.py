"""A three-step sequence by Clew and by others, over the same file: a program is written, it runs, it calls out.

    python bench/peers.py [--events 100000] [--python PYTHON] [--rsigma RSIGMA]

* python-eql (https://github.com/endgameinc/eql): the `eql` of the interpreter that --python names; by default this one.
* RSigma (https://github.com/timescale/rsigma): the program that --rsigma names, where there is one.

A peer is given its own language's rule and reads the same JSON Lines. Each is a process of its own, so that starting
counts for all; what each found is shown, since a speed says nothing about a wrong answer. DESIGN.md asks for 30 times
the speed of python-eql.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reading import sample

HUNT = "import sys; from clew.cli.main import main; sys.exit(main())"
CLEW = r"""
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: a program is written, it runs, it calls out
status: test
chain:
  scope: host.id
  within: 90m
  stages:
    write:
      on: file_creation
      where: {file.extension: exe}
      bind: {binary: file.path}
    run:
      on: process_creation
      link: process.executable = $binary
      bind: {program: process.executable}
    call:
      on: network_connection_creation
      where: {event.code: '3'}
      link: process.executable = $program
  findings: {low: run and call}
  per: [$binary]
"""
EQL = """
sequence by Hostname with maxspan=90m
  [any where EventID == 11 and TargetFilename == "*.exe"] by TargetFilename
  [any where EventID == 1] by Image
  [any where EventID == 3] by Image
"""
#: What runs in the peer's interpreter: its engine fed with the records, in the way its documentation shows.
PYTHON_EQL = """
import datetime, json, sys
from eql import Event, PythonEngine
from eql.parser import parse_query
from eql.schema import Schema
found = []
engine = PythonEngine({"flatten": False})
with Schema({}, allow_any=True):
    engine.add_query(parse_query(sys.argv[2]))
engine.add_output_hook(found.append)
with open(sys.argv[1], "rb") as lines:
    for line in lines:
        record = json.loads(line)
        time = datetime.datetime.fromisoformat(record["UtcTime"]).timestamp()
        engine.stream_event(Event("any", int(time * 10_000_000) + 116444736000000000, record))
engine.finalize()
print(len(found))
"""
SIGMA = r"""
title: a program is written
name: written
id: 00000000-0000-4000-8000-000000000000
logsource: {product: windows}
detection:
  write: {EventID: 11, 'TargetFilename|endswith': '.exe'}
  condition: write
---
title: a program runs
name: runs
id: 00000000-0000-4000-8000-000000000001
logsource: {product: windows}
detection:
  run: {EventID: 1}
  condition: run
---
title: a program calls out
name: calls
id: 00000000-0000-4000-8000-000000000002
logsource: {product: windows}
detection:
  call: {EventID: 3}
  condition: call
---
title: a program is written, it runs, it calls out
correlation:
  type: temporal_ordered
  rules: [written, runs, calls]
  aliases:
    program: {written: TargetFilename, runs: Image, calls: Image}
  group-by: [Hostname, program]
  timespan: 90m
level: low
"""


def timed(command: Sequence[str]) -> tuple[float, float, bytes]:
    """Seconds of wall time and of CPU that a process takes, and what it says."""
    with tempfile.TemporaryFile() as said:
        began = os.times()
        with subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        assert process.returncode in {0, 1}, (process.returncode, command[:3])
        return os.times().elapsed - began.elapsed, used.ru_utime + used.ru_stime, said.read()


def clew(path: Path, folder: Path) -> tuple[float, float, int]:
    rule = folder / "three.yaml"
    rule.write_text(CLEW)
    wall, cpu, said = timed(
        [sys.executable, "-c", HUNT, "hunt", str(path), "-f", "jsonl", "--detections", str(rule)]
    )
    return wall, cpu, len(said.splitlines())


def python_eql(path: Path, python: str) -> tuple[float, float, int]:
    wall, cpu, said = timed([python, "-c", PYTHON_EQL, str(path), EQL])
    return wall, cpu, int(said)


def rsigma(path: Path, folder: Path, program: str) -> tuple[float, float, int]:
    rules = folder / "three.yml"
    rules.write_text(SIGMA)
    command = [program, "engine", "eval", "--rules", str(rules), "--event", f"@{path}"]
    wall, cpu, said = timed([*command, "--timestamp-field", "UtcTime"])
    found = [json.loads(line) for line in said.splitlines() if line.startswith(b"{")]
    # It tells a sequence again with each further record.
    return wall, cpu, len({str(one["group_key"]) for one in found if "correlation_type" in one})


def show(who: str, events: int, took: tuple[float, float, int], mine: tuple[float, float, int]) -> None:
    wall, cpu, found = took
    ratios = f"{wall / mine[0]:6.1f} of Clew's time, {cpu / mine[1]:6.1f} of its CPU"
    print(
        f"{who:<12}{events / wall:12,.0f} records/s {wall:8.2f} s {cpu:8.2f} s of CPU   {ratios}   {found} found"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has eql")
    parser.add_argument("--rsigma", default=shutil.which("rsigma"), help="RSigma's program")
    options = parser.parse_args()
    path = sample(options.events)
    with tempfile.TemporaryDirectory() as folder:
        mine = clew(path, Path(folder))
        show("clew", options.events, mine, mine)
        show("python-eql", options.events, python_eql(path, options.python), mine)
        if options.rsigma:
            show("rsigma", options.events, rsigma(path, Path(folder), options.rsigma), mine)


if __name__ == "__main__":
    main()
