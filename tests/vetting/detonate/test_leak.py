"""A decoy that leaves is found in whatever form a thief puts it into."""

import base64
import gzip
import json
import zlib
from urllib.parse import quote

import pytest

from clew.vetting.detonate.leak import Search
from clew.vetting.sandbox.decoy import decoys

SECRETS = decoys("dana").values
TOKEN = SECRETS["NPM_TOKEN"]
RAW = TOKEN.encode()


def decoys_in(data: bytes, secrets: dict[str, str] = SECRETS) -> list[str]:
    return Search(secrets).names(data)


FORMS = {
    "as it is": RAW,
    "in JSON in base64": base64.b64encode(json.dumps({"token": TOKEN}).encode()),
    "base64 behind one character": base64.b64encode(b"x" + RAW),
    "base64 behind two characters": base64.b64encode(b"xy" + RAW),
    "base64 for addresses, in a query": b"GET /?d="
    + base64.urlsafe_b64encode(RAW).rstrip(b"=")
    + b"&v=1 HTTP/1.1",
    "base64 in base64": base64.b64encode(base64.b64encode(RAW)),
    "base64 on many lines": base64.encodebytes(b"head of it " * 8 + RAW),
    "base64 from the end": base64.b64encode(RAW)[::-1],
    "hex": RAW.hex().encode(),
    "base32": base64.b32encode(RAW).lower(),
    "each character escaped": "".join(f"%{byte:02x}" for byte in RAW).encode(),
    "escaped base64": quote(base64.b64encode(RAW), safe="").encode(),
    "gzip after a head": b"POST / HTTP/1.1\r\n\r\n" + gzip.compress(b'{"t":"' + RAW + b'"}'),
    "zlib in base64": base64.b64encode(zlib.compress(RAW)),
    "the other way round": RAW[::-1],
    "upper case": RAW.upper(),
    "a part of it": RAW[4:20].hex().encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_found(form: str) -> None:
    assert decoys_in(FORMS[form]) == ["NPM_TOKEN"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"npm_config_registry",
        b"npm_" + b"a" * 36,
        b"%zz%",
        b"\x1f\x8b broken",
        b"=" * 100,
        bytes(range(256)) * 40,
    ],
)
def test_what_holds_none_tells_none(data: bytes) -> None:
    assert decoys_in(data) == []


def test_another_runs_decoys_are_not_found() -> None:
    assert decoys_in(RAW, decoys("dana").values) == []


def test_every_decoy_is_found_in_its_file() -> None:
    made = decoys("kim")
    everything = "\n".join([*made.files.values(), *made.environment.values()]).encode()
    assert decoys_in(everything, made.values) == list(made.values)


def test_a_flood_is_read_in_bounds_and_says_so() -> None:
    search = Search(SECRETS)
    assert search.names(b"A" * (2 << 20) + RAW) == []  # past the first megabyte nothing is looked at
    assert not search.shortened
    for _ in range(4):
        search.names(b"A" * (1 << 20))
    assert search.shortened
    assert search.names(RAW) == ["NPM_TOKEN"]
    assert search.names(RAW.hex().encode()) == []
