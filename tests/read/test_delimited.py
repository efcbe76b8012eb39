"""CSV: what is a table and what is none, every stretch of RFC 4180 that is met, and rows that do not fit."""

import csv
import gzip
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.read import delimited
from clew.record import LINE_BYTES
from packing import tarred, zipped
from taken import Read, made, piped, read


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a", data), folder=folder)


def objects(result: Read) -> dict[int, dict[str, str]]:
    return {position: json.loads(line) for (_, position), line in result.lines.items()}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_tables(tmp_path: Path, delimiter: str, crlf: bool, mark: bytes) -> None:
    text = 'Name,"Event ID",Path\nx,1,\n\n"a,""b""",,"two\nlines"\n,,z'.replace(",", delimiter)
    result = taken(mark + text.replace("\n", "\r\n" if crlf else "\n").encode(), tmp_path)
    assert objects(result) == {
        2: {"Name": "x", "Event ID": "1"},
        4: {"Name": f'a{delimiter}"b"', "Path": "two\r\nlines" if crlf else "two\nlines"},
        6: {"Path": "z"},
    }
    assert result.readers == {"csv"}
    assert result.rejects == result.notes == []


@pytest.mark.parametrize(
    "head",
    [
        b"Hello, world\nGoodbye, moon\n",
        b"Dear John,\nthank you,\n",
        b"This is a sentence, and it goes on.\nThis is another one, and so does it.\n",
        b"Nov 24 06:25:01 host CRON[123]: (root) CMD (a | b)\nNov 24 06:25:02 host CRON[123]: x|y\n",
        b"<34>1 2003-10-11T22:14:15.003Z host su - ID47 - a, b\n",
        b"type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e, syscall=2\n" * 3,
        b"time=1, level=info, msg=x\ntime=2, level=info, msg=y\n",
        b"2024-01-01 10:00:00,host,started\n2024-01-01 10:00:01,host,stopped\n",
        b"<Event><a>,</a></Event>\n",
        b"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] GET, 200\n",
        b"one\ntwo\n",
        b"a,b\n1\n2\n3\n",
        b"a,b\0c\n",
        b"MIT License\n\nCopyright (c) 2020, somebody\n\nPermission is hereby granted, free of charge, to\n",
        b"import os, sys\nimport re, io\n",
        b",\n,\n",
        b"x" * 70_000,
    ],
)
def test_other_texts_are_no_tables(head: bytes) -> None:
    assert not delimited.claims(head)


@pytest.mark.parametrize(
    "head",
    [
        b"a,b\n",
        b"a,b",
        b"a,b\n1,2\n3",
        b"_time,_raw\n1,2\n",
        b"@timestamp;#count\n1;2\n",
        b",index,value\n0,1,2\n",
        b"sep=;\na;b\n1;2\n",
        b"\r\n#TYPE System.Diagnostics.Process\r\nName,Id\r\nx,1\r\n",
        b"Date and Time,Task Category\n1/1/2020 1:00:00,None\n",
        b"h\xe4,b\n1,2\n",
        b",".join(b"c%d" % n for n in range(20_000)),
    ],
)
def test_what_is_a_table(head: bytes) -> None:
    assert delimited.claims(head[:65_536])


def test_rows_that_do_not_fit_are_rejected_with_their_line(tmp_path: Path) -> None:
    good = b"1,2\n" * 20
    result = taken(b"a,b\n" + good + b'3\n1,2,3\n"x\ny",2,3\n"x"y,2\n5,6\n4', tmp_path)
    assert objects(result)[27] == {"a": "5", "b": "6"}
    assert len(result.lines) == 21
    assert [(r.position, r.reason) for r in result.rejects] == [
        (22, "1 field, and not 2 as the header"),
        (23, "3 fields, and not 2 as the header"),
        (24, "3 fields, and not 2 as the header"),
        (26, "not CSV: ',' expected after '\"'"),
        (28, "the last line is cut: 1 field, and not 2 as the header"),
    ]


