"""Very many indicators: what stands in the logs is found as if there were few."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgspec
import pytest

from campaign import disk
from campaign.packs import campaign
from clew.campaign.model import Campaign, Indicator, Kind
from clew.campaign.sweep import sift
from clew.campaign.sweep.run import sweep
from clew.settings import read_settings

REAL: dict[Kind, list[str]] = {
    "domains": ["evil.test", "c2.example.org"],
    "addresses": ["203.0.113.9/32", "2001:db8::7/128", "198.51.100.0/24"],
    "hashes": ["sha256:" + "ab" * 32],
}


def made(folder: Path, others: int) -> Campaign:
    """A campaign with the real ones among so many others."""
    few = campaign(folder)

    def one(kind: Kind, value: str) -> Indicator:
        return Indicator(kind=kind, value=value, about="x", confidence="high", use="hit", sources=("A",))

    noise = {
        "domains": [f"d{n}.noise.test" for n in range(others)],
        "addresses": [f"10.{n // 65536}.{n // 256 % 256}.{n % 256}/32" for n in range(others)],
        "hashes": [f"sha256:{n:064x}" for n in range(others)],
    }
    full = {kind: tuple(one(kind, value) for value in [*REAL[kind], *noise[kind]]) for kind in REAL}
    return msgspec.structs.replace(few, indicators={**few.indicators, **full})


def connection(n: int, address: str) -> dict[str, object]:
    return {
        "_path": "conn",
        "ts": 1774920000.0 + n,
        "uid": f"C{n}",
        "id.orig_h": "192.0.2.1",
        "id.orig_p": 5,
        "id.resp_h": address,
        "id.resp_p": 80,
        "proto": "tcp",
        "conn_state": "SF",
    }


def query(n: int, name: str) -> dict[str, object]:
    return connection(n, "192.0.2.53") | {"_path": "dns", "query": name, "qtype_name": "A"}


RECORDS = [
    *(
        connection(n, address)
        for n, address in enumerate(["203.0.113.9", "2001:0db8:0:0::7", "198.51.100.77", "203.0.113.99"])
    ),
    *(
        query(n, name)
        for n, name in enumerate(["www.evil.test", "notevil.test", "EVIL.test.", "c2.example.org"], 10)
    ),
]
FOUND = {"203.0.113.9", "2001:db8::7", "198.51.100.0/24", "evil.test", "c2.example.org"}


def found(of: Campaign, path: Path) -> set[str]:
    result = sweep(of, [path], read_settings({}))
    return {one.indicator for place in result.places for one in place.evidence}


@pytest.mark.parametrize("packed", [False, True])
def test_the_same_is_found_among_many_as_among_few(
    packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sift, "_PIECE", 300)  # so that records lie across pieces
    text = "".join(json.dumps(record) + "\n" for record in RECORDS).replace(
        "c2.example.org", "c2\\u002eexample.org"
    )
    log = disk.put(
        tmp_path / "logs" / ("x.log.gz" if packed else "x.log"),
        gzip.compress(text.encode()) if packed else text,
    )
    many = made(tmp_path, 3000)
    left = sift.sifted(many, [log])
    assert {one.value for one in left.all_indicators()} == set(REAL["domains"] + REAL["addresses"])
    assert found(many, log.parent) == FOUND


def test_a_log_that_is_no_text_is_left_to_the_hunt(tmp_path: Path) -> None:
    audit = disk.put(tmp_path / "audit.log", "type=SYSCALL msg=audit(1774920000.000:1): arch=c000003e\n")
    many = made(tmp_path, 3000)
    assert sift.sifted(many, [audit]) is many


def test_few_are_compiled_as_they_are(tmp_path: Path) -> None:
    few = made(tmp_path, 3)
    assert sift.sifted(few, [tmp_path / "none.log"]) is few
