"""A signer of CodeIntegrity's is joined with its decision wherever the two stand: part, batch, file or dialect."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

import clew
from clew.detection.load import load_text
from normalise.codeintegrity_records import CODEINTEGRITY, FIRST, SECOND, decision, signer
from normalise.windows_dialects import DIALECTS, Log, Record, written

DETECTION = load_text("""
analytic: AN0001
strategy: DET0001
technique: T1195.002
platform: windows
title: A file that was decided about
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    decided:
      on: file_metadata
      where: {event.code: '3077'}
      bind: {activity: clew.activity.id}
  findings: {low: decided}
  per: [$activity]
""")
SIGNER = "dll.code_signature.subject_name"
BOTH = (decision(3077, FIRST), signer(FIRST), decision(3077, SECOND), signer(SECOND, PublisherName="Second"))
NAMES = ["Example Software Ltd", "Second"]


def log(folder: Path, *records: Record, dialect: str = "evtx") -> list[str]:
    """The lines of some records."""
    path = written(Log(CODEINTEGRITY.provider, CODEINTEGRITY.channel, records), dialect, folder)
    return path.read_text("utf-8").splitlines(keepends=True)


def hunted(folder: Path, *files: str) -> list[Any]:
    """Who signed the file of each decision, in order of time."""
    paths = [folder / f"{n}.json" for n in range(len(files))]
    for path, text in zip(paths, files, strict=True):
        path.write_text(text)
    result = clew.hunt(paths, detections=DETECTION)
    assert result.tally.complete
    return _signers(result.findings)


def _signers(findings: Any) -> list[Any]:
    events = [event for one in findings for stage in one.stages for event in stage.events]
    return [event.fields.get(SIGNER) for event in sorted(events, key=lambda event: event.time)]


@pytest.mark.parametrize("dialect", sorted({*DIALECTS} - {"otrf"}))
def test_in_every_dialect_that_tells_the_activity(dialect: str, tmp_path: Path) -> None:
    assert hunted(tmp_path, "".join(log(tmp_path, *BOTH, dialect=dialect))) == NAMES


def test_in_another_file_whichever_is_read_first(tmp_path: Path) -> None:
    first, its, second, other = log(tmp_path, *BOTH)
    assert hunted(tmp_path, first + second, its + other) == NAMES
    assert hunted(tmp_path, its + other, first + second) == NAMES
    assert hunted(tmp_path, other, second + its, first) == NAMES


def test_a_log_that_is_written_newest_first(tmp_path: Path) -> None:
    assert hunted(tmp_path, "".join(reversed(log(tmp_path, *BOTH)))) == NAMES


def test_two_exports_of_one_log(tmp_path: Path) -> None:
    lines = "".join(log(tmp_path, *BOTH))
    assert hunted(tmp_path, lines, "".join(log(tmp_path, *BOTH, dialect="xml"))) == NAMES


def test_in_another_part_of_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look gives DuckDB's vectors of 2,048 lines, and each of them ends a part."""
    monkeypatch.setattr("clew.normalise.lines.PART_BYTES", 1)
    monkeypatch.setattr("clew.normalise.lines._LINES", 2_048)
    other = '{"EventID": 3077}\n' * 2_500
    assert hunted(tmp_path, other.join(log(tmp_path, *BOTH))) == NAMES


def test_on_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "".join(log(tmp_path, *BOTH)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    assert _signers(clew.hunt(["-"], detections=DETECTION).findings) == NAMES


def test_one_whose_signer_is_missing(tmp_path: Path) -> None:
    first, _, second, other = log(tmp_path, *BOTH)
    assert hunted(tmp_path, first + second + other) == [None, "Second"]


def test_a_name_with_quotes_and_breaks(tmp_path: Path) -> None:
    name = 'A "B"\\C\nLtd'
    records = (decision(3077, FIRST), signer(FIRST, PublisherName=name))
    assert hunted(tmp_path, "".join(log(tmp_path, *records))) == [name]
