"""JSON documents: arrays, one after another, pretty-printed; a fault costs one document and no more."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.read import documents
from clew.read.source import Source
from clew.record import LINE_BYTES, Batch
from packing import tarred, zipped
from taken import Read, made, piped, read

PRETTY = b'{\n  "a": 1,\n  "b": {\n    "c": [\n      1.50,\n      {"d": "}{"}\n    ]\n  }\n}'
ONE_LINE = b'{"a":1,"b":{"c":[1.50,{"d":"}{"}]}}'


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a", data), folder=folder)


def numbered(result: Read) -> dict[int, bytes]:
    return {position: line for (_, position), line in result.lines.items()}


@pytest.mark.parametrize(
    "data",
    [
        b"[%b,%b]",
        b"%b\n%b\n",
        b"%b\n\n\n%b",
        b"%b,\n%b,\n",
        b"[\n  %b,\n  %b\n]\n",
        b"\xef\xbb\xbf[%b\r\n,%b]",
        b"[%b]\n[%b]",
        b"%b%b",
        b"\n \n[ %b , %b , ]",
        b"%b\xef\xbb\xbf%b",
    ],
)
@pytest.mark.parametrize("crlf", [False, True])
def test_documents_are_told_apart(tmp_path: Path, data: bytes, crlf: bool) -> None:
    data = data % (PRETTY, b'{"x": 2}')
    result = taken(data.replace(b"\n", b"\r\n") if crlf else data, tmp_path)
    assert numbered(result) == {1: ONE_LINE, 2: b'{"x": 2}'}
    assert result.readers == {"json"}
    assert result.rejects == result.notes == []


def test_utf_16_and_latin_1(tmp_path: Path) -> None:
    assert numbered(taken(PRETTY.decode().encode("utf-16"), tmp_path)) == {1: ONE_LINE}
    result = taken(b'[{"a":"\xe4"},\n{"a":"b"}]', tmp_path)
    assert numbered(result) == {1: '{"a":"ä"}'.encode(), 2: b'{"a":"b"}'}
    assert [note.text for note in result.notes] == ["not UTF-8, read as Latin-1: 1 line, the first is 1"]


@pytest.mark.parametrize(
    ("head", "is_documents"),
    [
        (b'{"a":1}\n{"a":2}\n', False),
        (b'{"a":1}', False),
        (b'{"cut\n{"a":1}\n', False),
        (b'{"cut":[1,\n{"a":1}\n', False),
        (b'{"a":nope}\n{"a":1}\n', False),
        (b'{"a":1} x\n{"a":1}\n', False),
        (b"", False),
        (b"[    0.000000] Linux version 6.1\n", False),
        (b"[2024-01-01 10:00:00] started\n", False),
        (b'["a"]\n', False),
        (b"{\n", True),
        (b'{\n "a": nope\n}\n', True),
        (b'{"a":\n1}', True),
        (b'{"a":1}{"a":2}\n', True),
        (b'{"a":1},\n{"a":2}', True),
        (b"[", True),
        (b"[]", True),
        (b"[\n  {", True),
        (b'[{"a":' + b"x" * 70_000, True),
        (b'{"a":"' + b"x" * 70_000, False),
    ],
)
def test_lines_are_told_from_documents(head: bytes, is_documents: bool) -> None:
    assert documents.claims(head) is is_documents


NAMED = "not JSON: "
FAULTY = [
    (b'{"a": nope}', NAMED + "invalid character"),
    (b'{"a": 1, "b"}', NAMED + "expected ':'"),
    (b'{"a": "x\ty"}', NAMED + "invalid character"),
    (b'{"a": 01}', NAMED + "invalid number"),
    (b'{"a": "\\ud800"}', NAMED + "unexpected end of hex escape"),
    (b'{"a": 1', NAMED + "expected '\"'"),
    (b'{"a": {"b": [1, 2', "it does not end before the next document begins"),
    (b'{"a": "x', NAMED + "invalid character"),
    (b"1.5", "not a JSON object"),
    (b'"text"', "not a JSON object"),
    (b'[{"a": 1}]', "not a JSON object"),
    (b"nope", NAMED + "invalid character"),
    (b"\0" * 5000, "a run of NUL bytes"),
    (b'{"a":' * 3000 + b"1" + b"}" * 3000, "nested too deep"),
]


@pytest.mark.parametrize(("fault", "reason"), FAULTY)
@pytest.mark.parametrize("between", [b",\n  ", b",\n"])
def test_a_bad_element_costs_itself_only(tmp_path: Path, fault: bytes, reason: str, between: bytes) -> None:
    good = [b'{"n": %d}' % n for n in range(4)]
    data = b"[" + between[1:] + between.join([good[0], good[1], fault, good[2], good[3]]) + b"\n]"
    result = taken(data, tmp_path)
    assert numbered(result) == {1: good[0], 2: good[1], 4: good[2], 5: good[3]}
    [reject] = result.rejects
    assert reject.position == 3
    assert reject.reason.startswith(reason)


@pytest.mark.parametrize(("fault", "reason"), [f for f in FAULTY if b"x" not in f[0] and f[0] != b'{"a": 1'])
def test_where_all_stand_in_one_line_brackets_tell_or_the_first_key(
    tmp_path: Path, fault: bytes, reason: str
) -> None:
    data = b'[{"n":1},' + fault + b',{"n":2}]'
    result = taken(data, tmp_path)
    assert numbered(result) == {1: b'{"n":1}', 3: b'{"n":2}'}
    assert [r.position for r in result.rejects] == [2]


def test_what_cannot_be_told_apart_is_said(tmp_path: Path) -> None:
    result = taken(b'[{"a":1},{"b":"x},{"c":3},{"d":4}]', tmp_path)
    assert numbered(result) == {1: b'{"a":1}'}
    assert [(r.position, r.reason) for r in result.rejects] == [
        (
            2,
            "not JSON: expected ',' or '}' (byte 11); nothing in the 25 bytes from here on can be told apart",
        )
    ]


def test_after_a_document_that_ran_on_nested_ones_are_still_whole(tmp_path: Path) -> None:
    tree = b'{"n":1,"c":[{"n":2},{"n":3}]}'
    result = taken(b"[%b,%b,%b,%b]" % (tree, b'{"n":"x', tree, tree), tmp_path)
    assert list(numbered(result).values())[-1] == tree


@pytest.mark.parametrize("data", [b"[%b,\n%b]", b"%b\n%b\n"])
def test_a_sample_that_is_cut_anywhere(tmp_path: Path, data: bytes) -> None:
    data = data % (PRETTY, PRETTY)
    for size in range(1, len(data)):
        part = data[:size]
        if not documents.claims(part):
            continue
        result = taken(part, tmp_path)
        assert all(line == ONE_LINE for line in result.lines.values())
        assert len(result.lines) == part.count(PRETTY)
        begun = part.count(b'"a"') - part.count(PRETTY)
        reasons = [r.reason for r in result.rejects]
        if begun:
            assert reasons == ["the last document is cut"]
        elif part.strip().startswith(b"[") and reasons != ["the last document is cut"]:
            assert reasons == ["the array does not end: what stood behind is not known"]


def test_a_document_of_16_mib_and_one_that_is_longer(tmp_path: Path) -> None:
    def sized(size: int) -> bytes:
        return b'{"a":"' + b"x" * (size - 8) + b'"}'

    result = taken(b"[%b,\n%b,\n%b]" % (sized(LINE_BYTES), sized(LINE_BYTES + 1), b'{"b":1}'), tmp_path)
    assert {p: len(line) for p, line in numbered(result).items()} == {1: LINE_BYTES, 3: 7}
    assert [(r.position, r.reason) for r in result.rejects] == [(2, "the document is longer than 16 MiB")]


def test_batches_have_true_positions(tmp_path: Path) -> None:
    data = b"[" + b",\n".join(b'{"n": %d}' % n for n in range(1, 1000)) + b"]"
    source = Source("a", data[:100], io.BytesIO(data))
    batches = [b for b in documents.read(source, tmp_path, 500) if isinstance(b, Batch)]
    assert len(batches) > 10
    for batch in batches:
        for row, line in enumerate(batch.lines.read_bytes().splitlines()):
            assert json.loads(line)["n"] == batch.place(row)[1]
    assert sum(batch.size for batch in batches) == len(data)


def test_packed_and_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"[%b,%b]" % (PRETTY, PRETTY)
    for pack in (gzip.compress(data), zipped({"x": data}), tarred({"x": data})):
        assert list(numbered(taken(pack, tmp_path)).values()) == [ONE_LINE, ONE_LINE]
    assert numbered(piped(data, tmp_path, monkeypatch)) == {1: ONE_LINE, 2: ONE_LINE}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    objects=st.lists(OBJECTS, min_size=1, max_size=6),
    indent=st.sampled_from([None, 1, 2, "\t"]),
    array=st.booleans(),
    ascii_=st.booleans(),
)
def test_what_is_written_comes_back(
    tmp_path: Path, objects: list[dict[str, object]], indent: int | str | None, array: bool, ascii_: bool
) -> None:
    if array:
        text = json.dumps(objects, indent=indent, ensure_ascii=ascii_)
    else:
        text = "\n".join(json.dumps(each, indent=indent, ensure_ascii=ascii_) for each in objects)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    result = taken(data, tmp_path)
    assert result.rejects == []
    assert [json.loads(line) for line in result.lines.values()] == objects


# After these the next document is found, but what is no object before it is not seen.
SWALLOW = (b'{"a": 1', b'{"a": {"b": [1, 2', b'{"a": "x', b"nope", b"\0" * 5000)
COUNTED = [fault for fault, _ in FAULTY if fault not in SWALLOW]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    elements=st.lists(st.sampled_from([b'{"n": 1}', PRETTY.replace(b"\n", b"\n  "), *COUNTED]), min_size=1)
)
def test_every_element_is_a_record_or_a_reject(tmp_path: Path, elements: list[bytes]) -> None:
    result = taken(b'[\n  {"a": 0},\n  ' + b",\n  ".join(elements) + b"\n]", tmp_path)
    assert len(result.lines) == 1 + sum(element not in COUNTED for element in elements)
    assert result.total == 1 + len(elements)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(elements=st.lists(st.sampled_from([b'{"n": 1}', *(fault for fault, _ in FAULTY)]), min_size=1))
def test_no_fault_costs_a_document_that_is_whole(tmp_path: Path, elements: list[bytes]) -> None:
    result = taken(b'[\n  {"a": 0},\n  ' + b",\n  ".join(elements) + b"\n]", tmp_path)
    assert len(result.lines) == 1 + elements.count(b'{"n": 1}')
    assert result.total <= 1 + len(elements)
