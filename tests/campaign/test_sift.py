"""Very many indicators: what stands in the logs is found as if there were few."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import evtx_file
import sysmon
import windows_xml
from campaign import disk
from campaign.packs import campaign
from clew.campaign.model import Campaign, Indicator, Kind
from clew.campaign.sweep import sift, words
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
    monkeypatch.setattr(words, "_PIECE", 300)  # so that records lie across pieces
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


#: Records of Sysmon in which each of these stands once: in a query, behind an option, as a hash, in a URL.
SYSMON = [
    (22, {"Image": r"C:\a.exe", "QueryName": "www.evil.test", "QueryStatus": "0", "QueryResults": "-"}),
    (
        1,
        {"Image": r"C:\new.exe", "CommandLine": r"C:\new.exe -h203.0.113.9", "Hashes": "SHA256=" + "AB" * 32},
    ),
    (1, {"Image": r"C:\b.exe", "CommandLine": r'b.exe "https://c2.example.org/x" > C:\none', "Hashes": ""}),
]
THERE = {"evil.test", "203.0.113.9", "c2.example.org", "ab" * 32}


def records(dialect: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    return [dialect(code, n, n, ProcessGuid=sysmon.guid(n), **data) for n, (code, data) in enumerate(SYSMON)]


def as_parquet() -> bytes:
    rows = records(sysmon.flat)
    keys = {key for row in rows for key in row}
    pq.write_table(
        pa.Table.from_pylist([{key: row.get(key) for key in keys} for row in rows]), out := io.BytesIO()
    )
    return out.getvalue()


def xml() -> list[str]:
    return [
        windows_xml.event(event).replace("c2.example.org", "c2&#46;example.org")
        for event in records(sysmon.evtx)
    ]


def syslog() -> str:
    return "".join(f"Mar 31 09:00:0{n} ws1 sysmon: {event}\n" for n, event in enumerate(xml()))


FORMATS: dict[str, Callable[[], str | bytes]] = {
    "x.evtx": lambda: evtx_file.log(records(sysmon.evtx)),
    "x.parquet": as_parquet,
    "x.xml": lambda: "<Events>" + "\n".join(xml()) + "</Events>\n",
    "wide.xml": lambda: ("<Events>" + "\n".join(xml()) + "</Events>\n").encode("utf-16"),
    "x.syslog": syslog,
    "x.jsonl": lambda: sysmon.lines(*records(sysmon.flat)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_what_stands_in_it_and_nothing_else(name: str, tmp_path: Path) -> None:
    log = disk.put(tmp_path / "logs" / name, FORMATS[name]())
    many = made(tmp_path, 3000)
    left = sift.sifted(many, [log])
    assert len(left.all_indicators()) == len(THERE) + 1, "a network has no word, and stays"
    assert found(many, log) == THERE


def test_values_that_auditd_writes_as_hex_digits(tmp_path: Path) -> None:
    line = f"type=EXECVE msg=audit(1774920000.000:1): argc=2 a0=curl a1={b'http://evil.test/a b'.hex().upper()}\n"
    left = sift.sifted(made(tmp_path, 3000), [disk.put(tmp_path / "audit.log", line)])
    assert [one.value for one in left.indicators["domains"]] == ["evil.test"]


@pytest.mark.parametrize(
    ("kind", "value", "versions", "text"),
    [
        ("urls", "http://evil.test:8000/a/b", (), 'GET "/a/b" evil.test'),
        ("packages", "pkg:npm/%40acme/colour", ("1.0.1",), r"C:\\app\\node_modules\\@acme\\colour\\x.js"),
        ("packages", "pkg:npm/%40acme/colour", ("1.0.1",), "GET /@acme/colour/-/colour-1.0.1.tgz"),
    ],
)
def test_urls_and_packages_stay_where_a_word_of_theirs_stands(
    kind: Kind, value: str, versions: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    def one(value: str) -> Indicator:
        return Indicator(
            kind=kind, value=value, about="x", confidence="high", use="hit", sources=("A",), versions=versions
        )

    noise = [one(f"pkg:npm/n{n}" if kind == "packages" else f"http://n{n}.test/x") for n in range(300)]
    many = msgspec.structs.replace(campaign(tmp_path), indicators={kind: (one(value), *noise)})
    log = disk.put(tmp_path / "x.jsonl", f'{{"@timestamp": 1, "m": "{text}"}}\n'.replace('""', '"'))
    assert [left.value for left in sift.sifted(many, [log]).all_indicators()] == [value]


def test_few_are_compiled_as_they_are(tmp_path: Path) -> None:
    few = made(tmp_path, 3)
    assert sift.sifted(few, [tmp_path / "none.log"]) is few
