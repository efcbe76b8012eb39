"""Parquet: every type as JSON, and files, row groups and rows that cannot be read."""

import datetime as dt
import decimal
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.record import LINE_BYTES
from packing import tarred, zipped
from taken import Read, made, piped, read


def written(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a", data), folder=folder)


NUMBERS = pa.table({"n": list(range(100)), "s": [f"text {n}" for n in range(100)]})
GROUPS = written(
    NUMBERS, row_group_size=30, write_page_checksum=True, compression="none", use_dictionary=False
)


def numbers(result: Read) -> list[int]:
    for (_, position), line in result.lines.items():
        assert json.loads(line) == {"n": position - 1, "s": f"text {position - 1}"}
    return [position for _, position in result.lines]


def test_types(tmp_path: Path) -> None:
    moment = dt.datetime(2024, 1, 2, 3, 4, 5, 678901)
    columns = {
        "ns": pa.array([1700000000123456789], pa.timestamp("ns", "Europe/Berlin")),
        "s": pa.array([0], pa.timestamp("s")),
        "utc": pa.array([moment], pa.timestamp("us", "UTC")),
        "decimal": pa.array([decimal.Decimal("1.50")]),
        "nan": [float("nan")],
        "big": pa.array([2**64 - 1], pa.uint64()),
        "text": [b"text"],
        "bytes": [b"\xff\x00"],
        "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
        "nested": [[{"at": moment, "none": None}]],
        "word": pa.array(["x"]).dictionary_encode(),
    }
    [line] = taken(written(pa.table(columns)), tmp_path).lines.values()
    assert line.decode() == (
        '{"ns":"2023-11-14T22:13:20.123456Z","s":"1970-01-01T00:00:00","utc":"2024-01-02T03:04:05.678901Z",'
        '"decimal":1.50,"nan":null,"big":18446744073709551615,"text":"text","bytes":"/wA=","map":{"a":1},'
        '"nested":[{"at":"2024-01-02T03:04:05.678901","none":null}],"word":"x"}'
    )


def test_rows_have_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pack in (GROUPS, gzip.compress(GROUPS), zipped({"x": GROUPS}), tarred({"x": GROUPS})):
        result = taken(pack, tmp_path)
        assert numbers(result) == list(range(1, 101))
        assert result.readers == {"parquet"}
        assert result.rejects == result.notes == []
    assert numbers(piped(GROUPS, tmp_path, monkeypatch)) == list(range(1, 101))


def test_a_corrupt_row_group_costs_itself_only(tmp_path: Path) -> None:
    broken = bytearray(GROUPS)
    at = GROUPS.index(b"text 35")
    broken[at : at + 4] = b"XXXX"
    result = taken(bytes(broken), tmp_path)
    assert numbers(result) == [*range(1, 31), *range(61, 101)]
    [reject] = result.rejects
    assert (reject.position, reject.count) == (31, 30)
    assert reject.reason.startswith("row group 2: ")
    assert reject.reason.endswith("; 30 rows are lost")


@pytest.mark.parametrize("part", [4, 8, 100, len(GROUPS) // 2, len(GROUPS) - 1])
def test_without_the_footer_nothing_can_be_read(tmp_path: Path, part: int) -> None:
    result = taken(GROUPS[:part], tmp_path)
    assert not result.lines
    [reject] = result.rejects
    assert reject.position == 0
    assert reject.reason.startswith("the footer cannot be read, and nothing without it: ")


def test_a_value_without_json_costs_its_row_only(tmp_path: Path) -> None:
    years = pa.array([0, 1 << 62, 0], pa.timestamp("us"))
    result = taken(written(pa.table({"at": years, "n": [1, 2, 3]})), tmp_path)
    assert [position for _, position in result.lines] == [1, 3]
    assert [(r.position, r.reason[:19]) for r in result.rejects] == [(2, "a value has no JSON")]


def test_a_row_that_is_too_long(tmp_path: Path) -> None:
    result = taken(written(pa.table({"a": ["x" * LINE_BYTES, "y"]})), tmp_path)
    assert list(result.lines) == [("a", 2)]
    assert [(r.position, r.reason) for r in result.rejects] == [(1, "the row is longer than 16 MiB")]


def test_names_that_stand_twice(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    result = taken(written(table), tmp_path)
    assert list(result.lines.values()) == [b'{"a":1,"a_2":2}']
    assert [note.text for note in result.notes] == ["column 2 is called a_2: its name stands twice"]


def test_no_rows_and_no_row_groups(tmp_path: Path) -> None:
    result = taken(written(NUMBERS.slice(0, 0)), tmp_path)
    assert result.lines == {}
    assert result.rejects == result.notes == []


ROWS = st.fixed_dictionaries(
    {
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
        "s": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
        "f": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "b": st.none() | st.booleans(),
        "l": st.none() | st.lists(st.integers(0, 9), max_size=3),
        "o": st.none()
        | st.fixed_dictionaries({"x": st.none() | st.text(st.characters(exclude_categories=["Cs"]))}),
    }
)
SCHEMA = pa.schema(
    {
        **{"n": pa.int64(), "s": pa.string(), "f": pa.float64(), "b": pa.bool_()},
        **{"l": pa.list_(pa.int64()), "o": pa.struct({"x": pa.string()})},
    }
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=20), size=st.integers(1, 7))
def test_what_is_written_comes_back(tmp_path: Path, rows: list[dict[str, Any]], size: int) -> None:
    data = written(pa.Table.from_pylist(rows, SCHEMA), row_group_size=size)
    result = taken(data, tmp_path)
    assert result.rejects == []
    assert [json.loads(line) for line in result.lines.values()] == rows


PAGES = len(GROUPS) - 8 - int.from_bytes(GROUPS[-8:-4], "little")  # where the footer begins


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(4, PAGES - 1), new=st.binary(min_size=1, max_size=40))
def test_rows_are_read_or_told_to_be_lost(tmp_path: Path, at: int, new: bytes) -> None:
    new = new[: PAGES - at]
    broken = GROUPS[:at] + new + GROUPS[at + len(new) :]
    assert taken(broken, tmp_path).total == 100
