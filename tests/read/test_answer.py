"""Saved answers of searches: their hits are the documents, however large, wherever they stand, each with its ordinal."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

import clew
from clew.read import documents
from clew.read.source import Source
from clew.record import Batch
from taken import Read, made, piped, read

HITS = [{"_index": "logs", "_id": str(n), "_source": {"n": n, "text": "}]{["}} for n in range(5)]
HEAD = {"took": 5, "timed_out": False, "_shards": {"total": 1, "failed": 0, "list": [{"a": [1]}]}}


def answer(hits: list[Any] = HITS, total: Any = None, **behind: Any) -> dict[str, Any]:
    total = {"value": len(hits), "relation": "eq"} if total is None else total
    return {**HEAD, "hits": {"total": total, "max_score": None, "hits": hits}, **behind}


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a", data), folder=folder)


def found(result: Read) -> dict[int, Any]:
    assert result.readers == {"json"}
    return {position: json.loads(line) for (_, position), line in result.lines.items()}


NUMBERED = dict(enumerate(HITS, 1))
BEHIND = {"aggregations": {"by_host": {"buckets": [{"key": "}]", "doc_count": 3}]}}, "suggest": []}


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize(
    "whole", [answer(), answer(**BEHIND), {"id": "x", "rawResponse": answer(), "isPartial": 0}]
)
def test_hits_are_the_documents(tmp_path: Path, indent: int | None, whole: Any) -> None:
    result = taken(json.dumps(whole, indent=indent).encode(), tmp_path)
    assert found(result) == NUMBERED
    assert result.rejects == result.notes == []


def test_a_page_after_another(tmp_path: Path) -> None:
    pages = [json.dumps(answer(HITS[n : n + 2], 5, **BEHIND)) for n in (0, 2, 4)]
    for between in ("\n", "", "\n\n"):
        assert found(taken(between.join(pages).encode(), tmp_path)) == NUMBERED
    none = json.dumps(answer([], 5))
    assert found(taken("\n".join([none, *pages, none]).encode(), tmp_path)) == NUMBERED


def test_a_search_that_found_more_than_its_answer_has_is_noted(tmp_path: Path) -> None:
    for total in (10_000, {"value": 10_000, "relation": "gte"}):
        [note] = taken(json.dumps(answer(total=total)).encode(), tmp_path).notes
        assert note.text == "the search found 10,000 documents, of which its answer has 5"


def test_an_answer_that_is_cut(tmp_path: Path) -> None:
    data = json.dumps(answer()).encode()
    for cut, whole in ((data.rindex(b'"_id"'), 4), (data.rindex(b"]"), 5), (len(data) - 1, 5)):
        result = taken(data[:cut], tmp_path)
        assert len(result.lines) == whole
        assert result.rejects[-1].position in (0, whole + 1)
        assert {r.reason for r in result.rejects if not r.position} == {
            "the array does not end: what stood behind is not known"
        }


def test_a_bad_hit_costs_itself_only(tmp_path: Path) -> None:
    data = json.dumps(answer()).encode().replace(b'"n": 2', b'"n": x')
    result = taken(data, tmp_path)
    assert [*found(result)] == [1, 2, 4, 5]
    assert [reject.position for reject in result.rejects] == [3]


def test_what_is_no_json_behind_the_hits_is_rejected(tmp_path: Path) -> None:
    data = json.dumps(answer(behind=1)).encode().replace(b'"behind": 1', b'"behind": nope')
    result = taken(data, tmp_path)
    assert found(result) == NUMBERED
    assert result.rejects


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        (json.dumps(answer()), True),
        (json.dumps(answer())[:200], True),
        (json.dumps({"hits": [1, 2]}), False),
        (json.dumps({"hits": {"hits": 3}}), False),
        (json.dumps({"hits": {"hits": [1]}}), False),
        (json.dumps({"a": {"hits": {"hits": [{}]}}}), False),
        (json.dumps({"event": {"category": "process"}}), False),
    ],
)
def test_answers_are_told_from_other_lines(text: str, claimed: bool) -> None:
    assert documents.claims(text.encode()) is claimed


def test_a_long_answer_is_read_as_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more of it is held than a few blocks, and it is handed on in batches."""
    hits = [{"_source": {"n": n, "text": "x" * 1_000}} for n in range(20_000)]
    data = json.dumps(answer(hits, **BEHIND)).encode()
    held: list[int] = []
    real = documents.Text.more

    def more(text: documents.Text) -> bool:
        told = real(text)
        held.append(len(text.data))
        return told

    monkeypatch.setattr(documents.Text, "more", more)
    source = Source("a", data[:65_536], io.BufferedReader(io.BytesIO(data)), None)  # type: ignore[arg-type]
    items = list(documents.read(source, tmp_path, size=1 << 20))
    assert all(isinstance(item, Batch) for item in items)
    assert len(items) > 10
    assert max(held) <= 8 << 20
    firsts = [item.spans[0].first for item in items if isinstance(item, Batch)]
    assert firsts[0] == 1
    assert firsts == sorted(firsts)


def test_packed_and_on_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(answer(), indent=1).encode()
    assert found(taken(gzip.compress(data), tmp_path)) == NUMBERED
    assert found(piped(data, tmp_path, monkeypatch)) == NUMBERED


def test_it_hunts_as_it_is(tmp_path: Path) -> None:
    """The same events as its hits one a line, each at its ordinal."""
    process = {"entity_id": "p1", "pid": 1, "executable": r"C:\a.exe", "name": "a.exe"}
    event = {"kind": "event", "category": ["process"], "type": ["start"]}
    hits = [
        {"_id": str(n), "_source": {"@timestamp": f"2026-03-31T09:00:0{n}Z", "event": {**event, "id": f"e{n}"},
                                    "host": {"name": "ws1", "os": {"type": "windows"}}, "process": process}}
        for n in range(3)
    ]  # fmt: skip
    path = made(tmp_path / "answer.json", json.dumps(answer(hits)).encode())
    result = clew.hunt([path])
    assert result.tally.complete
    assert result.tally.records["event"] == 3
    lines = made(tmp_path / "lines.json", "".join(json.dumps(hit) + "\n" for hit in hits).encode())
    assert clew.hunt([path, lines]).tally.records["duplicate"] == 3
