"""Zeek's logs: every row as Zeek's own JSON, typed, with exact digits; headers anywhere; rows that do not fit."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.read import zeek
from clew.record import LINE_BYTES
from packing import tarred, zipped
from taken import Read, made, piped, read

HEAD = (
    b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    b"#open\t2019-02-28-12-07-01\n#fields\tts\tuid\tid.orig_p\tlocal\ttags\tdelays\n"
    b"#types\ttime\tstring\tport\tbool\tset[string]\tvector[interval]\n"
)
ROW = b"1517422326.500000\tCx\t80\tT\ta,b\t0.10,-\n"
JSON = (
    b'{"_path":"conn","ts":1517422326.500000,"uid":"Cx","id.orig_p":80,"local":true,'
    b'"tags":["a","b"],"delays":[0.10,null]}'
)


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a", data), folder=folder)


def lines(data: bytes, folder: Path) -> list[bytes]:
    result = taken(data, folder)
    assert result.rejects == result.notes == []
    return list(result.lines.values())


def test_a_log_becomes_what_zeek_writes_as_json(tmp_path: Path) -> None:
    result = taken(HEAD + ROW + ROW + b"#close\t2019-02-28-13-00-00\n", tmp_path)
    assert result.lines == {("a", 9): JSON, ("a", 10): JSON}
    assert result.readers == {"zeek"}
    assert result.rejects == result.notes == []


@pytest.mark.parametrize(
    ("row", "members"),
    [
        (b"1.5\t-\t-\t-\t-\t-", {"ts": 1.5}),
        (b"-\t(empty)\t-\tF\t(empty)\t(empty)", {"uid": "", "local": False, "tags": [], "delays": []}),
        (b"1\t\\x09\\x2d\t-\t-\t\\x2c,\\x2d,(empty)\t-", {"ts": 1, "uid": "\t-", "tags": [",", "-", ""]}),
        (b'1\ta"\\b\t-\t-\t-\t-', {"ts": 1, "uid": 'a"\\b'}),
        ("1\tä\t-\t-\t-\t-".encode(), {"ts": 1, "uid": "ä"}),
        (b"1\t\\xc3\\xa4\t-\t-\t-\t-", {"ts": 1, "uid": "ä"}),
        (b"1\ta\\\\x2c\\\\\\x2c\t-\t-\t-\t-", {"ts": 1, "uid": "a\\x2c\\,"}),
        (b"1\t\xff\\xfe\t-\t-\t-\t-", {"ts": 1, "uid": "\\xff\\xfe"}),
        (b"1\t\t-\t-\t-\t-", {"ts": 1, "uid": ""}),
        (b"nan\tx\t-\t-\t-\t-inf", {"ts": None, "uid": "x", "delays": [None]}),
        (b"1e-05\t-\t-\t-\t-\t-", {"ts": 1e-05}),
    ],
)
def test_values(tmp_path: Path, row: bytes, members: dict[str, object]) -> None:
    [line] = lines(HEAD + row + b"\n", tmp_path)
    assert json.loads(line) == {"_path": "conn", **members}


def test_values_that_are_not_of_their_type_are_kept_as_text_and_noted(tmp_path: Path) -> None:
    result = taken(HEAD + b"1\tx\thttp\tyes\t-\t007,1\n" + ROW, tmp_path)
    [first, second] = result.lines.values()
    assert json.loads(first) == {
        **{"_path": "conn", "ts": 1, "uid": "x"},
        **{"id.orig_p": "http", "local": "yes", "delays": ["007", 1]},
    }
    assert second == JSON
    assert [note.text for note in result.notes] == [
        "3 values are not of the type in #types, and kept as text: first id.orig_p in line 9"
    ]


def test_headers_in_mid_file_hold_for_what_follows(tmp_path: Path) -> None:
    other = b"#separator \\x7c\n#unset_field|?\n#path|dns\n#fields|query|n\n#types|string|count\na-|?\n?|2\n"
    assert lines(HEAD + ROW + other + b"\xef\xbb\xbf" + HEAD + ROW, tmp_path) == [
        *(JSON, b'{"_path":"dns","query":"a-"}', b'{"_path":"dns","n":2}', JSON)
    ]
    again = b"#fields\tts\tnew\n#types\ttime\tstring\n"
    assert lines(HEAD + again + b"1.0\tx\n", tmp_path) == [b'{"_path":"conn","ts":1.0,"new":"x"}']


@pytest.mark.parametrize(
    ("head", "row", "line"),
    [
        (HEAD.replace(b"#path\tconn\n", b""), b"1\tx\t-\t-\t-\t-", b'{"ts":1,"uid":"x"}'),
        (HEAD.replace(b"#path\tconn\n", b"#path\t-\n"), b"1\tx\t-\t-\t-\t-", b'{"ts":1,"uid":"x"}'),
        (HEAD.replace(b"\tuid", b"\t_path"), b"1\tx\t-\t-\t-\t-", b'{"ts":1,"_path":"x"}'),
        (HEAD[: HEAD.index(b"#types")], b"1\t-\t2\t-\t-\t-", b'{"_path":"conn","ts":"1","id.orig_p":"2"}'),
        (
            HEAD.replace(b"#separator ", b"#separator\t"),
            b"1\tx\t-\t-\t-\t-",
            b'{"_path":"conn","ts":1,"uid":"x"}',
        ),
        (HEAD.replace(b"\n", b"\r\n"), b"1\tx\t-\t-\t-\t-\r", b'{"_path":"conn","ts":1,"uid":"x"}'),
    ],
)
def test_headers_that_lack_something(tmp_path: Path, head: bytes, row: bytes, line: bytes) -> None:
    assert lines(head + row + b"\n", tmp_path) == [line]


def test_rows_that_do_not_fit_are_rejected_with_their_line(tmp_path: Path) -> None:
    data = HEAD + ROW + b"1\tx\n" + b"\n" + ROW[:-1] + b"\t1\n" + b"\0" * 20 + b"\n" + ROW
    result = taken(data, tmp_path)
    assert [position for _, position in result.lines] == [9, 14]
    assert [(r.position, r.reason) for r in result.rejects] == [
        (10, "2 fields, and not the 6 of its header"),
        (12, "7 fields, and not the 6 of its header"),
        (13, "1 field, and not the 6 of its header"),
    ]


def test_rows_before_any_names_of_fields(tmp_path: Path) -> None:
    result = taken(b"#separator \\x09\n" + ROW, tmp_path)
    assert [(r.position, r.reason) for r in result.rejects] == [(2, "no line #fields stands before it")]


def test_a_line_that_is_too_long(tmp_path: Path) -> None:
    result = taken(HEAD + b"1\t" + b"x" * LINE_BYTES + b"\t-\t-\t-\t-\n" + ROW, tmp_path)
    assert [(r.position, r.reason) for r in result.rejects] == [(9, "the line is longer than 16 MiB")]
    assert list(result.lines) == [("a", 10)]


def test_a_log_that_is_cut_anywhere(tmp_path: Path) -> None:
    data = HEAD + ROW + ROW + b"#close\t2019\n"
    for size in range(12, len(data)):
        part = data[:size]
        result = taken(part, tmp_path)
        body = part[len(HEAD) :].partition(b"#close")[0]
        whole, _, last = body.rpartition(b"\n")
        assert len(result.lines) >= whole.count(b"Cx")
        reasons = [(r.position, r.reason) for r in result.rejects]
        notes = [note.text for note in result.notes]
        if size < len(HEAD) and not part.endswith(b"\n"):
            assert reasons == [(0, f"line {part.count(10) + 1}: the log is cut in its header")]
        elif not last or last.startswith(b"#"):
            assert reasons == notes == []
        elif last.count(b"\t") < 5:
            assert reasons == [(part.count(10) + 1, "the last line is cut")]
        else:
            assert reasons == []
            assert notes[-1] == "its last line has no line end: the last value may be cut"


def test_packed_and_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = HEAD + ROW
    for pack in (
        gzip.compress(data),
        zipped({"x": data}),
        tarred({"x": data}),
        data.decode().encode("utf-16"),
    ):
        assert list(taken(pack, tmp_path).lines.values()) == [JSON]
    assert list(piped(data, tmp_path, monkeypatch).lines.values()) == [JSON]


def escaped(value: bytes) -> bytes:
    """As Zeek's formatter writes a string in a set."""
    if not value:
        return b"(empty)"
    text = b"".join(bytes([c]) if 32 <= c < 127 and c not in b",\\" else b"\\x%02x" % c for c in value)
    return b"\\x%02x" % value[0] + text[1:] if text in (b"-", b"(empty)") else text


