"""Each reader has seeds, and a short fuzz of it breaks no rule; scripts/fuzz goes on for as long as wanted."""

import time
from pathlib import Path

import pytest

from clew.read import READERS, read_file
from clew.record import Batch
from fuzz.breaking import fuzz, names
from fuzz.seeds import seeds


def test_every_reader_has_seeds() -> None:
    assert set(seeds()) == set(names())


@pytest.mark.parametrize("name", [reader.NAME for reader in READERS])
def test_seeds_are_read_by_their_reader(tmp_path: Path, name: str) -> None:
    for sample in seeds()[name]:
        (tmp_path / "x").write_bytes(sample)
        spill = tmp_path / "spill"
        spill.mkdir(exist_ok=True)
        batches = [item for item in read_file(tmp_path / "x", spill) if isinstance(item, Batch)]
        assert {span.reader for batch in batches for span in batch.spans} == {name}


@pytest.mark.parametrize("name", names())
def test_a_short_fuzz(name: str) -> None:
    done, data, rule = fuzz(name, time.monotonic() + 20, seed=1, rounds=150)
    assert not rule, (rule, data[:200])
    assert done
