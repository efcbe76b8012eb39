from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.read.repair import is_utf8, repair
from clew.record import Batch, Note, Reject, Span
from taken import made, read


def test_repair_takes_out_exactly_the_lines_that_are_too_long(tmp_path: Path) -> None:
    data = b'{"a":1}\r\n{"b":2}\n' + b"y" * 50 + b'\n\n{"c":\r3}\n{"d":"\x01"}'
    path = made(tmp_path / "a.jsonl", data)
    batch, said = repair(Batch(path, (Span(0, "a.jsonl", "jsonlines", 10),)), tmp_path, longest=30)
    assert batch.lines.read_bytes() == b'{"a":1}\n{"b":2}\n\n\n{"c": 3}\n{"d":"\x02"}\n'
    assert said == [Reject("a.jsonl", 12, "the line is longer than 0 MiB")]
    assert path.read_bytes() == data  # only what was made for the batch is removed when it is done with


def test_lines_that_are_not_utf8_are_read_as_latin_1_and_that_is_said(tmp_path: Path) -> None:
    data = '{"a":"ü"}\n'.encode() + '{"b":"ü"}\n{"c":"ß"}\n'.encode("latin-1")
    path = made(tmp_path / "a.jsonl", data)
    result = read(path, folder=tmp_path)
    assert [line.decode() for line in result.lines.values()] == ['{"a":"ü"}', '{"b":"ü"}', '{"c":"ß"}']
    assert result.notes == [Note("a.jsonl", "not UTF-8, read as Latin-1: 2 lines, the first is 2")]
    assert result.rejects == []


@pytest.mark.parametrize("size", [0, 100_000])
@given(st.binary(max_size=6), st.sampled_from(["", "ä", "\u2028", "\U0001f9f6"]))
def test_what_is_utf8_does_not_depend_on_the_length(size: int, odd: bytes, sign: str) -> None:
    text = sign.encode() + b"a" * size + odd
    try:
        sound = text.decode("utf-8").encode("utf-8") == text
    except UnicodeDecodeError:
        sound = False
    assert is_utf8(text) is sound