TEXTS = st.text(max_size=8).map(lambda text: text.encode("utf-8", "ignore"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.none() | st.integers(0, 2**64 - 1), st.none() | TEXTS, st.none() | st.lists(TEXTS)),
        min_size=1,
    )
)
def test_what_is_written_comes_back(
    tmp_path: Path, rows: list[tuple[int | None, bytes | None, list[bytes] | None]]
) -> None:
    data = b"#separator \\x09\n#fields\tn\ts\tl\n#types\tcount\tstring\tset[string]\n"
    expected = []
    for number, text, items in rows:
        data += b"\t".join(
            [
                b"-" if number is None else b"%d" % number,
                b"-" if text is None else escaped(text),
                b"-" if items is None else b",".join(map(escaped, items)) or b"(empty)",
            ]
        )
        data += b"\n"
        # A list of one empty text is written as an empty list is.
        members = {"n": number, "s": text and text.decode(), "l": items and [i.decode() for i in items]}
        members["s"] = "" if text == b"" else members["s"]
        members["l"] = [] if items in ([], [b""]) else members["l"]
        expected.append({key: value for key, value in members.items() if value is not None})
    result = taken(data, tmp_path)
    assert result.rejects == result.notes == []
    assert [json.loads(line) for line in result.lines.values()] == expected


def test_a_number_that_is_empty(tmp_path: Path) -> None:
    result = taken(HEAD + b"-\tx\t\t-\t-\t-\n", tmp_path)
    assert list(result.lines.values()) == [b'{"_path":"conn","uid":"x","id.orig_p":""}']
    assert len(result.notes) == 1


def test_types_that_nest_without_end(tmp_path: Path) -> None:
    head = b"#separator \\x09\n#fields\ta\n#types\t" + b"set[" * 5000 + b"count" + b"]" * 5000 + b"\n"
    assert lines(head + b"1,2\n", tmp_path) == [b'{"a":"1,2"}']


def test_json_of_zeek_is_no_log_of_this_kind() -> None:
    assert not zeek.claims(b'{"ts":1}\n')
    assert zeek.claims(b"\xef\xbb\xbf#separator \\x09\n")
