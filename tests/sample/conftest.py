import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent)]

from plain_sysmon import Record, read  # noqa: E402

from sample.day import Line, record  # noqa: E402

SEED = 20260331


@pytest.fixture(scope="session")
def lines() -> list[Line]:
    return list(record(50_000, SEED))


@pytest.fixture(scope="session")
def day(lines: list[Line]) -> list[Record]:
    return [read(line.text) for line in lines]
