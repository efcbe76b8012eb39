"""Windows events in Splunk's classic text: a record a date line, its message whole."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.read import splunkevent
from clew.read.source import Source
from clew.record import Batch, Note
from taken import Read, made, read

DATE = "03/25/2022 05:46:37 PM"
MESSAGE = "A new process has been created.\n\nProcess Information:\n\tNew Process Name:\tC:\\a=b.exe\n\nEnd."
ONE = f"{DATE}\nLogName=Security\nEventCode=4688\nKeywords=\nMessage={MESSAGE}\n"
FOUND = {"time": DATE, "LogName": "Security", "EventCode": "4688", "Keywords": "", "Message": MESSAGE}


def taken(data: str | bytes, folder: Path) -> Read:
    return read(made(folder / "a.txt", data.encode() if isinstance(data, str) else data), folder=folder)


def records(result: Read) -> list[Any]:
    assert result.readers == {"splunk"}
    return [json.loads(line)["WinEventLog"] for line in result.lines.values()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", ["", "\n", " \n\n"])
def test_a_record_a_date_line(tmp_path: Path, end: str, between: str) -> None:
    result = taken(("\ufeff" + (ONE + between) * 3).replace("\n", end), tmp_path)
    assert records(result) == [FOUND] * 3
    step = ONE.count("\n") + between.count("\n")
    assert [position for _, position in result.lines] == [1, 1 + step, 1 + 2 * step]
    assert result.rejects == result.notes == []


@pytest.mark.parametrize("date", ["2022-03-25 17:46:37", "25.03.2022 17:46:37", "3/5/2022 5:46:37.123 AM"])
def test_dates_stay_as_written(tmp_path: Path, date: str) -> None:
    assert records(taken(ONE.replace(DATE, date) * 2, tmp_path)) == [{**FOUND, "time": date}] * 2


def test_a_date_line_inside_a_message_begins_no_record(tmp_path: Path) -> None:
    text = ONE.replace("End.", f"{DATE}\n{DATE}\nEnd.\n{DATE}\nLogName")
    [record] = records(taken(text, tmp_path))
    assert record["Message"] == MESSAGE.replace("End.", f"{DATE}\n{DATE}\nEnd.\n{DATE}\nLogName")


def test_a_date_line_right_before_another_belongs_to_the_record_before(tmp_path: Path) -> None:
    first, second = records(taken(f"{ONE}{DATE}\n{ONE}", tmp_path))
    assert first["Message"] == f"{MESSAGE}\n{DATE}"
    assert second == FOUND


def test_a_record_without_a_message_and_with_odd_lines(tmp_path: Path) -> None:
    text = f"{DATE}\nLogName=a\nUser=x\nmore of it\nUser=y\n\n{ONE}"
    assert records(taken(text, tmp_path)) == [
        {"time": DATE, "LogName": "a", "User": "x\nmore of it", "User_1": "y"},
        FOUND,
    ]


def test_an_overlong_record_loses_no_other(tmp_path: Path) -> None:
    long = ONE.replace("End.", ("x" * 1000 + "\n") * 17_000)
    result = taken(ONE + long + ONE, tmp_path)
    assert records(result) == [FOUND] * 2
    assert [(r.position, r.reason) for r in result.rejects] == [(11, "the record is longer than 16 MiB")]


def test_a_record_of_too_many_keys_loses_no_other(tmp_path: Path) -> None:
    result = taken(ONE + ONE.replace("Keywords=\n", "a=b\n" * 70_000) + ONE, tmp_path)
    assert records(result) == [FOUND] * 2
    assert [(r.position, r.reason) for r in result.rejects] == [(11, "it has more than 65536 fields")]


def test_a_file_that_is_cut_anywhere(tmp_path: Path) -> None:
    data = (ONE * 2).encode()
    for at in range(len(DATE) + 10, len(data)):
        result = taken(data[:at], tmp_path)
        assert result.total == (2 if at >= len(ONE) + len(DATE) + 1 + len("LogName=") else 1)
        assert result.notes or data[at - 1 : at] == b"\n"


def test_what_is_not_utf8_and_what_is_packed(tmp_path: Path) -> None:
    result = taken(ONE.replace("End", "é").encode("latin-1"), tmp_path)
    assert records(result)[0]["Message"].endswith("é.")
    assert result.notes == [Note("a.txt", "not UTF-8, read as Latin-1: 1 record, the first is 1")]
    made(tmp_path / "a.gz", gzip.compress(ONE.encode("utf-16")))
    assert records(read(tmp_path / "a.gz", folder=tmp_path)) == [FOUND]


def test_batches(tmp_path: Path) -> None:
    data = (ONE * 100).encode()
    source = Source("a", data, io.BufferedReader(io.BytesIO(data)))  # type: ignore[arg-type]
    batches = [item for item in splunkevent.read(source, tmp_path, 1000) if isinstance(item, Batch)]
    assert sum(batch.lines.read_bytes().count(b"\n") for batch in batches) == 100
    assert len(batches) > 10


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (ONE, True),
        ("\n\n" + ONE.replace("\n", "\r\n"), True),
        (DATE, False),
        (DATE + "\nEventCode=1\n", False),
        ("LogName=Security\n", False),
        ("2025-06-24 14:36:25 startup\nLogName=", False),
        ("", False),
    ],
)
def test_what_is_claimed(head: str, claimed: bool) -> None:
    assert splunkevent.claims(head.encode()) is claimed


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(("A", "EventCode", "z_9")), WORDS), st.lists(WORDS, max_size=4)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_comes_back(tmp_path: Path, data: list[tuple[dict[str, str], list[str]]]) -> None:
    text = ""
    for fields, message in data:
        keys = "".join(f"{name}={value}\n" for name, value in fields.items())
        text += f"{DATE}\nLogName=L\n{keys}Message=" + "\n".join((*message, ".")) + "\n"
    assert records(taken(text, tmp_path)) == [
        {"time": DATE, "LogName": "L", **fields, "Message": "\n".join((*message, "."))}
        for fields, message in data
    ]
