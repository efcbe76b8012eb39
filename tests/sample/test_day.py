"""The recording as a whole: deterministic, exact in number, well formed, in realistic proportion."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest
from plain_sysmon import Record

from sample.day import SLOT_LENGTH, Line, TooFewError, record, working_days

SAMPLE = Path(__file__).resolve().parents[2] / "bench" / "sample"
SECOND = 1_000_000


def digest(events: int, seed: int) -> str:
    text = "".join(line.text + "\n" for line in record(events, seed))
    return sha256(text.encode()).hexdigest()


def test_same_seed_same_bytes_in_any_process(tmp_path: Path) -> None:
    target = tmp_path / "day.jsonl"
    command = [sys.executable, str(SAMPLE), "--events", "8000", "--seed", "7", "--output", str(target)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "3"})
    assert sha256(target.read_bytes()).hexdigest() == digest(8000, 7)
    assert digest(8000, 7) != digest(8000, 8)


@pytest.mark.parametrize(("events", "days"), [(6_000, 1), (23_456, 1), (15_000, 3)])
def test_number_of_records_is_exact(events: int, days: int) -> None:
    assert sum(1 for _ in record(events, 5, days)) == events


def test_too_few_records_is_an_error_not_a_day_without_its_incident(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(TooFewError, match="make more than"):
        list(record(1_500, 5))


def test_every_line_is_one_json_object(lines: list[Line]) -> None:
    assert all(isinstance(json.loads(line.text), dict) for line in lines)
    assert not any("\n" in line.text for line in lines)


def test_hosts_keep_to_their_dialect(lines: list[Line]) -> None:
    shapes = Counter()
    for line in lines:
        found = json.loads(line.text)
        shape = "evtx" if "Event" in found else "nxlog" if "EventTime" in found else "otrf"
        shapes[line.host, shape] += 1
        assert shape == line.dialect
    assert len(shapes) == 8
    assert {shape for _, shape in shapes} == {"otrf", "nxlog", "evtx"}


def test_records_lie_in_the_working_day(day: list[Record]) -> None:
    opening = int(working_days(1)[0].timestamp() + 8 * 3600) * SECOND
    assert all(
        opening - 2 * SECOND <= found.time < opening + 10 * 3600 * SECOND + SLOT_LENGTH for found in day
    )


def test_proportions(day: list[Record]) -> None:
    share = {code: 100 * count / len(day) for code, count in Counter(found.code for found in day).items()}
    assert set(share) == {1, 3, 5, 7, 10, 11, 12, 13, 22, 23}
    assert share[10] + share[12] + share[7] > 75
    assert 40 < share[10] < 60
    assert 10 < share[7] < 25
    assert 10 < share[12] < 25
    for code in (1, 3, 5, 11, 22, 23):
        assert 0.3 < share[code] < 4


def test_order_is_slightly_disturbed(lines: list[Line], day: list[Record]) -> None:
    assert [line.time for line in lines] == sorted(line.time for line in lines)
    newest = inversions = 0
    for found in day:
        inversions += found.time < newest
        newest = max(newest, found.time)
        assert found.time > newest - SECOND
    assert 0.02 < inversions / len(day) < 0.6


def test_record_numbers_follow_the_log(lines: list[Line]) -> None:
    for host in range(8):
        numbers = [line.number for line in lines if line.host == host]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_one_dialect_for_all() -> None:
    assert all("EventData" in json.loads(line.text)["Event"] for line in record(6_000, 1, dialect="evtx"))


def test_fifty_thousand_records_in_a_few_seconds() -> None:
    before = time.process_time()
    assert sum(1 for _ in record(50_000, 3)) == 50_000
    assert time.process_time() - before < 10  # 2.5 s on a quiet core


def test_a_huge_recording_starts_at_once() -> None:
    before = time.process_time()
    assert len(list(islice(record(20_000_000, 3), 20_000))) == 20_000
    assert time.process_time() - before < 10


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs the memory of a child process")
def test_memory_does_not_grow_with_the_number_of_records() -> None:
    peaks = []
    for events in (8_000, 40_000):
        command = [sys.executable, str(SAMPLE), "--events", str(events), "--output", os.devnull]
        child = subprocess.Popen(command)
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0
        peaks.append(usage.ru_maxrss)
    assert peaks[1] < 1.25 * peaks[0]
