"""Lists of Kubernetes: each item is a record, whatever the layout; a cut list gives what stands before the cut."""

import json
from pathlib import Path

import pytest

from clew.record import LINE_BYTES
from taken import Read, made, read

ITEMS = [{"n": 1, "deep": [{"items": [1]}]}, {"n": 2, "text": ']}"{['}]
LIST = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": ITEMS}
#: kubectl sorts the keys, so that the list ends in mid-object.
SORTED = {"apiVersion": "v1", "items": ITEMS, "kind": "List", "metadata": {"resourceVersion": ""}}


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a", data), folder=folder)


def numbered(result: Read) -> dict[int, object]:
    return {position: json.loads(line) for (_, position), line in result.lines.items()}


@pytest.mark.parametrize("record", [LIST, SORTED], ids=["webhook", "kubectl"])
@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_items_are_told_apart(tmp_path: Path, record: object, indent: int | None, end: bytes) -> None:
    result = taken(json.dumps(record, indent=indent).encode() + end, tmp_path)
    assert numbered(result) == {1: ITEMS[0], 2: ITEMS[1]}
    assert result.readers == {"kubernetes list"}
    assert not result.rejects


def test_lists_and_single_records_may_follow(tmp_path: Path) -> None:
    lines = [
        LIST,
        {"kind": "Event", "n": 3},
        {**SORTED, "items": [{"n": 4}]},
        {**LIST, "items": []},
        {"n": 5},
    ]
    result = taken("\n".join(map(json.dumps, lines)).encode(), tmp_path)
    assert numbered(result) == {1: ITEMS[0], 2: ITEMS[1], 3: lines[1], 4: {"n": 4}, 5: {"n": 5}}


def test_a_list_longer_than_a_line_may_be(tmp_path: Path) -> None:
    items = [{"n": n, "spec": "x" * (1 << 20)} for n in range(LINE_BYTES // (1 << 20) + 4)]
    result = taken(json.dumps({**LIST, "items": items}).encode(), tmp_path)
    assert [item["n"] for item in numbered(result).values()] == list(range(len(items)))  # type: ignore[index]
    assert not result.rejects


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_cut_list_gives_what_stands_before_the_cut(tmp_path: Path, cut: int) -> None:
    data = json.dumps({**LIST, "items": [{"n": 1}, {"n": 2, "more": "x" * 40}]}).encode()[: -2 - cut]
    result = taken(data, tmp_path)
    assert numbered(result) == {1: {"n": 1}}
    assert [(one.position, one.reason) for one in result.rejects] == [(2, "the last item is cut")]


def test_a_list_cut_behind_an_item_says_so(tmp_path: Path) -> None:
    result = taken(json.dumps(LIST).encode()[:-2], tmp_path)
    assert numbered(result) == {1: ITEMS[0], 2: ITEMS[1]}
    [one] = result.rejects
    assert (one.position, one.reason) == (0, "the list does not end: what stood behind is not known")


def test_a_faulty_item_costs_itself(tmp_path: Path) -> None:
    data = json.dumps(LIST).encode().replace(b'{"n": 1, ', b'{"n": 1x, ')
    result = taken(data, tmp_path)
    assert numbered(result) == {2: ITEMS[1]}
    assert [one.position for one in result.rejects] == [1]


def test_what_is_no_object_is_rejected(tmp_path: Path) -> None:
    result = taken(json.dumps({**LIST, "items": [1, {"n": 2}, "x"]}).encode(), tmp_path)
    assert numbered(result) == {2: {"n": 2}}
    assert [(one.position, one.reason) for one in result.rejects] == [
        (1, "not a JSON object"),
        (3, "not a JSON object"),
    ]


@pytest.mark.parametrize("text", ['{"items":[{"a":1}]}', '{"kind":"Event","items":null}', '{"kind":"x"}'])
def test_other_objects_are_none(tmp_path: Path, text: str) -> None:
    assert taken(text.encode(), tmp_path).readers == {"jsonlines"}
