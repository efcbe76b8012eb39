"""Events as open chains keep them: nothing of what a finding shows is lost in packing."""

from __future__ import annotations

import sys

import pytest

from clew.chain.entry import Packer, Packing
from clew.event import Event

HASH = "0123456789abcdef0123456789abcdef"
FIELDS: dict[str, str | int | bool] = {
    "file.path": "C:\\A.exe",
    "file.name": HASH,
    "host.name": "ws",
    "file.size": 7,
}


def written(identity: str) -> Event:
    keys = {"file.path": "c:\\a.exe", "process.entity_id": "p-1"}
    return Event(identity, "file_creation", 5, FIELDS, keys, source="evtx", path="a.evtx", position=9)


@pytest.mark.parametrize(
    "identity", [HASH, HASH.upper(), HASH[:30] + " 1", "g" * 32, "e1", "", f"{HASH}-1", "é" * 32]
)
def test_an_event_comes_out_as_it_went_in(identity: str) -> None:
    packing = Packing()
    event = written(identity)
    entry = Packer(packing, ("file.path",)).pack(1 << 40, event)
    assert (entry.event, entry.ordinal, entry.time, entry.process) == (identity, 1 << 40, 5, "p-1")
    assert entry.bound == ("c:\\a.exe",)
    shown = packing.unpack(entry)
    assert (shown.component, shown.source, shown.path, shown.position) == (
        "file_creation",
        "evtx",
        "a.evtx",
        9,
    )
    assert shown.fields == FIELDS
    assert entry.is_of(event)
    assert not entry.is_of(written(f"{identity}x"))


def test_an_id_as_mappings_make_it_takes_half_its_digits() -> None:
    packer = Packer(Packing(), ("file.path",))
    hashed, other = (packer.pack(1, written(identity)).packed for identity in (HASH, "g" * 32))
    assert sys.getsizeof(other) - sys.getsizeof(hashed) == 16