def test_a_stray_quote_costs_its_line_only(tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,2\n" * 5 + b'3,"stray\n' + b"4,5\n" * 5
    result = taken(data, tmp_path)
    assert len(result.lines) == 10
    assert [(r.position, r.reason) for r in result.rejects] == [
        (7, "a quote opens that does not close: the table is cut, or it is stray")
    ]


def test_quotes_inside_a_field_are_plain(tmp_path: Path) -> None:
    assert objects(taken(b'a,b\n5" disk,x "y"\n1,2\n', tmp_path))[2] == {"a": '5" disk', "b": 'x "y"'}


def test_many_lines_that_open_quotes_do_not_take_forever(tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,2\n" * 100 + b'x","y\n' * 50_000
    begin = time.monotonic()
    result = taken(data, tmp_path)
    assert time.monotonic() - begin < 60
    assert len(result.lines) == 100
    assert sum(r.count for r in result.rejects) == 50_000


def test_names_of_columns_are_made_unique_and_noted(tmp_path: Path) -> None:
    result = taken(b"a, ,a,b,a_2\n1,2,3,4,5\n", tmp_path)
    assert objects(result) == {2: {"a": "1", "column_2": "2", "a_2": "3", "b": "4", "a_2_2": "5"}}
    assert [note.text for note in result.notes] == [
        "column 2 is called column_2: its name is empty",
        "column 3 is called a_2: its name stands twice",
        "column 5 is called a_2_2: its name stands twice",
    ]


def test_rows_with_one_field_more_throughout(tmp_path: Path) -> None:
    result = taken(b"Level,Event ID\nInfo,1,message\nInfo,2,other\n", tmp_path)
    assert objects(result)[2] == {"Level": "Info", "Event ID": "1", "column_3": "message"}
    assert result.rejects == []


def test_a_header_that_stands_again(tmp_path: Path) -> None:
    result = taken(b"a,b\n1,2\na,b\n3,4\n", tmp_path)
    assert list(objects(result)) == [2, 4]
    assert [note.text for note in result.notes] == ["its header stands again between the rows: in 1 line"]


def test_latin_1_and_utf_16(tmp_path: Path) -> None:
    result = taken(b'a,b\n\xe4,1\n"\xe4",2\n', tmp_path)
    assert objects(result) == {2: {"a": "ä", "b": "1"}, 3: {"a": "ä", "b": "2"}}
    assert [n.text for n in result.notes] == ["not UTF-8, read as Latin-1: 2 rows, the first in line 2"]
    assert objects(taken("a,b\nä,1\n".encode("utf-16"), tmp_path)) == {2: {"a": "ä", "b": "1"}}


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    wide = b",".join(b"c%d" % n for n in range(1_000_000))
    assert [(r.position, r.reason) for r in taken(wide + b"\n1,2\n", tmp_path).rejects] == [
        (0, "its header cannot be read: it has more than 10,000 columns")
    ]
    long = taken(b"a,b\n1,2\n" + b"x" * (100 << 20) + b"\n3,4\n", tmp_path)
    assert list(objects(long)) == [2, 4]
    assert [(r.position, r.reason) for r in long.rejects] == [(3, "the line is longer than 16 MiB")]
    many = LINE_BYTES // 1000 + 10
    open_ = taken(b'a,b\n1,2\n"' + (b"x" * 999 + b"\n") * many + b"3,4\n", tmp_path)
    assert open_.rejects[0].position == 3
    assert open_.rejects[0].reason == "a quote opens that does not close"
    assert open_.total == 2 + many


def test_a_table_that_is_cut_anywhere(tmp_path: Path) -> None:
    data = b'Name,"Path"\nx,"1\n2"\ny,""""\n'
    for size in range(5, len(data)):
        part = data[:size]
        if not delimited.claims(part):
            continue
        result = taken(part, tmp_path)
        rows = [("x", "1\n2"), ("y", '"')]
        got = [(o["Name"], o.get("Path", "")) for o in objects(result).values()]
        assert got[:-1] == rows[: max(len(got) - 1, 0)]
        assert got or result.rejects or b"x" not in part


def test_packed_and_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a,b\n1,2\n"
    for pack in (gzip.compress(data), zipped({"x": data}), tarred({"x": data})):
        assert list(objects(taken(pack, tmp_path)).values()) == [{"a": "1", "b": "2"}]
    assert objects(piped(data, tmp_path, monkeypatch)) == {2: {"a": "1", "b": "2"}}


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_is_written_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, quoting: int
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    names = ["First", "Second", "Third"]
    writer.writerows([names, *rows])
    data = out.getvalue().encode()
    if not delimited.claims(data):
        assert b"\0" in data
        return
    result = taken(data, tmp_path)
    assert result.rejects == []
    expected = [
        {name: cell for name, cell in zip(names, row, strict=True) if cell} for row in rows if row != names
    ]
    assert list(objects(result).values()) == expected


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([b"1,2", b'"a","b"', b'"x"y,2', b"1", b"1,2,3", b'a"b,', b"\0\0"])))
def test_every_line_is_a_record_or_a_reject(tmp_path: Path, rows: list[bytes]) -> None:
    data = b"\n".join([b"First,Second", *[b"1,2"] * 60, *rows]) + b"\n"
    result = taken(data, tmp_path)
    assert result.total == 60 + len(rows)
    assert len(result.lines) == 60 + sum(row.count(b",") == 1 and row != b'"x"y,2' for row in rows)
