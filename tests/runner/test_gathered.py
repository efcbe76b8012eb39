"""What was gathered goes on in another database: a snapshot in the middle changes no finding."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import sysmon
from clew import pipeline
from clew.chain.engine import Engine
from clew.database import Limits, connect
from clew.detection.load import load_text
from clew.detection.model import Detection
from clew.errors import UsageError
from clew.record import Tally
from clew.runner.hunt import choose
from clew.select.tables import Candidates
from clew.settings import read_settings
from normalise.codeintegrity_records import CODEINTEGRITY, FIRST, decision, signer
from normalise.windows_dialects import Log, written
from runner.test_places import DETECTION as BY_NAME
from runner.test_places import HOST_LOG, conn, connected, dns
from runner.test_signatures import DETECTION as BY_SIGNER
from sample.command import main


class Gathered(msgspec.Struct):
    """What came of some files: the findings, the records, what was known."""

    findings: list[Any]
    records: dict[str, int]
    known: Any


def gathered(folder: Path, detections: Sequence[Detection], *parts: Sequence[Path]) -> Gathered:
    """Gather each part in a database of its own, which takes up what the one before had gathered."""
    tally, data = Tally(), b""
    for number, part in enumerate(parts):
        with connect(Limits(threads=1)) as database:
            candidates = Candidates(database, detections)
            work = pipeline.Workplace(database, folder, tally, lambda file, done: None)
            pipeline.gather(part, candidates, work, data)
            if number < len(parts) - 1:
                data = candidates.snapshot()
                continue
            findings = pipeline.chain(candidates, Engine(detections))
            return Gathered([msgspec.to_builtins(f) for f in findings], tally.records, candidates.known)
    raise AssertionError


def split(folder: Path, lines: Sequence[str], *cuts: int) -> list[Path]:
    """Files of lines that are cut at some places."""
    ends = [*cuts, len(lines)]
    paths = [folder / f"{number}.json" for number in range(len(ends))]
    for path, begin, end in zip(paths, [0, *cuts], ends, strict=True):
        path.write_text("".join(lines[begin:end]))
    return paths


def the_same(folder: Path, detections: Sequence[Detection], paths: Sequence[Path]) -> Gathered:
    """What came of the files in one go, which is the same with a snapshot after each of them."""
    whole = gathered(folder, detections, paths)
    assert gathered(folder, detections, *([path] for path in paths)) == whole
    return whole


def test_a_day_with_an_incident(tmp_path: Path) -> None:
    path = tmp_path / "day.evtx.json"
    assert main(["--events", "6500", "--dialect", "evtx", "--output", str(path)]) == 0
    lines = path.read_text("utf-8").splitlines(keepends=True)
    paths = split(tmp_path, lines, 2_000, 4_500)
    paths[2].write_text("".join(lines[4_000:]))  # 500 records once more
    whole = the_same(tmp_path, choose(read_settings({}, {}, tmp_path, tmp_path / "none")), paths)
    assert whole.findings
    assert whole.records["duplicate"]


def test_names_addresses_and_hosts(tmp_path: Path) -> None:
    short = sysmon.lines(connected(-30, "WS1", 91))
    logs = [*HOST_LOG.splitlines(keepends=True), short, dns(15, "c2.example.org"), conn(20)]
    whole = the_same(tmp_path, BY_NAME, split(tmp_path, logs, 2, 5, 6, 7))
    assert len(whole.findings) == 1
    assert (whole.known.placed, whole.known.named, whole.known.folded) == (1, 1, 1)


def test_signers(tmp_path: Path) -> None:
    log = Log(CODEINTEGRITY.provider, CODEINTEGRITY.channel, (decision(3077, FIRST), signer(FIRST)))
    lines = written(log, "evtx", tmp_path).read_text("utf-8").splitlines(keepends=True)
    whole = the_same(tmp_path, BY_SIGNER, split(tmp_path, lines, 1))
    assert whole.known.signed == 1


def test_what_is_damaged_or_of_other_detections_is_refused(tmp_path: Path) -> None:
    lines = HOST_LOG.splitlines(keepends=True)
    with connect(Limits(threads=1)) as database:
        candidates = Candidates(database, BY_NAME)
        work = pipeline.Workplace(database, tmp_path, Tally(), lambda file, done: None)
        pipeline.gather(split(tmp_path, lines), candidates, work)
        data = candidates.snapshot()
    state = msgspec.msgpack.decode(data)
    other = msgspec.msgpack.encode(state | {"version": 99})
    state["tables"][1]["rows"] = b"nonsense"
    cut = msgspec.msgpack.encode(state)
    for given, detections, reason in (
        (data, load_text(TOOL), "other detections"),
        (data[:-9], BY_NAME, "damaged"),
        (cut, BY_NAME, "damaged"),
        (other, BY_NAME, "format 99"),
    ):
        with connect(Limits(threads=1)) as database, pytest.raises(UsageError, match=reason):
            Candidates(database, detections).restore(given)


TOOL = """
analytic: AN0001
strategy: DET0001
technique: T1059.001
platform: windows
title: A tool
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    start: {on: process_creation, where: {process.name: tool.exe}}
  findings: {low: start}
"""
