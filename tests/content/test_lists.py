"""Every list that Clew ships: each value has its source and stands once, and some detection uses the list."""

import re
from pathlib import Path

import pytest

from clew.detection.load import shipped
from clew.detection.shared import SharedList, read_list, shared_lists


def read(name: str, path: Path) -> SharedList:
    found, wrong = read_list(name, path)
    assert found and not wrong, wrong
    return found


LISTS = [read(name, path) for name, path in shared_lists().items()]
each = pytest.mark.parametrize("shared", LISTS, ids=lambda shared: shared.name)


@each
def test_every_entry_tells_its_source(shared: SharedList) -> None:
    assert shared.entries
    for entry in shared.entries:
        assert re.fullmatch(r"https://[\w.-]+/\S*", entry.source), entry
        assert entry.values


@each
def test_no_value_stands_twice(shared: SharedList) -> None:
    folded = [value.lower() for value in shared.values]
    assert sorted(folded) == sorted(set(folded))


@each
def test_a_detection_uses_it(shared: SharedList) -> None:
    texts = [path.read_text("utf-8") for path in shipped().rglob("*.yaml")]
    assert any(re.search(rf"lists: .*\b{re.escape(shared.name)}\b", text) for text in texts)
