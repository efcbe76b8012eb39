"""The books of a hunt balance, and when they do not that is said."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evtx_file
import sysmon
from clew.database import Limits, connect
from clew.errors import AccountingError
from clew.normalise.scan import Normaliser
from clew.record import Batch, Reject, Span, Tally
from clew.runner.books import Books
from clew.runner.hunt import hunt
from clew.select.places import Known


def test_lines_bytes_and_rejects_are_counted_by_file_and_reader(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_bytes(b'\xef\xbb\xbf\n{"a":1}\n  \r\n{"b":2}\n{}\n')
    spans = (Span(0, "one", "jsonlines"), Span(3, "two", "evtx", 7), Span(4, "one", "jsonlines", 9))
    books = Books()
    with connect(Limits()) as database:
        items = [Batch(lines, spans, 99), Reject("two", 5, "lost", 3), Reject("three", 0, "not a log")]
        assert list(books.watch(items, database)) == items
    ledger = books.close(Tally(), _no_engine(), Known())
    files = {part.name: (part.records, part.rejected, part.bytes) for part in ledger.files}
    assert files == {"one": (2, 0, 19), "two": (1, 3, 8)}
    assert {part.name: (part.records, part.rejected) for part in ledger.readers} == {
        "jsonlines": (2, 0),
        "evtx": (1, 3),
    }
    assert (ledger.input, ledger.text) == (99, 27)


def _no_engine() -> Any:
    from clew.chain.limits import Counters

    return Counters()


def test_a_record_that_is_lost_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "a"
    log.write_text(sysmon.lines(*sysmon.incident()))
    books = Books()
    result = hunt([log], books=books)
    books.check(result.tally)
    result.tally.add("event", -1)
    with pytest.raises(AccountingError, match="readers gave 5 records, and 4 are accounted for"):
        books.check(result.tally)


def test_a_file_that_grows_while_it_is_read_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "a"
    log.write_text('{"x":"' + "y" * (9 << 20) + '"}\n' + sysmon.lines(*sysmon.incident()))
    real, books = Normaliser.normalise, Books()

    def growing(self: Normaliser, batch: Batch, tally: Tally, start: int = 0) -> Iterator[int]:
        with log.open("a") as file:
            file.write('{"z":1}\n')
        return real(self, batch, tally, start)

    monkeypatch.setattr(Normaliser, "normalise", growing)
    result = hunt([log], books=books)
    assert result.tally.total == 7
    books.check(result.tally)


def test_records_that_a_reader_leaves_out_are_in_the_books(clew: Any, tmp_path: Path) -> None:
    unwanted = [sysmon.evtx(10, n, 90 + n) for n in range(7)]
    log = tmp_path / "a.evtx"
    log.write_bytes(evtx_file.log([*sysmon.incident(sysmon.evtx), *unwanted]))
    ran = clew("hunt", str(log), "--stats", "json")
    assert ran.code == 0
    ledger = json.loads(ran.err.splitlines()[-1])
    assert (ledger["records"]["event"], ledger["records"]["not_parsed"]) == (5, 7)
    for parts in (ledger["files"], ledger["readers"]):
        assert [(part["records"], part["rejected"]) for part in parts] == [(12, 0)]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.jsonl").write_text(sysmon.lines(*sysmon.incident()) + "nonsense\n")
    (folder / "b.gz").write_bytes(gzip.compress(sysmon.lines(*sysmon.incident(host="b")).encode()))
    start, end = evtx_file.spot(log := evtx_file.log(sysmon.incident(sysmon.evtx, host="c")), 3)
    (folder / "c.evtx").write_bytes(log[:start] + bytes(end - start) + log[end:])
    return folder


def test_the_books_as_json(clew: Any, logs: Path) -> None:
    ran = clew("hunt", str(logs), "--stats", "json")
    assert ran.code == 4
    ledger = json.loads(ran.err.splitlines()[-1])
    assert ledger["records"] == {
        "event": 14, "joined": 0, "duplicate": 0, "irrelevant": 0, "not_parsed": 0, "outside": 0, "rejected": 2, "all": 16,
    }  # fmt: skip
    readers = {part["name"]: (part["records"], part["rejected"]) for part in ledger["readers"]}
    assert readers == {"jsonlines": (11, 0), "evtx": (4, 1)}
    assert ledger["components"] == {
        "file_creation": 3,
        "network_connection_creation": 3,
        "process_creation": 8,
    }
    assert [step["name"] for step in ledger["steps"]] == ["read", "normalise", "select", "chain", "all"]
    assert all(step["seconds"] > 0 for step in ledger["steps"])
    assert ledger["engine"]["opened"] == 3
    assert ledger["input"] == sum(file.stat().st_size for file in logs.iterdir())
    assert ledger["memory"] > 50e6


def test_the_books_as_text(clew: Any, logs: Path) -> None:
    text = clew("hunt", str(logs), "--stats", "text").err
    for line in (
        "  rejected                              2",
        "  process_creation                      8",
        "Steps",
    ):
        assert line in text.splitlines()
    assert [line.split()[-1] for line in text.splitlines() if " rejected " in line][-1].endswith("c.evtx")


def test_books_that_do_not_balance_end_with_4(clew: Any, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clew.record.Tally.total", 3)
    ran = clew("hunt", str(logs / "b.gz"), "--stats", "json", "-f", "jsonl")
    assert ran.code == 4
    assert "the books do not balance" in ran.err
